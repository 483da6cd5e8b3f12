/// The state before a block whose turn has not come.
#pragma once

#include "parallel/speculative_view.hpp"

#include <atomic>
#include <cstdint>

namespace braid::parallel {

/// The state after a block that is under way, as far as anybody can tell: the state before it under
/// what its transactions have published. A guess: some of them may not have run, may run again, or
/// publish nothing, and what surrounds them is not in it. Any number of threads may read at once.
class PublishedView final : public state::StateView {
  public:
    /// The state before the block must bear concurrent readers; it and the store must stay.
    PublishedView(const VersionStore& store, state::StateView& before) noexcept
        : store_{store}, before_{before} {}

    state::ReadStatus load_account(const Address& address, state::AccountState& account,
                                   bool& exists) noexcept override {
        return at_the_end(
            [&](SpeculativeView& view) { return view.load_account(address, account, exists); });
    }
    state::ReadStatus load_storage(const Address& address, const Bytes32& key,
                                   Bytes32& value) noexcept override {
        return at_the_end(
            [&](SpeculativeView& view) { return view.load_storage(address, key, value); });
    }
    state::ReadStatus load_code(const Address& address, const Bytes32& code_hash,
                                const Code*& code) noexcept override {
        return at_the_end(
            [&](SpeculativeView& view) { return view.load_code(address, code_hash, code); });
    }

  private:
    /// What a transaction behind all others would see; nobody's nonce is foretold.
    template <typename Read>
    [[nodiscard]] state::ReadStatus at_the_end(Read&& read) const noexcept {
        SpeculativeView view{store_};
        view.begin_block(before_);
        view.begin(UINT32_MAX, {}, 0);
        return read(view);
    }

    const VersionStore& store_;
    state::StateView& before_;
};

/// The state before a block, which is guessed until the block's turn comes, and known from then on.
/// Whoever reads meanwhile may see some of each. Any number of threads may read at once.
class UpcomingBase final : public state::StateView {
  public:
    /// Sets what is read until it is known better; null: nothing can be read. It must stay as long
    /// as anybody is reading who may have seen it.
    void set_guess(state::StateView* guess) noexcept {
        guess_.store(guess, std::memory_order_release); // release: the guess was made before
    }

    /// Sets what it is, once; it must stay until the block has ended.
    void set_exact(state::StateView& exact) noexcept {
        exact_.store(&exact, std::memory_order_release); // release: as above
    }

    /// Whether it is known: whatever is read from now on is right.
    [[nodiscard]] bool is_exact() const noexcept {
        return exact_.load(std::memory_order_acquire) != nullptr; // acquire: what it holds
    }

    state::ReadStatus load_account(const Address& address, state::AccountState& account,
                                   bool& exists) noexcept override {
        state::StateView* const view = current();
        return view == nullptr ? state::ReadStatus::unavailable
                               : view->load_account(address, account, exists);
    }
    state::ReadStatus load_storage(const Address& address, const Bytes32& key,
                                   Bytes32& value) noexcept override {
        state::StateView* const view = current();
        return view == nullptr ? state::ReadStatus::unavailable
                               : view->load_storage(address, key, value);
    }
    state::ReadStatus load_code(const Address& address, const Bytes32& code_hash,
                                const Code*& code) noexcept override {
        state::StateView* const view = current();
        return view == nullptr ? state::ReadStatus::unavailable
                               : view->load_code(address, code_hash, code);
    }

  private:
    [[nodiscard]] state::StateView* current() const noexcept {
        // acquire, both: what they hold.
        if (state::StateView* const exact = exact_.load(std::memory_order_acquire)) [[likely]]
            return exact;
        return guess_.load(std::memory_order_acquire);
    }

    /// Written by whoever runs the block before; read by those who run this one ahead.
    std::atomic<state::StateView*> guess_{nullptr};
    /// Written once, by whoever runs this block.
    std::atomic<state::StateView*> exact_{nullptr};
};

} // namespace braid::parallel
