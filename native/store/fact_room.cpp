#include "store/fact_reading.hpp"

#include <algorithm>

namespace braid::store {
namespace {

using namespace facts;

/// How many facts go in one transaction: what it writes stays small beside the whole.
constexpr size_t removed_at_once = 10'000;

} // namespace

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
    std::optional<Bytes32> oldest;
    std::array<uint8_t, number_size> number{};
    Status status = find_oldest_scope(oldest, number);
    if (!status.failed() && !oldest)
        return clear();
    for (bool is_gone = false; !status.failed() && !is_gone;) {
        std::vector<std::vector<uint8_t>> keys;
        if (status = first_keys(number, keys); status.failed())
            return status;
        is_gone = keys.size() < removed_at_once;
        WriteTransaction transaction{environment_};
        status = transaction.begin(true);
        for (size_t i = 0; i < keys.size() && !status.failed(); ++i)
            status = transaction.remove(fact_table, keys[i]);
        // Last, so that what a crash leaves is still found, and removed another time.
        if (!status.failed() && is_gone)
            status = transaction.remove(scope_table, oldest->bytes);
        if (!status.failed())
            status = transaction.commit();
    }
    return status;
}

Status FactStore::find_oldest_scope(std::optional<Bytes32>& oldest,
                                    std::array<uint8_t, number_size>& number) {
    Reading reading{environment_};
    Fact scope;
    bool found = false;
    uint64_t time = ~uint64_t{0};
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
        std::memcpy(oldest.emplace().bytes, scope.key.data(), sizeof(Bytes32));
        std::memcpy(number.data(), scope.value.data(), number_size);
    }
    return status;
}

Status FactStore::first_keys(BytesView number, std::vector<std::vector<uint8_t>>& keys) {
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
    return status;
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
