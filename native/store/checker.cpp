#include "store/checker.hpp"

#include "crypto/keccak.hpp"
#include "store/diff_table.hpp"
#include "store/merged_cursor.hpp"
#include "store/undo.hpp"
#include "trie/root_check.hpp"

namespace braid::store {
namespace {

/// Counts what goes through a cursor, and looks at the numbers of slots, of which roots know only
/// the hashes.
class CheckedSlots final : public trie::SlotLeafCursor {
  public:
    CheckedSlots(MergedCursor<SlotLeaves>& slots, bool preimages) noexcept
        : slots_{slots}, preimages_{preimages} {}
    trie::CursorStatus seek(const Bytes32& position, trie::SlotLeaf& leaf) noexcept override {
        return checked(slots_.seek(position, leaf), leaf);
    }
    trie::CursorStatus next(trie::SlotLeaf& leaf) noexcept override {
        return checked(slots_.next(leaf), leaf);
    }
    uint64_t count = 0;
    bool has_wrong_number = false;

  private:
    trie::CursorStatus checked(trie::CursorStatus status, const trie::SlotLeaf& leaf) noexcept {
        if (status != trie::CursorStatus::found)
            return status;
        ++count;
        if (preimages_) {
            Slot slot;
            if (slots_.change() != nullptr)
                slot = slots_.change()->slot;
            else
                (void)decode_slot(slots_.file_record(), true, slot);
            has_wrong_number |= !(crypto::keccak256(slot.number.bytes) == leaf.key);
        }
        return status;
    }
    MergedCursor<SlotLeaves>& slots_;
    const bool preimages_;
};

std::string hex(const Bytes32& value) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text = "0x";
    for (const uint8_t byte : value.bytes) {
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

class Check {
  public:
    Check(const Snapshot& snapshot, CheckReport& report)
        : snapshot_{snapshot}, report_{report}, lease_{snapshot.reads()->lease()} {}

    Status accounts(std::atomic<uint64_t>& done, const Cancellation* cancellation) {
        MergedCursor<AccountLeaves> accounts{snapshot_, transaction(), nullptr};
        trie::AccountLeaf leaf;
        trie::CursorStatus status = accounts.seek({}, leaf);
        for (; status == trie::CursorStatus::found; status = accounts.next(leaf)) {
            if (is_cancelled(cancellation))
                return StoreCode::cancelled;
            Account account;
            if (accounts.change() != nullptr)
                account = accounts.change()->account;
            else
                (void)decode_account(accounts.file_record(), preimages(), account);
            if (preimages() && !(crypto::keccak256(account.address.bytes) == leaf.key))
                return problem("the address of the account at " + hex(leaf.key) + " is another's");
            if (Status checked = storage(leaf.key, account); checked.failed())
                return checked;
            if (Status checked = code_of(leaf.key, account); checked.failed())
                return checked;
            ++report_.accounts;
            // relaxed: a number to look at.
            done.store(report_.accounts, std::memory_order_relaxed);
        }
        return status == trie::CursorStatus::end ? Status{} : problem("an account can't be read");
    }

    Status root() {
        MergedCursor<AccountBranches> branches{snapshot_, transaction(), nullptr};
        MergedCursor<AccountLeaves> leaves{snapshot_, transaction(), nullptr};
        const trie::CheckResult result = trie::check_root(branches, leaves);
        report_.root = result.root;
        if (result.status != trie::TrieStatus::ok)
            return problem("the trie of accounts can't be read");
        if (!(result.root == snapshot_.meta().head.root))
            return problem("the state root is " + hex(result.root) + ", not that of the head, " +
                           hex(snapshot_.meta().head.root));
        if (result.difference != trie::Difference::none)
            return problem("a stored branch of the trie of accounts is not what its leaves say");
        return {};
    }

    /// What the tables hold beside what accounts have.
    Status counts() {
        const Meta& meta = snapshot_.meta();
        if (report_.accounts != meta.accounts || report_.slots != meta.slots)
            return problem("there are other numbers of accounts or slots than the store says");
        if (!snapshot_.layers().empty())
            return {};
        MDB_stat stat{};
        for (const auto& [table, expected] :
             {std::pair{Table::slots, report_.slots}, {Table::storage_branches, branches_}}) {
            if (mdb_stat(transaction(), snapshot_.reads()->environment().table(table), &stat) != 0)
                return StoreCode::io_error;
            if (stat.ms_entries != expected)
                return problem("there are slots or branches of storage without an account");
        }
        return {};
    }

    Status codes() {
        return each(Table::codes, [&](BytesView key, BytesView value) {
            ++report_.codes;
            report_.code_bytes += value.size();
            const Bytes32 hash = crypto::keccak256(value);
            return key.size() == 32 && std::memcmp(key.data(), hash.bytes, 32) == 0
                       ? Status{}
                       : problem("code has another hash than that under which it is kept");
        });
    }

    Status undo() {
        const Meta& meta = snapshot_.meta();
        if (!snapshot_.layers().empty())
            return {};
        for (uint64_t i = 0; i < meta.undo_count; ++i) {
            std::vector<uint8_t> packed;
            Undo undo;
            Status status = read_undo(*snapshot_.reads(), meta.oldest_undo + i, packed);
            if (status.failed() || !decode_undo(packed, undo))
                return problem("what takes a block back is damaged");
            ++report_.undo_records;
        }
        return {};
    }

  private:
    [[nodiscard]] MDB_txn* transaction() const noexcept { return lease_.transaction(); }
    [[nodiscard]] bool preimages() const noexcept { return snapshot_.meta().preimages; }

    Status problem(std::string text) {
        report_.problem = std::move(text);
        return StoreCode::corrupt;
    }

    Status storage(const Bytes32& key, const Account& account) {
        if (account.slot_count == 0)
            return {};
        MergedCursor<StorageBranches> branches{snapshot_, transaction(), nullptr, key};
        MergedCursor<SlotLeaves> leaves{snapshot_, transaction(), nullptr, key};
        CheckedSlots checked{leaves, preimages()};
        const trie::CheckResult result = trie::check_root(branches, checked);
        if (result.status != trie::TrieStatus::ok)
            return problem("the storage of the account at " + hex(key) + " can't be read");
        if (!(result.root == account.storage_root) || checked.count != account.slot_count)
            return problem("the storage of the account at " + hex(key) +
                           " has another root or number of slots than is on record");
        if (result.difference != trie::Difference::none)
            return problem("a stored branch of the storage of the account at " + hex(key) +
                           " is not what its slots say");
        if (checked.has_wrong_number)
            return problem("the number of a slot of the account at " + hex(key) + " is another's");
        report_.slots += checked.count;
        return count_branches(key);
    }

    Status count_branches(const Bytes32& key) {
        MergedCursor<StorageBranches> branches{snapshot_, transaction(), nullptr, key};
        trie::StoredBranch branch;
        trie::CursorStatus status = branches.seek({}, branch);
        for (; status == trie::CursorStatus::found; status = branches.next(branch))
            ++branches_;
        return {};
    }

    Status code_of(const Bytes32& key, const Account& account) {
        if (account.code_hash == empty_code_hash)
            return {};
        for (const LayerRef& layer : snapshot_.layers())
            if (layer->find_code(account.code_hash) != nullptr)
                return {};
        BytesView code;
        bool found = false;
        if (Status status =
                snapshot_.reads()->get(Table::codes, account.code_hash.bytes, code, found);
            status.failed())
            return status;
        return found ? Status{} : problem("the code of the account at " + hex(key) + " is missing");
    }

    template <typename Visit>
    Status each(Table table, Visit&& visit) {
        MDB_cursor* cursor = nullptr;
        const MDB_dbi handle = snapshot_.reads()->environment().table(table);
        if (const int result = mdb_cursor_open(transaction(), handle, &cursor))
            return status_of_lmdb(result);
        MDB_val key{};
        MDB_val value{};
        Status status;
        int result = mdb_cursor_get(cursor, &key, &value, MDB_FIRST);
        for (; result == 0 && !status.failed();
             result = mdb_cursor_get(cursor, &key, &value, MDB_NEXT))
            status = holds(transaction(), key) && holds(transaction(), value)
                         ? visit(bytes_of(key), bytes_of(value))
                         : Status{StoreCode::corrupt};
        mdb_cursor_close(cursor);
        if (status.failed() || result == MDB_NOTFOUND)
            return status;
        return status_of_lmdb(result);
    }

    const Snapshot& snapshot_;
    CheckReport& report_;
    const ReadSet::Lease lease_;
    uint64_t branches_ = 0;
};

} // namespace

Status check_state(const Snapshot& snapshot, std::atomic<uint64_t>& done,
                   const Cancellation* cancellation, CheckReport& report) {
    report = {};
    Check check{snapshot, report};
    Status status = check.accounts(done, cancellation);
    if (!status.failed())
        status = check.counts();
    if (!status.failed())
        status = check.root();
    if (!status.failed())
        status = check.codes();
    return status.failed() ? status : check.undo();
}

} // namespace braid::store
