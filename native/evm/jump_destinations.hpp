/// Where code may be jumped to.
#pragma once

#include "base/bytes.hpp"

#include <atomic>
#include <vector>

namespace braid::evm {

/// Tells JUMPDESTs from push data that look like one.
///
/// Whether a byte is push data mostly shows in the 32 bytes before it: where none of them, taken as
/// a PUSH, would reach it, it is an instruction. Where one would, the look goes to that one, and so
/// on. Code in which that goes on for long (PUSH1 0x60 and nothing else), or in which it has gone
/// on for as many bytes as there are, gets a bitmap of all its JUMPDESTs, in one pass.
class JumpDestinations {
  public:
    JumpDestinations() = default;
    JumpDestinations(const JumpDestinations&) = delete;
    JumpDestinations& operator=(const JumpDestinations&) = delete;
    ~JumpDestinations() { clear(); }

    /// Whether a jump may go to this position. The code is the same in every call. `taken` grows by
    /// the bytes that were taken to answer this and what follows. Any thread may call it.
    [[nodiscard]] bool contain(BytesView code, uint64_t position, size_t& taken) noexcept;

    /// Frees everything; nobody may be asking.
    void clear() noexcept;

  private:
    using Bitmap = std::vector<uint64_t>;
    const Bitmap& bitmap(BytesView code, size_t& taken) noexcept;

    /// Set once, from null.
    std::atomic<const Bitmap*> bitmap_{nullptr};
    /// Bytes that were walked over so far.
    std::atomic<size_t> walked_{0};
};

/// A bit for each JUMPDEST of the code that is no push data, 64 positions to a word.
[[nodiscard]] std::vector<uint64_t> find_jump_destinations(BytesView code) noexcept;

} // namespace braid::evm
