/// The records beside accounts, slots and branches: the store's own, and the undo of its blocks.
#pragma once

#include "store/layer.hpp"
#include "store/meta.hpp"
#include "store/read_set.hpp"

namespace braid::store {

/// The key of the one record in the table `meta`.
inline constexpr std::array<uint8_t, 4> meta_key{'m', 'e', 't', 'a'};

/// Whether the tables have as many records as the store says; corrupt where they haven't.
Status check_counts(ReadSet& reads, const Meta& meta) noexcept;

/// Writes what takes a block back, in parts of at most 1 MiB.
Status write_undo(WriteTransaction& transaction, uint64_t number, BytesView undo);

/// Reads it. no_undo where it isn't there.
Status read_undo(ReadSet& reads, uint64_t number, std::vector<uint8_t>& undo);

/// Removes it, all parts.
Status remove_undo(WriteTransaction& transaction, uint64_t number);

/// Writes all changes of a layer, each table in the order of its keys.
Status write_layer(WriteTransaction& transaction, const Layer& layer, bool preimages);

} // namespace braid::store
