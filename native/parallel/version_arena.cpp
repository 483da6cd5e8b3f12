#include "parallel/version_arena.hpp"

namespace braid::parallel {

void* VersionArena::take(size_t size) {
    constexpr size_t alignment = alignof(std::max_align_t);
    size = (size + alignment - 1) / alignment * alignment;
    if (chunk_ == chunks_.size() || used_ + size > chunks_[chunk_].size) {
        if (chunk_ < chunks_.size())
            ++chunk_;
        // What does not fit into any chunk there is gets one of its own, in front of the others.
        if (chunk_ == chunks_.size() || size > chunks_[chunk_].size) {
            const size_t wanted = std::max(size, chunk_size);
            chunks_.insert(chunks_.begin() + static_cast<ptrdiff_t>(chunk_),
                           Chunk{std::unique_ptr<std::byte[]>{new std::byte[wanted]}, wanted});
            held_ += wanted;
        }
        used_ = 0;
    }
    return chunks_[chunk_].bytes.get() + std::exchange(used_, used_ + size);
}

} // namespace braid::parallel
