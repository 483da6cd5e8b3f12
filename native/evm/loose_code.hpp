/// Code that comes without an identity: initcode, and code from an EVMC host.
#pragma once

#include "evm/analysis.hpp"

#include <array>
#include <memory>
#include <vector>

namespace braid::evm {

/// Such code with its analysis.
struct LooseCode {
    LooseCode(BytesView code, evmc_revision revision)
        : bytes{code.begin(), code.end()}, analysis{revision} {
        analysis.charge(sizeof(LooseCode) + bytes.size());
    }
    const std::vector<uint8_t> bytes;
    Analysis analysis;
};

/// The loose code that a VM has seen more than once lately. A hit is confirmed by comparing every
/// byte, so no hash can mislead it. Single-threaded, as its VM.
class LooseCodeCache {
  public:
    /// Finds the code. Takes it in where it seems to have been seen before; null where not. It
    /// stays valid while the returned owner lives.
    [[nodiscard]] std::shared_ptr<LooseCode> find_or_add(BytesView code,
                                                         evmc_revision revision) noexcept;

    /// Larger code is not taken in: it is that of a creation before EIP-3860.
    static constexpr size_t largest_code = 64 * 1024;

    /// How many bytes the code and its analyses may be; checked where code is taken in.
    static constexpr size_t most_bytes = size_t{1} << 20;

  private:
    struct Entry {
        uint64_t sample = 0;
        std::shared_ptr<LooseCode> code;
    };
    static constexpr size_t entry_count = 32;

    void trim() noexcept;

    std::array<Entry, entry_count> entries_;
};

} // namespace braid::evm
