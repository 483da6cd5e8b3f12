/// OpenEthereum's traces of transactions whose answers can be told by hand.
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
    CHECK(has(text, "{\"output\":\"0x\",\"stateDiff\":null,\"trace\":[],\"transactionHash\":null,"
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
    CHECK(has(reverted, "\"error\":\"Reverted\",\"revertReason\":\"0x00\",\"subtraces\":0"));
    CHECK(has(reverted, "{\"output\":\"0x\""));
    CHECK(has(block.trace_of(1), "\"subtraces\":0,\"traceAddress\":[],\"type\":\"call\"}]"));
    block.header.trace_flags |= flag::erigon_form;
    CHECK(has(block.trace_of(0), "\"error\":\"Reverted\",\"result\":{\"gasUsed\":\"0x9\","
                                 "\"output\":\"0x00\"},\"subtraces\":0"));
}
