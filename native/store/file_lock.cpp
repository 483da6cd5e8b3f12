#include "store/file_lock.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace braid::store {

Status FileLock::acquire(const std::string& folder, bool exclusive) noexcept {
    const std::string path = folder + "/braid.lock";
    file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (file_ < 0 && !exclusive) {
        file_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
        if (file_ < 0 && (errno == ENOENT || errno == EACCES))
            return {};
    }
    if (file_ < 0)
        return status_of_errno(errno);
    while (::flock(file_, (exclusive ? LOCK_EX : LOCK_SH) | LOCK_NB) != 0) {
        if (errno == EINTR)
            continue;
        const int error = errno;
        release();
        return error == EWOULDBLOCK ? Status{StoreCode::locked} : status_of_errno(error);
    }
    return {};
}

void FileLock::release() noexcept {
    if (file_ >= 0)
        ::close(file_); // the lock goes with the last descriptor
    file_ = -1;
}

} // namespace braid::store
