/// A state whose reads take their time: for measuring what a slow source costs.
#pragma once

#include "state/state_view.hpp"

#include <chrono>

namespace braid::state {

/// Another state of which every read of an account or a slot takes at least a given time, as it
/// does from a disk or over a network. Code comes at once: a source that keeps state on a disk
/// keeps code in memory. Serves as many threads at once as the other state does; they wait side by
/// side.
class DelayedState final : public StateView {
  public:
    /// `base` must outlive this object.
    DelayedState(StateView& base, std::chrono::nanoseconds delay) noexcept
        : base_{base}, delay_{delay} {}

    ReadStatus load_account(const Address& address, AccountState& account,
                            bool& exists) noexcept override;
    ReadStatus load_storage(const Address& address, const Bytes32& key,
                            Bytes32& value) noexcept override;
    ReadStatus load_code(const Address& address, const Bytes32& code_hash,
                         const Code*& code) noexcept override;
    [[nodiscard]] bool is_slow() const noexcept override { return delay_.count() > 0; }
    [[nodiscard]] std::span<const PrecompileOverride>
    precompile_overrides() const noexcept override {
        return base_.precompile_overrides();
    }

  private:
    StateView& base_;
    const std::chrono::nanoseconds delay_;
};

} // namespace braid::state
