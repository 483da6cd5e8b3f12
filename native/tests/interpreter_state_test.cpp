/// Storage, access costs, logs, transient storage and self-destruction.
#include "tests/evm/fixture.hpp"

namespace braid::test {
namespace {

using reference::Word;

const Address stranger = Word{0x5712a}.to_address();

int status_of(const Execution& execution) { return execution.outcome.status; }

Setup setup_of(evmc_revision revision) {
    Setup setup;
    setup.revision = revision;
    return setup;
}

/// The sequences of EIP-1283's, EIP-2200's and EIP-3529's tables; a price list fills in the costs.
struct StorageSequence {
    const char* code;
    uint64_t original;
};
constexpr StorageSequence sequences[] = {
    {"60006000556000600055", 0},           {"60006000556001600055", 0},
    {"60016000556000600055", 0},           {"60016000556002600055", 0},
    {"60016000556001600055", 0},           {"60006000556000600055", 1},
    {"60006000556001600055", 1},           {"60006000556002600055", 1},
    {"60026000556000600055", 1},           {"60026000556003600055", 1},
    {"60026000556001600055", 1},           {"60026000556002600055", 1},
    {"60016000556000600055", 1},           {"60016000556002600055", 1},
    {"60016000556001600055", 1},           {"600160005560006000556001600055", 0},
    {"600060005560016000556000600055", 1},
};
constexpr size_t sequence_count = std::size(sequences);

struct Cost {
    int64_t gas;
    int64_t refund;
};

void check_storage_costs(evmc_revision revision, bool is_warm, const Cost (&costs)[sequence_count],
                         int64_t surcharge = 0) {
    for (size_t i = 0; i < sequence_count; ++i) {
        Setup setup = setup_of(revision);
        MockSlot& slot = setup.state.slot(contract, {});
        slot.original = slot.current = Word{sequences[i].original}.to_bytes();
        slot.is_warm = is_warm;
        const Execution execution = execute(setup, from_hex(sequences[i].code));
        CHECK_EQ(status_of(execution), EVMC_SUCCESS);
        CHECK_EQ(execution.gas_used, costs[i].gas + surcharge);
        CHECK_EQ(execution.outcome.gas_refund, costs[i].refund);
    }
}

} // namespace

TEST("interpreter: SSTORE before net metering, and in Petersburg") {
    // 20000 from zero to anything else, 5000 otherwise; 15000 back for clearing (Yellow Paper).
    const Cost costs[] = {{10012, 0},     {25012, 0},     {25012, 15000}, {25012, 0},
                          {25012, 0},     {10012, 15000}, {25012, 15000}, {25012, 15000},
                          {10012, 15000}, {10012, 0},     {10012, 0},     {10012, 0},
                          {10012, 15000}, {10012, 0},     {10012, 0},     {45018, 15000},
                          {30018, 30000}};
    for (const evmc_revision revision : {EVMC_FRONTIER, EVMC_BYZANTIUM, EVMC_PETERSBURG})
        check_storage_costs(revision, false, costs);
}

TEST("interpreter: SSTORE as in EIP-1283") {
    check_storage_costs(EVMC_CONSTANTINOPLE, false,
                        {{412, 0},
                         {20212, 0},
                         {20212, 19800},
                         {20212, 0},
                         {20212, 0},
                         {5212, 15000},
                         {5212, 4800},
                         {5212, 0},
                         {5212, 15000},
                         {5212, 0},
                         {5212, 4800},
                         {5212, 0},
                         {5212, 15000},
                         {5212, 0},
                         {412, 0},
                         {40218, 19800},
                         {10218, 19800}});
}

TEST("interpreter: SSTORE as in EIP-2200") {
    check_storage_costs(EVMC_ISTANBUL, false,
                        {{1612, 0},
                         {20812, 0},
                         {20812, 19200},
                         {20812, 0},
                         {20812, 0},
                         {5812, 15000},
                         {5812, 4200},
                         {5812, 0},
                         {5812, 15000},
                         {5812, 0},
                         {5812, 4200},
                         {5812, 0},
                         {5812, 15000},
                         {5812, 0},
                         {1612, 0},
                         {40818, 19200},
                         {10818, 19200}});
}

TEST("interpreter: SSTORE as in EIP-2929 and EIP-3529, warm and cold") {
    const Cost berlin[] = {{212, 0},       {20112, 0},   {20112, 19900}, {20112, 0},    {20112, 0},
                           {3012, 15000},  {3012, 2800}, {3012, 0},      {3012, 15000}, {3012, 0},
                           {3012, 2800},   {3012, 0},    {3012, 15000},  {3012, 0},     {212, 0},
                           {40118, 19900}, {5918, 17800}};
    const Cost london[] = {{212, 0},       {20112, 0},   {20112, 19900}, {20112, 0},   {20112, 0},
                           {3012, 4800},   {3012, 2800}, {3012, 0},      {3012, 4800}, {3012, 0},
                           {3012, 2800},   {3012, 0},    {3012, 4800},   {3012, 0},    {212, 0},
                           {40118, 19900}, {5918, 7600}};
    check_storage_costs(EVMC_BERLIN, true, berlin);
    check_storage_costs(EVMC_BERLIN, false, berlin, 2100);
    for (const evmc_revision revision : {EVMC_LONDON, EVMC_CANCUN, EVMC_OSAKA}) {
        check_storage_costs(revision, true, london);
        check_storage_costs(revision, false, london, 2100);
    }
}

TEST("interpreter: SSTORE wants more than 2300 gas from Istanbul on") {
    const Program store = Program{}.push(0).push(0).op(evm::OP_SSTORE);
    Setup setup = setup_of(EVMC_ISTANBUL);
    setup.gas = 6 + 2300;
    CHECK_EQ(status_of(execute(setup, store)), EVMC_OUT_OF_GAS);
    setup.gas = 6 + 2301;
    CHECK_EQ(status_of(execute(setup, store)), EVMC_SUCCESS);
    // The gas is exact there whatever follows in the code.
    setup.gas = 6 + 2301 - 1;
    CHECK_EQ(status_of(execute(setup, Program{}.append(store).push(0))), EVMC_OUT_OF_GAS);
    setup.revision = EVMC_CONSTANTINOPLE;
    setup.gas = 6 + 200;
    CHECK_EQ(status_of(execute(setup, store)), EVMC_SUCCESS);
}

TEST("interpreter: what touching accounts and slots costs, revision by revision") {
    const struct {
        uint8_t op;
        evmc_revision revision;
        int64_t gas;
    } cases[] = {
        {evm::OP_SLOAD, EVMC_FRONTIER, 50},
        {evm::OP_SLOAD, EVMC_TANGERINE_WHISTLE, 200},
        {evm::OP_SLOAD, EVMC_ISTANBUL, 800},
        {evm::OP_SLOAD, EVMC_BERLIN, 2100},
        {evm::OP_BALANCE, EVMC_FRONTIER, 20},
        {evm::OP_BALANCE, EVMC_TANGERINE_WHISTLE, 400},
        {evm::OP_BALANCE, EVMC_ISTANBUL, 700},
        {evm::OP_BALANCE, EVMC_BERLIN, 2600},
        {evm::OP_EXTCODESIZE, EVMC_FRONTIER, 20},
        {evm::OP_EXTCODESIZE, EVMC_TANGERINE_WHISTLE, 700},
        {evm::OP_EXTCODESIZE, EVMC_BERLIN, 2600},
        {evm::OP_EXTCODEHASH, EVMC_CONSTANTINOPLE, 400},
        {evm::OP_EXTCODEHASH, EVMC_ISTANBUL, 700},
        {evm::OP_EXTCODEHASH, EVMC_BERLIN, 2600},
    };
    for (const auto& [op, revision, gas] : cases) {
        const Program once = Program{}.push(Word{stranger}).op(op);
        CHECK_EQ(execute(setup_of(revision), once).gas_used, 3 + gas);
        // The second time it is warm.
        const int64_t again = revision >= EVMC_BERLIN ? 100 : gas;
        CHECK_EQ(execute(setup_of(revision), Program{}.append(once).append(once)).gas_used,
                 3 + gas + 3 + again);
        Setup short_of_gas = setup_of(revision);
        short_of_gas.gas = 3 + gas - 1;
        CHECK_EQ(status_of(execute(short_of_gas, once)), EVMC_OUT_OF_GAS);
    }
    // EXTCODECOPY: 3 gas per word of the copy, and memory, on top.
    const Program copy =
        Program{}.push(33).push(0).push(0).push(Word{stranger}).op(evm::OP_EXTCODECOPY);
    for (const auto& [revision, gas] :
         {std::pair{EVMC_FRONTIER, 20}, {EVMC_TANGERINE_WHISTLE, 700}, {EVMC_BERLIN, 2600}})
        CHECK_EQ(execute(setup_of(revision), copy).gas_used, 12 + gas + 6 + 6);
}

TEST("interpreter: SLOAD and SSTORE see one slot") {
    const Word key = word("ff000000000000000000000000000000000000000000000000000000000000aa");
    const Program program =
        Program{}.push(~Word{}).push(key).op(evm::OP_SSTORE).push(key).op(evm::OP_SLOAD);
    const Execution execution = execute({}, Program{}.append(program).return_top());
    CHECK_EQ(execution.output(), hex(~Word{}));
    CHECK_EQ(execution.state.slots.size(), size_t{1});
    CHECK(execution.state.slots[0].key == key.to_bytes());
    // A revert puts the slot back.
    const Execution reverted =
        execute({}, Program{}.append(program).push(0).push(0).op(evm::OP_REVERT));
    CHECK(reverted.state.slots.empty());
}

TEST("interpreter: EXTCODECOPY, EXTCODESIZE, EXTCODEHASH, BALANCE") {
    Setup setup;
    MockAccount& account = setup.state.account(stranger);
    account.code = make_code(from_hex("11223344"));
    account.balance = 77;
    const auto ask = [&](uint8_t op) {
        // Only the low 20 bytes of the operand name the account.
        const Word operand = Word{stranger} + shift_left(Word{5}, 160);
        return execute(setup, Program{}.push(operand).op(op).return_top()).output();
    };
    CHECK_EQ(ask(evm::OP_EXTCODESIZE), hex(4));
    CHECK_EQ(ask(evm::OP_BALANCE), hex(77));
    CHECK_EQ(ask(evm::OP_EXTCODEHASH), to_hex(account.code->hash().bytes, 32));
    const auto copied = [&](const Word& offset) {
        return execute(setup, Program{}
                                  .push(~Word{})
                                  .store(0)
                                  .push(6)
                                  .push(offset)
                                  .push(1)
                                  .push(Word{stranger})
                                  .op(evm::OP_EXTCODECOPY)
                                  .finish(0, 8))
            .output();
    };
    CHECK_EQ(copied(0), "ff112233440000ff");
    CHECK_EQ(copied(3), "ff440000000000ff");
    CHECK_EQ(copied(4), "ff000000000000ff");
    CHECK_EQ(copied(word("10000000000000000")), "ff000000000000ff");
    CHECK_EQ(copied(~Word{}), "ff000000000000ff");
    CHECK_EQ(execute({}, Program{}.push(1).op(evm::OP_EXTCODEHASH).return_top()).output(), hex(0));
}

TEST("interpreter: logs and their gas") {
    for (uint64_t topics = 0; topics <= 4; ++topics) {
        Program program = Program{}.push(word("aabbcc")).store(0);
        const int64_t before = execute({}, program).gas_used;
        for (uint64_t i = topics; i > 0; --i)
            program.push(i);
        program.push(3).push(29).op(evm::OP_LOG0 + topics);
        const Execution execution = execute({}, program);
        CHECK_EQ(execution.gas_used, before + 3 * static_cast<int64_t>(topics + 2) + 375 +
                                         375 * static_cast<int64_t>(topics) + 8 * 3);
        CHECK_EQ(execution.logs.size(), size_t{1});
        const MockLog& log = execution.logs.at(0);
        CHECK(log.address == contract);
        CHECK_EQ(to_hex(log.data), "aabbcc");
        CHECK_EQ(log.topics.size(), topics);
        for (uint64_t i = 0; i < log.topics.size(); ++i)
            CHECK(log.topics[i] == Word{i + 1}.to_bytes());
    }
    const Program empty = Program{}.push(0).push(~Word{}).op(evm::OP_LOG0);
    CHECK_EQ(execute({}, empty).gas_used, 6 + 375);
    CHECK_EQ(status_of(execute({}, Program{}.push(~Word{}).push(0).op(evm::OP_LOG0))),
             EVMC_OUT_OF_GAS);
}

TEST("interpreter: transient storage") {
    const Program program = Program{}.push(5).push(1).op(evm::OP_TSTORE).push(1).op(evm::OP_TLOAD);
    CHECK_EQ(execute({}, program).gas_used, 3 * 3 + 200);
    CHECK_EQ(execute({}, Program{}.append(program).return_top()).output(), hex(5));
    CHECK_EQ(execute({}, Program{}.push(2).op(evm::OP_TLOAD).return_top()).output(), hex(0));
}

TEST("interpreter: nothing is written in static mode") {
    Setup setup;
    setup.flags = EVMC_STATIC;
    const auto with_operands = [](size_t count, uint8_t op) {
        return Program{}.repeat(count, evm::OP_PUSH0).op(op);
    };
    const struct {
        size_t operands;
        uint8_t op;
    } writes[] = {{2, evm::OP_SSTORE},      {2, evm::OP_TSTORE}, {2, evm::OP_LOG0},
                  {6, evm::OP_LOG4},        {3, evm::OP_CREATE}, {4, evm::OP_CREATE2},
                  {1, evm::OP_SELFDESTRUCT}};
    for (const auto& [operands, op] : writes)
        CHECK_EQ(status_of(execute(setup, with_operands(operands, op))),
                 EVMC_STATIC_MODE_VIOLATION);
    const auto call = [](uint8_t op, uint64_t value) {
        return Program{}.push(0).push(0).push(0).push(0).push(value).push(9).push(0).op(op);
    };
    CHECK_EQ(status_of(execute(setup, call(evm::OP_CALL, 0))), EVMC_SUCCESS);
    CHECK_EQ(status_of(execute(setup, call(evm::OP_CALL, 1))), EVMC_STATIC_MODE_VIOLATION);
    // CALLCODE moves nothing.
    CHECK_EQ(status_of(execute(setup, call(evm::OP_CALLCODE, 1))), EVMC_SUCCESS);
}

TEST("interpreter: SELFDESTRUCT, revision by revision") {
    const Program program = Program{}.push(Word{stranger}).op(evm::OP_SELFDESTRUCT);
    const auto run = [&](evmc_revision revision, uint64_t balance, bool exists, int64_t gas,
                         int64_t refund) {
        Setup setup = setup_of(revision);
        setup.value = balance;
        if (exists)
            setup.state.account(stranger).nonce = 1;
        const Execution execution = execute(setup, program);
        CHECK_EQ(status_of(execution), EVMC_SUCCESS);
        CHECK_EQ(execution.gas_used, 3 + gas);
        CHECK_EQ(execution.outcome.gas_refund, refund);
        CHECK(execution.state.find(stranger)->balance == Word{balance});
        CHECK(execution.state.find(contract)->is_destroyed);
    };
    run(EVMC_FRONTIER, 1, false, 0, 24000);
    run(EVMC_TANGERINE_WHISTLE, 0, false, 5000 + 25000, 24000); // EIP-150
    run(EVMC_TANGERINE_WHISTLE, 1, true, 5000, 24000);
    run(EVMC_SPURIOUS_DRAGON, 0, false, 5000, 24000); // EIP-161
    run(EVMC_SPURIOUS_DRAGON, 1, false, 5000 + 25000, 24000);
    run(EVMC_SPURIOUS_DRAGON, 1, true, 5000, 24000);
    run(EVMC_BERLIN, 1, true, 5000 + 2600, 24000); // EIP-2929
    run(EVMC_BERLIN, 1, false, 5000 + 2600 + 25000, 24000);
    run(EVMC_LONDON, 1, true, 5000 + 2600, 0); // EIP-3529
    run(EVMC_OSAKA, 1, false, 5000 + 2600 + 25000, 0);
    // To itself, warm as the executor makes it: nothing but the base cost.
    Setup self;
    self.state.warm(contract);
    CHECK_EQ(execute(self, Program{}.op(evm::OP_ADDRESS, evm::OP_SELFDESTRUCT)).gas_used, 2 + 5000);
}

} // namespace braid::test
