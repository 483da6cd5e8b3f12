#include "evm/analysis_cache.hpp"

#include <algorithm>
#include <random>

namespace braid::evm {
namespace {

/// What is random in every process.
struct Secret {
    uint64_t words[4];
    Secret() noexcept {
        std::random_device random;
        for (uint64_t& word : words)
            word = uint64_t{random()} << 32 | random();
    }
};

uint64_t multiply_and_fold(uint64_t a, uint64_t b) noexcept {
    const auto product = static_cast<unsigned __int128>(a) * b;
    return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

/// A digest of the bytes, beside the hash that states are given and don't compute: should one be
/// wrong, only that state's code is.
uint64_t digest_of(BytesView bytes) noexcept {
    static const Secret secret;
    uint64_t parts[4] = {secret.words[0] ^ bytes.size(), secret.words[1], secret.words[2],
                         secret.words[3]};
    const auto absorb = [&](const uint8_t* block) {
        for (size_t i = 0; i < 4; ++i) {
            parts[i] = multiply_and_fold(load_le64(block + i * 16) ^ parts[i],
                                         load_le64(block + i * 16 + 8) ^ secret.words[i]);
        }
    };
    for (; bytes.size() >= 64; bytes = bytes.subspan(64))
        absorb(bytes.data());
    uint8_t last[64] = {};
    if (!bytes.empty())
        std::memcpy(last, bytes.data(), bytes.size());
    absorb(last);
    return multiply_and_fold(multiply_and_fold(parts[0] ^ secret.words[1], parts[1]) ^ parts[2],
                             parts[3] ^ secret.words[2]);
}

} // namespace

AnalysisCache& AnalysisCache::instance() noexcept {
    static auto& cache = *new AnalysisCache;
    return cache;
}

AnalysisCache::AnalysisCache() noexcept = default;
AnalysisCache::~AnalysisCache() = default;

void AnalysisCache::add(const AnalysisPin& pin) noexcept {
    const std::scoped_lock lock{mutex_};
    pins_.push_back(&pin);
}

void AnalysisCache::remove(const AnalysisPin& pin) noexcept {
    const std::scoped_lock lock{mutex_};
    std::erase(pins_, &pin);
}

size_t AnalysisCache::size() const noexcept {
    const std::scoped_lock lock{mutex_};
    return places_.size();
}

void AnalysisCache::set_budget(size_t bytes) noexcept {
    // relaxed: see budget().
    budget_.store(bytes, std::memory_order_relaxed);
    full_at_.store(bytes, std::memory_order_relaxed);
}

Analysis& AnalysisCache::look_up(const Code& code, evmc_revision revision) noexcept {
    const Key key{code.hash(), digest_of(code.bytes()), revision};
    const std::scoped_lock lock{mutex_};
    Place*& place = places_[key];
    // relaxed: a hint. What is met for the first time may be met for the last time, too: it goes
    // before what was met again.
    if (place != nullptr) {
        place->is_used.store(true, std::memory_order_relaxed);
    } else {
        place = &take_place();
        place->key = key;
        place->analysis.set_revision(revision);
        place->analysis.charge(place_size);
        place->is_used.store(false, std::memory_order_relaxed);
        // seq_cst, as all uses of the number: see enter().
        place->number.store(next_number_++, std::memory_order_seq_cst);
    }
    // relaxed: numbers are set under the lock.
    code.note_decoded({place, place->number.load(std::memory_order_relaxed)});
    return place->analysis;
}

AnalysisCache::Place& AnalysisCache::take_place() noexcept {
    if (free_places_.empty()) {
        Place* added = all_places_.emplace_back(new Place[places_at_once]).get();
        for (size_t i = places_at_once; i-- > 0;)
            free_places_.push_back(added + i);
    }
    Place& place = *free_places_.back();
    free_places_.pop_back();
    return place;
}

void AnalysisCache::retire(Place& place) noexcept {
    place.number.store(0, std::memory_order_seq_cst);          // see enter()
    place.retired_at = epoch_.load(std::memory_order_relaxed); // only changed under the lock
    places_.erase(place.key);
    retired_.push_back(&place);
}

void AnalysisCache::make_room(const AnalysisPin& pin,
                              std::span<const Analysis* const> running) noexcept {
    // Who comes while another makes room has nothing to do.
    const std::unique_lock lock{mutex_, std::try_to_lock};
    if (!lock.owns_lock())
        return;
    free_retired(pin, running);
    // A little more than needed, so that the clock doesn't move for every decoding.
    const size_t limit = budget() - budget() / 64;
    size_t given_up = 0;
    for (const Place* place : retired_)
        given_up += place->analysis.memory_size();
    // Twice round at most: the first round may find everything used.
    for (size_t steps = all_places_.size() * places_at_once * 2;
         steps > 0 && Analysis::all_memory() - given_up > limit; --steps) {
        clock_hand_ = (clock_hand_ + 1) % (all_places_.size() * places_at_once);
        Place& place = all_places_[clock_hand_ / places_at_once][clock_hand_ % places_at_once];
        // relaxed: numbers are set under the lock; the flag is a hint.
        if (place.number.load(std::memory_order_relaxed) == 0 ||
            place.is_used.exchange(false, std::memory_order_relaxed))
            continue;
        given_up += place.analysis.memory_size();
        retire(place);
    }
    // seq_cst: who enters after this cannot find what was given up.
    epoch_.fetch_add(1, std::memory_order_seq_cst);
    free_retired(pin, running);
    // Where executions hold what was given up, looking again has to wait.
    // relaxed: a guess is enough.
    full_at_.store(std::max(budget(), Analysis::all_memory() + budget() / 64),
                   std::memory_order_relaxed);
}

void AnalysisCache::free_unused(const AnalysisPin& pin) noexcept {
    const std::unique_lock lock{mutex_, std::try_to_lock};
    if (!lock.owns_lock())
        return;
    free_retired(pin, {});
    full_at_.store(budget(), std::memory_order_relaxed); // as in make_room()
}

void AnalysisCache::free_retired(const AnalysisPin& pin,
                                 std::span<const Analysis* const> running) noexcept {
    uint64_t oldest = UINT64_MAX;
    for (const AnalysisPin* other : pins_) {
        // seq_cst: see enter(). acquire is part of it: what that VM looked at, it has looked at.
        const uint64_t epoch = other->epoch.load(std::memory_order_seq_cst);
        if (other != &pin && epoch != 0)
            oldest = std::min(oldest, epoch);
    }
    std::erase_if(retired_, [&](Place* place) {
        if (place->retired_at >= oldest ||
            std::find(running.begin(), running.end(), &place->analysis) != running.end())
            return false;
        place->analysis.reset(EVMC_FRONTIER, pin.chunks);
        free_places_.push_back(place);
        return true;
    });
    // relaxed: see leave().
    has_retired_.store(!retired_.empty(), std::memory_order_relaxed);
}

} // namespace braid::evm
