#include "store/read_set.hpp"

namespace braid::store {
namespace {

/// A number for each thread that ever reads. Never 0 before 2^32 threads were there.
uint32_t thread_number() noexcept {
    static std::atomic<uint32_t> last{0};
    // relaxed: it only has to differ.
    thread_local const uint32_t number = last.fetch_add(1, std::memory_order_relaxed) + 1;
    return number;
}

} // namespace

Status ReadSet::begin(const std::shared_ptr<Environment>& environment, size_t threads,
                      std::shared_ptr<ReadSet>& set) {
    std::shared_ptr<ReadSet> made{new ReadSet{environment, threads}};
    int result = mdb_txn_begin(environment->handle(), nullptr, MDB_RDONLY, &made->shared_);
    for (MDB_txn*& transaction : made->own_)
        if (result == 0)
            result = mdb_txn_begin(environment->handle(), nullptr, MDB_RDONLY, &transaction);
    if (result == 0)
        set = std::move(made);
    return status_of_lmdb(result);
}

ReadSet::~ReadSet() {
    for (MDB_txn* transaction : own_)
        if (transaction != nullptr)
            mdb_txn_abort(transaction);
    if (shared_ != nullptr)
        mdb_txn_abort(shared_);
}

ReadSet::Lease ReadSet::lease() noexcept {
    Lease lease;
    const uint32_t self = thread_number();
    const size_t count = own_.size();
    for (size_t i = 0; i < count; ++i) {
        const size_t place = (self + i) % count;
        // relaxed: a number that is one's own was written by oneself, and the transaction was begun
        // before the set was handed to this thread.
        uint32_t owner = owners_[place].load(std::memory_order_relaxed);
        if (owner == 0 &&
            owners_[place].compare_exchange_strong(owner, self, std::memory_order_relaxed))
            owner = self;
        if (owner == self) {
            lease.transaction_ = own_[place];
            return lease;
        }
    }
    lease.lock_ = std::unique_lock{shared_mutex_};
    lease.transaction_ = shared_;
    return lease;
}

Status ReadSet::get(Table table, BytesView key, BytesView& value, bool& found) noexcept {
    const Lease lease = this->lease();
    return environment_->read(lease.transaction(), table, key, value, found);
}

} // namespace braid::store
