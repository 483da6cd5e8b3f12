#include "store/meta.hpp"

#include "crypto/keccak.hpp"

namespace braid::store {
namespace {

constexpr size_t checksum_size = 8;

} // namespace

std::vector<uint8_t> encode_meta(const Meta& meta) {
    ByteWriter writer;
    writer.number(meta.version, 4);
    writer.number(meta.preimages ? 1 : 0, 1);
    writer.bytes(meta.chain.bytes);
    writer.number(meta.head.number, 8);
    writer.bytes(meta.head.hash.bytes);
    writer.bytes(meta.head.root.bytes);
    writer.number(meta.oldest_undo, 8);
    writer.number(meta.undo_count, 8);
    writer.number(meta.accounts, 8);
    writer.number(meta.slots, 8);
    const Bytes32 checksum = crypto::keccak256(writer.view());
    writer.bytes(BytesView{checksum.bytes}.first(checksum_size));
    return writer.take();
}

Status decode_meta(BytesView bytes, Meta& meta) noexcept {
    if (bytes.size() < 4 + checksum_size)
        return StoreCode::corrupt;
    const BytesView content = bytes.first(bytes.size() - checksum_size);
    const Bytes32 checksum = crypto::keccak256(content);
    if (std::memcmp(checksum.bytes, content.data() + content.size(), checksum_size) != 0)
        return StoreCode::corrupt;
    ByteReader reader{content};
    meta = {};
    meta.version = static_cast<uint32_t>(reader.number(4));
    if (meta.version != Meta::current_version)
        return StoreCode::version_mismatch;
    meta.preimages = reader.number(1) != 0;
    reader.fixed(meta.chain);
    meta.head.number = reader.number(8);
    reader.fixed(meta.head.hash);
    reader.fixed(meta.head.root);
    meta.oldest_undo = reader.number(8);
    meta.undo_count = reader.number(8);
    meta.accounts = reader.number(8);
    meta.slots = reader.number(8);
    const bool is_consistent =
        !reader.failed() && reader.left() == 0 && meta.undo_count <= meta.head.number &&
        (meta.undo_count == 0 || meta.oldest_undo == meta.head.number - meta.undo_count + 1);
    return is_consistent ? Status{} : Status{StoreCode::corrupt};
}

} // namespace braid::store
