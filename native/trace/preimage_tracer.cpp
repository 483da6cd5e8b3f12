#include "trace/preimage_tracer.hpp"

#include "crypto/keccak.hpp"
#include "evm/opcodes.hpp"
#include "trace/hashed_memory.hpp"
#include "trace/json_text.hpp"

namespace braid::trace {

void PreimageTracer::begin_transaction() noexcept {
    preimages_.clear();
    digits_ = 0;
}

void PreimageTracer::on_step(const evm::Step& step) noexcept {
    if (step.op != evm::OP_KECCAK256 || is_cut())
        return;
    auto part = hashed_memory(step);
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
