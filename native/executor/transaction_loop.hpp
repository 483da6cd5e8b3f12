/// How a block's transactions get executed: the seam at which a scheduler goes in.
#pragma once

#include <cstddef>

namespace braid::executor {

class BlockExecutor;

/// Work on the ranges of a list, which must not meet in what they write.
class RangeBody {
  public:
    RangeBody() = default;
    RangeBody(const RangeBody&) = delete;
    RangeBody& operator=(const RangeBody&) = delete;
    virtual ~RangeBody() = default;

    /// Works on [begin, end). Any thread, several at once.
    virtual void run(size_t begin, size_t end) noexcept = 0;
};

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

    /// Does what is left to do for the whole block, in ranges of at most `chunk` of `count` items,
    /// on whatever threads the loop has. Returns when all is done.
    virtual void for_ranges(size_t count, size_t chunk, RangeBody& body) noexcept {
        static_cast<void>(chunk);
        body.run(0, count);
    }
};

} // namespace braid::executor
