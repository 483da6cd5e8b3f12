/// How the head of a store moves.
#include "store/diff_table.hpp"
#include "store/failpoints.hpp"
#include "store/store.hpp"

#include <algorithm>

namespace braid::store {

namespace {

/// Ends a transaction with what the store knows of itself from here on.
Status commit_as(WriteTransaction& transaction, const Meta& meta) {
    Status status = transaction.put(Table::meta, meta_key, encode_meta(meta));
    if (!status.failed())
        status = status_of_errno(failpoint("write-meta"));
    return status.failed() ? status : transaction.commit();
}

} // namespace

Status Store::begin(const wire::OutputView& output, std::vector<SlotCount>& slot_counts) {
    if (options_.read_only)
        return StoreCode::read_only;
    if (staged_ != nullptr)
        return StoreCode::misuse;
    auto transition = std::make_unique<Transition>();
    if (Status status = begin_transition(*snapshot_, output, *transition); status.failed())
        return status;
    slot_counts.clear();
    for (const Layer::AccountChange& change : transition->layer.accounts)
        slot_counts.push_back({change.address, change.account.slot_count});
    staged_ = std::move(transition);
    has_root_ = false;
    return {};
}

Status Store::calculate_root(Bytes32& root) {
    if (staged_ == nullptr)
        return StoreCode::misuse;
    if (!has_root_) {
        if (Status status = finish_transition(*snapshot_, options_.jobs, *staged_);
            status.failed()) {
            staged_.reset();
            return status;
        }
        has_root_ = true;
        environment_->bound_mapped(options_.mapped_bytes);
    }
    root = staged_->root;
    return {};
}

Status Store::stage(const wire::OutputView& output, Bytes32& root) {
    std::vector<SlotCount> slot_counts;
    const Status status = begin(output, slot_counts);
    return status.failed() ? status : calculate_root(root);
}

Status Store::set_aside() {
    if (staged_ == nullptr || !has_root_)
        return StoreCode::misuse;
    aside_ = std::move(staged_);
    return {};
}

Status Store::take_up() {
    if (staged_ != nullptr || aside_ == nullptr)
        return StoreCode::misuse;
    staged_ = std::move(aside_);
    has_root_ = true;
    return {};
}

Status Store::keep(uint64_t number, const Bytes32& hash) {
    const Snapshot& before = *snapshot_;
    if (staged_ == nullptr || !has_root_ || number != before.meta().head.number + 1)
        return StoreCode::misuse;
    const std::unique_ptr<Transition> staged = std::move(staged_);
    Meta meta = before.meta();
    meta.head = {number, hash, staged->root};
    meta.accounts = staged->account_count;
    meta.slots = staged->slot_count;
    meta.undo_count = std::min(meta.undo_count + 1, options_.history);
    meta.oldest_undo = meta.undo_count == 0 ? 0 : number - meta.undo_count + 1;
    auto layer = std::make_shared<const Layer>(std::move(staged->layer));
    Layers layers = before.layers();
    push_layer(layers, layer);
    move_head(*layer, staged->knows_all, before.reads(), std::move(layers), meta);
    pending_.push_back({std::move(layer), std::move(staged->undo), meta});
    return {};
}

Status Store::flush() {
    if (pending_.empty())
        return {};
    if (Status status = status_of_errno(failpoint("flush")); status.failed())
        return status;
    // What all of them change, once.
    Layers layers;
    for (const Pending& block : pending_)
        push_layer(layers, block.layer);
    while (layers.size() > 1) {
        LayerRef merged = merge_layers(*layers[layers.size() - 2], *layers.back());
        layers.pop_back();
        layers.back() = std::move(merged);
    }
    const Meta& meta = pending_.back().meta;
    WriteTransaction transaction{*environment_};
    Status status = transaction.begin(options_.durability == Durability::sync);
    if (!status.failed())
        status = write_layer(transaction, *layers.front(), meta.preimages);
    for (const Pending& block : pending_)
        if (!status.failed() && meta.undo_count != 0 && block.meta.head.number >= meta.oldest_undo)
            status = write_undo(transaction, block.meta.head.number, block.undo);
    const uint64_t first_pending = pending_.front().meta.head.number;
    for (uint64_t i = 0; i < written_.undo_count && !status.failed(); ++i) {
        const uint64_t number = written_.oldest_undo + i;
        if (meta.undo_count != 0 && number >= std::min(meta.oldest_undo, first_pending))
            break;
        status = remove_undo(transaction, number);
    }
    if (!status.failed())
        status = commit_as(transaction, meta);
    if (status.failed())
        return status;
    written_ = meta;
    pending_.clear();
    // The state is the same, now without layers. Where no transaction can be begun, the snapshot
    // that is there goes on to say it.
    (void)renew_reads(written_, last_generation_);
    environment_->bound_mapped(options_.mapped_bytes);
    return {};
}

uint64_t Store::undoable() const noexcept { return snapshot()->meta().undo_count; }

Status Store::head_at(uint64_t number, Head& head) const {
    const Meta& now = snapshot_->meta();
    if (number == now.head.number) {
        head = now.head;
        return {};
    }
    if (number > now.head.number || now.head.number - number > now.undo_count)
        return StoreCode::no_undo;
    for (const Pending& block : pending_)
        if (block.meta.head.number == number) {
            head = block.meta.head;
            return {};
        }
    if (number == written_.head.number) {
        head = written_.head;
        return {};
    }
    std::vector<uint8_t> packed;
    if (Status status = read_undo(*snapshot_->reads(), number + 1, packed); status.failed())
        return status;
    Undo undo;
    if (!decode_undo(packed, undo) || undo.head.number != number)
        return StoreCode::corrupt;
    head = undo.head;
    return {};
}

Status Store::revert() {
    if (options_.read_only)
        return StoreCode::read_only;
    if (staged_ != nullptr)
        return StoreCode::misuse;
    if (snapshot_->meta().undo_count == 0)
        return StoreCode::no_undo;
    return pending_.empty() ? revert_written() : revert_pending();
}

Status Store::forget(size_t count) {
    if (staged_ != nullptr || count > pending_.size())
        return StoreCode::misuse;
    for (; count > 0; --count)
        if (Status status = revert_pending(); status.failed())
            return status;
    return {};
}

Status Store::revert_pending() {
    Undo undo;
    if (!decode_undo(pending_.back().undo, undo))
        return StoreCode::corrupt;
    Meta meta = pending_.size() == 1 ? written_ : pending_[pending_.size() - 2].meta;
    pending_.pop_back();
    Layers layers;
    for (const Pending& block : pending_)
        push_layer(layers, block.layer);
    const bool knows_all = std::ranges::all_of(
        undo.before.slots, [](const Layer::SlotChange& change) { return change.has_number; });
    move_head(undo.before, knows_all, snapshot_->reads(), std::move(layers), meta);
    return {};
}

Status Store::revert_written() {
    const SnapshotRef after = snapshot_;
    const uint64_t number = after->meta().head.number;
    std::vector<uint8_t> packed;
    if (Status status = read_undo(*after->reads(), number, packed); status.failed())
        return status;
    Undo undo;
    if (!decode_undo(packed, undo) || undo.head.number + 1 != number)
        return StoreCode::corrupt;
    Transition transition;
    if (Status status = make_reversal(*after, undo, options_.jobs, transition); status.failed())
        return status;
    Meta meta = after->meta();
    meta.head = undo.head;
    meta.accounts = undo.account_count;
    meta.slots = undo.slot_count;
    --meta.undo_count;
    meta.oldest_undo = meta.undo_count == 0 ? 0 : meta.oldest_undo;

    WriteTransaction transaction{*environment_};
    Status status = transaction.begin(options_.durability == Durability::sync);
    if (!status.failed())
        status = write_layer(transaction, transition.layer, meta.preimages);
    if (!status.failed())
        status = remove_undo(transaction, number);
    if (!status.failed())
        status = commit_as(transaction, meta);
    if (status.failed())
        return status;
    written_ = meta;
    const auto layer = std::make_shared<const Layer>(std::move(transition.layer));
    std::shared_ptr<ReadSet> reads;
    Layers layers;
    if (ReadSet::begin(environment_, options_.threads, reads).failed()) {
        reads = after->reads();
        layers = after->layers();
        push_layer(layers, layer);
    }
    move_head(*layer, transition.knows_all, std::move(reads), std::move(layers), meta);
    environment_->bound_mapped(options_.mapped_bytes);
    return {};
}

} // namespace braid::store
