/// Who signed: the recovery work of a block, cut so that several threads can share it.
#pragma once

#include "transaction/transaction_validation.hpp"

#include <atomic>
#include <vector>

namespace braid::block {

/// The signers of a block's transactions and authorizations. Recovery is a list of independent
/// jobs; disjoint ranges of it may run on different threads at once. The results may be read when
/// all jobs have run and the threads have been joined.
class SenderTable {
  public:
    /// Lists the work for a block, which must outlive the table's use. Transactions that name
    /// their sender, and authorizations that name their signer (in the low bytes of `r`), need
    /// none.
    void begin(const wire::BlockView& block);

    /// The number of signatures to recover.
    [[nodiscard]] size_t job_count() const noexcept { return jobs_.size(); }

    /// Runs the jobs [start, end).
    void recover(size_t start, size_t end) noexcept;

    // Recovery ahead of execution, by any number of threads: each takes chunks, in order.

    /// The number of chunks that the jobs come in.
    [[nodiscard]] size_t chunk_count() const noexcept {
        return (jobs_.size() + chunk_size - 1) / chunk_size;
    }

    /// Runs the jobs of a chunk. Once for each chunk.
    void recover_chunk(size_t chunk) noexcept;

    /// Whether the signers of a transaction are known. Then the calling thread may read them.
    [[nodiscard]] bool is_ready(size_t transaction) const noexcept;

    /// How many chunks are done.
    [[nodiscard]] uint32_t chunks_done() const noexcept {
        return done_count_.load(std::memory_order_acquire); // acquire: the signers
    }

    /// Sleeps while no more than `seen` chunks are done. Somebody must be at one.
    void wait_beyond(uint32_t seen) const noexcept {
        done_count_.wait(seen, std::memory_order_acquire); // acquire: as above
    }

    /// The sender of a transaction.
    [[nodiscard]] const transaction::Signer& sender(size_t transaction) const noexcept {
        return signers_[transaction];
    }

    /// The signers of a transaction's authorizations.
    [[nodiscard]] std::span<const transaction::Signer>
    authorities(const wire::Transaction& transaction) const noexcept {
        return std::span{signers_}.subspan(block_.transactions.size() +
                                               transaction.authorization_start,
                                           transaction.authorization_count);
    }

  private:
    /// Jobs per chunk: enough to fill the vectors and share an inversion, few enough that the
    /// first transactions need not wait long.
    static constexpr size_t chunk_size = 32;
    static constexpr uint32_t no_job = UINT32_MAX;

    /// Runs a handful of jobs side by side.
    void recover_batch(std::span<const uint32_t> jobs) noexcept;

    wire::BlockView block_;
    std::vector<transaction::Signer> signers_; ///< of the transactions, then of all authorizations
    std::vector<uint32_t> jobs_;               ///< indices into signers_
    std::vector<uint32_t> job_of_; ///< by transaction: the place of its sender's job, or no_job
    /// By chunk: whether it is done. Set once by whoever ran it.
    std::vector<std::atomic<bool>> done_;
    std::atomic<uint32_t> done_count_{0}; // of the size that systems can wait on
};

} // namespace braid::block
