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
///
/// What has been committed needs no versions: the lane hangs the value itself at the location, and
/// a reader looks only at what is newer. No list is followed for more than `longest_walk` versions:
/// what lies behind them, a reader does without, and a writer leaves out. Both only make a guess
/// worse.
#pragma once

#include "parallel/version_arena.hpp"
#include "transaction/transaction_outcome.hpp"

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
    transaction::AccountWrite write;
    std::atomic<AccountVersion*> next; ///< an earlier version
};

/// A slot's value after a transaction. Immutable once published.
struct SlotVersion {
    VersionStamp stamp;
    Bytes32 value;
    std::atomic<SlotVersion*> next; ///< an earlier version
};

/// An account after a transaction has been committed: all that was written before is in it.
/// Immutable once hung.
struct SettledAccount {
    uint32_t transaction;
    bool exists;
    state::AccountState account;
    const Code* code; ///< null: none, or for the state before the block to find
};

/// A slot after a transaction has been committed. Immutable once hung.
struct SettledSlot {
    uint32_t transaction;
    Bytes32 value;
};

/// An account that somebody wrote. Its atomics change, nothing else.
struct AccountLocation {
    uint64_t hash;
    Address address;
    AccountLocation* next;
    std::atomic<AccountVersion*> versions;
    std::atomic<const SettledAccount*> settled; ///< written by the lane alone
    /// Set by readers that had a long way to go: the lane is to settle it.
    mutable std::atomic<bool> is_long;
    /// Set before anything that changes the account's code is linked in.
    std::atomic<bool> has_code_versions;
};

/// A storage slot that somebody wrote. Its atomics change, nothing else.
struct SlotLocation {
    uint64_t hash;
    const AccountLocation* account;
    Bytes32 key;
    SlotLocation* next;
    std::atomic<SlotVersion*> versions;
    std::atomic<const SettledSlot*> settled; ///< written by the lane alone
};

/// The multi-version store of one block.
class VersionStore {
  public:
    /// The most versions of a location that a reader or a writer looks at.
    static constexpr size_t longest_walk = 128;

    /// Readers who look at more than this ask for the account to be settled.
    static constexpr size_t usual_walk = 8;

    /// Starts a block of this many transactions, of which about `writers` will publish, for at most
    /// this much gas together. Nobody else may use the store meanwhile.
    void begin(size_t transactions, size_t writers, uint64_t gas = 0);

    /// Makes a run's writes, but for what the sender (null: nobody) pays, visible to later
    /// transactions, and those of the transaction's earlier run invisible. One thread at a time per
    /// transaction; lock-free: a compare-and-swap that fails means that another publication went
    /// through.
    void publish(uint32_t transaction, uint32_t incarnation,
                 const transaction::OutcomeView& outcome, VersionArena& arena,
                 const Address* sender = nullptr);

    /// Makes the outcome of a run at the head visible, and versions of the transaction's earlier
    /// run invisible: slots are hung at their locations, and accounts where readers have a long way
    /// to go; elsewhere a version costs less than asking for the account. What the sender pays is
    /// left out as in publish(). `committed` is the state after the transaction. The lane's;
    /// wait-free but for the length of the buckets.
    void settle(uint32_t transaction, uint32_t incarnation, const transaction::OutcomeView& outcome,
                state::StateView& committed, VersionArena& arena, const Address& sender);

    /// Hangs the accounts that a committed transaction wrote where readers have a long way to go.
    /// The lane's.
    void settle_long(uint32_t transaction, const transaction::OutcomeView& outcome,
                     state::StateView& committed, VersionArena& arena) {
        // relaxed: a hint; whoever sets it sees its effect some commits later.
        if (any_is_long_.load(std::memory_order_relaxed)) [[unlikely]]
            settle_accounts(transaction, outcome, committed, arena);
    }

    /// The account's location if anybody has written it, else null. Wait-free but for the length of
    /// the bucket.
    [[nodiscard]] const AccountLocation* find(const Address& address) const noexcept {
        return find_account(address);
    }

    /// The slot's location if anybody has written it, else null. Wait-free likewise.
    [[nodiscard]] const SlotLocation* find(const AccountLocation& account,
                                           const Bytes32& key) const noexcept;

    /// The account as it was committed last, if that was before a transaction; else null. (It is
    /// later where the transaction's run is stale already.) Wait-free.
    [[nodiscard]] static const SettledAccount* settled_before(const AccountLocation& location,
                                                              uint32_t transaction) noexcept {
        // acquire: the value was written before it was hung.
        const SettledAccount* settled = location.settled.load(std::memory_order_acquire);
        return settled != nullptr && settled->transaction < transaction ? settled : nullptr;
    }

    /// Calls `visit(write)` for the writes that a transaction may see and that are newer than
    /// `settled` (null: all), latest first, until it says false. Returns how many versions were
    /// looked at: at most `longest_walk`. Wait-free.
    template <typename Visit>
    size_t for_each_before(const AccountLocation& location, const SettledAccount* settled,
                           uint32_t transaction, Visit&& visit) const noexcept {
        size_t visited = 0;
        // acquire: a version's content was written before it was linked in.
        for (const AccountVersion* version = location.versions.load(std::memory_order_acquire);
             version != nullptr && visited < longest_walk;
             version = version->next.load(std::memory_order_acquire)) {
            if (settled != nullptr && version->stamp.transaction <= settled->transaction)
                break;
            ++visited;
            if (version->stamp.transaction < transaction && is_current(version->stamp) &&
                !visit(version->write))
                break;
        }
        if (visited > usual_walk) [[unlikely]]
            ask_to_settle(location);
        return visited;
    }

    /// The slot's latest value that a transaction may see, or null. Looks at `longest_walk`
    /// versions at most. Wait-free.
    [[nodiscard]] const Bytes32* latest_before(const SlotLocation& location,
                                               uint32_t transaction) const noexcept;

  private:
    /// Whether the run that left this version is its transaction's latest.
    [[nodiscard]] bool is_current(VersionStamp stamp) const noexcept {
        // acquire: whoever sees the new run's number sees its versions too.
        return current_[stamp.transaction].load(std::memory_order_acquire) == stamp.incarnation;
    }

    void ask_to_settle(const AccountLocation& location) const noexcept {
        // relaxed, both: hints. Read first: many may ask, and the line is in everybody's cache.
        if (location.is_long.load(std::memory_order_relaxed))
            return;
        location.is_long.store(true, std::memory_order_relaxed);
        any_is_long_.store(true, std::memory_order_relaxed);
    }
    void settle_accounts(uint32_t transaction, const transaction::OutcomeView& outcome,
                         state::StateView& committed, VersionArena& arena);

    [[nodiscard]] AccountLocation* find_account(const Address& address) const noexcept;
    AccountLocation& intern(const Address& address, VersionArena& arena);
    SlotLocation& intern(const AccountLocation& account, const Bytes32& key, VersionArena& arena);

    // Bucket heads: written by interning threads, from the latest location to a newer one.
    std::vector<std::atomic<AccountLocation*>> account_buckets_;
    std::vector<std::atomic<SlotLocation*>> slot_buckets_;
    // The latest published run of each transaction, or no_incarnation. Written by whoever
    // publishes.
    std::vector<std::atomic<uint32_t>> current_;
    /// Whether any location is long. Set by readers.
    mutable std::atomic<bool> any_is_long_{false};
};

} // namespace braid::parallel
