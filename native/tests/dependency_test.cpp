/// What reports say of transactions that depend on each other, for a block where that is known.
#include "tests/tiny_blocks.hpp"

#include <cstring>

namespace braid::test {
namespace {

using namespace evm;
using wire::LocationKind;

/// An AheadLoop whose transactions are asked what they depend on when they run at the head, too.
class TrackedLoop final : public AheadLoop {
  public:
    using AheadLoop::AheadLoop;
    bool run(block::BlockExecutor& block) override {
        block.track_dependencies();
        return AheadLoop::run(block);
    }
};

wire::BlockRecords tracked(HardBlock& block, std::vector<uint32_t> order) {
    TrackedLoop loop{std::move(order)};
    return run_block(block, block.state, &loop);
}

/// What each transaction's last run depends on.
std::vector<int32_t> dependencies(const wire::BlockRecords& records) {
    std::vector<int32_t> dependencies(records.receipts.size(), -2);
    for (const wire::TransactionRun& run : records.runs)
        if ((run.flags & wire::run_flag::committed) != 0)
            dependencies[run.transaction] = run.depends_on;
    return dependencies;
}

const wire::Conflict* conflict_of(const wire::BlockRecords& records, uint32_t transaction) {
    for (const wire::Conflict& conflict : records.conflicts)
        if (conflict.transaction == transaction)
            return &conflict;
    return nullptr;
}

/// Calls that depend on earlier ones through a slot, a balance, code; and some that do not.
class KnownBlock : public HardBlock {
  public:
    KnownBlock() : HardBlock{EVMC_OSAKA} {
        target = deploy_program(0xc000, tiny::counter());
        sink = deploy_program(0x51, Program{}.op(OP_STOP));
        look = deploy_program(0x100c, tiny::looker());
        made = transaction::create_address(sender, 4);
        const Address apart = deploy_program(0xc001, tiny::counter());
        call(target);                         // 0
        call(apart);                          // 1: the same sender, nothing else
        call(target);                         // 2: a slot of 0
        call(sink).value = word(5);           // 3
        create(initcode_of(tiny::counter())); // 4
        call(made);                           // 5: code of 4
        call(look, {word_of(sink)});          // 6: a balance of 3
        call(sink).value = word(6);           // 7: a credit looks at nothing
        call(target);                         // 8: a slot of 2
    }
    Address target, sink, look, made;
};

} // namespace

TEST("dependencies: known in order, and no conflict where everything runs in order") {
    KnownBlock block;
    const wire::BlockRecords records = tracked(block, in_order(9));
    CHECK(records.error == wire::ErrorCode::ok);
    CHECK(dependencies(records) == std::vector<int32_t>{-1, -1, 0, -1, -1, 4, 3, -1, 2});
    CHECK(records.conflicts.empty());
    CHECK_EQ(records.runs.size(), size_t{9});
    // Read by 2 and 8; code and balance by one each.
    CHECK_EQ(records.hot_locations.size(), size_t{1});
    CHECK(records.hot_locations[0].address == block.target);
    CHECK_EQ(records.hot_locations[0].kind, static_cast<uint32_t>(LocationKind::storage));
    CHECK_EQ(records.hot_locations[0].dependents, uint32_t{2});
    CHECK_EQ(records.hot_locations[0].conflicts, uint32_t{0});
}

TEST("dependencies: whatever runs when, they are the same, and conflicts say what went wrong") {
    KnownBlock block;
    const wire::BlockRecords records = tracked(block, latest_first(9));
    CHECK(dependencies(records) == std::vector<int32_t>{-1, -1, 0, -1, -1, 4, 3, -1, 2});
    CHECK_EQ(records.conflicts.size(), size_t{4});
    const auto is = [&](uint32_t transaction, LocationKind kind, const Address& address,
                        int32_t writer) {
        const wire::Conflict* conflict = conflict_of(records, transaction);
        return conflict != nullptr && conflict->kind == static_cast<uint32_t>(kind) &&
               conflict->address == address && conflict->writer == writer &&
               conflict->incarnation == 0 && is_zero(conflict->key);
    };
    CHECK(is(2, LocationKind::storage, block.target, 0));
    CHECK(is(5, LocationKind::code, block.made, 4));
    CHECK(is(6, LocationKind::balance, block.sink, 3));
    CHECK(is(8, LocationKind::storage, block.target, 2));
    CHECK_EQ(records.runs.size(), size_t{9 + 4});
    for (const wire::TransactionRun& run : records.runs)
        CHECK_EQ((run.flags & wire::run_flag::committed) == 0,
                 conflict_of(records, run.transaction) != nullptr &&
                     (run.flags & wire::run_flag::at_head) == 0);
    CHECK_EQ(records.hot_locations[0].conflicts, uint32_t{2});
}

TEST("dependencies: the real loop finds them with workers in any order") {
    SeededScheduler scheduler;
    for (const size_t workers : {2, 3}) {
        parallel::OptimisticLoop loop{ordered_pool(),
                                      [] { return std::make_unique<transaction::Machine>(); }};
        loop.set_workers(workers);
        loop.set_interleaving(&scheduler);
        for (uint64_t seed = 0; seed < 40; ++seed) {
            KnownBlock block;
            for (wire::Transaction& transaction : block.transactions)
                transaction.gas_limit = claimed_alone;
            scheduler.seed(seed);
            const wire::BlockRecords records = run_block(block, block.state, &loop);
            CHECK(dependencies(records) == std::vector<int32_t>{-1, -1, 0, -1, -1, 4, 3, -1, 2});
            // Whose write a run was renewed for before its commit came nobody looked up.
            CHECK(records.conflicts.size() >= loop.reexecutions());
            for (const wire::Conflict& conflict : records.conflicts)
                CHECK(conflict.writer == block::no_writer ||
                      conflict.writer == dependencies(records)[conflict.transaction]);
        }
    }
}

TEST("dependencies: a chain of one sender's transfers and calls has none") {
    HardBlock block{EVMC_OSAKA};
    for (uint64_t i = 0; i < 12; ++i) {
        wire::Transaction& transaction = block.call(
            i % 3 == 0 ? address_of(0xabc) : block.deploy_program(0xc000 + i, tiny::counter()));
        transaction.value = word(1);
        if (i % 3 == 0)
            transaction.gas_limit = 21'000;
    }
    for (const auto& order : {in_order(12), latest_first(12)}) {
        const wire::BlockRecords records = tracked(block, order);
        CHECK(dependencies(records) == std::vector<int32_t>(12, -1));
        CHECK(records.conflicts.empty());
        CHECK(records.hot_locations.empty());
    }
}

TEST("dependencies: a destroyed account, a nonce and existence are told apart") {
    HardBlock block{EVMC_SHANGHAI};
    const Address mortal = block.deploy_program(0xdead, tiny::mortal());
    block.state.set_storage(mortal, word(0), word(4));
    const Address maker = block.deploy_program(
        0x3a6e, Program{}.push(0).push(0).push(0).op(OP_CREATE).append(store_in(0)));
    const Address payer =
        block.deploy_program(0x9a1, call_program(address_of(0xe1), 1).append(store_in(0)), 10);
    block.call(mortal);
    block.call(mortal, {word(1)}); // 1: nothing but a transfer now
    block.call(maker);
    block.call(maker); // 3: the next nonce
    block.call(address_of(0xe1)).value = word(1);
    block.call(payer); // 5: no new account
    const wire::BlockRecords records = tracked(block, latest_first(6));
    CHECK(dependencies(records) == std::vector<int32_t>{-1, -1, -1, 2, -1, 4});
    const auto kind_of = [&](uint32_t transaction) {
        const wire::Conflict* conflict = conflict_of(records, transaction);
        return conflict == nullptr ? LocationKind::account
                                   : static_cast<LocationKind>(conflict->kind);
    };
    CHECK(kind_of(1) == LocationKind::code);
    CHECK(kind_of(3) == LocationKind::nonce);
    CHECK(kind_of(5) == LocationKind::existence);
}

TEST("dependencies: whoever reads the coinbase's balance depends on the latest tip") {
    HardBlock block{EVMC_OSAKA};
    const Address look = block.deploy_program(0x100c, tiny::looker());
    const Address sink = block.deploy_program(0x51, Program{}.op(OP_STOP));
    block.call(sink);
    block.call(sink);
    block.call(look, {word_of(block.header.coinbase)});
    const wire::BlockRecords records = tracked(block, latest_first(3));
    CHECK(dependencies(records) == std::vector<int32_t>{-1, -1, 1});
    CHECK_EQ(records.conflicts.size(), size_t{1});
    CHECK(records.conflicts.size() == 1 && records.conflicts[0].writer == 1 &&
          records.conflicts[0].kind == static_cast<uint32_t>(LocationKind::balance));
}

} // namespace braid::test
