/// A backup of a store that is in use.
#pragma once

#include "store/environment.hpp"

namespace braid::store {

/// Copies what is committed, compacted, into another folder that exists and holds no store. It is a
/// store once it is whole and on disk: whatever ends the copy before, the folder holds none, and it
/// can be copied to again. already_exists where a store is there.
Status copy_store(Environment& environment, const std::string& folder);

} // namespace braid::store
