#include "store/copier.hpp"

#include "store/failpoints.hpp"
#include "store/folder.hpp"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <unistd.h>

namespace braid::store {
namespace {

Status sync_copy(int file) noexcept {
    if (const int error = failpoint("copy-sync"))
        return status_of_errno(error);
    return ::fsync(file) == 0 ? Status{} : status_of_errno(errno);
}

} // namespace

Status copy_store(Environment& environment, const std::string& folder) {
    const std::string whole = folder + "/data.mdb";
    if (::access(whole.c_str(), F_OK) == 0)
        return StoreCode::already_exists;
    const std::string part = folder + "/braid.copying";
    const int file = ::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (file < 0)
        return status_of_errno(errno);
    Status status = status_of_lmdb(mdb_env_copyfd2(environment.handle(), file, MDB_CP_COMPACT));
    if (!status.failed())
        status = sync_copy(file);
    ::close(file);
    if (!status.failed() && ::rename(part.c_str(), whole.c_str()) != 0)
        status = status_of_errno(errno);
    if (status.failed()) {
        ::unlink(part.c_str());
        return status;
    }
    return sync_folder(folder);
}

} // namespace braid::store
