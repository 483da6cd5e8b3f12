/// The whole state in memory, which moves on while others look at what it was.
#pragma once

#include "state/layer_stack.hpp"
#include "state/memory_state.hpp"

namespace braid::state {

/// A MemoryState under layers of differences. A copy is a snapshot: it shares the state below and
/// the layers, costs nothing, and stays what it is. As long as nobody else has the state below,
/// changes are made there, in place; else they go to a layer on top, which sinks into the state
/// below when that has been let go.
///
/// Any number of threads may read (the StateView functions and the const ones) an object at once.
/// Who changes an object has that one alone; its copies may be read meanwhile. A change begins with
/// prepare(). Pointers to code stay valid until the object and everyone else who shares the code
/// is gone.
class LayeredMemory final : public StateView {
  public:
    LayeredMemory() : base_{std::make_shared<MemoryState>()} {}
    LayeredMemory(const LayeredMemory& other)
        : StateView{}, base_{other.base_}, layers_{other.layers_}, sunk_{other.sunk_},
          live_accounts_{other.live_accounts_} {}
    LayeredMemory& operator=(const LayeredMemory&) = delete;

    ReadStatus load_account(const Address& address, AccountState& account,
                            bool& exists) noexcept override;
    ReadStatus load_storage(const Address& address, const Bytes32& key,
                            Bytes32& value) noexcept override;
    ReadStatus load_code(const Address& address, const Bytes32& code_hash,
                         const Code*& code) noexcept override;

    /// Finds a place for the changes that follow, and lets layers sink that nobody looks at: some
    /// more records than `changes`, the number of accounts and slots that will be changed.
    void prepare(size_t changes);

    // As MemoryState has them; only after prepare().
    void reserve(size_t accounts, size_t slots);
    void set_account(const AccountUpdate& update);
    void remove_account(const Address& address);
    void clear_storage(const Address& address);
    void set_storage(const Address& address, const Bytes32& key, const Bytes32& value);
    void add_code(BytesView bytes, const Bytes32& hash);

    // As MemoryState has them.
    [[nodiscard]] const Code* find_code(const Bytes32& hash) const noexcept;
    [[nodiscard]] size_t account_count() const noexcept { return live_accounts_; }
    [[nodiscard]] size_t slot_count() const noexcept { return base_->slot_count(); }
    [[nodiscard]] size_t record_bytes() const noexcept {
        return base_->record_bytes() + layers_.record_bytes();
    }
    [[nodiscard]] bool find_account(const Address& address, AccountState& account) const noexcept;
    [[nodiscard]] Bytes32 storage(const Address& address, const Bytes32& key) const noexcept;

    /// How many layers there are over the state below.
    [[nodiscard]] size_t layer_count() const noexcept { return layers_.size(); }

    /// Calls `visit(address, account)` for every account, in no particular order.
    template <typename Visit>
    void for_each_account(Visit&& visit) const {
        for (size_t level = layers_.size(); level > 0; --level)
            for (const LayerAccount& account : layers_[level - 1].accounts())
                if (account.exists && !layers_.is_account_said(account.address, level))
                    visit(account.address, state_of(account));
        base_->for_each_account([&](const Address& address, const AccountState& account) {
            if (!layers_.is_account_said(address, 0))
                visit(address, account);
        });
    }

    /// Calls `visit(key, value)` for every set slot of an account, in no particular order.
    template <typename Visit>
    void for_each_slot(const Address& address, Visit&& visit) const {
        for (size_t level = layers_.size(); level > 0; --level)
            if (const LayerAccount* const account = layers_[level - 1].find(address))
                layers_[level - 1].for_each_slot(
                    *account, [&](const Bytes32& key, const Bytes32& value) {
                        if (!is_zero(value) && !layers_.is_slot_said(address, key, level))
                            visit(key, value);
                    });
        base_->for_each_slot(address, [&](const Bytes32& key, const Bytes32& value) {
            if (!layers_.is_slot_said(address, key, 0))
                visit(key, value);
        });
    }

  private:
    static AccountState state_of(const LayerAccount& account) noexcept {
        return {account.nonce, account.balance, account.code_hash, account.stored_slots != 0};
    }

    /// Whether nobody else has the state below.
    [[nodiscard]] bool is_base_alone() const noexcept;
    void sink(size_t budget);
    void sink(const Layer& layer, const LayerAccount& account);
    /// The record of an account in the layer that is changed.
    [[nodiscard]] uint64_t stored_slots(const Address& address) const noexcept;

    /// Shared with copies. Changed only by who has it alone.
    std::shared_ptr<MemoryState> base_;
    LayerStack layers_;
    /// How many accounts of the oldest layer are in the state below already. That layer is not
    /// changed any more then; until it is gone, it hides what it sank.
    size_t sunk_ = 0;
    size_t live_accounts_ = 0;
    Layer* target_ = nullptr; ///< where changes go; null: the state below
};

} // namespace braid::state
