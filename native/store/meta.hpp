/// What a store knows of itself.
#pragma once

#include "store/records.hpp"
#include "store/status.hpp"

namespace braid::store {

/// A block whose state a store holds.
struct Head {
    uint64_t number = 0;
    Bytes32 hash{};
    Bytes32 root = trie::empty_root; ///< of the state
};

/// One record, changed in the transaction that changes what it tells.
struct Meta {
    static constexpr uint32_t current_version = 1;

    uint32_t version = current_version;
    bool preimages = true; ///< whether addresses and slot numbers are kept
    Bytes32 chain{};       ///< what the store is for: the hash of the genesis block, or zero
    Head head;
    uint64_t oldest_undo =
        0; ///< the lowest block that can be taken back; none where undo_count is 0
    uint64_t undo_count = 0; ///< how many there are, from the head down
    uint64_t accounts = 0;   ///< how many exist
    uint64_t slots = 0;      ///< how many are set
};

/// The record, with a checksum at its end.
[[nodiscard]] std::vector<uint8_t> encode_meta(const Meta& meta);

/// Reads a record: version_mismatch where another version wrote it, corrupt where nobody did.
Status decode_meta(BytesView bytes, Meta& meta) noexcept;

} // namespace braid::store
