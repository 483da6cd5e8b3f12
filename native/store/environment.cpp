#include "store/environment.hpp"

#include "store/failpoints.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace braid::store {
namespace {

/// The limit of the transaction that this thread writes; 0: none. Set while it is open.
thread_local uint64_t write_limit = 0;

} // namespace
} // namespace braid::store

extern "C" int braid_lmdb_before_write(uint64_t end) {
    using namespace braid::store;
    if (write_limit != 0 && end > write_limit)
        return EFBIG;
    return failpoint("lmdb-write");
}

extern "C" int braid_lmdb_before_sync() { return braid::store::failpoint("lmdb-sync"); }

extern "C" int braid_lmdb_before_copy_write() { return braid::store::failpoint("copy-write"); }

namespace braid::store {

Status Environment::open(const std::string& folder, const EnvironmentOptions& options) noexcept {
    folder_ = folder;
    const std::string path = folder + "/data.mdb";
    struct stat file {};
    const bool exists = ::stat(path.c_str(), &file) == 0 && file.st_size != 0;
    if (!exists && (!options.create || options.read_only))
        return {StoreCode::not_found, ENOENT};
    if (exists)
        if (Status status = check_pages_unlocked(folder, options.depth); status.failed())
            return status;
    if (int result = mdb_env_create(&handle_))
        return status_of_lmdb(result);
    mdb_env_set_maxdbs(handle_, table_count);
    mdb_env_set_maxreaders(handle_, options.max_readers);

    // The whole map is reserved at once: it takes no memory, and growing it while others read would
    // move it under them. Where the address space is limited, less has to do.
    size_limit_ = options.size_limit;
    uint64_t map_size = std::max<uint64_t>(size_limit_, static_cast<uint64_t>(file.st_size));
    const unsigned flags =
        MDB_NOTLS | MDB_NORDAHEAD | (options.read_only ? MDB_RDONLY | MDB_NOLOCK : 0U);
    for (;;) {
        mdb_env_set_mapsize(handle_, map_size);
        const int result = mdb_env_open(handle_, folder.c_str(), flags, 0666);
        if (result == 0)
            break;
        close();
        const uint64_t least = static_cast<uint64_t>(file.st_size) + (uint64_t{64} << 20);
        if (result != ENOMEM || map_size / 2 < least)
            return status_of_lmdb(result);
        map_size /= 2;
        if (const int again = mdb_env_create(&handle_))
            return status_of_lmdb(again);
        mdb_env_set_maxdbs(handle_, table_count);
        mdb_env_set_maxreaders(handle_, options.max_readers);
    }
    size_limit_ = std::min(size_limit_, map_size);

    // Reading beyond the end of the file would end the process.
    MDB_envinfo info{};
    MDB_stat stat{};
    mdb_env_info(handle_, &info);
    mdb_env_stat(handle_, &stat);
    if (::stat(path.c_str(), &file) != 0)
        return status_of_errno(errno);
    const uint64_t pages = static_cast<uint64_t>(file.st_size) / std::max(stat.ms_psize, 1U);
    if (exists && info.me_last_pgno >= pages)
        return StoreCode::corrupt;

    if (!options.read_only)
        if (Status status = fill_lock_file(folder); status.failed())
            return status;
    return open_tables(options.create && !options.read_only, options.tables);
}

Status Environment::fill_lock_file(const std::string& folder) noexcept {
#ifdef __linux__
    const int file = ::open((folder + "/lock.mdb").c_str(), O_RDWR | O_CLOEXEC);
    struct stat about {};
    int error = file < 0 || ::fstat(file, &about) != 0 ? errno : 0;
    if (error == 0)
        error = ::posix_fallocate(file, 0, about.st_size);
    // Closing a descriptor of this file would end the locks that LMDB has on it: they are the
    // process's. It needs none of them, as only one process has the folder open.
    if (file >= 0)
        ::close(file);
    return status_of_errno(error == EOPNOTSUPP || error == EINVAL ? 0 : error);
#else
    (void)folder;
    return {};
#endif
}

Status Environment::open_tables(bool create, std::span<const char* const> names) noexcept {
    MDB_txn* transaction = nullptr;
    unsigned flags = 0;
    mdb_env_get_flags(handle_, &flags);
    const unsigned read_only = flags & MDB_RDONLY;
    if (int result = mdb_txn_begin(handle_, nullptr, read_only, &transaction))
        return status_of_lmdb(result);
    const auto failed = [&](Status status) {
        mdb_txn_abort(transaction);
        return status;
    };
    // A file that has tables, but not the first of these, is something else's.
    MDB_dbi main = 0;
    MDB_stat stat{};
    int result = mdb_dbi_open(transaction, nullptr, 0, &main);
    if (result == 0)
        result = mdb_stat(transaction, main, &stat);
    if (result == 0 && create && stat.ms_entries != 0)
        result = mdb_dbi_open(transaction, names[0], 0, &tables_[0]);
    if (result != 0)
        return failed(result == MDB_NOTFOUND ? Status{StoreCode::version_mismatch}
                                             : status_of_lmdb(result));
    for (size_t i = 0; i < names.size(); ++i) {
        result = mdb_dbi_open(transaction, names[i], create ? MDB_CREATE : 0U, &tables_[i]);
        if (result != 0)
            return failed(result == MDB_NOTFOUND ? Status{StoreCode::not_imported}
                                                 : status_of_lmdb(result));
    }
    return status_of_lmdb(mdb_txn_commit(transaction));
}

void Environment::close() noexcept {
    if (handle_ != nullptr)
        braid_lmdb_close(handle_);
    handle_ = nullptr;
}

Status Environment::sync() noexcept {
    if (const int error = failpoint("sync"))
        return status_of_errno(error);
    return status_of_lmdb(mdb_env_sync(handle_, 1));
}

void Environment::bound_mapped(uint64_t bytes) const noexcept {
#ifdef __linux__
    // Sizes in pages: all, in memory, of that of files.
    char text[128];
    const int file = ::open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return;
    const ssize_t size = ::read(file, text, sizeof(text) - 1);
    ::close(file);
    if (size <= 0)
        return;
    text[size] = 0;
    unsigned long long mapped = 0;
    if (std::sscanf(text, "%*u %*u %llu", &mapped) == 1 &&
        mapped * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE)) > bytes)
        braid_lmdb_let_go(handle_, used_bytes());
#else
    (void)bytes;
#endif
}

Status Environment::get(MDB_txn* transaction, Table table, BytesView key, BytesView& value,
                        bool& found) const noexcept {
    MDB_val key_value = value_of(key);
    MDB_val data{};
    const int result = mdb_get(transaction, this->table(table), &key_value, &data);
    found = result == 0;
    value = found ? bytes_of(data) : BytesView{};
    return result == MDB_NOTFOUND ? Status{} : status_of_lmdb(result);
}

Status Environment::read(MDB_txn* transaction, Table table, BytesView key, BytesView& value,
                         bool& found) const noexcept {
    const Status status = get(transaction, table, key, value, found);
    if (found && !holds(transaction, value_of(value))) {
        value = {};
        return StoreCode::corrupt;
    }
    return status;
}

uint64_t Environment::used_bytes() const noexcept {
    MDB_envinfo info{};
    MDB_stat stat{};
    mdb_env_info(handle_, &info);
    mdb_env_stat(handle_, &stat);
    return (info.me_last_pgno + 1) * stat.ms_psize;
}

Status WriteTransaction::begin(bool sync) noexcept {
    if (const int error = failpoint("begin"))
        return status_of_errno(error);
    write_limit = environment_.size_limit();
    const int result =
        mdb_txn_begin(environment_.handle(), nullptr, sync ? 0U : MDB_NOSYNC, &handle_);
    if (result != 0)
        handle_ = nullptr;
    return status_of_lmdb(result);
}

Status WriteTransaction::cursor(Table table, MDB_cursor*& cursor) noexcept {
    MDB_cursor*& kept = cursors_[static_cast<size_t>(table)];
    if (kept == nullptr) {
        if (int result = mdb_cursor_open(handle_, environment_.table(table), &kept))
            return status_of_lmdb(result);
    }
    cursor = kept;
    return {};
}

Status WriteTransaction::put(Table table, BytesView key, BytesView value, bool append) noexcept {
    MDB_cursor* at = nullptr;
    if (Status status = cursor(table, at); status.failed())
        return status;
    MDB_val key_value = value_of(key);
    MDB_val data = value_of(value);
    const int result = mdb_cursor_put(at, &key_value, &data, append ? MDB_APPEND : 0U);
    return append && result == MDB_KEYEXIST ? Status{StoreCode::duplicate, result}
                                            : status_of_lmdb(result);
}

Status WriteTransaction::remove(Table table, BytesView key, bool* existed) noexcept {
    MDB_val key_value = value_of(key);
    const int result = mdb_del(handle_, environment_.table(table), &key_value, nullptr);
    if (existed != nullptr)
        *existed = result == 0;
    return result == MDB_NOTFOUND ? Status{} : status_of_lmdb(result);
}

Status WriteTransaction::clear(Table table) noexcept {
    close_cursors();
    return status_of_lmdb(mdb_drop(handle_, environment_.table(table), 0));
}

Status WriteTransaction::get(Table table, BytesView key, BytesView& value, bool& found) noexcept {
    return environment_.get(handle_, table, key, value, found);
}

Status WriteTransaction::commit() noexcept {
    close_cursors();
    if (const int error = failpoint("commit")) {
        abort();
        return status_of_errno(error);
    }
    const int result = mdb_txn_commit(handle_);
    handle_ = nullptr;
    write_limit = 0;
    return status_of_lmdb(result);
}

void WriteTransaction::abort() noexcept {
    if (handle_ == nullptr)
        return;
    close_cursors();
    mdb_txn_abort(handle_);
    handle_ = nullptr;
    write_limit = 0;
}

void WriteTransaction::close_cursors() noexcept {
    for (MDB_cursor*& cursor : cursors_) {
        if (cursor != nullptr)
            mdb_cursor_close(cursor);
        cursor = nullptr;
    }
}

} // namespace braid::store
