#include "store/root_calculation.hpp"

#include "store/merged_cursor.hpp"
#include "trie/state_root.hpp"

#include <algorithm>
#include <atomic>

namespace braid::store {
namespace {

/// So many accounts are worth sixteen parts.
constexpr size_t worth_parts = 64;
/// Accounts whose storages make one job.
constexpr size_t storages_per_job = 16;

/// Branches of one job, by its own bytes.
struct Branches {
    std::vector<Layer::BranchChange> changes;
    std::vector<uint8_t> bytes;
};

class Sink final : public trie::BranchSink {
  public:
    Sink(Branches& branches, const Bytes32& account) : branches_{branches}, account_{account} {}

    bool put(const trie::Path& path, BytesView record) noexcept override {
        const auto begin = static_cast<uint32_t>(branches_.bytes.size());
        branches_.bytes.insert(branches_.bytes.end(), record.begin(), record.end());
        branches_.changes.push_back({account_, path, begin, static_cast<uint16_t>(record.size())});
        return true;
    }
    bool remove(const trie::Path& path) noexcept override {
        branches_.changes.push_back({account_, path, 0, 0});
        return true;
    }

  private:
    Branches& branches_;
    const Bytes32 account_;
};

Status status_of(trie::TrieStatus status) noexcept {
    switch (status) {
    case trie::TrieStatus::ok:
        return {};
    case trie::TrieStatus::io_error:
        return StoreCode::io_error;
    case trie::TrieStatus::corrupt:
        break;
    }
    return StoreCode::corrupt;
}

/// Appends a job's branches in order. Of two changes of one branch the later counts.
void collect(Branches& from, std::vector<Layer::BranchChange>& to, std::vector<uint8_t>& bytes) {
    std::ranges::stable_sort(from.changes,
                             [](const auto& a, const auto& b) { return is_before(a, b); });
    for (size_t i = 0; i < from.changes.size(); ++i) {
        Layer::BranchChange& change = from.changes[i];
        if (i + 1 != from.changes.size() && !is_before(change, from.changes[i + 1]))
            continue;
        const BytesView record = BytesView{from.bytes}.subspan(change.begin, change.size);
        change.begin = static_cast<uint32_t>(bytes.size());
        bytes.insert(bytes.end(), record.begin(), record.end());
        to.push_back(change);
    }
}

class Calculation {
  public:
    Calculation(const Snapshot& before, const std::vector<Bytes32>& cleared, Layer& layer)
        : before_{before}, cleared_{cleared}, layer_{layer} {}

    /// The storage of one account.
    Status storage(Layer::AccountChange& account, Branches& branches) const {
        const auto slots = std::ranges::equal_range(
            layer_.slots, account.key,
            [](const Bytes32& a, const Bytes32& b) { return is_before(a, b); },
            [](const Layer::SlotChange& slot) -> const Bytes32& { return slot.key.account; });
        if (slots.empty())
            return {};
        const ReadSet::Lease lease = before_.reads()->lease();
        Sink sink{branches, account.key};
        MergedCursor<StorageBranches> stored{before_, lease.transaction(), nullptr, account.key};
        MergedCursor<SlotLeaves> leaves{before_, lease.transaction(), &layer_, account.key};
        trie::RootResult result;
        if (std::ranges::binary_search(cleared_, account.key, [](const auto& a, const auto& b) {
                return is_before(a, b);
            })) {
            result.status = remove_all(stored, sink);
            if (result.status == trie::TrieStatus::ok)
                result = trie::build_root(leaves, sink);
        } else {
            std::vector<Bytes32> changed;
            changed.reserve(slots.size());
            for (const Layer::SlotChange& slot : slots)
                changed.push_back(slot.key.slot);
            result = trie::update_root(stored, leaves, changed, sink);
        }
        if (result.status != trie::TrieStatus::ok)
            return status_of(result.status);
        if ((result.root == trie::empty_root) != (account.account.slot_count == 0))
            return StoreCode::corrupt;
        account.account.storage_root = result.root;
        return {};
    }

    /// What lies below one nibble of the root.
    trie::TriePart part(unsigned nibble, std::span<const Bytes32> changed,
                        Branches& branches) const {
        const ReadSet::Lease lease = before_.reads()->lease();
        Sink sink{branches, {}};
        MergedCursor<AccountBranches> stored{before_, lease.transaction(), nullptr};
        MergedCursor<AccountLeaves> leaves{before_, lease.transaction(), &layer_};
        return trie::update_part(nibble, stored, leaves, changed, sink);
    }

    trie::RootResult whole(std::span<const Bytes32> changed, Branches& branches) const {
        const ReadSet::Lease lease = before_.reads()->lease();
        Sink sink{branches, {}};
        MergedCursor<AccountBranches> stored{before_, lease.transaction(), nullptr};
        MergedCursor<AccountLeaves> leaves{before_, lease.transaction(), &layer_};
        return trie::update_root(stored, leaves, changed, sink);
    }

    trie::RootResult join(const std::array<trie::TriePart, 16>& parts, Branches& branches) const {
        const ReadSet::Lease lease = before_.reads()->lease();
        Sink sink{branches, {}};
        MergedCursor<AccountBranches> stored{before_, lease.transaction(), nullptr};
        return trie::join_parts(parts, stored, sink);
    }

  private:
    static trie::TrieStatus remove_all(trie::BranchCursor& stored, Sink& sink) {
        trie::StoredBranch branch;
        trie::CursorStatus status = stored.seek({}, branch);
        for (; status == trie::CursorStatus::found; status = stored.next(branch))
            (void)sink.remove(branch.path);
        return status == trie::CursorStatus::end        ? trie::TrieStatus::ok
               : status == trie::CursorStatus::io_error ? trie::TrieStatus::io_error
                                                        : trie::TrieStatus::corrupt;
    }

    const Snapshot& before_;
    const std::vector<Bytes32>& cleared_;
    Layer& layer_;
};

/// Which accounts have slots that change, by their places.
std::vector<size_t> accounts_with_slots(const Layer& layer) {
    std::vector<size_t> places;
    size_t place = 0;
    for (const Layer::SlotChange& slot : layer.slots) {
        if (!places.empty() && layer.accounts[places.back()].key == slot.key.account)
            continue;
        while (place < layer.accounts.size() &&
               is_before(layer.accounts[place].key, slot.key.account))
            ++place;
        if (place == layer.accounts.size())
            break;
        places.push_back(place);
    }
    return places;
}

} // namespace

Status calculate_root(const Snapshot& before, const std::vector<Bytes32>& cleared, Layer& layer,
                      const JobRunner& jobs, Bytes32& root) {
    const Calculation calculation{before, cleared, layer};
    const std::vector<size_t> places = accounts_with_slots(layer);
    const size_t job_count = (places.size() + storages_per_job - 1) / storages_per_job;
    std::vector<Branches> branches(job_count);
    std::vector<Status> statuses(job_count);
    jobs.run(job_count, [&](size_t job) {
        const size_t end = std::min(places.size(), (job + 1) * storages_per_job);
        for (size_t i = job * storages_per_job; i < end && !statuses[job].failed(); ++i)
            statuses[job] = calculation.storage(layer.accounts[places[i]], branches[job]);
    });
    for (size_t job = 0; job < job_count; ++job) {
        if (statuses[job].failed())
            return statuses[job];
        collect(branches[job], layer.storage_branches, layer.branch_bytes);
    }

    std::vector<Bytes32> changed;
    changed.reserve(layer.accounts.size());
    for (const Layer::AccountChange& account : layer.accounts)
        changed.push_back(account.key);
    branches.assign(17, {});
    trie::RootResult result;
    if (changed.size() < worth_parts) {
        result = calculation.whole(changed, branches[0]);
    } else {
        std::array<trie::TriePart, 16> parts;
        jobs.run(16, [&](size_t nibble) {
            const auto below = [&](size_t bound) {
                return std::ranges::partition_point(
                    changed, [bound](const Bytes32& key) { return key.bytes[0] < 16 * bound; });
            };
            parts[nibble] = calculation.part(static_cast<unsigned>(nibble),
                                             {below(nibble), below(nibble + 1)}, branches[nibble]);
        });
        result = calculation.join(parts, branches[16]);
    }
    if (result.status != trie::TrieStatus::ok)
        return status_of(result.status);
    Branches all;
    for (Branches& part : branches) {
        for (Layer::BranchChange& change : part.changes) {
            change.begin += static_cast<uint32_t>(all.bytes.size());
            all.changes.push_back(change);
        }
        all.bytes.insert(all.bytes.end(), part.bytes.begin(), part.bytes.end());
    }
    collect(all, layer.account_branches, layer.branch_bytes);
    root = result.root;
    return {};
}

} // namespace braid::store
