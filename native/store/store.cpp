#include "store/store.hpp"

#include "store/copier.hpp"
#include "store/diff_table.hpp"
#include "store/folder.hpp"
#include "store/page_check.hpp"

namespace braid::store {

Status Store::open(const std::string& folder, const StoreOptions& options,
                   std::unique_ptr<Store>& store) {
    auto environment = std::make_shared<Environment>();
    if (Status status = prepare_folder(folder, options.create, options.read_only, *environment);
        status.failed())
        return status;
    EnvironmentOptions how{options.create, options.read_only, options.size_limit,
                           options.max_readers};
    how.depth = options.check ? PageDepth::all : PageDepth::tops;
    if (Status status = environment->open(folder, how); status.failed())
        return status;
    std::unique_ptr<Store> opened{new Store{options, std::move(environment)}};
    if (Status status = opened->load(); status.failed())
        return status;
    store = std::move(opened);
    return {};
}

Status Store::load() {
    std::shared_ptr<ReadSet> reads;
    if (Status status = ReadSet::begin(environment_, 0, reads); status.failed())
        return status;
    BytesView record;
    bool found = false;
    if (Status status = reads->get(Table::meta, meta_key, record, found); status.failed())
        return status;
    if (found) {
        if (Status status = decode_meta(record, written_); status.failed())
            return status;
        if (Status status = check_counts(*reads, written_); status.failed())
            return status;
    } else {
        if (!options_.create || options_.read_only)
            return StoreCode::not_imported;
        written_.preimages = options_.preimages;
        written_.chain = options_.chain;
        written_.head = options_.head;
        written_.head.root = trie::empty_root;
        WriteTransaction transaction{*environment_};
        Status status = transaction.begin(true);
        if (!status.failed())
            status = transaction.put(Table::meta, meta_key, encode_meta(written_));
        if (!status.failed())
            status = transaction.commit();
        if (status.failed())
            return status;
    }
    return renew_reads(written_, ++last_generation_);
}

Status Store::renew_reads(const Meta& meta, uint64_t generation) {
    std::shared_ptr<ReadSet> reads;
    if (Status status = ReadSet::begin(environment_, options_.threads, reads); status.failed())
        return status;
    publish(std::move(reads), {}, meta, generation);
    caches_->hot.end_move(generation);
    return {};
}

void Store::publish(std::shared_ptr<ReadSet> reads, Layers layers, const Meta& meta,
                    uint64_t generation) {
    auto snapshot =
        std::make_shared<const Snapshot>(std::move(reads), std::move(layers), meta, generation);
    const std::lock_guard lock{mutex_};
    snapshot_.swap(snapshot);
}

SnapshotRef Store::snapshot() const noexcept {
    const std::lock_guard lock{mutex_};
    return snapshot_;
}

std::unique_ptr<StoreView> Store::view() const {
    return std::make_unique<StoreView>(snapshot(), caches_);
}

void Store::move_head(const Layer& changes, bool knows_all, std::shared_ptr<ReadSet> reads,
                      Layers layers, const Meta& meta) {
    aside_.reset();
    HotCache& hot = caches_->hot;
    hot.begin_move();
    if (knows_all) {
        for (const Layer::AccountChange& change : changes.accounts) {
            const Account& account = change.account;
            hot.change_account(
                change.address,
                {account.nonce, account.balance, account.code_hash, account.slot_count != 0},
                account.exists);
        }
        for (const Layer::SlotChange& change : changes.slots)
            hot.change_slot(change.address, change.slot.number, change.slot.value);
    } else {
        hot.forget_all();
    }
    const uint64_t generation = ++last_generation_;
    publish(std::move(reads), std::move(layers), meta, generation);
    hot.end_move(generation);
}

Status Store::check(std::atomic<uint64_t>& done, const Cancellation* cancellation,
                    CheckReport& report) const {
    report = {};
    // Nobody has written since it was opened, where nobody may.
    const bool is_known = options_.check && options_.read_only;
    const Status status =
        is_known ? Status{} : check_pages_unlocked(environment_->folder(), PageDepth::all);
    if (status.code == StoreCode::corrupt)
        report.problem = "the structure of the file is damaged";
    return status.failed() ? status : check_state(*snapshot_, done, cancellation, report);
}

Status Store::copy_to(const std::string& folder) { return copy_store(*environment_, folder); }

} // namespace braid::store
