/// Contract code that was run lately.
#pragma once

#include "base/code.hpp"
#include "base/keyed_hash.hpp"

#include <list>
#include <mutex>
#include <unordered_map>

namespace braid::store {

/// Code by its hash, the least recently used dropped first where all of it takes more than so many
/// bytes. Whoever took a reference keeps the code. Any thread.
class CodeCache {
  public:
    explicit CodeCache(size_t bytes) noexcept : limit_{bytes} {}

    /// The code with this hash, or null.
    [[nodiscard]] CodeRef find(const Bytes32& hash);

    /// Takes code in. Gives what is to be used: what was there before, if it was.
    [[nodiscard]] CodeRef add(CodeRef code);

    /// Bytes of all that is kept.
    [[nodiscard]] size_t bytes() const;

  private:
    /// What a piece of code takes besides its bytes, about.
    static constexpr size_t overhead = 256;

    struct Hash {
        size_t operator()(const Bytes32& hash) const noexcept { return hash_of(hash); }
    };
    struct Equal {
        bool operator()(const Bytes32& a, const Bytes32& b) const noexcept { return a == b; }
    };

    const size_t limit_;
    mutable std::mutex mutex_; ///< over all below; held for a lookup
    size_t bytes_ = 0;
    std::list<CodeRef> order_; ///< the most recently used first
    std::unordered_map<Bytes32, std::list<CodeRef>::iterator, Hash, Equal> places_;
};

} // namespace braid::store
