/// Reading from the file of facts.
#pragma once

#include "store/fact_format.hpp"
#include "store/fact_store.hpp"

namespace braid::store::facts {

/// A transaction that reads. One thread's, for one call.
class Reading {
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

} // namespace braid::store::facts
