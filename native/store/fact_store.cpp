#include "store/fact_store.hpp"

#include "crypto/keccak.hpp"
#include "store/folder.hpp"

#include <algorithm>
#include <optional>

namespace braid::store {
namespace {

// info:   "version": the format's; "clock": how often was written.
// scopes: a scope: its number, the time when it was used last, each 8 bytes, big-endian.
// facts:  the scope's number, the key: checksum, value.
// codes:  the hash: the code.
constexpr Table info_table{0};
constexpr Table scope_table{1};
constexpr Table fact_table{2};
constexpr Table code_table{3};
constexpr std::array<const char*, 4> fact_table_names{"answers", "scopes", "facts", "shared_codes"};

constexpr std::array<uint8_t, 1> version_key{'v'};
constexpr std::array<uint8_t, 1> clock_key{'c'};
constexpr std::array<uint8_t, 1> version{1};
constexpr size_t number_size = 8;
constexpr size_t scope_size = 16;
constexpr size_t checksum_size = 8;
constexpr size_t largest_key = 256;
/// How many facts go in one transaction: what it writes stays small beside the whole.
constexpr size_t removed_at_once = 10'000;

/// The key of a fact in its table.
class FactKey {
  public:
    FactKey(BytesView number, BytesView key) noexcept : size_{number_size + key.size()} {
        std::memcpy(bytes_.data(), number.data(), number_size);
        if (!key.empty())
            std::memcpy(bytes_.data() + number_size, key.data(), key.size());
    }
    [[nodiscard]] BytesView view() const noexcept { return {bytes_.data(), size_}; }

  private:
    std::array<uint8_t, number_size + largest_key> bytes_;
    size_t size_;
};

Bytes32 checksum_of(const Bytes32& scope, BytesView key, BytesView value) {
    std::vector<uint8_t> whole;
    whole.reserve(sizeof(scope) + key.size() + value.size());
    whole.insert(whole.end(), scope.bytes, scope.bytes + sizeof(scope));
    whole.insert(whole.end(), key.begin(), key.end());
    whole.insert(whole.end(), value.begin(), value.end());
    return crypto::keccak256(whole);
}

/// The value of a record, where it is what was written.
std::optional<BytesView> value_in(const Bytes32& scope, BytesView key, BytesView record) {
    if (record.size() < checksum_size)
        return std::nullopt;
    const BytesView value = record.subspan(checksum_size);
    const Bytes32 checksum = checksum_of(scope, key, value);
    return std::memcmp(checksum.bytes, record.data(), checksum_size) == 0 ? std::optional{value}
                                                                          : std::nullopt;
}

bool is_key(BytesView key) noexcept { return !key.empty() && key.size() <= largest_key; }

} // namespace

/// A transaction that reads, for one call.
class FactStore::Reading {
  public:
    explicit Reading(Environment& environment) noexcept : environment_{environment} {}
    Reading(const Reading&) = delete;
    Reading& operator=(const Reading&) = delete;
    ~Reading() {
        if (cursor_ != nullptr)
            mdb_cursor_close(cursor_);
        if (handle_ != nullptr)
            mdb_txn_abort(handle_);
    }

    Status begin() noexcept {
        return status_of_lmdb(mdb_txn_begin(environment_.handle(), nullptr, MDB_RDONLY, &handle_));
    }

    /// Begins, and finds the number of a scope.
    Status begin(const Bytes32& scope, BytesView& number, bool& found) noexcept {
        found = false;
        const Status status = begin();
        return status.failed() ? status : number_of(scope, number, found);
    }

    /// Finds a value; what is damaged is not there.
    Status get(Table table, BytesView key, BytesView& value, bool& found) noexcept {
        const Status status = environment_.read(handle_, table, key, value, found);
        found = found && !status.failed();
        return status.code == StoreCode::corrupt ? Status{} : status;
    }

    /// Moves to the first key that isn't before another.
    Status seek(Table table, BytesView from, Fact& fact, bool& found) noexcept {
        if (cursor_ == nullptr)
            if (int result = mdb_cursor_open(handle_, environment_.table(table), &cursor_))
                return status_of_lmdb(result);
        MDB_val key = value_of(from);
        return at(from.empty() ? MDB_FIRST : MDB_SET_RANGE, key, fact, found);
    }

    Status next(Fact& fact, bool& found) noexcept {
        MDB_val key{};
        return at(MDB_NEXT, key, fact, found);
    }

    /// Bytes of the pages of a table.
    Status size_of(Table table, uint64_t& bytes) noexcept {
        MDB_stat stat{};
        const int result = mdb_stat(handle_, environment_.table(table), &stat);
        bytes = (stat.ms_branch_pages + stat.ms_leaf_pages + stat.ms_overflow_pages) *
                uint64_t{stat.ms_psize};
        return status_of_lmdb(result);
    }

  private:
    /// The number of a scope.
    Status number_of(const Bytes32& scope, BytesView& number, bool& found) noexcept {
        const Status status = get(scope_table, {scope.bytes, sizeof(scope)}, number, found);
        if (found && number.size() != scope_size)
            return StoreCode::corrupt;
        if (found)
            number = number.first(number_size);
        return status;
    }

    Status at(MDB_cursor_op where, MDB_val& key, Fact& fact, bool& found) noexcept {
        MDB_val data{};
        const int result = mdb_cursor_get(cursor_, &key, &data, where);
        found = result == 0;
        if (found && !holds(handle_, key))
            return StoreCode::corrupt;
        if (found) // a value that is damaged is none that anybody wrote
            fact = {bytes_of(key), holds(handle_, data) ? bytes_of(data) : BytesView{}};
        return result == MDB_NOTFOUND ? Status{} : status_of_lmdb(result);
    }

    Environment& environment_;
    MDB_txn* handle_ = nullptr;
    MDB_cursor* cursor_ = nullptr;
};

Status FactStore::open(const std::string& folder, uint64_t bytes,
                       std::unique_ptr<FactStore>& store) {
    if (Status status = make_folder(folder); status.failed())
        return status;
    std::unique_ptr<FactStore> made{new FactStore{bytes}};
    if (Status status = made->environment_.lock(folder, false); status.failed())
        return status;
    EnvironmentOptions options;
    options.create = true;
    options.size_limit = bytes;
    options.max_readers = 8;
    options.tables = fact_table_names;
    if (Status status = made->environment_.open(folder, options); status.failed())
        return status;
    if (Status status = made->load(); status.failed())
        return status;
    store = std::move(made);
    return {};
}

Status FactStore::load() {
    BytesView value;
    bool found = false;
    bool is_new = false;
    {
        Reading reading{environment_};
        Status status = reading.begin();
        if (!status.failed())
            status = reading.get(info_table, version_key, value, found);
        is_new = !found;
        if (!status.failed() && found && !std::ranges::equal(value, version))
            return StoreCode::version_mismatch;
        if (!status.failed())
            status = reading.get(info_table, clock_key, value, found);
        if (!status.failed() && found && value.size() != number_size)
            return StoreCode::corrupt;
        if (found)
            clock_ = load_be64(value.data());
        if (status.failed())
            return status;
    }
    if (!is_new)
        return {};
    WriteTransaction transaction{environment_};
    Status status = transaction.begin(true);
    if (!status.failed())
        status = transaction.put(info_table, version_key, version);
    return status.failed() ? status : transaction.commit();
}

void FactStore::use(const Bytes32& scope) {
    const std::lock_guard lock{mutex_};
    if (std::ranges::none_of(used_, [&](const Bytes32& known) { return known == scope; }))
        used_.push_back(scope);
}

Status FactStore::read(const Bytes32& scope, std::span<const BytesView> keys, const Found& found) {
    Reading reading{environment_};
    BytesView number;
    bool exists = false;
    Status status = reading.begin(scope, number, exists);
    if (status.failed() || !exists)
        return status;
    use(scope);
    for (size_t i = 0; i < keys.size() && !status.failed(); ++i) {
        if (!is_key(keys[i]))
            return StoreCode::malformed;
        BytesView record;
        status = reading.get(fact_table, FactKey{number, keys[i]}.view(), record, exists);
        if (!exists)
            continue;
        if (const auto value = value_in(scope, keys[i], record))
            found(i, *value);
    }
    return status;
}

Status FactStore::scan(const Bytes32& scope, BytesView from,
                       const std::function<bool(Fact)>& visit) {
    if (from.size() > largest_key)
        return StoreCode::malformed;
    Reading reading{environment_};
    BytesView number;
    bool exists = false;
    Status status = reading.begin(scope, number, exists);
    if (status.failed() || !exists)
        return status;
    use(scope);
    Fact fact;
    status = reading.seek(fact_table, FactKey{number, from}.view(), fact, exists);
    while (!status.failed() && exists && fact.key.size() > number_size &&
           std::ranges::equal(fact.key.first(number_size), number)) {
        const BytesView key = fact.key.subspan(number_size);
        if (const auto value = value_in(scope, key, fact.value); value && !visit({key, *value}))
            return {};
        status = reading.next(fact, exists);
    }
    return status;
}

Status FactStore::read_codes(std::span<const BytesView> hashes, const Found& found) {
    Reading reading{environment_};
    Status status = reading.begin();
    for (size_t i = 0; i < hashes.size() && !status.failed(); ++i) {
        if (hashes[i].size() != sizeof(Bytes32))
            return StoreCode::malformed;
        BytesView code;
        bool exists = false;
        status = reading.get(code_table, hashes[i], code, exists);
        if (!exists)
            continue;
        const Bytes32 hash = crypto::keccak256(code);
        if (std::memcmp(hash.bytes, hashes[i].data(), sizeof(hash)) == 0)
            found(i, code);
    }
    return status;
}

Status FactStore::write(const Bytes32& scope, std::span<const Fact> facts) {
    for (const Fact& fact : facts)
        if (!is_key(fact.key))
            return StoreCode::malformed;
    use(scope);
    return write_with_room(Room::facts, [&] { return put_facts(scope, facts); });
}

Status FactStore::write_codes(std::span<const Fact> codes) {
    for (const Fact& code : codes)
        if (code.key.size() != sizeof(Bytes32))
            return StoreCode::malformed;
    return write_with_room(Room::codes, [&] { return put_codes(codes); });
}

Status FactStore::write_with_room(Room room, const std::function<Status()>& put) {
    Status status = make_room(room);
    if (!status.failed())
        status = put();
    if (status.code != StoreCode::map_full)
        return status;
    // Pages of the past have taken the room.
    status = clear();
    return status.failed() ? status : put();
}

Status FactStore::write_uses() {
    WriteTransaction transaction{environment_};
    Status status = transaction.begin(true);
    if (!status.failed())
        status = put_uses(transaction);
    return status.failed() ? status : transaction.commit();
}

Status FactStore::put_facts(const Bytes32& scope, std::span<const Fact> facts) {
    WriteTransaction transaction{environment_};
    std::array<uint8_t, number_size> number;
    Status status = transaction.begin(true);
    if (!status.failed())
        status = number_of(transaction, scope, number);
    if (!status.failed())
        status = put_uses(transaction);
    std::vector<uint8_t> record;
    for (size_t i = 0; i < facts.size() && !status.failed(); ++i) {
        const auto& [key, value] = facts[i];
        const Bytes32 checksum = checksum_of(scope, key, value);
        record.assign(checksum.bytes, checksum.bytes + checksum_size);
        record.insert(record.end(), value.begin(), value.end());
        status = transaction.put(fact_table, FactKey{number, key}.view(), record);
    }
    return status.failed() ? status : transaction.commit();
}

Status FactStore::put_codes(std::span<const Fact> codes) {
    WriteTransaction transaction{environment_};
    Status status = transaction.begin(true);
    for (size_t i = 0; i < codes.size() && !status.failed(); ++i)
        status = transaction.put(code_table, codes[i].key, codes[i].value);
    return status.failed() ? status : transaction.commit();
}

Status FactStore::number_of(WriteTransaction& transaction, const Bytes32& scope,
                            std::array<uint8_t, number_size>& number) {
    BytesView value;
    bool found = false;
    Status status = transaction.get(scope_table, scope.bytes, value, found);
    if (status.failed())
        return status;
    if (found && value.size() != scope_size)
        return StoreCode::corrupt;
    if (found) {
        std::memcpy(number.data(), value.data(), number_size);
        return status;
    }
    // The clock has never been there before: facts of a scope that went are not this one's.
    store_be64(number.data(), ++clock_);
    std::array<uint8_t, scope_size> made;
    store_be64(made.data(), clock_);
    store_be64(made.data() + number_size, clock_);
    return transaction.put(scope_table, scope.bytes, made);
}

Status FactStore::put_uses(WriteTransaction& transaction) {
    std::vector<Bytes32> used;
    {
        const std::lock_guard lock{mutex_};
        used.swap(used_);
    }
    ++clock_;
    Status status;
    for (size_t i = 0; i < used.size() && !status.failed(); ++i) {
        BytesView value;
        bool found = false;
        status = transaction.get(scope_table, used[i].bytes, value, found);
        if (status.failed() || !found || value.size() != scope_size)
            continue;
        std::array<uint8_t, scope_size> record;
        std::memcpy(record.data(), value.data(), number_size);
        store_be64(record.data() + number_size, clock_);
        status = transaction.put(scope_table, used[i].bytes, record);
    }
    std::array<uint8_t, number_size> clock;
    store_be64(clock.data(), clock_);
    return status.failed() ? status : transaction.put(info_table, clock_key, clock);
}

Status FactStore::make_room(Room room) {
    // The rest is for pages of the past, which are not free at once.
    const uint64_t most = room == Room::facts ? limit_ / 2 : limit_ / 4;
    for (bool is_over = false;;) {
        uint64_t bytes = 0;
        {
            Reading reading{environment_};
            Status status = reading.begin();
            if (!status.failed())
                status = reading.size_of(room == Room::facts ? fact_table : code_table, bytes);
            if (status.failed())
                return status;
        }
        // Once there is too much, more goes than has to, so that not every write has to see to it.
        if (bytes <= (is_over ? most - most / 8 : most))
            return {};
        is_over = true;
        Status status;
        if (room == Room::facts) {
            status = remove_oldest_scope();
        } else {
            WriteTransaction transaction{environment_};
            status = transaction.begin(true);
            if (!status.failed())
                status = transaction.clear(code_table);
            if (!status.failed())
                status = transaction.commit();
        }
        if (status.code == StoreCode::map_full)
            return clear();
        if (status.failed())
            return status;
    }
}

Status FactStore::remove_oldest_scope() {
    Bytes32 oldest{};
    std::array<uint8_t, number_size> number{};
    uint64_t time = ~uint64_t{0};
    {
        Reading reading{environment_};
        Fact scope;
        bool found = false;
        Status status = reading.begin();
        if (!status.failed())
            status = reading.seek(scope_table, {}, scope, found);
        for (; !status.failed() && found; status = reading.next(scope, found)) {
            if (scope.key.size() != sizeof(Bytes32) || scope.value.size() != scope_size)
                return StoreCode::corrupt;
            const uint64_t used = load_be64(scope.value.data() + number_size);
            if (used >= time)
                continue;
            time = used;
            std::memcpy(oldest.bytes, scope.key.data(), sizeof(oldest));
            std::memcpy(number.data(), scope.value.data(), number_size);
        }
        if (status.failed())
            return status;
    }
    if (time == ~uint64_t{0})
        return clear();
    for (bool is_gone = false; !is_gone;) {
        std::vector<std::vector<uint8_t>> keys;
        {
            Reading reading{environment_};
            Fact fact;
            bool found = false;
            Status status = reading.begin();
            if (!status.failed())
                status = reading.seek(fact_table, number, fact, found);
            for (; !status.failed() && found && keys.size() < removed_at_once &&
                   std::ranges::equal(fact.key.first(number_size), number);
                 status = reading.next(fact, found))
                keys.emplace_back(fact.key.begin(), fact.key.end());
            if (status.failed())
                return status;
        }
        is_gone = keys.size() < removed_at_once;
        WriteTransaction transaction{environment_};
        Status status = transaction.begin(true);
        for (size_t i = 0; i < keys.size() && !status.failed(); ++i)
            status = transaction.remove(fact_table, keys[i]);
        // Last, so that what a crash leaves is still found, and removed another time.
        if (!status.failed() && is_gone)
            status = transaction.remove(scope_table, oldest.bytes);
        if (!status.failed())
            status = transaction.commit();
        if (status.failed())
            return status;
    }
    return {};
}

Status FactStore::clear() {
    WriteTransaction transaction{environment_};
    Status status = transaction.begin(true);
    for (const Table table : {scope_table, fact_table, code_table})
        if (!status.failed())
            status = transaction.clear(table);
    if (!status.failed())
        status = transaction.commit();
    // Its pages are free from the second transaction after it on.
    return status.failed() ? status : write_uses();
}

} // namespace braid::store
