/// What the transactions of a block have written so far, by location and transaction: the memory
/// through which transactions that run ahead see those before them.
///
/// Any number of threads read and publish at once, and none waits for another. Locations are
/// entered once into chained hash tables, at the head of a bucket by compare-and-swap, and never
/// leave; a location's versions are a list sorted by transaction, latest first. A node's content
/// never changes once it is linked in, only its link where another goes in behind it. Nodes lie in
/// arenas, one per worker,
/// which are taken back when the block has ended and nobody can look any more; so nothing is freed
/// while it may be read, and no pointer comes back with another meaning.
#pragma once

#include "executor/transaction_outcome.hpp"
#include "parallel/version_arena.hpp"

#include <atomic>
#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

namespace braid::parallel {

/// Which run of which transaction wrote a version.
struct VersionStamp {
    uint32_t transaction;
    uint32_t incarnation;
};

/// What a transaction did to an account. Immutable once published.
struct AccountVersion {
    VersionStamp stamp;
    executor::AccountWrite write;
    std::atomic<AccountVersion*> next; ///< an earlier version
};

/// A slot's value after a transaction. Immutable once published.
struct SlotVersion {
    VersionStamp stamp;
    Bytes32 value;
    std::atomic<SlotVersion*> next; ///< an earlier version
};

/// An account that somebody wrote. Only `versions` changes.
struct AccountLocation {
    uint64_t hash;
    Address address;
    AccountLocation* next;
    std::atomic<AccountVersion*> versions;
};

/// A storage slot that somebody wrote. Only `versions` changes.
struct SlotLocation {
    uint64_t hash;
    const AccountLocation* account;
    Bytes32 key;
    SlotLocation* next;
    std::atomic<SlotVersion*> versions;
};

/// The multi-version store of one block.
class VersionStore {
  public:
    /// Starts a block of this many transactions, of which about `writers` will publish. Nobody else
    /// may use the store meanwhile.
    void begin(size_t transactions, size_t writers);

    /// Makes a run's writes, but for what the sender (null: nobody) pays, visible to later
    /// transactions, and those of the transaction's earlier run invisible. One thread at a time per
    /// transaction; lock-free: a compare-and-swap that fails means that another publication went
    /// through.
    void publish(uint32_t transaction, uint32_t incarnation, const executor::OutcomeView& outcome,
                 VersionArena& arena, const Address* sender = nullptr);

    /// The account's location if anybody has written it, else null. Wait-free but for the length of
    /// the bucket.
    [[nodiscard]] const AccountLocation* find(const Address& address) const noexcept;

    /// The slot's location if anybody has written it, else null. Wait-free likewise.
    [[nodiscard]] const SlotLocation* find(const AccountLocation& account,
                                           const Bytes32& key) const noexcept;

    /// Calls `visit(write)` for the writes that a transaction may see, latest first, until it says
    /// false. Wait-free but for the number of versions.
    template <typename Visit>
    void for_each_before(const AccountLocation& location, uint32_t transaction,
                         Visit&& visit) const noexcept {
        // acquire: a version's content was written before it was linked in.
        for (const AccountVersion* version = location.versions.load(std::memory_order_acquire);
             version != nullptr; version = version->next.load(std::memory_order_acquire))
            if (version->stamp.transaction < transaction && is_current(version->stamp) &&
                !visit(version->write))
                return;
    }

    /// The slot's latest value that a transaction may see, or null. Wait-free likewise.
    [[nodiscard]] const Bytes32* latest_before(const SlotLocation& location,
                                               uint32_t transaction) const noexcept;

  private:
    /// Whether the run that left this version is its transaction's latest.
    [[nodiscard]] bool is_current(VersionStamp stamp) const noexcept {
        // acquire: whoever sees the new run's number sees its versions too.
        return current_[stamp.transaction].load(std::memory_order_acquire) == stamp.incarnation;
    }

    AccountLocation& intern(const Address& address, VersionArena& arena);
    SlotLocation& intern(const AccountLocation& account, const Bytes32& key, VersionArena& arena);

    // Bucket heads: written by interning threads, from the latest location to a newer one.
    std::vector<std::atomic<AccountLocation*>> account_buckets_;
    std::vector<std::atomic<SlotLocation*>> slot_buckets_;
    // The latest published run of each transaction, or no_incarnation. Written by whoever
    // publishes.
    std::vector<std::atomic<uint32_t>> current_;
};

} // namespace braid::parallel
