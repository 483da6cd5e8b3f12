/// The built-in VM as other hosts see it, through the EVMC ABI, and its caches of analyses.
#include "tests/evm/fixture.hpp"

#include <cstring>
#include <thread>

extern "C" evmc_vm* evmc_create_braidvm() noexcept;
extern "C" evmc18_vm* evmc_create_braidvm18() noexcept;

namespace braid::test {
namespace {

using reference::Word;

/// A VM through its C face, and a host for it.
struct Caller {
    ReferenceMachine unused;
    MockHost host{unused, EVMC_OSAKA, {}};
    evmc_message message{};

    Caller() { message.gas = 100'000; }

    evmc_result execute(evmc_vm* vm, const std::vector<uint8_t>& code,
                        evmc_revision revision = EVMC_OSAKA) {
        return vm->execute(vm, &MockHost::interface(), host.context(), revision, &message,
                           code.data(), code.size());
    }
    /// Runs code and returns its output in hex.
    std::string output_of(evmc_vm* vm, const std::vector<uint8_t>& code,
                          evmc_revision revision = EVMC_OSAKA) {
        const evmc_result result = execute(vm, code, revision);
        std::string text = result.status_code == EVMC_SUCCESS
                               ? to_hex(result.output_data, result.output_size)
                               : "status " + std::to_string(result.status_code);
        if (result.release != nullptr)
            result.release(&result);
        return text;
    }
};

} // namespace

TEST("EVMC: the VM introduces itself") {
    evmc_vm* vm = evmc_create_braidvm();
    CHECK_EQ(vm->abi_version, 12);
    CHECK_EQ(std::string(vm->name), "braidvm");
    CHECK(std::strlen(vm->version) > 0);
    CHECK_EQ(vm->get_capabilities(vm), uint32_t{EVMC_CAPABILITY_EVM1});
    CHECK_EQ(vm->set_option(vm, "no such option", ""), EVMC_SET_OPTION_INVALID_NAME);
    vm->destroy(vm);
}

TEST("EVMC 18: the VM introduces itself") {
    evmc18_vm* vm = evmc_create_braidvm18();
    CHECK_EQ(vm->abi_version, 18);
    CHECK_EQ(std::string(vm->name), "braidvm");
    CHECK(std::strlen(vm->version) > 0);
    CHECK_EQ(vm->set_option(vm, "no such option", ""), EVMC_SET_OPTION_INVALID_NAME);
    vm->destroy(vm);
}

TEST("EVMC 18: revisions have their numbers, and unknown ones are rejected") {
    Caller caller;
    evmc18_vm* vm = evmc_create_braidvm18();
    const auto status_of = [&](int number, uint8_t op) {
        evmc18_revision revision{};
        std::memcpy(&revision, &number, sizeof(number));
        const evmc18_message message = evmc::to_18(caller.message);
        const uint8_t code[] = {evm::OP_PUSH1, 1, evm::OP_PUSH1, 1, op};
        const evmc18_result result =
            vm->execute(vm, &MockHost::interface_18(), caller.host.context(), revision, &message,
                        code, sizeof(code));
        CHECK(result.release == nullptr);
        return result.status_code;
    };
    // Each has an instruction that the one before it does not know.
    const struct {
        int first;
        uint8_t op;
    } steps[] = {{EVMC18_PETERSBURG, evm::OP_SHL},     {EVMC18_ISTANBUL, evm::OP_CHAINID},
                 {EVMC18_LONDON, evm::OP_BASEFEE},     {EVMC18_SHANGHAI, evm::OP_PUSH0},
                 {EVMC18_CANCUN, evm::OP_BLOBBASEFEE}, {EVMC18_OSAKA, evm::OP_CLZ}};
    for (const auto& [first, op] : steps) {
        CHECK_EQ(status_of(first, op), EVMC_SUCCESS);
        CHECK_EQ(status_of(first - 1, op), EVMC_UNDEFINED_INSTRUCTION);
    }
    for (const int unknown : {-1, int{EVMC18_AMSTERDAM}, EVMC18_EXPERIMENTAL + 1, 1000})
        CHECK_EQ(status_of(unknown, evm::OP_ADD), EVMC_REJECTED);
    vm->destroy(vm);
}

TEST("EVMC 18: a creator at the last nonce creates nothing (EIP-2681)") {
    // CREATE, and the gas that is left, as the output.
    const std::vector<uint8_t> code =
        Program{}.push(0).push(0).push(0).op(evm::OP_CREATE).return_top().bytes();
    for (const uint64_t nonce : {UINT64_MAX, UINT64_MAX - 1}) {
        Evmc18Machine machine{evmc_create_braidvm18()};
        Setup setup;
        setup.state.account(contract).nonce = nonce;
        const Execution execution = execute_on(machine, setup, code);
        CHECK_EQ(execution.outcome.status, EVMC_SUCCESS);
        const bool creates = nonce != UINT64_MAX;
        CHECK_EQ(execution.output() == hex(0), !creates);
        CHECK_EQ(execution.messages.size(), size_t{creates});
        CHECK(execution.gas_used < 40'000); // a light failure
    }
}

TEST("EVMC: a call that ends with an internal error has failed, nothing more") {
    // The call's result, then 7, as the output; the host answers every call so.
    const std::vector<uint8_t> code = Program{}
                                          .repeat(5, evm::OP_PUSH0)
                                          .push(0xbeef)
                                          .push(50'000)
                                          .op(evm::OP_CALL)
                                          .push(7)
                                          .op(evm::OP_ADD)
                                          .return_top()
                                          .bytes();
    Caller caller;
    const auto answer = [](evmc_host_context*, const evmc_message*) {
        evmc_result result{};
        result.status_code = EVMC_INTERNAL_ERROR;
        return result;
    };
    evmc_host_interface functions = MockHost::interface();
    functions.call = answer;
    evmc_vm* vm = evmc_create_braidvm();
    const evmc_result result = vm->execute(vm, &functions, caller.host.context(), EVMC_OSAKA,
                                           &caller.message, code.data(), code.size());
    CHECK_EQ(result.status_code, EVMC_SUCCESS);
    CHECK_EQ(to_hex(result.output_data, result.output_size), hex(7));
    CHECK(result.gas_left < 50'000);
    CHECK(result.gas_left > 40'000);
    if (result.release != nullptr)
        result.release(&result);
    vm->destroy(vm);
}

TEST("EVMC: results own their output") {
    Caller caller;
    evmc_vm* vm = evmc_create_braidvm();
    const evmc_result first = caller.execute(vm, Program{}.push(0x11).return_top().bytes());
    const evmc_result second = caller.execute(
        vm, Program{}.push(0x22).store(0).push(32).push(0).op(evm::OP_REVERT).bytes());
    const evmc_result none = caller.execute(vm, {});
    vm->destroy(vm);
    CHECK_EQ(first.status_code, EVMC_SUCCESS);
    CHECK_EQ(to_hex(first.output_data, first.output_size), hex(0x11));
    CHECK_EQ(second.status_code, EVMC_REVERT);
    CHECK_EQ(to_hex(second.output_data, second.output_size), hex(0x22));
    CHECK(first.release != nullptr && second.release != nullptr);
    first.release(&first);
    second.release(&second);
    CHECK_EQ(none.status_code, EVMC_SUCCESS);
    CHECK_EQ(none.gas_left, 100'000);
    CHECK_EQ(none.output_size, size_t{0});
    if (none.release != nullptr)
        none.release(&none);
}

TEST("EVMC: unknown revisions are rejected") {
    Caller caller;
    evmc_vm* vm = evmc_create_braidvm();
    for (const int revision : {-1, EVMC_MAX_REVISION + 1, 1000}) {
        // Not a value of the enumeration, but what an unchecked host may well pass.
        evmc_revision passed{};
        std::memcpy(&passed, &revision, sizeof(revision));
        const evmc_result result = caller.execute(vm, {0}, passed);
        CHECK_EQ(result.status_code, EVMC_REJECTED);
        CHECK_EQ(result.gas_left, 0);
        CHECK_EQ(result.output_size, size_t{0});
    }
    vm->destroy(vm);
}

TEST("EVMC: code is known by its bytes, not by its place") {
    Caller caller;
    evmc_vm* vm = evmc_create_braidvm();
    std::vector<uint8_t> code = Program{}.push(0x11).return_top().bytes();
    CHECK_EQ(caller.output_of(vm, code), hex(0x11));
    code[1] = 0x22; // the same buffer, the same size
    CHECK_EQ(caller.output_of(vm, code), hex(0x22));
    code[1] = 0x11;
    CHECK_EQ(caller.output_of(vm, code), hex(0x11));

    // Codes alike but for one byte anywhere.
    Program program;
    for (int i = 0; i < 40; ++i)
        program.push(1);
    std::vector<uint8_t> sum = program.repeat(39, evm::OP_ADD).return_top().bytes();
    CHECK_EQ(caller.output_of(vm, sum), hex(40));
    for (size_t i = 0; i < 40; ++i) {
        std::vector<uint8_t> changed = sum;
        changed[2 * i + 1] = 2;
        CHECK_EQ(caller.output_of(vm, changed), hex(41));
        CHECK_EQ(caller.output_of(vm, sum), hex(40));
    }
    // More codes than the cache has entries, twice over; lengths 0 to 8 among them.
    for (int round = 0; round < 2; ++round) {
        for (uint64_t i = 0; i < 300; ++i)
            CHECK_EQ(caller.output_of(vm, Program{}.push(i, 4).return_top().bytes()), hex(i));
        for (size_t size = 0; size < 9; ++size)
            CHECK_EQ(caller.output_of(vm, std::vector<uint8_t>(size, evm::OP_JUMPDEST)), "");
    }
    vm->destroy(vm);
}

TEST("EVMC: code too large for the cache runs all the same") {
    Caller caller;
    evmc_vm* vm = evmc_create_braidvm();
    for (const uint64_t value : {1, 2, 1}) {
        Program program = Program{}.push(value).return_top();
        program.repeat(70'000, evm::OP_STOP);
        CHECK_EQ(caller.output_of(vm, program.bytes()), hex(value));
    }
    vm->destroy(vm);
}

TEST("EVMC: the same code under another revision is another program") {
    Caller caller;
    evmc_vm* vm = evmc_create_braidvm();
    const std::vector<uint8_t> code = Program{}.op(evm::OP_PUSH0).return_top().bytes();
    for (int round = 0; round < 3; ++round) {
        CHECK_EQ(caller.output_of(vm, code, EVMC_SHANGHAI), hex(0));
        CHECK_EQ(caller.output_of(vm, code, EVMC_PARIS),
                 "status " + std::to_string(EVMC_UNDEFINED_INSTRUCTION));
    }
    vm->destroy(vm);
}

TEST("VM: an analysis serves every VM and every copy of the code, and revisions are kept apart") {
    const std::vector<uint8_t> bytes = Program{}.op(evm::OP_PUSH0).return_top().bytes();
    const CodeRef code = make_code(bytes);
    const CodeRef copy = make_code(bytes);
    const auto run = [&](evm::Vm& vm, const CodeRef& which, evmc_revision revision) {
        Caller caller;
        const evmc_result result = vm.execute_code(MockHost::interface(), caller.host.context(),
                                                   revision, caller.message, *which);
        CHECK(result.release == nullptr);
        return result.status_code;
    };
    evm::Vm first;
    CHECK_EQ(run(first, code, EVMC_OSAKA), EVMC_SUCCESS);
    const DecodedPlace place = code->decoded_place();
    CHECK(place.place != nullptr);
    CHECK_EQ(run(first, code, EVMC_OSAKA), EVMC_SUCCESS);
    CHECK_EQ(code->decoded_place().number, place.number);
    evm::Vm second;
    CHECK_EQ(run(second, copy, EVMC_OSAKA), EVMC_SUCCESS);
    CHECK_EQ(copy->decoded_place().number, place.number);
    CHECK_EQ(run(second, code, EVMC_LONDON), EVMC_UNDEFINED_INSTRUCTION);
    const uint64_t london = code->decoded_place().number;
    CHECK(london != place.number);
    CHECK_EQ(run(first, copy, EVMC_LONDON), EVMC_UNDEFINED_INSTRUCTION);
    CHECK_EQ(copy->decoded_place().number, london);
    CHECK_EQ(run(first, code, EVMC_OSAKA), EVMC_SUCCESS);
    CHECK_EQ(code->decoded_place().number, place.number);
    CHECK_EQ(run(first, code, static_cast<evmc_revision>(EVMC_MAX_REVISION + 1)), EVMC_REJECTED);

    // A hash is told, not computed: one that is wrong harms no other code.
    const auto wrong =
        std::make_shared<const Code>(std::vector<uint8_t>{evm::OP_INVALID}, code->hash());
    CHECK_EQ(run(first, wrong, EVMC_OSAKA), EVMC_INVALID_INSTRUCTION);
    CHECK_EQ(run(first, make_code(bytes), EVMC_OSAKA), EVMC_SUCCESS);
}

TEST("VM: several threads may meet new code at once") {
    for (int round = 0; round < 50; ++round) {
        const CodeRef code = make_code(Program{}
                                           .push(static_cast<uint64_t>(round), 8)
                                           .repeat(300, evm::OP_JUMPDEST)
                                           .return_top()
                                           .bytes());
        int correct[4] = {};
        std::vector<std::thread> threads;
        for (int& count : correct) {
            threads.emplace_back([&count, &code, round] {
                evm::Vm vm;
                Caller caller;
                for (int i = 0; i < 3; ++i) {
                    const evmc_result result =
                        vm.execute_code(MockHost::interface(), caller.host.context(), EVMC_OSAKA,
                                        caller.message, *code);
                    count += result.status_code == EVMC_SUCCESS &&
                             to_hex(result.output_data, result.output_size) ==
                                 hex(static_cast<uint64_t>(round));
                }
            });
        }
        for (std::thread& thread : threads)
            thread.join();
        for (const int count : correct)
            CHECK_EQ(count, 3);
    }
}

} // namespace braid::test
