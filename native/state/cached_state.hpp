/// A state that is asked for everything once.
#pragma once

#include "state/insert_only_map.hpp"
#include "state/state_view.hpp"

namespace braid::state {

/// Another state whose answers are remembered: for the length of a block, during which it does not
/// change. What it could not read is asked for again.
///
/// Serves as many threads at once as the other state does, lock-free beyond it. Threads that ask
/// for the same thing at once may all ask the other state; nobody waits for another's answer.
class CachedState final : public StateView {
  public:
    /// `base` must outlive this object.
    explicit CachedState(StateView& base);

    ReadStatus load_account(const Address& address, AccountState& account,
                            bool& exists) noexcept override;
    ReadStatus load_storage(const Address& address, const Bytes32& key,
                            Bytes32& value) noexcept override;
    ReadStatus load_code(const Address& address, const Bytes32& code_hash,
                         const Code*& code) noexcept override;
    [[nodiscard]] std::span<const PrecompileOverride>
    precompile_overrides() const noexcept override {
        return base_.precompile_overrides();
    }

  private:
    struct AccountRead {
        AccountState account;
        bool exists;
    };
    struct Slot {
        Address address;
        Bytes32 key;
        bool operator==(const Slot& other) const noexcept {
            return address == other.address && key == other.key;
        }
    };

    StateView& base_;
    InsertOnlyMap<Address, AccountRead> accounts_;
    InsertOnlyMap<Slot, Bytes32> slots_;
    InsertOnlyMap<Bytes32, const Code*> codes_;
};

} // namespace braid::state
