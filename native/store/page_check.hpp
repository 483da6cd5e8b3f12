/// The structure of LMDB's file, looked at before LMDB does.
#pragma once

#include "store/status.hpp"

#include <string>

namespace braid::store {

/// How much is read.
enum class PageDepth : uint8_t {
    tops, ///< the meta pages, and the ways to the first and the last record of each table
    all,  ///< every page
};

/// check_pages() for whoever holds the lock on the folder.
Status check_pages_unlocked(const std::string& folder, PageDepth depth);

} // namespace braid::store
