#include "store/layer.hpp"

#include <algorithm>

namespace braid::store {
namespace {

/// Merges what is in order; of two with one key the newer stays.
template <typename Change, typename Take>
void merge(const std::vector<Change>& older, const std::vector<Change>& newer, Take&& take) {
    auto a = older.begin();
    auto b = newer.begin();
    while (a != older.end() || b != newer.end()) {
        if (b == newer.end() || (a != older.end() && is_before(*a, *b))) {
            take(*a++, false);
            continue;
        }
        if (a != older.end() && !is_before(*b, *a))
            ++a;
        take(*b++, true);
    }
}

void merge_branches(std::vector<Layer::BranchChange> Layer::*table, const Layer& older,
                    const Layer& newer, Layer& out) {
    (out.*table).reserve((older.*table).size() + (newer.*table).size());
    merge(older.*table, newer.*table, [&](Layer::BranchChange branch, bool is_newer) {
        const BytesView record = (is_newer ? newer : older).record(branch);
        branch.begin = static_cast<uint32_t>(out.branch_bytes.size());
        out.branch_bytes.insert(out.branch_bytes.end(), record.begin(), record.end());
        (out.*table).push_back(branch);
    });
}

struct ByHash {
    bool operator()(const CodeRef& a, const CodeRef& b) const noexcept {
        return is_before(a->hash(), b->hash());
    }
};

} // namespace

const Layer::AccountChange* Layer::find_account(const Bytes32& key) const noexcept {
    const auto found = std::ranges::lower_bound(
        accounts, key, [](const Bytes32& a, const Bytes32& b) { return is_before(a, b); },
        &AccountChange::key);
    return found != accounts.end() && found->key == key ? &*found : nullptr;
}

const Layer::SlotChange* Layer::find_slot(const SlotKey& key) const noexcept {
    const auto found = std::ranges::lower_bound(
        slots, key, [](const SlotKey& a, const SlotKey& b) { return is_before(a, b); },
        &SlotChange::key);
    return found != slots.end() && found->key == key ? &*found : nullptr;
}

CodeRef Layer::find_code(const Bytes32& hash) const noexcept {
    const auto found = std::ranges::lower_bound(
        codes, hash, [](const Bytes32& a, const Bytes32& b) { return is_before(a, b); },
        [](const CodeRef& code) -> const Bytes32& { return code->hash(); });
    return found != codes.end() && (*found)->hash() == hash ? *found : nullptr;
}

LayerRef merge_layers(const Layer& older, const Layer& newer) {
    auto out = std::make_shared<Layer>();
    out->accounts.reserve(older.accounts.size() + newer.accounts.size());
    merge(older.accounts, newer.accounts,
          [&](const Layer::AccountChange& change, bool) { out->accounts.push_back(change); });
    out->slots.reserve(older.slots.size() + newer.slots.size());
    merge(older.slots, newer.slots,
          [&](const Layer::SlotChange& change, bool) { out->slots.push_back(change); });
    out->branch_bytes.reserve(older.branch_bytes.size() + newer.branch_bytes.size());
    merge_branches(&Layer::account_branches, older, newer, *out);
    merge_branches(&Layer::storage_branches, older, newer, *out);
    std::ranges::set_union(older.codes, newer.codes, std::back_inserter(out->codes), ByHash{});
    return out;
}

void push_layer(Layers& layers, LayerRef layer) {
    layers.push_back(std::move(layer));
    while (layers.size() > 1) {
        const Layer& older = *layers[layers.size() - 2];
        const Layer& newer = *layers.back();
        if (older.size() > 2 * newer.size())
            break;
        LayerRef merged = merge_layers(older, newer);
        layers.pop_back();
        layers.back() = std::move(merged);
    }
}

} // namespace braid::store
