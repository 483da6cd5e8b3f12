#include "trace/preimage_tracer.hpp"

#include "crypto/keccak.hpp"
#include "evm/opcodes.hpp"
#include "trace/json_text.hpp"

#include <algorithm>

namespace braid::trace {
namespace {

/// geth tells nothing of a hash that would need more zeros than this behind the memory as it is.
constexpr uint64_t most_padding = uint64_t{1} << 20;

/// A part of memory as the instruction will find it; nothing where geth gives up.
std::optional<std::vector<uint8_t>> part_of(BytesView memory, const uint256& offset,
                                            const uint256& size) {
    const uint64_t start = offset.word[0];
    const uint64_t length = size.word[0];
    if (start > INT64_MAX || length > INT64_MAX || start + length > INT64_MAX ||
        (start + length > memory.size() && start + length - memory.size() > most_padding))
        return std::nullopt;
    std::vector<uint8_t> part(length);
    if (start < memory.size())
        std::ranges::copy(memory.subspan(start, std::min<size_t>(length, memory.size() - start)),
                          part.begin());
    return part;
}

} // namespace

void PreimageTracer::begin_transaction() noexcept {
    preimages_.clear();
    digits_ = 0;
}

void PreimageTracer::on_step(const evm::Step& step) noexcept {
    const size_t depth = step.stack.size();
    if (step.op != evm::OP_KECCAK256 || depth < 2 || is_cut())
        return;
    auto part = part_of(step.memory, step.stack[depth - 1], step.stack[depth - 2]);
    if (!part)
        return;
    const Bytes32 hash = crypto::keccak256(*part);
    const std::string key{reinterpret_cast<const char*>(hash.bytes), sizeof(hash.bytes)};
    digits_ += 2 * part->size();
    note_size(digits_);
    if (!is_cut())
        preimages_.emplace(key, std::move(*part));
}

void PreimageTracer::end_transaction(const transaction::TransactionOutcome&) noexcept {
    std::string text;
    JsonText json{text};
    json.raw("{");
    for (const auto& [hash, preimage] : preimages_) {
        json.raw(text.size() == 1 ? "" : ",");
        json.bytes(BytesView{reinterpret_cast<const uint8_t*>(hash.data()), hash.size()});
        json.raw(":");
        json.bytes(BytesView{preimage});
    }
    json.raw("}");
    finish(std::move(text));
    preimages_.clear();
}

} // namespace braid::trace
