#include "store/status.hpp"

#include <cerrno>
#include <lmdb.h>

namespace braid::store {

Status status_of_errno(int error) noexcept {
    switch (error) {
    case 0:
        return {};
    case ENOENT:
    case ENOTDIR:
        return {StoreCode::not_found, error};
    case ENOSPC:
    case EDQUOT:
        return {StoreCode::disk_full, error};
    case EFBIG: // the limit of a transaction (lmdb_hooks.h), or the file system's own
        return {StoreCode::map_full, error};
    case EACCES:
    case EPERM:
    case EROFS:
        return {StoreCode::read_only, error};
    case ENOMEM:
        return {StoreCode::out_of_memory, error};
    default:
        return {StoreCode::io_error, error};
    }
}

Status status_of_lmdb(int result) noexcept {
    if (result >= 0)
        return status_of_errno(result);
    switch (result) {
    case MDB_EMPTY_TXN: // a commit that had nothing to write
        return {};
    case MDB_VERSION_MISMATCH:
        return {StoreCode::version_mismatch, result};
    case MDB_MAP_FULL:
    case MDB_TXN_FULL:
        return {StoreCode::map_full, result};
    case MDB_READERS_FULL:
        return {StoreCode::too_many_readers, result};
    case MDB_NOTFOUND:
    case MDB_PAGE_NOTFOUND:
    case MDB_CORRUPTED:
    case MDB_INVALID:
    case MDB_INCOMPATIBLE:
    case MDB_CURSOR_FULL:
    case MDB_PAGE_FULL:
    case MDB_BAD_VALSIZE:
    case MDB_BAD_CHECKSUM:
    case MDB_PROBLEM:
    case MDB_KEYEXIST:
        return {StoreCode::corrupt, result};
    default: // among them MDB_PANIC, after a meta page could not be written
        return {StoreCode::io_error, result};
    }
}

} // namespace braid::store
