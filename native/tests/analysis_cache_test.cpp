/// The process's decoded code: what it holds, what it gives up, and that nobody notices.
#include "evm/analysis_cache.hpp"
#include "evm/block_table.hpp"
#include "evm/loose_code.hpp"
#include "evm/translator.hpp"

#include "tests/evm/program.hpp"
#include "tests/evm/scenario.hpp"
#include "tests/harness.hpp"

#include <thread>

namespace braid::test {
namespace {

using evm::Analysis;
using evm::AnalysisCache;
using evm::AnalysisPin;
using evm::Translator;

/// Code that no other test has, whose decoding takes about `size` cells or more.
CodeRef unique_code(size_t size) {
    static uint64_t number = 0;
    return make_code(Program{}.push(++number, 8).repeat(size, evm::OP_CALLER).bytes());
}

/// A VM's part of the cache.
struct User {
    explicit User(AnalysisCache& of) : cache{of} { cache.add(pin); }
    ~User() { cache.remove(pin); }

    /// As a frame does: looks up, decodes what there is, makes room.
    Analysis& run(const Code& code, std::vector<const Analysis*> running = {}) {
        Analysis& analysis = cache.find_or_add(code, EVMC_OSAKA);
        if (analysis.start() == nullptr)
            analysis.decode_start(code.bytes(), translator);
        running.push_back(&analysis);
        if (cache.is_full())
            cache.make_room(pin, running);
        return analysis;
    }

    AnalysisCache& cache;
    Translator translator;
    AnalysisPin pin{translator.chunks()};
};

/// Sets the budget of the process for a test.
struct Budget {
    explicit Budget(size_t bytes) { AnalysisCache::instance().set_budget(bytes); }
    ~Budget() { AnalysisCache::instance().set_budget(AnalysisCache::default_budget); }
};

} // namespace

TEST("analysis cache: what was not used for the longest time is given up") {
    AnalysisCache cache;
    User user{cache};
    const size_t before = Analysis::all_memory();
    cache.set_budget(before + 400'000);
    const CodeRef hot = unique_code(800);
    std::vector<CodeRef> codes;
    cache.enter(user.pin);
    Analysis* const kept = &user.run(*hot);
    const uint64_t number = hot->decoded_place().number;
    for (int i = 0; i < 1000; ++i) {
        codes.push_back(unique_code(800));
        user.run(*codes.back());
        CHECK(&user.run(*hot) == kept);
        CHECK(Analysis::all_memory() <= before + 400'000 + 20'000);
    }
    CHECK_EQ(hot->decoded_place().number, number);
    CHECK(cache.size() > 20);
    CHECK(cache.size() < 80);
    // The latest is there, the first is not; made again it is another.
    const uint64_t latest = codes.back()->decoded_place().number;
    user.run(*codes.back());
    CHECK_EQ(codes.back()->decoded_place().number, latest);
    const uint64_t first = codes.front()->decoded_place().number;
    user.run(*codes.front());
    CHECK(codes.front()->decoded_place().number != first);
    cache.leave(user.pin);
}

TEST("analysis cache: what executions may look at stays until they are over") {
    AnalysisCache cache;
    User one{cache};
    User other{cache};
    cache.set_budget(0);
    const CodeRef code = unique_code(500);
    cache.enter(other.pin);
    Analysis& held = other.cache.find_or_add(*code, EVMC_OSAKA);
    const evm::Cell* block = held.decode_start(code->bytes(), other.translator);

    const size_t before = Analysis::all_memory();
    cache.enter(one.pin);
    for (int i = 0; i < 50; ++i)
        one.run(*unique_code(500));
    // Given up: nobody finds it. Yet the other one runs it, and goes on decoding.
    CHECK_EQ(static_cast<int>(block->handler), static_cast<int>(evm::Handler::BLOCK));
    CHECK(&cache.find_or_add(*code, EVMC_OSAKA) != &held);
    CHECK(held.start() == block);
    CHECK(Analysis::all_memory() > before);
    cache.leave(one.pin);
    CHECK(held.start() == block);
    cache.leave(other.pin);
    cache.enter(one.pin);
    one.run(*unique_code(500));
    cache.leave(one.pin);
    CHECK(Analysis::all_memory() < before);
}

TEST("analysis cache: a VM's own frames keep what they run, and nothing else") {
    AnalysisCache cache;
    User user{cache};
    cache.set_budget(0);
    const size_t before = Analysis::all_memory();
    const CodeRef outer = unique_code(500);
    cache.enter(user.pin);
    Analysis& running = user.run(*outer);
    const evm::Cell* block = running.start();
    for (int i = 0; i < 2000; ++i)
        user.run(*unique_code(500), {&running});
    CHECK(running.start() == block);
    // Within one execution, with no end in sight.
    CHECK(Analysis::all_memory() < before + 40'000);
    cache.leave(user.pin);
}

TEST("analysis cache: beyond the budget no more than two bytes are kept for a byte of code") {
    AnalysisCache cache;
    User user{cache};
    constexpr size_t budget = 1 << 20;
    const size_t before = Analysis::all_memory();
    cache.set_budget(before + budget);
    std::vector<CodeRef> codes;
    size_t code_bytes = 0;
    for (int i = 0; i < 300; ++i) {
        // Everything in it is executed, and takes as much as anything can.
        std::vector<uint8_t> bytes = Program{}.push(static_cast<uint64_t>(i), 8).bytes();
        bytes.resize(24 * 1024, evm::OP_GAS);
        code_bytes += bytes.size();
        codes.push_back(make_code(std::move(bytes)));
        cache.enter(user.pin);
        Analysis& analysis = user.run(*codes.back());
        for (const evm::Cell* cell = analysis.start(); cell->handler != evm::Handler::STOP;) {
            cell = cell->handler == evm::Handler::JUMP_TO
                       ? analysis.follow(cell + 1, codes.back()->bytes(), user.translator)
                       : cell + (cell->handler == evm::Handler::PUSH_64 ? 2 : 1);
            if (cache.is_full())
                cache.make_room(user.pin, std::vector<const Analysis*>{&analysis});
        }
        cache.leave(user.pin);
    }
    // The code itself is a byte for a byte.
    CHECK(Analysis::all_memory() <= before + budget + code_bytes / 50);
}

TEST("analysis cache: the bytes of an analysis are counted and given back") {
    const size_t before = Analysis::all_memory();
    {
        Analysis analysis{EVMC_OSAKA};
        Translator translator;
        std::vector<uint8_t> code(20'000, evm::OP_PUSH1);
        code.push_back(evm::OP_JUMPDEST);
        code.push_back(evm::OP_JUMPDEST);
        analysis.decode_start(code, translator);
        const size_t decoded = analysis.memory_size();
        CHECK(decoded >= 1024 / 2 * 8);
        analysis.jump_to(code.size() - 2, code, translator);
        CHECK(analysis.memory_size() >= decoded + code.size() / 8);
        CHECK_EQ(Analysis::all_memory(), before + analysis.memory_size());
        analysis.reset(EVMC_LONDON, translator.chunks());
        CHECK_EQ(Analysis::all_memory(), before);
        analysis.charge(5);
        CHECK_EQ(Analysis::all_memory(), before + 5);
    }
    CHECK_EQ(Analysis::all_memory(), before);
}

TEST("loose code: kept from the second time on, up to a limit") {
    evm::LooseCodeCache cache;
    const size_t before = Analysis::all_memory();
    const std::vector<uint8_t> code(40'000, evm::OP_CALLER);
    CHECK(cache.find_or_add(code, EVMC_OSAKA) == nullptr);
    CHECK_EQ(Analysis::all_memory(), before);
    const auto kept = cache.find_or_add(code, EVMC_OSAKA);
    CHECK(kept != nullptr && kept->bytes == code);
    CHECK(cache.find_or_add(code, EVMC_OSAKA) == kept);
    CHECK(cache.find_or_add(code, EVMC_LONDON) != kept);
    for (uint8_t i = 0; i < evm::OP_CALLER; ++i) {
        std::vector<uint8_t> other = code;
        other[0] = i;
        CHECK(cache.find_or_add(other, EVMC_OSAKA) == nullptr);
        CHECK(cache.find_or_add(other, EVMC_OSAKA) != nullptr);
        CHECK(Analysis::all_memory() - before <= evm::LooseCodeCache::most_bytes + 200'000);
    }
    // The sample is the same, the code is not.
    std::vector<uint8_t> similar = code;
    similar[1000] = evm::OP_ORIGIN;
    for (int i = 0; i < 3; ++i) {
        const auto found = cache.find_or_add(similar, EVMC_OSAKA);
        CHECK(found == nullptr || found->bytes == similar);
    }
}

TEST("block table: threads insert and look up at once") {
    for (int round = 0; round < 20; ++round) {
        evm::BlockTable table;
        constexpr size_t count = 500;
        static const evm::Cell cells[count]{};
        std::vector<std::thread> threads;
        std::atomic<int> wrong{0};
        for (size_t t = 0; t < 4; ++t) {
            threads.emplace_back([&, t] {
                for (size_t i = 0; i < count; ++i) {
                    const size_t position = (i * 7 + t * 131) % count;
                    table.insert(position * 3, cells + position);
                    const evm::Cell* found = table.find(position * 3);
                    // An insertion may be lost, never mistaken.
                    wrong += found != nullptr && found != cells + position;
                    wrong += table.find(position * 3 + 1) != nullptr;
                }
            });
        }
        for (std::thread& thread : threads)
            thread.join();
        CHECK_EQ(wrong.load(), 0);
        for (size_t i = 0; i < count; ++i) {
            table.insert(i * 3, cells + i);
            CHECK(table.find(i * 3) == cells + i);
        }
        CHECK(table.find(UINT64_MAX) == nullptr);
    }
}

TEST("random programs run as on the reference while analyses are given up under them") {
    const Budget budget{20'000};
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    constexpr uint64_t programs = 400;
#else
    constexpr uint64_t programs = 3000;
#endif
    std::vector<Scenario> scenarios;
    std::vector<Observation> expected;
    ReferenceMachine reference;
    for (uint64_t seed = 0; seed < programs; ++seed) {
        Random random{mix64(seed + 1'000'000)};
        scenarios.push_back(make_scenario(random));
        expected.push_back(observe(reference, scenarios.back()));
    }
    std::vector<std::thread> threads;
    std::atomic<int> differences{0};
    for (uint64_t t = 0; t < 4; ++t) {
        threads.emplace_back([&, t] {
            BuiltInMachine machine;
            for (uint64_t i = 0; i < programs; ++i) {
                // The same code at about the same time, and now and then code from long ago.
                const uint64_t at = i % 5 == 4 ? (i * 31 + t) % programs : i;
                const Observation actual = observe(machine, scenarios[at]);
                differences += find_difference(actual, expected[at]) != nullptr;
            }
        });
    }
    for (std::thread& thread : threads)
        thread.join();
    CHECK_EQ(differences.load(), 0);
    // All executions are over: what comes next frees what was given up.
    BuiltInMachine last;
    observe(last, scenarios[0]);
    CHECK(Analysis::all_memory() < 400'000);
}

} // namespace braid::test
