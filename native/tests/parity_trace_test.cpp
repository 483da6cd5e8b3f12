/// OpenEthereum's traces of transactions whose answers can be told by hand.
#include "evm/contract_address.hpp"
#include "tests/traced_blocks.hpp"

using namespace braid;
using namespace braid::test;

namespace {

namespace flag = wire::trace_flag;

/// A block whose transactions are traced.
class TracedBlock : public BlockFixture {
  public:
    explicit TracedBlock(uint32_t flags, evmc_revision revision = EVMC_LONDON)
        : BlockFixture{revision} {
        header.tracer = static_cast<uint32_t>(wire::Tracer::parity);
        header.trace_flags = flags;
    }

    Address deploy_code(uint64_t number, const std::vector<uint8_t>& code) {
        const Bytes32 hash = crypto::keccak256(code);
        state.add_code(code, hash);
        state.set_account({address_of(number), 1, uint256{}, hash});
        return address_of(number);
    }

    /// Runs the block, and gives the answer for a transaction.
    std::string trace_of(size_t index) { return traces_of(*this).at(index); }
};

bool has(const std::string& text, std::string_view part) {
    if (text.find(part) != std::string::npos)
        return true;
    std::fprintf(stderr, "%s\n  lacks %.*s\n", text.c_str(), static_cast<int>(part.size()),
                 part.data());
    return false;
}

} // namespace

TEST("parity trace: an instruction tells what it leaves, a call what it enters") {
    TracedBlock block{flag::parity_vm_trace};
    // PUSH1 7 PUSH0-free: MSTORE8 at 31, RETURN of a word.
    const Address inner =
        block.deploy_code(0xb, {0x60, 7, 0x60, 31, 0x53, 0x60, 32, 0x60, 0, 0xf3});
    // STATICCALL(gas, inner, 0, 0, 64, 32), SSTORE(1, its success), DUP2 of two words, and no STOP.
    block.add_call(
        block.deploy_code(0xa, {0x60, 32,   0x60, 64, 0x60, 0,    0x60, 0,    0x60, 0xb,
                                0x5a, 0xfa, 0x60, 1,  0x55, 0x60, 3,    0x60, 4,    0x81}));
    const std::string text = block.trace_of(0);
    static_cast<void>(inner);
    CHECK(has(text, "{\"output\":\"0x\",\"stateDiff\":null,\"trace\":[],"
                    "\"vmTrace\":{\"code\":\"0x602060406000600060"));
    // 100,000 less 21,000 of gas, and 3 of the first instruction.
    CHECK(has(text, "\"ops\":[{\"cost\":3,\"pc\":0,\"sub\":null,\"ex\":{\"mem\":null,\"push\":"
                    "[\"0x20\"],\"store\":null,\"used\":78997}}"));
    CHECK(has(text, "\"pc\":11,\"sub\":{\"code\":\"0x6007601f5360206000f3\",\"ops\":["));
    CHECK(has(text,
              "{\"cost\":6,\"pc\":4,\"sub\":null,\"ex\":{\"mem\":{\"data\":\"0x07\",\"off\":31},"
              "\"push\":[],\"store\":null"));
    CHECK(has(text, "]},\"ex\":{\"mem\":{\"data\":"
                    "\"0x0000000000000000000000000000000000000000000000000000000000000007\","
                    "\"off\":64},\"push\":[\"0x1\"]"));
    CHECK(has(text, "\"store\":{\"key\":\"0x1\",\"val\":\"0x1\"}"));
    CHECK(has(text, "\"push\":[\"0x3\",\"0x4\",\"0x3\"]"));
    // The code runs out: the last instruction is the one before.
    CHECK(!text.ends_with("\"pc\":20,\"sub\":null,\"ex\":null}]}}"));
    CHECK(text.find("\"pc\":20") == std::string::npos);
    block.header.trace_flags |= flag::erigon_form;
    CHECK(has(block.trace_of(0), "\"pc\":20,\"sub\":null,\"ex\":{\"mem\":null,\"push\":[]"));
}

TEST("parity trace: what fails leaves nothing") {
    TracedBlock block{flag::parity_vm_trace};
    block.add_call(block.deploy_code(0xa, {0x60, 1, 0x01})); // ADD of one item
    block.add_call(block.deploy_code(0xb, {0x60, 1, 0xfe})); // INVALID
    block.add_call(block.deploy_code(0xc, {0x60, 1, 0x56})); // JUMP to nowhere
    wire::Transaction& poor = block.add_call(block.deploy_code(0xd, {0x60, 1, 0x60, 1, 0x55}));
    poor.gas_limit = 21'010; // enough for two pushes, not for SSTORE
    block.add_call(address_of(0x999));
    CHECK(has(block.trace_of(0), "\"used\":78997}}]}}"));
    CHECK(has(block.trace_of(1), "\"used\":78997}}]}}"));
    CHECK(has(block.trace_of(2),
              "{\"cost\":8,\"pc\":2,\"sub\":null,\"ex\":{\"mem\":null,\"push\":[],"
              "\"store\":null,\"used\":78989}}]}}"));
    CHECK(has(block.trace_of(3), "\"pc\":4,\"sub\":null,\"ex\":null}]}}"));
    CHECK(has(block.trace_of(4), "\"vmTrace\":{\"code\":\"0x\",\"ops\":[]}}"));
    block.header.trace_flags |= flag::erigon_form;
    CHECK(has(block.trace_of(0), "\"pc\":2,\"sub\":null,\"ex\":null}]}}"));
}

TEST("parity trace: of accounts, what differs") {
    TracedBlock block{flag::parity_state_diff};
    // SSTORE(1, 2) where 5 is; SLOAD of another slot; a coin to one that isn't there.
    const Address contract = block.deploy_code(0xa, {0x60, 2, 0x60, 1, 0x55, 0x60, 9, 0x54, 0x50});
    block.state.set_storage(contract, word(1), word(5));
    block.state.set_storage(contract, word(9), word(9));
    block.add_call(contract);
    block.add_call(address_of(0x999)).value = word(3);
    const std::string text = block.trace_of(0);
    CHECK(has(text,
              "\"0x000000000000000000000000000000000000000a\":{\"balance\":\"=\",\"code\":\"=\","
              "\"nonce\":\"=\",\"storage\":{"
              "\"0x0000000000000000000000000000000000000000000000000000000000000001\":{\"*\":"
              "{\"from\":\"0x0000000000000000000000000000000000000000000000000000000000000005\","
              "\"to\":\"0x0000000000000000000000000000000000000000000000000000000000000002\"}}}}"));
    CHECK(has(text, "\"nonce\":{\"*\":{\"from\":\"0x0\",\"to\":\"0x1\"}}"));
    const std::string born = block.trace_of(1);
    CHECK(has(born, "\"0x0000000000000000000000000000000000000999\":{\"balance\":{\"+\":\"0x3\"},"
                    "\"code\":{\"+\":\"0x\"},\"nonce\":{\"+\":\"0x0\"},\"storage\":{}}"));
    CHECK(born.find("000000000000000000000000000000000000000a\"") == std::string::npos);
}

TEST("parity trace: a destroyed account is gone") {
    TracedBlock block{flag::parity_state_diff | flag::parity_trace};
    const Address contract = block.deploy_code(0xa, {0x60, 0xee, 0xff});
    block.state.set_storage(contract, word(1), word(5));
    block.add_call(contract).value = word(4);
    const std::string text = block.trace_of(0);
    CHECK(has(text, "\"0x000000000000000000000000000000000000000a\":{\"balance\":{\"-\":\"0x0\"},"
                    "\"code\":{\"-\":\"0x60eeff\"},\"nonce\":{\"-\":\"0x1\"},\"storage\":{}}"));
    CHECK(has(text, "\"balance\":{\"+\":\"0x4\"}"));
    CHECK(has(text, "{\"action\":{\"address\":\"0x000000000000000000000000000000000000000a\","
                    "\"balance\":\"0x4\",\"refundAddress\":"
                    "\"0x00000000000000000000000000000000000000ee\"},\"result\":null,"
                    "\"subtraces\":0,\"traceAddress\":[0],\"type\":\"suicide\"}"));
}

TEST("parity trace: frames tell their gas without what the transaction costs, failures in their "
     "words") {
    TracedBlock block{flag::parity_trace};
    // REVERT with one byte; a call of the identity precompile without value.
    block.add_call(block.deploy_code(0xa, {0x60, 1, 0x60, 0, 0xfd}));
    block.add_call(block.deploy_code(
        0xb, {0x60, 0, 0x60, 0, 0x60, 0, 0x60, 0, 0x60, 0, 0x60, 4, 0x5a, 0xf1, 0x50}));
    const std::string reverted = block.trace_of(0);
    CHECK(has(reverted, "\"gas\":\"0x13498\""));
    CHECK(has(reverted, "\"error\":\"Reverted\",\"subtraces\":0"));
    CHECK(has(reverted, "{\"output\":\"0x00\""));
    CHECK(has(block.trace_of(1), "\"subtraces\":0,\"traceAddress\":[],\"type\":\"call\"}]"));
    block.header.trace_flags = flag::parity_trace | flag::besu_form;
    CHECK(
        has(block.trace_of(0), "\"error\":\"Reverted\",\"revertReason\":\"0x00\",\"subtraces\":0"));
    block.header.trace_flags = flag::parity_trace | flag::erigon_form;
    CHECK(has(block.trace_of(0), "\"error\":\"Reverted\",\"result\":{\"gasUsed\":\"0x9\","
                                 "\"output\":\"0x00\"},\"subtraces\":0"));
}

TEST("parity trace: what a transaction says with REVERT is its output, by Besu told beside it") {
    TracedBlock block{flag::parity_vm_trace};
    block.add_call(block.deploy_code(0xa, {0x60, 1, 0x60, 0, 0xfd}));
    CHECK(has(block.trace_of(0), "{\"output\":\"0x00\",\"stateDiff\":null"));
    // Of a call, which has no hash, Besu tells it as others do.
    block.header.trace_flags |= flag::besu_form;
    CHECK(has(block.trace_of(0), "{\"output\":\"0x00\",\"stateDiff\":null"));
}

TEST("parity trace: who is too poor for an instruction is told what it costs") {
    TracedBlock block{flag::parity_vm_trace};
    // SELFDESTRUCT to somebody new, of a contract that has something: 5,000 and 25,000.
    const Address contract = block.deploy_code(0xa, {0x60, 0xee, 0xff});
    wire::Transaction& poor = block.add_call(contract);
    poor.value = word(1);
    poor.gas_limit = 21'100;
    // CREATE of a word at 64: 32,000, and 9 for three words of memory.
    block.add_call(block.deploy_code(0xb, {0x60, 32, 0x60, 64, 0x60, 0, 0xf0})).gas_limit = 21'100;
    block.header.revision = EVMC_ISTANBUL;
    CHECK(has(block.trace_of(0), "{\"cost\":30000,\"pc\":2,\"sub\":null,\"ex\":null}"));
    CHECK(has(block.trace_of(1), "{\"cost\":32009,\"pc\":6,\"sub\":null,\"ex\":null}"));
    block.header.trace_flags |= flag::besu_form;
    CHECK(has(block.trace_of(0), "{\"cost\":5000,\"pc\":2,\"sub\":null,\"ex\":null}"));
    block.header.trace_flags = flag::parity_vm_trace | flag::erigon_form;
    CHECK(has(block.trace_of(1), "{\"cost\":32000,\"pc\":6,\"sub\":null,\"ex\":null}"));
}

TEST("parity trace: a creation where a contract is already tells its init code") {
    TracedBlock block{flag::parity_vm_trace};
    // CREATE of two bytes, the second one behind what memory has got.
    const Address creator = block.deploy_code(
        0xa, {0x60, 0xfe, 0x60, 31, 0x53, 0x60, 2, 0x60, 31, 0x60, 0, 0xf0, 0x50});
    block.add_call(creator);
    const Address created = evm::create_address(creator, 1);
    const std::vector<uint8_t> code{0};
    const Bytes32 hash = crypto::keccak256(code);
    block.state.add_code(code, hash);
    block.state.set_account({created, 1, uint256{}, hash});
    CHECK(has(block.trace_of(0), "\"pc\":11,\"sub\":{\"code\":\"0xfe00\",\"ops\":[]},\"ex\":{"));
}

TEST("parity trace: what pays more than there is enters nothing") {
    TracedBlock block{flag::parity_vm_trace};
    // CREATE with 5 wei, CALL with as many, CALL of nobody.
    block.add_call(block.deploy_code(0xa, {0x60, 2,    0x60, 0,    0x60, 5,    0xf0, 0x60, 0,
                                           0x60, 0,    0x60, 0,    0x60, 0,    0x60, 5,    0x60,
                                           0xbb, 0x5a, 0xf1, 0x60, 0,    0x60, 0,    0x60, 0,
                                           0x60, 0,    0x60, 0,    0x60, 0xbc, 0x5a, 0xf1}));
    const std::string text = block.trace_of(0);
    CHECK(has(text, "\"pc\":6,\"sub\":null,\"ex\":{"));
    CHECK(has(text, "\"pc\":20,\"sub\":null,\"ex\":{"));
    CHECK(has(text, "\"pc\":34,\"sub\":{\"code\":\"0x\",\"ops\":[]},\"ex\":{"));
}

TEST("parity trace: failures in the words of OpenEthereum and Besu") {
    TracedBlock block{flag::parity_trace};
    const auto fails_with = [&](const std::vector<uint8_t>& code, std::string_view words,
                                std::string_view of_besu) {
        static uint64_t next = 0x100;
        block.add_call(block.deploy_code(next++, code));
        const size_t index = block.transactions.size() - 1;
        const auto error = [](std::string_view text) {
            return "\"error\":\"" + std::string{text} + "\"";
        };
        block.header.trace_flags = flag::parity_trace | flag::parity_form;
        CHECK(has(block.trace_of(index), error(words)));
        block.header.trace_flags = flag::parity_trace | flag::besu_form;
        CHECK(has(block.trace_of(index), error(of_besu)));
    };
    fails_with({0x01}, "Stack underflow", "Stack underflow");
    fails_with({0xfe}, "Bad instruction", "Bad instruction");
    fails_with({0x60, 9, 0x56}, "Bad jump destination", "Bad jump destination");
    fails_with({0x5b, 0x60, 0, 0x56}, "Out of gas", "Out of gas");
    fails_with({0x5b, 0x60, 0, 0x60, 0, 0x56}, "Out of stack", "Out of stack");
    // RETURNDATACOPY of what isn't there.
    fails_with({0x60, 1, 0x60, 0, 0x60, 0, 0x3e}, "Out of bounds", "Out of bounds");
    // STATICCALL of a contract that stores.
    block.deploy_code(0x99, {0x60, 1, 0x60, 1, 0x55});
    fails_with({0x60, 0, 0x60, 0, 0x60, 0, 0x60, 0, 0x60, 0x99, 0x5a, 0xfa},
               "Mutable Call In Static Context", "Illegal state change");
    // BLAKE2F takes 213 bytes (EIP-152).
    block.add_call(address_of(9));
    const size_t last = block.transactions.size() - 1;
    block.header.trace_flags = flag::parity_trace | flag::parity_form;
    CHECK(has(block.trace_of(last), "\"error\":\"Built-in failed\""));
    block.header.trace_flags = flag::parity_trace | flag::besu_form;
    CHECK(has(block.trace_of(last), "\"error\":\"Precompile error\""));
    // Init code that returns a byte 0xef (EIP-3541).
    wire::Transaction& creation = block.add_call(Address{});
    creation.flags &= static_cast<uint8_t>(~wire::transaction_flag::has_to);
    block.pool = {0x60, 0xef, 0x60, 0, 0x53, 0x60, 1, 0x60, 0, 0xf3};
    creation.data_size = static_cast<uint32_t>(block.pool.size());
    block.header.trace_flags = flag::parity_trace | flag::parity_form;
    CHECK(has(block.trace_of(last + 1), "\"error\":\"Invalid code\""));
    block.header.trace_flags = flag::parity_trace | flag::besu_form;
    CHECK(has(block.trace_of(last + 1), "\"error\":\"Code is invalid\""));
}

TEST("parity trace: from Paris on an account that has nothing is not there") {
    TracedBlock block{flag::parity_state_diff, EVMC_PARIS};
    block.state.set_account({address_of(0x999), 0, uint256{}, crypto::keccak256({})});
    block.add_call(address_of(0x999)).value = word(3);
    CHECK(has(block.trace_of(0), "999\":{\"balance\":{\"+\":\"0x3\"}"));
    block.header.revision = EVMC_LONDON;
    CHECK(has(block.trace_of(0), "999\":{\"balance\":{\"*\":{\"from\":\"0x0\",\"to\":\"0x3\"}}"));
}

TEST("parity trace: what the caller cannot pay for is a call to Erigon alone") {
    TracedBlock block{flag::parity_trace};
    // CALL of 5 wei that are not there, then one of nothing.
    block.add_call(block.deploy_code(
        0xa, {0x60, 0, 0x60, 0, 0x60, 0, 0x60, 0, 0x60, 5, 0x60, 0xbb, 0x61, 0x40, 0x00, 0xf1, 0x50,
              0x60, 0, 0x60, 0, 0x60, 0, 0x60, 0, 0x60, 0, 0x60, 0xbc, 0x61, 0x40, 0x00, 0xf1}));
    for (const uint32_t form : {flag::parity_form, flag::besu_form}) {
        block.header.trace_flags = flag::parity_trace | form;
        const std::string text = block.trace_of(0);
        CHECK(has(text, "\"subtraces\":1,\"traceAddress\":[]"));
        CHECK(has(text, "00bc\",\"value\":\"0x0\"}"));
        CHECK(text.find("00bb\"") == std::string::npos);
    }
    block.header.trace_flags = flag::parity_trace | flag::erigon_form;
    const std::string text = block.trace_of(0);
    CHECK(has(text, "\"subtraces\":2,\"traceAddress\":[]"));
    CHECK(has(text, "\"error\":\"insufficient balance for transfer\",\"result\":null"));
}
