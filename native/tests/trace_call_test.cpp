/// Calls as tracers show them: the tree, the list, the selectors. What is expected is worked out by
/// hand.
#include "tests/traced_blocks.hpp"

namespace braid::test {
namespace {

using namespace evm;

const std::string sender_json = json_of(BlockFixture::sender);
const std::string caller_json = json_of(address_of(0xa000));
const std::string callee_json = json_of(address_of(0xb000));
const std::string seven_json = json_of(word(7));

/// A block in which a contract calls another one, which returns 7.
class OneCall final : public HardBlock {
  public:
    OneCall() : HardBlock{EVMC_CANCUN} {
        const Address callee = deploy_program(0xb000, seven());
        call(deploy_program(0xa000, call_program(callee)));
    }
};

/// 21000, seven pushes, a cold account (EIP-2929), and what the callee uses.
constexpr const char* whole_gas = "0x5c57"; // 21000 + 7 * 3 + 2600 + 18
/// Four pushes, MSTORE and a word of memory.
constexpr const char* callee_gas = "0x12"; // 6 * 3

} // namespace

TEST("call tracer: a call below a call, with geth's members in geth's order") {
    OneCall block;
    trace_with(block, wire::Tracer::call);
    const std::vector<std::string> traces = traces_of(block);
    CHECK_EQ(traces.size(), size_t{1});
    CHECK_EQ(
        traces.front(),
        "{\"from\":" + sender_json + ",\"gas\":\"0x7a120\",\"gasUsed\":\"" + whole_gas +
            "\",\"to\":" + caller_json + ",\"input\":\"0x\",\"calls\":[{\"from\":" + caller_json +
            ",\"gas\":\"0x186a0\",\"gasUsed\":\"" + callee_gas + "\",\"to\":" + callee_json +
            ",\"input\":\"0x\",\"output\":" + seven_json +
            ",\"value\":\"0x0\",\"type\":\"CALL\"}]" + ",\"value\":\"0x0\",\"type\":\"CALL\"}");
}

TEST("call tracer: only the top call") {
    OneCall block;
    trace_with(block, wire::Tracer::call, wire::trace_flag::only_top_call);
    CHECK_EQ(first_trace_of(block), "{\"from\":" + sender_json +
                                        ",\"gas\":\"0x7a120\",\"gasUsed\":\"" + whole_gas +
                                        "\",\"to\":" + caller_json +
                                        ",\"input\":\"0x\",\"value\":\"0x0\",\"type\":\"CALL\"}");
}

TEST("call tracer: logs count over the block, and know how many calls came before them") {
    HardBlock block{EVMC_CANCUN};
    const Program log = Program{}.push(9).push(0).push(0).op(OP_LOG0 + 1);
    const Program failing = Program{}.append(log).op(OP_INVALID);
    const Address logger = block.deploy_program(0xb000, log);
    const Address failed = block.deploy_program(0xc000, failing);
    const Address top = block.deploy_program(
        0xa000, Program{}.append(call_program(logger)).append(call_program(failed)).append(log));
    block.call(logger);
    block.call(top);
    trace_with(block, wire::Tracer::call, wire::trace_flag::with_log);
    const std::vector<std::string> traces = traces_of(block);
    const auto logged = [](const Address& address, const char* index, const char* position) {
        return "\"logs\":[{\"address\":" + json_of(address) + ",\"topics\":[" + json_of(word(9)) +
               "],\"data\":\"0x\",\"index\":\"" + index + "\",\"position\":\"" + position + "\"}]";
    };
    CHECK(traces[0].find(logged(logger, "0x0", "0x0")) != std::string::npos);
    CHECK(traces[1].find(logged(logger, "0x1", "0x0")) != std::string::npos);
    CHECK(traces[1].find(logged(top, "0x2", "0x2")) != std::string::npos);
    CHECK(traces[1].find("\"logs\":[{\"address\":" + json_of(failed)) == std::string::npos);
}

TEST("call tracer: creations, delegated calls, static calls and self-destructions") {
    HardBlock block{EVMC_CANCUN};
    const Address callee = block.deploy_program(0xb000, seven());
    const auto call_like = [&](uint8_t op) {
        return Program{}
            .push(0)
            .push(0)
            .push(0)
            .push(0)
            .push(reference::Word{callee})
            .push(50'000)
            .op(op, OP_POP);
    };
    block
        .call(block.deploy_program(
            0xa000,
            Program{}
                .append(call_like(OP_DELEGATECALL))
                .append(call_like(OP_STATICCALL))
                .append(Program{}.push(0).push(0).push(0).op(OP_CREATE, OP_POP))
                .append(Program{}.push(0xbe).op(OP_SELFDESTRUCT)),
            5))
        .value = word(3);
    trace_with(block, wire::Tracer::call);
    const std::string trace = first_trace_of(block);
    // A delegated call has the value of the frame that makes it, a static one none.
    CHECK(trace.find(",\"value\":\"0x3\",\"type\":\"DELEGATECALL\"}") != std::string::npos);
    CHECK(trace.find("\"output\":" + seven_json + ",\"type\":\"STATICCALL\"}") !=
          std::string::npos);
    const Address made = transaction::create_address(address_of(0xa000), 1);
    CHECK(trace.find("\"to\":" + json_of(made) +
                     ",\"input\":\"0x\",\"value\":\"0x0\",\"type\":\"CREATE\"}") !=
          std::string::npos);
    CHECK(trace.find("{\"from\":" + caller_json +
                     ",\"gas\":\"0x0\",\"gasUsed\":\"0x0\",\"to\":" + json_of(address_of(0xbe)) +
                     ",\"input\":\"0x\",\"value\":\"0x8\",\"type\":\"SELFDESTRUCT\"}") !=
          std::string::npos);
}

TEST("call tracer: nothing is told of the transactions before the first that is asked for") {
    OneCall block;
    block.call(address_of(0xb000));
    trace_with(block, wire::Tracer::call);
    const std::vector<std::string> all = traces_of(block);
    block.header.trace_start = 1;
    const std::vector<std::string> second = traces_of(block);
    CHECK_EQ(all.size(), size_t{2});
    CHECK_EQ(second.size(), size_t{1});
    CHECK_EQ(second.front(), all[1]);
}

TEST("flat call tracer: one item a call, with its place in the tree") {
    OneCall block;
    trace_with(block, wire::Tracer::flat_call);
    const std::string place =
        ",\"transactionHash\":null,\"transactionPosition\":0,\"type\":\"call\"}";
    CHECK_EQ(first_trace_of(block),
             "[{\"action\":{\"callType\":\"call\",\"from\":" + sender_json +
                 ",\"gas\":\"0x7a120\",\"input\":\"0x\",\"to\":" + caller_json +
                 ",\"value\":\"0x0\"},\"blockHash\":null,\"blockNumber\":0,\"result\":{"
                 "\"gasUsed\":\"" +
                 whole_gas + "\",\"output\":\"0x\"},\"subtraces\":1,\"traceAddress\":[]" + place +
                 ",{\"action\":{\"callType\":\"call\",\"from\":" + caller_json +
                 ",\"gas\":\"0x186a0\",\"input\":\"0x\",\"to\":" + callee_json +
                 ",\"value\":\"0x0\"},\"blockHash\":null,\"blockNumber\":0,\"result\":{"
                 "\"gasUsed\":\"" +
                 callee_gas + "\",\"output\":" + seven_json +
                 "},\"subtraces\":0,\"traceAddress\":[0]" + place + "]");
}

TEST(
    "flat call tracer: precompiles below the top are left out, and not counted, unless asked for") {
    HardBlock block{EVMC_CANCUN};
    const Address callee = block.deploy_program(0xb000, seven());
    const Address identity = address_of(4);
    block.call(block.deploy_program(
        0xa000, Program{}.append(call_program(identity)).append(call_program(callee))));
    trace_with(block, wire::Tracer::flat_call);
    const std::string without = first_trace_of(block);
    CHECK(without.find(json_of(identity)) == std::string::npos);
    CHECK(without.find("\"subtraces\":1,") != std::string::npos);
    CHECK(without.find("\"traceAddress\":[0]") != std::string::npos);
    trace_with(block, wire::Tracer::flat_call, wire::trace_flag::include_precompiles);
    const std::string with = first_trace_of(block);
    CHECK(with.find(json_of(identity)) != std::string::npos);
    CHECK(with.find("\"subtraces\":2,") != std::string::npos);
    CHECK(with.find("\"traceAddress\":[1]") != std::string::npos);
}

TEST("flat call tracer: a revert keeps its result, another failure has none") {
    HardBlock block{EVMC_CANCUN};
    const Program revert = Program{}.push(7).store(0).push(32).push(0).op(OP_REVERT);
    block.call(block.deploy_program(0xb000, revert));
    block.call(block.deploy_program(0xc000, Program{}.op(OP_INVALID)));
    trace_with(block, wire::Tracer::flat_call, wire::trace_flag::convert_parity_errors);
    const std::vector<std::string> traces = traces_of(block);
    CHECK_EQ(text_of(traces[0], "error"), "Reverted");
    CHECK_EQ(text_of(traces[0], "output"), "0x" + to_hex(word(7).bytes, 32));
    CHECK_EQ(text_of(traces[1], "error"), "Bad instruction");
    CHECK(traces[1].find("\"result\"") == std::string::npos);
}

TEST("4byte tracer: selectors with the size of what follows, by how often") {
    HardBlock block{EVMC_CANCUN};
    const Address callee = block.deploy_program(0xb000, seven());
    // Both calls have the first four bytes of memory, then 36 of them.
    const auto call_with = [&](uint64_t size) {
        return Program{}
            .push(0)
            .push(0)
            .push(size)
            .push(0)
            .push(0)
            .push(reference::Word{callee})
            .push(50'000)
            .op(OP_CALL, OP_POP);
    };
    const Program memory =
        Program{}.push(reference::Word{0x12345678}).push(224).op(OP_SHL).store(0);
    block.call(block.deploy_program(0xa000, Program{}
                                                .append(memory)
                                                .append(call_with(4))
                                                .append(call_with(36))
                                                .append(call_with(36))
                                                .append(call_with(3))),
               {word(0)});
    trace_with(block, wire::Tracer::four_byte);
    CHECK_EQ(first_trace_of(block), "{\"0x00000000-28\":1,\"0x12345678-0\":1,\"0x12345678-32\":2}");
}

} // namespace braid::test
