#include "store/folder.hpp"

#include "store/failpoints.hpp"

#include <cerrno>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace braid::store {
namespace {

constexpr const char* mark_name = "/braid.importing";
constexpr const char* run_prefix = "braid.run-";

Status remove_file(const std::string& path) noexcept {
    if (const int error = failpoint("remove"))
        return status_of_errno(error);
    return ::unlink(path.c_str()) == 0 || errno == ENOENT ? Status{} : status_of_errno(errno);
}

Status remove_runs(const std::string& folder) {
    DIR* const directory = ::opendir(folder.c_str());
    if (directory == nullptr)
        return status_of_errno(errno);
    Status status;
    while (const dirent* entry = ::readdir(directory))
        if (std::strncmp(entry->d_name, run_prefix, std::strlen(run_prefix)) == 0 &&
            !status.failed())
            status = remove_file(folder + '/' + entry->d_name);
    ::closedir(directory);
    return status;
}

} // namespace

Status sync_folder(const std::string& folder) noexcept {
    const int file = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file < 0)
        return status_of_errno(errno);
    int error = failpoint("folder-sync");
    if (error == 0 && ::fsync(file) != 0 && errno != EINVAL) // some file systems have no such thing
        error = errno;
    ::close(file);
    return status_of_errno(error);
}

std::string run_path(const std::string& folder, const char* what, unsigned number) {
    return folder + '/' + run_prefix + what + '-' + std::to_string(number);
}

namespace {

/// Says where a path is no folder's.
Status check_folder(const std::string& folder) {
    struct stat about {};
    if (::stat(folder.c_str(), &about) != 0)
        return status_of_errno(errno);
    return S_ISDIR(about.st_mode) ? Status{} : Status{StoreCode::not_found, ENOTDIR};
}

} // namespace

Status make_folder(const std::string& folder) {
    if (::mkdir(folder.c_str(), 0777) == 0) {
        // Its name is to last as what comes into it does. Who may not read the folder around it
        // leaves that to the system.
        const Status status = sync_folder(folder + "/..");
        if (status.failed() && status.code != StoreCode::read_only)
            return status;
    } else if (errno != EEXIST) {
        return status_of_errno(errno);
    }
    return check_folder(folder);
}

Status prepare_folder(const std::string& folder, bool create, bool read_only,
                      Environment& environment) {
    const bool makes = create && !read_only;
    if (Status status = makes ? make_folder(folder) : check_folder(folder); status.failed())
        return status;
    // A folder that is no store's stays as it is.
    const bool is_marked = ::access((folder + mark_name).c_str(), F_OK) == 0;
    struct stat about {};
    if (!create && !is_marked && ::stat((folder + "/data.mdb").c_str(), &about) != 0)
        return {StoreCode::not_found, errno};
    if (Status status = environment.lock(folder, read_only); status.failed())
        return status;
    if (read_only || !create)
        return is_marked ? Status{StoreCode::not_imported} : Status{};
    if (!is_marked)
        return remove_runs(folder);
    Status status = remove_import(folder);
    return status.failed() ? status : unmark_importing(folder);
}

Status mark_importing(const std::string& folder) {
    if (const int error = failpoint("mark"))
        return status_of_errno(error);
    const int file = ::open((folder + mark_name).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (file < 0)
        return status_of_errno(errno);
    ::close(file);
    return sync_folder(folder);
}

Status unmark_importing(const std::string& folder) {
    if (Status status = remove_file(folder + mark_name); status.failed())
        return status;
    return sync_folder(folder);
}

Status remove_import(const std::string& folder) {
    Status status = remove_runs(folder);
    for (const char* name : {"/data.mdb", "/lock.mdb"})
        if (!status.failed())
            status = remove_file(folder + name);
    return status;
}

} // namespace braid::store
