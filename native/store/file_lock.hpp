/// Who has a store's folder open.
#pragma once

#include "store/status.hpp"

#include <string>

namespace braid::store {

/// A lock on the file `braid.lock` of a folder: one writer, or any number of readers. It belongs to
/// this object, not to the process, so a second opener in the same process meets it as well; the
/// system lets go of it when the process ends, however that happens.
class FileLock {
  public:
    FileLock() = default;
    FileLock(const FileLock&) = delete;
    FileLock& operator=(const FileLock&) = delete;
    ~FileLock() { release(); }

    /// Takes the lock, or says `locked` at once. A reader needs no lock where the file isn't there
    /// and can't be made: then nobody can write there either.
    Status acquire(const std::string& folder, bool exclusive) noexcept;

    /// Lets go.
    void release() noexcept;

  private:
    int file_ = -1;
};

} // namespace braid::store
