/// What was asked of a state and is not known there.
#pragma once

#include "state/hash_index.hpp"
#include "wire/layout.hpp"

#include <span>
#include <vector>

namespace braid::state {

/// Where keys lie in a list that has each once. Single-threaded.
class KeySet {
  public:
    /// Whether a key is not in the list; then the caller adds it at its end.
    [[nodiscard]] bool add(const wire::MissingKey& key, std::span<const wire::MissingKey> list);

    void clear() noexcept { index_.clear(); }

  private:
    HashIndex index_;
};

/// A list of keys, each once, in the order of the first asking. Single-threaded.
class Misses {
  public:
    /// What lists of runs hold at most. Code that asks for more slots than this in one go spends 60
    /// million gas on it (EIP-2929).
    static constexpr size_t usual_limit = size_t{1} << 15;

    /// A list of at most `limit` keys: what comes after them is for another time.
    explicit Misses(size_t limit = usual_limit) noexcept : limit_{limit} {}

    /// Takes a key down.
    void add(const wire::MissingKey& key) {
        if (keys_.size() < limit_ && set_.add(key, keys_))
            keys_.push_back(key);
    }

    /// Whether anything was missed since clear().
    [[nodiscard]] bool any() const noexcept { return !keys_.empty(); }

    [[nodiscard]] std::span<const wire::MissingKey> keys() const noexcept { return keys_; }

    /// Forgets all; keeps the memory.
    void clear() noexcept {
        if (keys_.empty())
            return;
        keys_.clear();
        set_.clear();
    }

  private:
    const size_t limit_;
    std::vector<wire::MissingKey> keys_;
    KeySet set_;
};

} // namespace braid::state
