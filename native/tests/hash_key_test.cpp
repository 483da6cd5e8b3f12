/// What the hashes of tables do under one key and another.
#include "state/slot_hash.hpp"
#include "tests/forced_orders.hpp"
#include "tests/hash_keys.hpp"

#include <algorithm>

namespace braid::test {
namespace {

/// How many places a table with linear probing, half full, looks at per key.
template <typename Hash>
double mean_probes(size_t count, Hash&& hash) {
    const size_t mask = 2 * count - 1; // count is a power of two
    std::vector<bool> taken(2 * count);
    size_t probes = count;
    for (uint64_t i = 0; i < count; ++i) {
        size_t place = hash(i) & mask;
        for (; taken[place]; place = (place + 1) & mask)
            ++probes;
        taken[place] = true;
    }
    return static_cast<double>(probes) / static_cast<double>(count);
}

/// `value` with the bits of a number from bit `shift` on.
template <typename Bytes>
Bytes with_bits(Bytes value, uint64_t number, size_t shift) {
    for (; number != 0; number >>= 1, ++shift)
        if ((number & 1) != 0 && shift < 8 * sizeof(value.bytes))
            value.bytes[shift / 8] ^= static_cast<uint8_t>(1 << shift % 8);
    return value;
}

} // namespace

TEST("hash: keys that count spread like random ones, at any place and under any key") {
    // Random places: 1.5 on average.
    constexpr size_t count = 2048;
    for (uint64_t seed = 0; seed < 40; ++seed) {
        const HashKeyScope scope{hash_key_of(seed)};
        const auto check = [&](const char* what, size_t shift, double probes) {
            if (probes > 1.8)
                fail(__FILE__, __LINE__, what,
                     "key " + std::to_string(seed) + ", shift " + std::to_string(shift) + ": " +
                         std::to_string(probes) + " probes");
        };
        for (size_t shift = 0; shift <= 244; shift += 4)
            check("slots", shift, mean_probes(count, [&](uint64_t i) {
                      return state::slot_hash(hash_of(address_of(7)),
                                              with_bits(Bytes32{}, i, shift));
                  }));
        for (size_t shift = 0; shift <= 148; shift += 4) {
            check("accounts", shift, mean_probes(count, [&](uint64_t i) {
                      return hash_of(with_bits(Address{}, i, shift));
                  }));
            check("slots of accounts", shift, mean_probes(count, [&](uint64_t i) {
                      return state::slot_hash(hash_of(with_bits(Address{}, i, shift)), Bytes32{});
                  }));
        }
        // Two numbers far apart, whose product is what one level sees.
        for (size_t shift = 0; shift <= 180; shift += 12)
            check("two numbers", shift, mean_probes(count, [&](uint64_t i) {
                      return hash_of(
                          with_bits(with_bits(Bytes32{}, i % 32, shift), i / 32, shift + 64));
                  }));
    }
}

TEST("hash: every process has a key of its own") {
    const HashKey a = random_hash_key();
    const HashKey b = random_hash_key();
    for (const HashKey& key : {a, own_hash_key()}) {
        CHECK(std::ranges::count(key.bytes32, uint64_t{0}) == 0);
        CHECK(std::ranges::count(key.address, uint64_t{0}) == 0);
    }
    CHECK(!std::ranges::equal(a.bytes32, b.bytes32));
    CHECK(!std::ranges::equal(a.address, b.address));
    CHECK(!std::ranges::equal(a.address, own_hash_key().address));
}

/// What a block comes to in order, ahead of it, and on workers interleaved by a seed.
struct Results {
    wire::BlockRecords in_order;
    wire::BlockRecords ahead;
    wire::BlockRecords interleaved;
};

TEST("hash: no result depends on the key") {
    SeededScheduler scheduler;
    parallel::OptimisticLoop loop{ordered_pool(),
                                  [] { return std::make_unique<transaction::Machine>(); }};
    loop.set_workers(3);
    loop.set_interleaving(&scheduler);
    const auto run = [&](const HashKey& key, uint64_t seed) {
        const HashKeyScope scope{key};
        constexpr size_t count = 24;
        ConflictingBlock block{seed % 2 == 0 ? EVMC_SHANGHAI : EVMC_OSAKA, seed, count};
        AheadLoop ahead{latest_first(count)};
        SteppingState stepping{block.state};
        scheduler.seed(seed);
        return Results{run_block(block, block.state), run_block(block, block.state, &ahead),
                       run_block(block, stepping, &loop)};
    };
    const auto same = [](const auto& a, const auto& b) {
        return a.size() == b.size() &&
               (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(a[0])) == 0);
    };
    size_t hot = 0;
    for (uint64_t seed = 0; seed < 60; ++seed) {
        const Results a = run(hash_key_of(2 * seed + 1), seed);
        const Results b = run(hash_key_of(2 * seed + 2), seed);
        CHECK(same_records(a.in_order, b.in_order));
        CHECK(same_records(a.ahead, b.ahead));
        CHECK(same_records(a.interleaved, b.interleaved));
        // Who meets whom follows from the order of the steps, which is the same.
        CHECK(same(a.interleaved.conflicts, b.interleaved.conflicts));
        CHECK(same(a.interleaved.hot_locations, b.interleaved.hot_locations));
        hot += std::min(a.interleaved.conflicts.size(), a.interleaved.hot_locations.size());
    }
    CHECK(hot > 0);
}

} // namespace braid::test
