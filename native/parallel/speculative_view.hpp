/// The state as a transaction sees it that runs before its turn.
#pragma once

#include "block/block_state.hpp"
#include "parallel/version_store.hpp"
#include "state/state_view.hpp"

namespace braid::parallel {

/// The state before the block under what earlier transactions have published. It is a guess: an
/// earlier transaction may not have run yet, or may run again. What rests on it is checked when the
/// transaction's turn comes. Single-threaded; the store and the base are shared.
class SpeculativeView final : public state::StateView {
  public:
    /// The store must outlive the view.
    explicit SpeculativeView(const VersionStore& store) noexcept : store_{store} {}

    /// Sets the state before the block; it must bear concurrent readers.
    void begin_block(state::StateView& base) noexcept { base_ = &base; }

    /// Sets the transaction that reads. Its sender's nonce is foretold: that it is the
    /// transaction's own is the only guess under which the transaction can be valid, and lets the
    /// transactions of one sender run side by side.
    void begin(uint32_t transaction, const Address& sender, uint64_t nonce) noexcept {
        transaction_ = transaction;
        sender_ = sender;
        nonce_ = nonce;
        saw_versions_ = false;
    }

    /// Whether anything that the transaction was told is not the state's before the block.
    [[nodiscard]] bool saw_versions() const noexcept { return saw_versions_; }

    /// Whether the transaction that reads would still be told what an earlier run of it was told;
    /// where not, what is the first thing that differs. Its writer is not looked for.
    [[nodiscard]] bool agrees_with(const transaction::ReadsView& reads,
                                   block::CheckResult& difference) noexcept;

    /// Asks the state before the block for something that will be needed.
    void touch(const wire::PrefetchKey& key) noexcept;

    state::ReadStatus load_account(const Address& address, state::AccountState& account,
                                   bool& exists) noexcept override;
    state::ReadStatus load_storage(const Address& address, const Bytes32& key,
                                   Bytes32& value) noexcept override;
    state::ReadStatus load_code(const Address& address, const Bytes32& code_hash,
                                const Code*& code) noexcept override;

  private:
    [[nodiscard]] bool agrees_with(const transaction::AccountRead& read,
                                   wire::LocationKind& difference) noexcept;

    const VersionStore& store_;
    state::StateView* base_ = nullptr;
    uint32_t transaction_ = 0;
    Address sender_{};
    uint64_t nonce_ = 0;
    bool saw_versions_ = false;
};

} // namespace braid::parallel
