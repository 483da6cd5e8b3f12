#include "evm/loose_code.hpp"

#include <algorithm>

namespace braid::evm {
namespace {

/// A cheap sample of the code; never 0.
uint64_t sample_of(BytesView code, evmc_revision revision) noexcept {
    uint64_t sample = code.size() << 8 | static_cast<uint64_t>(revision);
    if (code.size() >= 8) {
        sample = mix64(sample ^ load_le64(code.data())) ^
                 load_le64(code.data() + code.size() / 2 - 4) ^
                 mix64(load_le64(code.data() + code.size() - 8));
    } else {
        for (const uint8_t byte : code)
            sample = sample * 31 + byte;
    }
    return mix64(sample) | 1;
}

} // namespace

std::shared_ptr<LooseCode> LooseCodeCache::find_or_add(BytesView code,
                                                       evmc_revision revision) noexcept {
    if (code.size() > largest_code)
        return nullptr;
    const uint64_t sample = sample_of(code, revision);
    Entry& entry = entries_[(sample >> 1) % entry_count];
    if (entry.sample != sample) {
        entry = {sample, nullptr};
        return nullptr;
    }
    if (entry.code != nullptr && entry.code->analysis.revision() == revision &&
        std::equal(code.begin(), code.end(), entry.code->bytes.begin(), entry.code->bytes.end()))
        return entry.code;
    entry.code = nullptr;
    trim();
    entry.code = std::make_shared<LooseCode>(code, revision);
    return entry.code;
}

void LooseCodeCache::trim() noexcept {
    size_t bytes = 0;
    for (const Entry& entry : entries_)
        bytes += entry.code != nullptr ? entry.code->analysis.memory_size() : 0;
    if (bytes <= most_bytes)
        return;
    for (Entry& entry : entries_)
        entry.code = nullptr;
}

} // namespace braid::evm
