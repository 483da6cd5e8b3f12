/// The cursors of a store's tries: through the file and the layers over it at once.
#pragma once

#include "store/snapshot.hpp"
#include "trie/trie_cursors.hpp"

#include <algorithm>

namespace braid::store {

/// What differs between the four tables that cursors go through.
struct AccountLeaves {
    using Position = Bytes32;
    using Entry = trie::AccountLeaf;
    using Change = Layer::AccountChange;
    static constexpr Table table = Table::accounts;
    static constexpr auto changes = &Layer::accounts;
    static constexpr size_t prefix_size = 0;

    static const Position& position(const Change& change) noexcept { return change.key; }
    static bool exists(const Change& change) noexcept { return change.account.exists; }
    static void fill(Entry& entry, const Layer& layer, const Change& change) noexcept;
    static bool fill(Entry& entry, const Position& position, BytesView record,
                     bool preimages) noexcept;
    static Bytes32 account(const Change&) noexcept { return {}; }
};

struct SlotLeaves {
    using Position = Bytes32;
    using Entry = trie::SlotLeaf;
    using Change = Layer::SlotChange;
    static constexpr Table table = Table::slots;
    static constexpr auto changes = &Layer::slots;
    static constexpr size_t prefix_size = 32;

    static const Position& position(const Change& change) noexcept { return change.key.slot; }
    static bool exists(const Change& change) noexcept { return !is_zero(change.slot.value); }
    static void fill(Entry& entry, const Layer& layer, const Change& change) noexcept;
    static bool fill(Entry& entry, const Position& position, BytesView record,
                     bool preimages) noexcept;
    static const Bytes32& account(const Change& change) noexcept { return change.key.account; }
};

struct BranchEntries {
    using Position = trie::Path;
    using Entry = trie::StoredBranch;
    using Change = Layer::BranchChange;

    static const Position& position(const Change& change) noexcept { return change.path; }
    static bool exists(const Change& change) noexcept { return change.size != 0; }
    static void fill(Entry& entry, const Layer& layer, const Change& change) noexcept;
    static bool fill(Entry& entry, const Position& position, BytesView record,
                     bool preimages) noexcept;
    static const Bytes32& account(const Change& change) noexcept { return change.account; }
};
struct AccountBranches : BranchEntries {
    static constexpr Table table = Table::account_branches;
    static constexpr auto changes = &Layer::account_branches;
    static constexpr size_t prefix_size =
        1; // a zero: LMDB has no empty keys, and the top's path is
};
struct StorageBranches : BranchEntries {
    static constexpr Table table = Table::storage_branches;
    static constexpr auto changes = &Layer::storage_branches;
    static constexpr size_t prefix_size = 32;
};

/// The most bytes of a key in one of the tables.
inline constexpr size_t max_key = 32 + trie::max_encoded_path;

/// Writes a position as the tables' keys have it; the size.
inline size_t write_position(const Bytes32& position, uint8_t* out) noexcept {
    std::memcpy(out, position.bytes, 32);
    return 32;
}
inline size_t write_position(const trie::Path& position, uint8_t* out) noexcept {
    return trie::encode_path(position, out);
}
[[nodiscard]] inline bool read_position(BytesView key, Bytes32& position) noexcept {
    if (key.size() != 32)
        return false;
    std::memcpy(position.bytes, key.data(), 32);
    return true;
}
[[nodiscard]] inline bool read_position(BytesView key, trie::Path& position) noexcept {
    return trie::decode_path(key, position);
}
[[nodiscard]] inline bool is_before(const trie::Path& a, const trie::Path& b) noexcept {
    return a < b;
}

/// Goes through one table, or the part of it that belongs to an account: of those with the same
/// position the newest counts, and what it removed isn't there. One thread at a time, of whom the
/// transaction is.
template <typename Traits>
class MergedCursor final : public trie::Cursor<typename Traits::Position, typename Traits::Entry> {
  public:
    using Position = typename Traits::Position;
    using Entry = typename Traits::Entry;

    /// `top`: one more layer above those of the snapshot, or null. `account`: whose part, where the
    /// table has parts. Snapshot, transaction and top outlive the cursor.
    MergedCursor(const Snapshot& snapshot, MDB_txn* transaction, const Layer* top,
                 const Bytes32& account = {})
        : preimages_{snapshot.meta().preimages}, account_{account} {
        const MDB_dbi table = snapshot.reads()->environment().table(Traits::table);
        is_open_ = mdb_cursor_open(transaction, table, &cursor_) == 0;
        for (const LayerRef& layer : snapshot.layers())
            add(*layer);
        if (top != nullptr)
            add(*top);
    }
    MergedCursor(const MergedCursor&) = delete;
    MergedCursor& operator=(const MergedCursor&) = delete;
    ~MergedCursor() override {
        if (is_open_)
            mdb_cursor_close(cursor_);
    }

    trie::CursorStatus seek(const Position& position, Entry& entry) noexcept override {
        for (Source& source : sources_)
            source.at = std::partition_point(source.begin, source.end, [&](const Change& change) {
                return is_before(Traits::position(change), position);
            });
        std::array<uint8_t, max_key> key;
        std::memcpy(key.data(), account_.bytes, Traits::prefix_size);
        const size_t size = write_position(position, key.data() + Traits::prefix_size);
        MDB_val value{Traits::prefix_size + size, key.data()};
        move(value, MDB_SET_RANGE);
        return pick(entry);
    }

    trie::CursorStatus next(Entry& entry) noexcept override { return pick(entry); }

    /// The record in the file at which the cursor stands last, or nothing where it was a layer's.
    [[nodiscard]] BytesView file_record() const noexcept { return taken_; }

    /// The change at which the cursor stands, or null where it was in the file.
    [[nodiscard]] const typename Traits::Change* change() const noexcept { return taken_change_; }

  private:
    using Change = typename Traits::Change;
    using Iterator = const Change*;
    struct Source {
        const Layer* layer;
        Iterator begin;
        Iterator end;
        Iterator at;
    };

    void add(const Layer& layer) {
        const std::vector<Change>& all = layer.*Traits::changes;
        Iterator begin = all.data();
        Iterator end = begin + all.size();
        if constexpr (Traits::prefix_size != 0) {
            begin = std::partition_point(begin, end, [&](const Change& change) {
                return is_before(Traits::account(change), account_);
            });
            end = std::partition_point(begin, end, [&](const Change& change) {
                return Traits::account(change) == account_;
            });
        }
        if (begin != end)
            sources_.push_back({&layer, begin, end, end});
    }

    /// Moves in the file, and notes what is there.
    void move(MDB_val& key, MDB_cursor_op operation) noexcept {
        has_record_ = false;
        MDB_val data{};
        const int result = is_open_ ? mdb_cursor_get(cursor_, &key, &data, operation) : MDB_PANIC;
        if (result == MDB_NOTFOUND)
            return;
        failed_ = result != 0;
        if (failed_)
            return;
        is_corrupt_ = is_corrupt_ || !holds(mdb_cursor_txn(cursor_), data) ||
                      !holds(mdb_cursor_txn(cursor_), key);
        if (is_corrupt_)
            return;
        BytesView bytes = bytes_of(key);
        if constexpr (Traits::prefix_size != 0) {
            if (bytes.size() < Traits::prefix_size) {
                is_corrupt_ = true;
                return;
            }
            if (std::memcmp(bytes.data(), account_.bytes, Traits::prefix_size) != 0)
                return; // another account's
            bytes = bytes.subspan(Traits::prefix_size);
        }
        has_record_ = read_position(bytes, position_);
        is_corrupt_ = is_corrupt_ || !has_record_;
        record_ = bytes_of(data);
    }

    /// Takes the lowest entry of all sources and moves them behind it.
    trie::CursorStatus pick(Entry& entry) noexcept {
        for (;;) {
            if (failed_)
                return trie::CursorStatus::io_error;
            if (is_corrupt_)
                return trie::CursorStatus::corrupt;
            const Position* lowest = has_record_ ? &position_ : nullptr;
            for (const Source& source : sources_)
                if (source.at != source.end &&
                    (lowest == nullptr || is_before(Traits::position(*source.at), *lowest)))
                    lowest = &Traits::position(*source.at);
            if (lowest == nullptr)
                return trie::CursorStatus::end;

            const Position position = *lowest;
            const Source* newest = nullptr;
            taken_change_ = nullptr;
            for (Source& source : sources_) {
                if (source.at == source.end || !(Traits::position(*source.at) == position))
                    continue;
                newest = &source;
                taken_change_ = source.at++;
            }
            const bool is_in_file = has_record_ && position_ == position;
            taken_ = is_in_file ? record_ : BytesView{};
            if (is_in_file) {
                MDB_val key{};
                move(key, MDB_NEXT);
            }
            if (newest == nullptr)
                return Traits::fill(entry, position, taken_, preimages_)
                           ? trie::CursorStatus::found
                           : trie::CursorStatus::corrupt;
            if (Traits::exists(*taken_change_)) {
                Traits::fill(entry, *newest->layer, *taken_change_);
                return trie::CursorStatus::found;
            }
        }
    }

    const bool preimages_;
    const Bytes32 account_;
    MDB_cursor* cursor_ = nullptr;
    bool is_open_ = false;
    std::vector<Source> sources_; ///< the oldest first
    // What the file has at or after the place of the cursor.
    bool has_record_ = false;
    bool failed_ = false;
    bool is_corrupt_ = false;
    Position position_{};
    BytesView record_;
    // What was given last.
    BytesView taken_;
    const Change* taken_change_ = nullptr;
};

} // namespace braid::store
