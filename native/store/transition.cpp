#include "store/transition.hpp"

#include "crypto/keccak.hpp"
#include "store/merged_cursor.hpp"
#include "store/root_calculation.hpp"

#include <algorithm>
#include <numeric>

namespace braid::store {
namespace {

using wire::AccountChange;
using wire::SlotChange;

/// keccak256 of a field of each record.
template <typename Record, typename Field>
std::vector<Bytes32> hash_all(std::span<const Record> records, Field Record::*field) {
    std::vector<BytesView> inputs;
    inputs.reserve(records.size());
    for (const Record& record : records)
        inputs.emplace_back((record.*field).bytes);
    std::vector<Bytes32> hashes(records.size());
    crypto::keccak256_batch(inputs, hashes);
    return hashes;
}

/// 0, 1, ... in the order of what they stand for.
template <typename Before>
std::vector<uint32_t> ordered(size_t count, Before&& before) {
    std::vector<uint32_t> order(count);
    std::iota(order.begin(), order.end(), 0U);
    std::ranges::sort(order, before);
    return order;
}

bool has(const AccountChange& change, uint32_t flag) noexcept { return (change.flags & flag) != 0; }

class Builder {
  public:
    Builder(const Snapshot& before, const wire::OutputView& output, Transition& transition)
        : before_{before}, output_{output}, out_{transition}, preimages_{before.meta().preimages} {}

    Status build() {
        const std::vector<Bytes32> keys = hash_all(output_.accounts, &AccountChange::address);
        slot_keys_ = hash_all(output_.slots, &SlotChange::key);
        const std::vector<uint32_t> order = ordered(
            keys.size(), [&](uint32_t a, uint32_t b) { return is_before(keys[a], keys[b]); });
        for (size_t i = 0; i < order.size(); ++i) {
            if (i != 0 && keys[order[i]] == keys[order[i - 1]])
                return StoreCode::malformed;
            if (Status status = account(output_.accounts[order[i]], keys[order[i]]);
                status.failed())
                return status;
        }
        std::ranges::sort(out_.layer.codes, [](const CodeRef& a, const CodeRef& b) {
            return is_before(a->hash(), b->hash());
        });
        const auto twice =
            std::ranges::unique(out_.layer.codes, [](const CodeRef& a, const CodeRef& b) {
                return a->hash() == b->hash();
            });
        out_.layer.codes.erase(twice.begin(), twice.end());
        return {};
    }

  private:
    Status account(const AccountChange& change, const Bytes32& key) {
        Account before;
        if (Status status = before_.read_account(key, before); status.failed())
            return status;
        if (before.exists != has(change, wire::account_flag::existed_before) ||
            before.nonce != change.nonce_before ||
            !(before.balance == to_uint256(change.balance_before)) ||
            !(before.code_hash == change.code_hash_before))
            return StoreCode::stale;
        out_.before.before.accounts.push_back({key, change.address, before});

        Account after;
        after.exists = has(change, wire::account_flag::exists_after);
        if (after.exists) {
            after.nonce = change.nonce_after;
            after.balance = to_uint256(change.balance_after);
            after.code_hash = change.code_hash_after;
            after.address = preimages_ ? change.address : Address{};
            if (Status status = code(change); status.failed())
                return status;
        }
        const bool loses_storage =
            before.slot_count != 0 &&
            (!after.exists || has(change, wire::account_flag::storage_cleared));
        if (loses_storage)
            out_.cleared.push_back(key);
        else
            after.slot_count = before.slot_count;
        if (!loses_storage)
            after.storage_root = before.storage_root;
        if (Status status = slots(change, key, loses_storage, after); status.failed())
            return status;
        out_.account_count += (after.exists ? 1 : 0) - (before.exists ? 1 : 0);
        out_.slot_count += after.slot_count - before.slot_count;
        out_.layer.accounts.push_back({key, change.address, after});
        return {};
    }

    Status code(const AccountChange& change) {
        if (!has(change, wire::account_flag::code_changed) ||
            change.code_hash_after == empty_code_hash)
            return {};
        const BytesView bytes = output_.pool.subspan(change.code_offset, change.code_size);
        if (!(crypto::keccak256(bytes) == change.code_hash_after))
            return StoreCode::malformed;
        out_.layer.codes.push_back(std::make_shared<const Code>(
            std::vector<uint8_t>(bytes.begin(), bytes.end()), change.code_hash_after));
        return {};
    }

    /// The slots of an account, in order. Where it loses its storage, those that it had are
    /// changed, too.
    Status slots(const AccountChange& change, const Bytes32& key, bool loses_storage,
                 Account& after) {
        const std::vector<uint32_t> order = ordered(change.slot_count, [&](uint32_t a, uint32_t b) {
            return is_before(slot_keys_[change.slot_start + a], slot_keys_[change.slot_start + b]);
        });
        std::optional<ReadSet::Lease> lease;
        std::optional<MergedCursor<SlotLeaves>> stored;
        trie::SlotLeaf leaf;
        trie::CursorStatus status = trie::CursorStatus::end;
        if (loses_storage) {
            lease.emplace(before_.reads()->lease());
            stored.emplace(before_, lease->transaction(), nullptr, key);
            status = stored->seek({}, leaf);
        }
        const auto pass_stored = [&](const Bytes32* end) {
            while (status == trie::CursorStatus::found &&
                   (end == nullptr || is_before(leaf.key, *end))) {
                Slot number{};
                const bool known = number_of(*stored, number.number);
                Layer::SlotChange gone{{key, leaf.key}, change.address, number, known};
                out_.layer.slots.push_back(gone);
                gone.slot.value = leaf.value;
                out_.before.before.slots.push_back(gone);
                out_.knows_all = out_.knows_all && known;
                status = stored->next(leaf);
            }
        };
        const Bytes32* last = nullptr;
        for (const uint32_t place : order) {
            const SlotChange& slot = output_.slots[change.slot_start + place];
            const Bytes32& slot_key = slot_keys_[change.slot_start + place];
            if (last != nullptr && *last == slot_key)
                return StoreCode::malformed;
            last = &slot_key;
            pass_stored(&slot_key);
            Slot before;
            if (loses_storage) {
                if (status == trie::CursorStatus::found && leaf.key == slot_key) {
                    before.value = leaf.value;
                    status = stored->next(leaf);
                }
            } else if (Status read = before_.read_slot({key, slot_key}, before); read.failed()) {
                return read;
            }
            if (!(before.value == slot.before))
                return StoreCode::stale;
            // What a destroyed account's slots are after is zero, whatever is said.
            const Bytes32 value = after.exists ? slot.after : Bytes32{};
            out_.layer.slots.push_back({{key, slot_key}, change.address, {value, slot.key}, true});
            out_.before.before.slots.push_back(
                {{key, slot_key}, change.address, {before.value, slot.key}, true});
            if (!loses_storage)
                after.slot_count -= is_zero(before.value) ? 0 : 1;
            after.slot_count += is_zero(value) ? 0 : 1;
        }
        if (loses_storage)
            pass_stored(nullptr);
        if (status == trie::CursorStatus::corrupt)
            return StoreCode::corrupt;
        return status == trie::CursorStatus::io_error ? Status{StoreCode::io_error} : Status{};
    }

    /// The number of the slot at which a cursor stood before it moved ahead.
    [[nodiscard]] bool number_of(const MergedCursor<SlotLeaves>& stored,
                                 Bytes32& number) const noexcept {
        if (const Layer::SlotChange* change = stored.change()) {
            number = change->slot.number;
            return change->has_number;
        }
        Slot slot;
        (void)decode_slot(stored.file_record(), preimages_, slot);
        number = slot.number;
        return preimages_;
    }

    const Snapshot& before_;
    const wire::OutputView& output_;
    Transition& out_;
    const bool preimages_;
    std::vector<Bytes32> slot_keys_;
};

} // namespace

Status begin_transition(const Snapshot& before, const wire::OutputView& output,
                        Transition& transition) {
    transition.account_count = before.meta().accounts;
    transition.slot_count = before.meta().slots;
    transition.before.head = before.meta().head;
    transition.before.account_count = before.meta().accounts;
    transition.before.slot_count = before.meta().slots;
    return Builder{before, output, transition}.build();
}

Status finish_transition(const Snapshot& before, const JobRunner& jobs, Transition& transition) {
    if (Status status =
            calculate_root(before, transition.cleared, transition.layer, jobs, transition.root);
        status.failed())
        return status;
    transition.undo = encode_undo(transition.before);
    return {};
}

Status make_reversal(const Snapshot& after, const Undo& undo, const JobRunner& jobs,
                     Transition& transition) {
    transition.account_count = undo.account_count;
    transition.slot_count = undo.slot_count;
    transition.layer.accounts = undo.before.accounts;
    transition.layer.slots = undo.before.slots;
    if (!after.meta().preimages)
        for (Layer::AccountChange& change : transition.layer.accounts)
            change.account.address = {};
    std::vector<Bytes32> roots;
    roots.reserve(transition.layer.accounts.size());
    for (const Layer::AccountChange& change : transition.layer.accounts)
        roots.push_back(change.account.storage_root);
    for (const Layer::SlotChange& change : transition.layer.slots)
        transition.knows_all = transition.knows_all && change.has_number;
    if (Status status = calculate_root(after, {}, transition.layer, jobs, transition.root);
        status.failed())
        return status;
    for (size_t i = 0; i < roots.size(); ++i)
        if (!(roots[i] == transition.layer.accounts[i].account.storage_root))
            return StoreCode::wrong_root;
    return transition.root == undo.head.root ? Status{} : Status{StoreCode::wrong_root};
}

} // namespace braid::store
