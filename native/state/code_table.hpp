/// Code by its hash, as the in-memory states keep it.
#pragma once

#include "base/code.hpp"
#include "base/keyed_hash.hpp"
#include "state/hash_index.hpp"
#include "state/state_view.hpp"

#include <memory>
#include <vector>

namespace braid::state {

/// Code objects, shared with the copies of the table; none is ever removed one by one. Pointers
/// stay valid until the table and everyone else who shares the code is gone.
///
/// Any number of threads may ask at once; everything that changes it needs exclusive access.
class CodeTable {
  public:
    /// Makes code findable by its hash, which the caller vouches for. Empty code needs no place.
    void add(BytesView bytes, const Bytes32& hash) {
        if (hash == empty_code_hash || find(hash) != nullptr)
            return;
        add_new(
            std::make_shared<const Code>(std::vector<uint8_t>(bytes.begin(), bytes.end()), hash));
    }

    /// Shares the codes of another table.
    void add_all(const CodeTable& other) {
        for (const CodeRef& code : other.codes_)
            if (find(code->hash()) == nullptr)
                add_new(code);
    }

    /// The code with this hash, or null.
    [[nodiscard]] const Code* find(const Bytes32& hash) const noexcept {
        const uint32_t index =
            index_.find(hash_of(hash), [&](uint32_t i) { return codes_[i]->hash() == hash; });
        return index == HashIndex::none ? nullptr : codes_[index].get();
    }

    /// Drops everything.
    void clear() noexcept {
        codes_.clear();
        index_.clear();
    }

  private:
    void add_new(CodeRef code) {
        const auto index = static_cast<uint32_t>(codes_.size());
        index_.insert(hash_of(code->hash()), index,
                      [this](uint32_t i) { return hash_of(codes_[i]->hash()); });
        codes_.push_back(std::move(code));
    }

    std::vector<CodeRef> codes_;
    HashIndex index_;
};

} // namespace braid::state
