/// The decoded forms of the code that states keep, by code hash, within a budget of bytes.
#pragma once

#include "base/code.hpp"
#include "evm/analysis.hpp"

#include <memory>
#include <mutex>
#include <span>
#include <unordered_map>
#include <vector>

namespace braid::evm {

/// What a VM tells the cache: whether frames of it may be looking at analyses. Written by its VM,
/// read by whoever frees analyses; a cache line of its own.
struct alignas(64) AnalysisPin {
    /// The memory of analyses that this VM frees goes there.
    explicit AnalysisPin(ChunkPool& pool) noexcept : chunks{pool} {}

    /// The cache's epoch when the outermost frame began; 0 while there is none.
    std::atomic<uint64_t> epoch{0};
    ChunkPool& chunks;
};

/// The one exception to the rule of no global mutable state: analyses are shared by all VMs,
/// engines and states of the process. What is in here never changes what code does, and what is
/// missing is made again.
///
/// Analyses lie in places that are never freed, so that code may remember its place, and learns
/// from the place's number whether its analysis is still there. Beyond the budget, analyses that
/// were not used for the longest time are given up (a clock goes round; whoever runs an analysis
/// sets its flag). One that was given up is found by nobody who comes, and is freed when every
/// execution is over that began before. All of this is done by the VM whose decoding goes beyond
/// the budget.
class AnalysisCache {
  public:
    /// The process's cache. It lives until the process ends: threads may still run then.
    [[nodiscard]] static AnalysisCache& instance() noexcept;

    /// One that nobody else has, for tests. It counts the bytes of the whole process all the same.
    AnalysisCache() noexcept;
    AnalysisCache(const AnalysisCache&) = delete;
    AnalysisCache& operator=(const AnalysisCache&) = delete;
    ~AnalysisCache();

    /// Makes a VM known, or unknown. It is not running.
    void add(const AnalysisPin& pin) noexcept;
    void remove(const AnalysisPin& pin) noexcept;

    /// Before a VM's outermost frame looks up an analysis: what it finds stays until leave().
    void enter(AnalysisPin& pin) const noexcept {
        // seq_cst: either this is seen by whoever frees, or what it gave up is not found here. The
        // epoch may be an older one; then things merely stay longer.
        pin.epoch.store(epoch_.load(std::memory_order_relaxed), std::memory_order_seq_cst);
    }
    /// After the outermost frame.
    void leave(AnalysisPin& pin) noexcept {
        // release: pairs with the load in free_unused(): what was looked at is looked at no more.
        pin.epoch.store(0, std::memory_order_release);
        // relaxed: where this is seen too late, the next one frees.
        if (has_retired_.load(std::memory_order_relaxed)) [[unlikely]]
            free_unused(pin);
    }

    /// The analysis of code under a revision. The VM has entered.
    [[nodiscard]] Analysis& find_or_add(const Code& code, evmc_revision revision) noexcept {
        const DecodedPlace known = code.decoded_place();
        if (known.place != nullptr) {
            auto& place = *static_cast<Place*>(known.place);
            // seq_cst: see enter(). Where the number is right, the place holds this code's analysis
            // and will until leave().
            if (place.number.load(std::memory_order_seq_cst) == known.number &&
                place.analysis.revision() == revision) [[likely]] {
                // relaxed: a hint. Only written where it changes, so that the line stays shared.
                if (!place.is_used.load(std::memory_order_relaxed))
                    place.is_used.store(true, std::memory_order_relaxed);
                return place.analysis;
            }
        }
        return look_up(code, revision);
    }

    /// Whether make_room() should be called.
    [[nodiscard]] bool is_full() const noexcept {
        // relaxed: a guess is enough.
        return Analysis::all_memory() > full_at_.load(std::memory_order_relaxed);
    }

    /// Gives up analyses until all of them are within the budget, and frees what it can. `running`
    /// are the analyses of the calling VM's frames.
    void make_room(const AnalysisPin& pin, std::span<const Analysis* const> running) noexcept;

    /// Sets how many bytes the analyses of the process may hold; default_budget at first.
    void set_budget(size_t bytes) noexcept;
    [[nodiscard]] size_t budget() const noexcept {
        // relaxed: a setting on its own.
        return budget_.load(std::memory_order_relaxed);
    }
    static constexpr size_t default_budget = size_t{64} << 20;

    /// How many analyses there are that can be found.
    [[nodiscard]] size_t size() const noexcept;

  private:
    struct Key {
        Bytes32 code_hash;
        uint64_t digest;
        evmc_revision revision;
        bool operator==(const Key&) const = default;
    };
    struct KeyHash {
        size_t operator()(const Key& key) const noexcept {
            // The digest depends on a secret of the process.
            return static_cast<size_t>(mix64(key.digest + static_cast<uint64_t>(key.revision)));
        }
    };

    struct Place {
        /// What code that has this place's analysis knows it by; 0 where there is none to be found.
        /// Never the same twice.
        std::atomic<uint64_t> number{0};
        std::atomic<bool> is_used{false};
        Analysis analysis{EVMC_FRONTIER};
        Key key{};
        uint64_t retired_at = 0; ///< The epoch when it was given up.
    };
    static constexpr size_t places_at_once = 64;
    /// What a place takes beside its analysis' own memory: itself, and its node in the table.
    static constexpr size_t place_size = sizeof(Place) + sizeof(Key) + 5 * sizeof(void*);

    Analysis& look_up(const Code& code, evmc_revision revision) noexcept;
    [[nodiscard]] Place& take_place() noexcept;
    void retire(Place& place) noexcept;
    void free_unused(const AnalysisPin& pin) noexcept;
    void free_retired(const AnalysisPin& pin, std::span<const Analysis* const> running) noexcept;
    void update_limit() noexcept;

    std::atomic<size_t> budget_{default_budget};
    std::atomic<size_t> full_at_{default_budget};
    /// Grows when analyses are given up.
    std::atomic<uint64_t> epoch_{1};
    std::atomic<bool> has_retired_{false};

    /// Guards everything below. Taken where code is met for the first time, or after it was given
    /// up.
    mutable std::mutex mutex_;
    std::unordered_map<Key, Place*, KeyHash> places_;
    std::vector<std::unique_ptr<Place[]>> all_places_;
    std::vector<Place*> free_places_;
    std::vector<Place*> retired_;
    std::vector<const AnalysisPin*> pins_;
    uint64_t next_number_ = 1;
    size_t clock_hand_ = 0;
};

} // namespace braid::evm
