#include "store/fact_store.hpp"

#include "crypto/keccak.hpp"
#include "store/fact_reading.hpp"
#include "store/folder.hpp"

#include <algorithm>

namespace braid::store {

using namespace facts;

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

} // namespace braid::store
