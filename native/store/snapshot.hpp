/// One committed state of a store: what is in the file, and the layers over it.
#pragma once

#include "store/layer.hpp"
#include "store/meta.hpp"
#include "store/read_set.hpp"

namespace braid::store {

/// Never changes; any thread may read it. As long as it lives the file keeps the pages of its
/// state.
class Snapshot {
  public:
    Snapshot(std::shared_ptr<ReadSet> reads, Layers layers, const Meta& meta, uint64_t generation)
        : reads_{std::move(reads)}, layers_{std::move(layers)}, meta_{meta}, generation_{
                                                                                 generation} {}

    /// Reads an account by keccak256 of its address.
    Status read_account(const Bytes32& key, Account& account) const noexcept;

    /// Reads a slot; zero where it isn't set.
    Status read_slot(const SlotKey& key, Slot& slot) const noexcept;

    /// Reads code; null where it isn't there.
    Status read_code(const Bytes32& hash, CodeRef& code) const;

    [[nodiscard]] const Meta& meta() const noexcept { return meta_; }
    [[nodiscard]] const Layers& layers() const noexcept { return layers_; }
    [[nodiscard]] const std::shared_ptr<ReadSet>& reads() const noexcept { return reads_; }
    /// The generation of the head whose state this is (HotCache).
    [[nodiscard]] uint64_t generation() const noexcept { return generation_; }

  private:
    const std::shared_ptr<ReadSet> reads_;
    const Layers layers_;
    const Meta meta_;
    const uint64_t generation_;
};
using SnapshotRef = std::shared_ptr<const Snapshot>;

} // namespace braid::store
