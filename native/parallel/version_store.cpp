#include "parallel/version_store.hpp"

#include "state/slot_hash.hpp"

#include <algorithm>
#include <bit>

namespace braid::parallel {

using state::slot_hash;

namespace {

/// A transaction that has published nothing.
constexpr uint32_t no_incarnation = UINT32_MAX;

// A block's transactions write few accounts and some more slots each; longer chains only cost time.
constexpr size_t account_buckets_per_transaction = 4;
constexpr size_t slot_buckets_per_transaction = 16;
constexpr size_t least_buckets = 256;

/// The least that changing a slot costs (EIP-2200 and EIP-2929: 2,900 and a cold access), so that
/// few transactions that write thousands of slots find buckets for them.
constexpr uint64_t gas_per_changed_slot = 5000;
constexpr uint64_t most_slots_by_gas = uint64_t{1} << 16;

/// A table of nulls with at least this many buckets. Reused where it is large enough.
template <typename Location>
void clear_buckets(std::vector<std::atomic<Location*>>& buckets, size_t wanted) {
    const size_t count = std::bit_ceil(std::max(wanted, least_buckets));
    if (buckets.size() != count)
        buckets = std::vector<std::atomic<Location*>>(count);
    // relaxed: the workers start after this.
    for (std::atomic<Location*>& bucket : buckets)
        bucket.store(nullptr, std::memory_order_relaxed);
}

/// Finds a location in a bucket, from `from` up to but not including `until`.
template <typename Location, typename Matches>
Location* find_in(Location* from, const Location* until, Matches&& matches) noexcept {
    for (Location* location = from; location != until; location = location->next)
        if (matches(*location))
            return location;
    return nullptr;
}

/// Finds the location in its bucket or adds the one that `make()` gives. Lock-free.
template <typename Location, typename Matches, typename Make>
Location& find_or_add(std::atomic<Location*>& bucket, Matches&& matches, Make&& make) {
    // acquire: a location's key was written before it was linked in.
    Location* head = bucket.load(std::memory_order_acquire);
    if (Location* found = find_in<Location>(head, nullptr, matches))
        return *found;
    Location* added = make();
    for (;;) {
        added->next = head;
        const Location* const searched = head;
        // release: the key is there for whoever sees the pointer. acquire on failure: as above.
        if (bucket.compare_exchange_weak(head, added, std::memory_order_release,
                                         std::memory_order_acquire))
            return *added;
        // Only what came since needs a look; `added` stays unused in its arena if it was found.
        if (Location* found = find_in<Location>(head, searched, matches))
            return *found;
    }
}

bool is_later(const VersionStamp& a, const VersionStamp& b) noexcept {
    return a.transaction != b.transaction ? a.transaction > b.transaction
                                          : a.incarnation > b.incarnation;
}

/// Links a version in behind all later ones, if there are not too many of them. Lock-free: nodes
/// are never taken out, so a failed compare-and-swap means that another version went in at the same
/// place.
template <typename Version>
void insert(std::atomic<Version*>& head, Version* version) noexcept {
    std::atomic<Version*>* link = &head;
    size_t visited = 0;
    // acquire: whatever is linked in is finished.
    Version* after = link->load(std::memory_order_acquire);
    for (;;) {
        while (after != nullptr && is_later(after->stamp, version->stamp)) {
            if (++visited > VersionStore::longest_walk)
                return; // hardly anybody would come that far
            link = &after->next;
            after = link->load(std::memory_order_acquire);
        }
        // relaxed: nobody sees the version before the exchange.
        version->next.store(after, std::memory_order_relaxed);
        // release: the version's content becomes visible with the pointer.
        if (link->compare_exchange_weak(after, version, std::memory_order_release,
                                        std::memory_order_acquire))
            return;
    }
}

/// Whether nothing of the account itself changes.
bool changes_storage_alone(const transaction::AccountWrite& write) noexcept {
    return write.slot_count != 0 && !write.destroyed && !write.nonce_changed &&
           !write.code_changed && !write.balance_change;
}

/// Whether an account's nonce goes up and its balance down, and that is all. Of a sender nobody
/// needs to know that: its nonce is foretold, and that its funds suffice is checked in the end.
bool only_pays(const transaction::AccountWrite& write) noexcept {
    constexpr uint64_t sign = uint64_t{1} << 63;
    return write.slot_count == 0 && !write.destroyed && !write.code_changed &&
           (write.balance_change.word[3] & sign) != 0;
}

/// Hangs the account as it is in the committed state; does without where that cannot say. The
/// lane's.
void hang(AccountLocation& location, uint32_t transaction, state::StateView& committed,
          VersionArena& arena) {
    SettledAccount settled{transaction, false, {}, nullptr};
    if (committed.load_account(location.address, settled.account, settled.exists) !=
        state::ReadStatus::ok)
        return;
    // relaxed: the lane has seen the commit of whatever changed the code.
    if (location.has_code_versions.load(std::memory_order_relaxed) &&
        settled.account.code_hash != state::empty_code_hash &&
        committed.load_code(location.address, settled.account.code_hash, settled.code) !=
            state::ReadStatus::ok)
        return;
    // release: whoever sees the pointer sees the value.
    location.settled.store(arena.make<SettledAccount>(settled), std::memory_order_release);
}

} // namespace

void VersionStore::begin(size_t transactions, size_t writers, uint64_t gas) {
    const size_t slots_by_gas = std::min(gas / gas_per_changed_slot, most_slots_by_gas);
    clear_buckets(account_buckets_, writers * account_buckets_per_transaction);
    clear_buckets(slot_buckets_, std::max(writers * slot_buckets_per_transaction, slots_by_gas));
    if (current_.size() < transactions)
        current_ = std::vector<std::atomic<uint32_t>>(transactions);
    // relaxed: the workers start after this.
    for (std::atomic<uint32_t>& incarnation : current_)
        incarnation.store(no_incarnation, std::memory_order_relaxed);
    any_is_long_.store(false, std::memory_order_relaxed);
}

AccountLocation& VersionStore::intern(const Address& address, VersionArena& arena) {
    const uint64_t hash = hash_of(address);
    return find_or_add(
        account_buckets_[hash & (account_buckets_.size() - 1)],
        [&](const AccountLocation& location) { return location.address == address; },
        [&] {
            return arena.make<AccountLocation>(hash, address, nullptr, nullptr, nullptr, false,
                                               false);
        });
}

SlotLocation& VersionStore::intern(const AccountLocation& account, const Bytes32& key,
                                   VersionArena& arena) {
    const uint64_t hash = slot_hash(account.hash, key);
    return find_or_add(
        slot_buckets_[hash & (slot_buckets_.size() - 1)],
        [&](const SlotLocation& location) {
            return location.account == &account && location.key == key;
        },
        [&] { return arena.make<SlotLocation>(hash, &account, key, nullptr, nullptr, nullptr); });
}

AccountLocation* VersionStore::find_account(const Address& address) const noexcept {
    const uint64_t hash = hash_of(address);
    const auto& bucket = account_buckets_[hash & (account_buckets_.size() - 1)];
    return find_in<AccountLocation>(
        bucket.load(std::memory_order_acquire), nullptr,
        [&](const AccountLocation& location) { return location.address == address; });
}

const SlotLocation* VersionStore::find(const AccountLocation& account,
                                       const Bytes32& key) const noexcept {
    const uint64_t hash = slot_hash(account.hash, key);
    const auto& bucket = slot_buckets_[hash & (slot_buckets_.size() - 1)];
    return find_in<SlotLocation>(bucket.load(std::memory_order_acquire), nullptr,
                                 [&](const SlotLocation& location) {
                                     return location.account == &account && location.key == key;
                                 });
}

void VersionStore::publish(uint32_t transaction, uint32_t incarnation,
                           const transaction::OutcomeView& outcome, VersionArena& arena,
                           const Address* sender) {
    const VersionStamp stamp{transaction, incarnation};
    for (const transaction::AccountWrite& write : outcome.accounts) {
        if (sender != nullptr && write.address == *sender && only_pays(write))
            continue;
        AccountLocation& account = intern(write.address, arena);
        // relaxed: what is linked in below publishes it.
        if (write.code_changed)
            account.has_code_versions.store(true, std::memory_order_relaxed);
        // A contract whose storage alone changes is left as it was, but for has_storage, which is
        // checked like everything: many transactions in a row would make a long list.
        if (!changes_storage_alone(write))
            insert(account.versions, arena.make<AccountVersion>(stamp, write, nullptr));
        for (uint32_t i = write.slot_start; i < write.slot_start + write.slot_count; ++i) {
            const transaction::SlotWrite& slot = outcome.slots[i];
            insert(intern(account, slot.key, arena).versions,
                   arena.make<SlotVersion>(stamp, slot.value, nullptr));
        }
    }
    // release: whoever sees the number sees the versions.
    current_[transaction].store(incarnation, std::memory_order_release);
}

void VersionStore::settle(uint32_t transaction, uint32_t incarnation,
                          const transaction::OutcomeView& outcome, state::StateView& committed,
                          VersionArena& arena, const Address& sender) {
    for (const transaction::AccountWrite& write : outcome.accounts) {
        if (write.address == sender && only_pays(write))
            continue;
        AccountLocation& account = intern(write.address, arena);
        // relaxed: what is hung or linked in below publishes it.
        if (write.code_changed)
            account.has_code_versions.store(true, std::memory_order_relaxed);
        if (changes_storage_alone(write)) {
            // As in publish().
        } else if (account.is_long.load(std::memory_order_relaxed)) { // relaxed: a hint
            hang(account, transaction, committed, arena);
        } else {
            insert(account.versions, arena.make<AccountVersion>(
                                         VersionStamp{transaction, incarnation}, write, nullptr));
        }
        for (uint32_t i = write.slot_start; i < write.slot_start + write.slot_count; ++i) {
            const transaction::SlotWrite& slot = outcome.slots[i];
            // release: whoever sees the pointer sees the value.
            intern(account, slot.key, arena)
                .settled.store(arena.make<SettledSlot>(transaction, slot.value),
                               std::memory_order_release);
        }
    }
    // release: whoever sees the number sees what was hung.
    current_[transaction].store(incarnation, std::memory_order_release);
}

void VersionStore::settle_accounts(uint32_t transaction, const transaction::OutcomeView& outcome,
                                   state::StateView& committed, VersionArena& arena) {
    for (const transaction::AccountWrite& write : outcome.accounts) {
        if (changes_storage_alone(write))
            continue;
        AccountLocation* const account = find_account(write.address);
        // relaxed: a hint.
        if (account != nullptr && account->is_long.load(std::memory_order_relaxed))
            hang(*account, transaction, committed, arena);
    }
}

const Bytes32* VersionStore::latest_before(const SlotLocation& location,
                                           uint32_t transaction) const noexcept {
    // acquire, all: whatever is hung or linked in is finished.
    const SettledSlot* settled = location.settled.load(std::memory_order_acquire);
    if (settled != nullptr && settled->transaction >= transaction)
        settled = nullptr; // only a run that is stale already asks so late
    size_t visited = 0;
    for (const SlotVersion* version = location.versions.load(std::memory_order_acquire);
         version != nullptr && visited < longest_walk;
         version = version->next.load(std::memory_order_acquire), ++visited) {
        if (settled != nullptr && version->stamp.transaction <= settled->transaction)
            break;
        if (version->stamp.transaction < transaction && is_current(version->stamp))
            return &version->value;
    }
    return settled == nullptr ? nullptr : &settled->value;
}

} // namespace braid::parallel
