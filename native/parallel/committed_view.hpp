/// What a block has committed so far, as several threads read it at once.
#pragma once

#include "block/block_state.hpp"

#include <memory>

namespace braid::parallel {

/// A block's state over a base of one thread's own. Nobody may commit meanwhile.
class CommittedView final : public state::StateView {
  public:
    /// Sets what is read: the block's state must stay; null ends it.
    void open(const block::BlockState* committed, std::unique_ptr<state::StateView> base) noexcept {
        committed_ = committed;
        base_ = std::move(base);
    }

    state::ReadStatus load_account(const Address& address, state::AccountState& account,
                                   bool& exists) noexcept override {
        return committed_->load_account(*base_, address, account, exists);
    }
    state::ReadStatus load_storage(const Address& address, const Bytes32& key,
                                   Bytes32& value) noexcept override {
        return committed_->load_storage(*base_, address, key, value);
    }
    state::ReadStatus load_code(const Address& address, const Bytes32& code_hash,
                                const Code*& code) noexcept override {
        return committed_->load_code(*base_, address, code_hash, code);
    }

  private:
    const block::BlockState* committed_ = nullptr;
    std::unique_ptr<state::StateView> base_;
};

} // namespace braid::parallel
