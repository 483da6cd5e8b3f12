/// What takes a block back.
#pragma once

#include "store/layer.hpp"
#include "store/meta.hpp"

namespace braid::store {

/// The accounts and slots that a block changed, as they were before it: of storage that it cleared,
/// all of it.
struct Undo {
    Head head; ///< before the block
    uint64_t account_count = 0;
    uint64_t slot_count = 0;
    Layer before; ///< accounts and slots alone
};

/// Packs it; with a checksum at its end.
[[nodiscard]] std::vector<uint8_t> encode_undo(const Undo& undo);

/// Unpacks what encode_undo() made. False where it is something else.
[[nodiscard]] bool decode_undo(BytesView bytes, Undo& undo);

} // namespace braid::store
