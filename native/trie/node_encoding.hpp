/// Encoding of state trie nodes (Yellow Paper, appendix D) out of a pool of records.
#pragma once

#include "base/rlp_writer.hpp"
#include "trie/node_records.hpp"

#include <optional>

namespace braid::trie {

/// No node is encoded in more bytes.
inline constexpr size_t max_node_size = 1152;

/// Writes the RLP of a node that hangs at nibble `depth`, its references being up to date. There is
/// room for max_node_size bytes. Returns what was written; nothing where the record is malformed.
[[nodiscard]] std::optional<BytesView> encode_node(NodeWords words, uint32_t node, uint32_t depth,
                                                   RlpWriter& writer) noexcept;

} // namespace braid::trie
