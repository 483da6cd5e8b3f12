/// Transactions that read one state of the file from many threads.
#pragma once

#include "store/environment.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

namespace braid::store {

/// LMDB lets one thread at a time use a transaction. This holds one for each of so many threads,
/// all begun on the same state of the file; a thread that asks first takes one and keeps it. Those
/// beyond the number share one more under a mutex.
///
/// As long as it lives the file keeps every page of that state, and grows instead.
class ReadSet {
  public:
    /// Begins the transactions. Nobody may commit meanwhile: the thread that writes calls it.
    static Status begin(const std::shared_ptr<Environment>& environment, size_t threads,
                        std::shared_ptr<ReadSet>& set);
    ~ReadSet();
    ReadSet(const ReadSet&) = delete;
    ReadSet& operator=(const ReadSet&) = delete;

    /// A transaction for the calling thread alone, until this goes. A thread may hold several.
    class Lease {
      public:
        [[nodiscard]] MDB_txn* transaction() const noexcept { return transaction_; }

      private:
        friend class ReadSet;
        MDB_txn* transaction_ = nullptr;
        std::unique_lock<std::recursive_mutex> lock_;
    };
    [[nodiscard]] Lease lease() noexcept;

    /// Gives a value, valid as long as the set lives; found is false where the key isn't there.
    Status get(Table table, BytesView key, BytesView& value, bool& found) noexcept;

    [[nodiscard]] const Environment& environment() const noexcept { return *environment_; }

    /// LMDB's number of the transaction whose state is read.
    [[nodiscard]] uint64_t transaction_id() const noexcept { return mdb_txn_id(shared_); }

  private:
    ReadSet(std::shared_ptr<Environment> environment, size_t threads)
        : environment_{std::move(environment)}, own_(threads), owners_(threads) {}

    const std::shared_ptr<Environment> environment_; ///< closed when the last set of it goes
    std::vector<MDB_txn*> own_;
    /// Whose each transaction is: a number of the thread; 0 nobody's. Taken by the thread itself,
    /// once.
    std::vector<std::atomic<uint32_t>> owners_;
    MDB_txn* shared_ = nullptr;
    std::recursive_mutex shared_mutex_;
};

} // namespace braid::store
