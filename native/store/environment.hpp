/// LMDB as the store uses it: one environment, its databases, its transactions.
#pragma once

#include "base/bytes.hpp"
#include "store/file_lock.hpp"
#include "store/lmdb_hooks.h"
#include "store/page_check.hpp"

#include <array>
#include <lmdb.h>
#include <span>
#include <string>

namespace braid::store {

/// The databases, by their places in Environment. docs/states-lmdb.md tells what is in them.
enum class Table : uint8_t {
    meta,
    accounts,
    slots,
    account_branches,
    storage_branches,
    codes,
    diffs,
};
inline constexpr size_t table_count = 7;
/// Their names in the file.
inline constexpr std::array<const char*, table_count> table_names{
    "meta", "accounts", "slots", "account_branches", "storage_branches", "codes", "diffs"};

/// How an environment is opened.
struct EnvironmentOptions {
    bool create = false;      ///< makes the databases where they are missing
    bool read_only = false;   ///< no lock file of LMDB: the store's own keeps writers out
    uint64_t size_limit = 0;  ///< bytes that the file may take
    unsigned max_readers = 0; ///< transactions that may read at once
    std::span<const char* const> tables = table_names; ///< at most table_count of them
    PageDepth depth = PageDepth::tops; ///< how much of the file is checked before LMDB opens it
};

/// An open LMDB environment, with the lock on its folder. Any thread may begin transactions; one
/// thread at a time writes.
class Environment {
  public:
    Environment() = default;
    Environment(const Environment&) = delete;
    Environment& operator=(const Environment&) = delete;
    ~Environment() { close(); }

    /// Takes the lock on a folder that exists: before open(), so that files can be looked at.
    Status lock(const std::string& folder, bool read_only) noexcept {
        return lock_.acquire(folder, !read_only);
    }

    /// Opens the file in the folder. not_imported where the databases are missing;
    /// version_mismatch where they are to be made in a file that has others.
    Status open(const std::string& folder, const EnvironmentOptions& options) noexcept;

    /// Closes it, and keeps the lock until this goes. No transaction may be open.
    void close() noexcept;

    /// Makes all that was committed last. Any thread.
    Status sync() noexcept;

    [[nodiscard]] MDB_env* handle() const noexcept { return handle_; }
    [[nodiscard]] MDB_dbi table(Table table) const noexcept {
        return tables_[static_cast<size_t>(table)];
    }

    /// Gives the value of a key as a transaction sees it, valid until that ends or changes
    /// anything; empty where the key isn't there.
    [[nodiscard]] Status get(MDB_txn* transaction, Table table, BytesView key, BytesView& value,
                             bool& found) const noexcept;

    /// The same in a transaction that only reads. `corrupt` where the value doesn't lie within its
    /// state: the size of one that is damaged may say so.
    [[nodiscard]] Status read(MDB_txn* transaction, Table table, BytesView key, BytesView& value,
                              bool& found) const noexcept;

    [[nodiscard]] const std::string& folder() const noexcept { return folder_; }
    [[nodiscard]] uint64_t size_limit() const noexcept { return size_limit_; }

    /// Lets go of the pages of the file that are mapped, where the process has more than so many
    /// bytes of files in memory: they stay in the system's cache, and cost a fault each 64 KiB or
    /// so when they are read again. Any thread; readers go on. Does nothing but on Linux.
    void bound_mapped(uint64_t bytes) const noexcept;

    /// Bytes of the file that are in use or free for reuse.
    [[nodiscard]] uint64_t used_bytes() const noexcept;

  private:
    Status open_tables(bool create, std::span<const char* const> names) noexcept;
    /// Gives the file with the table of readers all its blocks: a page of it that can't be had when
    /// the disk is full would end the process.
    Status fill_lock_file(const std::string& folder) noexcept;

    FileLock lock_;
    MDB_env* handle_ = nullptr;
    std::string folder_;
    uint64_t size_limit_ = 0;
    std::array<MDB_dbi, table_count> tables_{};
};

/// A value as LMDB takes it.
[[nodiscard]] inline MDB_val value_of(BytesView bytes) noexcept {
    return {bytes.size(), const_cast<uint8_t*>(bytes.data())};
}
/// Bytes as LMDB gives them.
[[nodiscard]] inline BytesView bytes_of(const MDB_val& value) noexcept {
    return {static_cast<const uint8_t*>(value.mv_data), value.mv_size};
}

/// Whether a value that a read transaction gave lies within its state. The size of one that is
/// damaged may say otherwise.
[[nodiscard]] inline bool holds(const MDB_txn* transaction, const MDB_val& value) noexcept {
    return braid_lmdb_holds(transaction, value.mv_data, value.mv_size) != 0;
}

/// The transaction that writes. Without a commit it is as if it had never been.
class WriteTransaction {
  public:
    explicit WriteTransaction(Environment& environment) noexcept : environment_{environment} {}
    WriteTransaction(const WriteTransaction&) = delete;
    WriteTransaction& operator=(const WriteTransaction&) = delete;
    ~WriteTransaction() { abort(); }

    /// Begins it. `sync`: the commit is on disk when it returns; else after Environment::sync().
    Status begin(bool sync) noexcept;

    /// Puts a value in place of what is there. `append`: behind all keys there are; a key that
    /// isn't behind them is `duplicate`.
    Status put(Table table, BytesView key, BytesView value, bool append = false) noexcept;

    /// Removes a key; false in `existed` where it wasn't there.
    Status remove(Table table, BytesView key, bool* existed = nullptr) noexcept;

    /// Removes everything.
    Status clear(Table table) noexcept;

    /// Gives a value, valid until the next change; empty where the key isn't there.
    Status get(Table table, BytesView key, BytesView& value, bool& found) noexcept;

    /// Commits. After an error the transaction is gone as if aborted.
    Status commit() noexcept;

    void abort() noexcept;

    [[nodiscard]] MDB_txn* handle() const noexcept { return handle_; }

  private:
    Environment& environment_;
    MDB_txn* handle_ = nullptr;
    std::array<MDB_cursor*, table_count> cursors_{};

    [[nodiscard]] Status cursor(Table table, MDB_cursor*& cursor) noexcept;
    void close_cursors() noexcept;
};

} // namespace braid::store
