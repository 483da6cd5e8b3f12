/// What a stretch of blocks changed, or a caller overrode: a layer of differences over a state.
#pragma once

#include "state/account_table.hpp"
#include "state/code_table.hpp"

namespace braid::state {

/// What a layer says of an account.
struct LayerAccount : AccountRecord {
    /// Which of its values the layer says; what it does not say is that of the state below.
    enum Field : uint8_t {
        nonce_said = 1,
        balance_said = 2,
        code_said = 4,
        slots_said = 8, ///< how many are set
        values_said = nonce_said | balance_said | code_said,
        all_said = values_said | slots_said,
    };
    uint8_t said = 0;
    /// Whether its storage is what the layer says alone: none of what is below is left.
    bool cleared = false;
    /// How many of its slots are set, those below included; where that is said.
    uint64_t stored_slots = 0;

    /// Whether nothing below has to be asked but for the values of slots.
    [[nodiscard]] bool is_whole() const noexcept { return said == all_said; }
};

/// Accounts and slots that differ from the state below. What a layer is silent about is as below.
///
/// Any number of threads may ask at once; who changes it has it alone.
class Layer {
  public:
    /// Says nonce, balance and code of an account, and with them that it exists.
    void set_account(const AccountUpdate& update) {
        LayerAccount& account = accounts_.intern(update.address);
        account.update(update);
        account.said |= LayerAccount::values_said;
    }

    /// Says that there is no account, nor storage of it.
    void remove_account(const Address& address);

    /// Says that an account has no storage but what is set from here on.
    void clear_storage(const Address& address);

    /// Says the value of a slot.
    void set_storage(const Address& address, const Bytes32& key, const Bytes32& value);

    /// Says some values of an account and that it exists.
    /// @param said which: a set of LayerAccount::Field
    void patch_account(const AccountUpdate& update, uint8_t said);

    /// Says how many slots of an account are set in all.
    void count_slots(const Address& address, uint64_t stored_slots) {
        LayerAccount& account = accounts_.intern(address);
        account.stored_slots = stored_slots;
        account.said |= LayerAccount::slots_said;
    }

    /// Says what it does to the precompiles, after what it says of them already.
    void override_precompile(const PrecompileOverride& precompile) {
        precompile_overrides_.push_back(precompile);
    }

    /// Makes code findable by its hash, which the caller vouches for.
    void add_code(BytesView bytes, const Bytes32& hash) { codes_.add(bytes, hash); }

    /// Becomes the two layers in one: this below, the other above.
    void absorb(const Layer& above);

    /// What it says of an account, or null.
    [[nodiscard]] const LayerAccount* find(const Address& address) const noexcept {
        return accounts_.find(address);
    }

    /// Whether it says what a slot holds; then that is in `value`.
    [[nodiscard]] bool find_storage(const Address& address, const Bytes32& key,
                                    Bytes32& value) const noexcept;

    /// The code with this hash, or null.
    [[nodiscard]] const Code* find_code(const Bytes32& hash) const noexcept {
        return codes_.find(hash);
    }

    /// The accounts that it says something of, in the order in which they came.
    [[nodiscard]] const std::vector<LayerAccount>& accounts() const noexcept {
        return accounts_.accounts();
    }

    /// Calls `visit(key, value)` for every slot of an account that it says a value of.
    template <typename Visit>
    void for_each_slot(const LayerAccount& account, Visit&& visit) const {
        accounts_.for_each_slot(account, visit);
    }

    /// Everything it says, counted: accounts and slots.
    [[nodiscard]] size_t size() const noexcept {
        return accounts_.accounts().size() + accounts_.slot_count();
    }

    /// Bytes that its records take, with their share of the tables; code is not counted.
    [[nodiscard]] size_t record_bytes() const noexcept { return accounts_.record_bytes(); }

    /// What it does to the precompiles, in this order.
    [[nodiscard]] std::span<const PrecompileOverride> precompile_overrides() const noexcept {
        return precompile_overrides_;
    }

    /// Its codes.
    [[nodiscard]] const CodeTable& codes() const noexcept { return codes_; }

  private:
    AccountTable<LayerAccount> accounts_;
    CodeTable codes_;
    std::vector<PrecompileOverride> precompile_overrides_;
    bool clears_ = false; ///< whether any account of it is `cleared`
};

} // namespace braid::state
