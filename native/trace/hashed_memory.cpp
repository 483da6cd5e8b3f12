#include "trace/hashed_memory.hpp"

#include <algorithm>

namespace braid::trace {
namespace {

/// geth tells nothing of a hash that would need more zeros than this behind the memory as it is.
constexpr uint64_t most_padding = uint64_t{1} << 20;

} // namespace

std::optional<std::vector<uint8_t>> hashed_memory(const evm::Step& step) {
    const size_t depth = step.stack.size();
    if (depth < 2)
        return std::nullopt;
    const BytesView memory = step.memory;
    const uint64_t start = step.stack[depth - 1].word[0];
    const uint64_t length = step.stack[depth - 2].word[0];
    if (start > INT64_MAX || length > INT64_MAX || start + length > INT64_MAX ||
        (start + length > memory.size() && start + length - memory.size() > most_padding))
        return std::nullopt;
    std::vector<uint8_t> part(length);
    if (start < memory.size())
        std::ranges::copy(memory.subspan(start, std::min<size_t>(length, memory.size() - start)),
                          part.begin());
    return part;
}

} // namespace braid::trace
