/// A store's state as the executor reads it.
#pragma once

#include "state/insert_only_map.hpp"
#include "store/code_cache.hpp"
#include "store/hot_cache.hpp"
#include "store/snapshot.hpp"

#include <mutex>

namespace braid::store {

/// What a store remembers between blocks.
struct Caches {
    HotCache hot;
    CodeCache codes;
};

/// One committed state, for ever. Any number of threads read it at once; none waits for a lock
/// unless there are more threads than the store was told, or code is read that no other call on
/// this view has read before. A record that is damaged, and a failing disk, are `unavailable`.
///
/// Make one for each block or call, and let go of it: code that was handed out stays in memory, and
/// pages of the file stay taken, until then.
class StoreView final : public state::StateView {
  public:
    StoreView(SnapshotRef snapshot, std::shared_ptr<Caches> caches)
        : snapshot_{std::move(snapshot)}, caches_{std::move(caches)} {}

    state::ReadStatus load_account(const Address& address, state::AccountState& account,
                                   bool& exists) noexcept override;
    state::ReadStatus load_storage(const Address& address, const Bytes32& key,
                                   Bytes32& value) noexcept override;
    state::ReadStatus load_code(const Address& address, const Bytes32& code_hash,
                                const Code*& code) noexcept override;
    [[nodiscard]] bool keeps_reads() const noexcept override { return true; }

    [[nodiscard]] const Snapshot& snapshot() const noexcept { return *snapshot_; }

  private:
    static constexpr size_t code_buckets = 64;

    const SnapshotRef snapshot_;
    const std::shared_ptr<Caches> caches_;
    state::InsertOnlyMap<Bytes32, const Code*> codes_{code_buckets};
    std::mutex mutex_;          ///< over kept_
    std::vector<CodeRef> kept_; ///< what was handed out
};

} // namespace braid::store
