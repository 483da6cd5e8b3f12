/// How a block's transactions get executed: the seam at which a scheduler goes in.
#pragma once

namespace braid::block {

class BlockExecutor;

/// How a block's transactions get executed. Whatever it does, it commits them through the block
/// executor one after another, in order.
class TransactionLoop {
  public:
    TransactionLoop() = default;
    TransactionLoop(const TransactionLoop&) = delete;
    TransactionLoop& operator=(const TransactionLoop&) = delete;
    virtual ~TransactionLoop() = default;

    /// Commits all transactions, or stops at the first that fails: then the executor knows why,
    /// and the answer is false.
    virtual bool run(BlockExecutor& block) = 0;
};

} // namespace braid::block
