/// The files in a store's folder.
#pragma once

#include "store/environment.hpp"

namespace braid::store {

/// Makes a folder that lasts where there is none; its parent is there. not_found where something
/// else has its name.
Status make_folder(const std::string& folder);

/// Takes the lock on a folder, which is made where it is missing and `create` is set, and clears
/// away what a dead import has left. not_imported where the folder holds a part of an import and
/// may not be written or made anew.
Status prepare_folder(const std::string& folder, bool create, bool read_only,
                      Environment& environment);

/// Marks the folder as the place of an import that hasn't ended, on disk when it returns. As long
/// as the mark is there, what is in the folder counts for nothing.
Status mark_importing(const std::string& folder);

/// Takes the mark away, on disk when it returns: the end of an import.
Status unmark_importing(const std::string& folder);

/// Removes everything that an import makes, but the mark.
Status remove_import(const std::string& folder);

/// Makes the names in a folder last.
Status sync_folder(const std::string& folder) noexcept;

/// Where an import keeps its sorted runs.
[[nodiscard]] std::string run_path(const std::string& folder, const char* what, unsigned number);

} // namespace braid::store
