#include "trie/branch_node.hpp"

#include <bit>

namespace braid::trie {
namespace {

constexpr size_t mask_size = sizeof(uint16_t);
constexpr size_t masks_size = 3 * mask_size;

void store_mask(uint8_t* out, uint16_t mask) noexcept {
    out[0] = static_cast<uint8_t>(mask >> 8);
    out[1] = static_cast<uint8_t>(mask);
}

uint16_t load_mask(const uint8_t* data) noexcept {
    return static_cast<uint16_t>(data[0] << 8 | data[1]);
}

} // namespace

size_t encode_branch(const BranchNode& branch, uint8_t* out) noexcept {
    store_mask(out, branch.present);
    store_mask(out + mask_size, branch.has_branch);
    store_mask(out + 2 * mask_size, branch.has_hash);
    uint8_t* end = out + masks_size;
    for (unsigned mask = branch.has_hash; mask != 0; mask &= mask - 1) {
        const Bytes32& hash = branch.hashes[static_cast<size_t>(std::countr_zero(mask))];
        std::memcpy(end, hash.bytes, sizeof(hash));
        end += sizeof(hash);
    }
    return static_cast<size_t>(end - out);
}

bool decode_branch(BytesView record, BranchNode& branch) noexcept {
    if (record.size() < masks_size)
        return false;
    branch.present = load_mask(record.data());
    branch.has_branch = load_mask(record.data() + mask_size);
    branch.has_hash = load_mask(record.data() + 2 * mask_size);
    const auto children = std::popcount(branch.present);
    const auto hashes = static_cast<size_t>(std::popcount(branch.has_hash));
    if (children < 2 || !branch.is_stored() ||
        ((branch.has_branch | branch.has_hash) & ~branch.present) != 0 ||
        record.size() != masks_size + hashes * sizeof(Bytes32))
        return false;
    const uint8_t* next = record.data() + masks_size;
    for (unsigned mask = branch.has_hash; mask != 0; mask &= mask - 1) {
        std::memcpy(branch.hashes[static_cast<size_t>(std::countr_zero(mask))].bytes, next,
                    sizeof(Bytes32));
        next += sizeof(Bytes32);
    }
    return true;
}

} // namespace braid::trie
