/// Who signed: the recovery work of a block, cut so that several threads can share it.
#pragma once

#include "executor/transaction_validation.hpp"

#include <vector>

namespace braid::executor {

/// The signers of a block's transactions and authorizations. Recovery is a list of independent
/// jobs; disjoint ranges of it may run on different threads at once. The results may be read when
/// all jobs have run and the threads have been joined.
class SenderTable {
  public:
    /// Lists the work for a block, which must outlive the table's use. Transactions that name
    /// their sender need none.
    void begin(const wire::BlockView& block);

    /// The number of signatures to recover.
    [[nodiscard]] size_t job_count() const noexcept { return jobs_.size(); }

    /// Runs the jobs [start, end).
    void recover(size_t start, size_t end) noexcept;

    /// The sender of a transaction.
    [[nodiscard]] const Signer& sender(size_t transaction) const noexcept {
        return signers_[transaction];
    }

    /// The signers of a transaction's authorizations.
    [[nodiscard]] std::span<const Signer>
    authorities(const wire::Transaction& transaction) const noexcept {
        return std::span{signers_}.subspan(block_.transactions.size() +
                                               transaction.authorization_start,
                                           transaction.authorization_count);
    }

  private:
    /// Runs a handful of jobs side by side.
    void recover_batch(std::span<const uint32_t> jobs) noexcept;

    wire::BlockView block_;
    std::vector<Signer> signers_; ///< of the transactions, then of all authorizations
    std::vector<uint32_t> jobs_;  ///< indices into signers_
};

} // namespace braid::executor
