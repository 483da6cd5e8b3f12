/// Instructions one after another, as geth's default tracer shows them.
#include "tests/traced_blocks.hpp"
#include "trace/erc7562_tracer.hpp"
#include "trace/line_tracer.hpp"
#include "trace/struct_logger.hpp"
#include "trace/vm_tracer.hpp"

namespace braid::test {
namespace {

using namespace evm;

/// A transaction that writes slot 1 and reads it.
class OneSlot final : public HardBlock {
  public:
    OneSlot() : HardBlock{EVMC_CANCUN} {
        call(deploy_program(0xa000, Program{}.push(7).push(1).op(OP_SSTORE).push(1).op(OP_SLOAD)));
    }
};

std::string slot_json() {
    return "\"storage\":{" + json_of(word(1)) + ':' + json_of(word(7)) + '}';
}

/// The steps of OneSlot but for STOP: the gas is what is left of 479,000.
std::vector<std::string> steps_of_one_slot() {
    return {
        R"({"pc":0,"op":"PUSH1","gas":479000,"gasCost":3,"depth":1,"stack":[]})",
        R"({"pc":2,"op":"PUSH1","gas":478997,"gasCost":3,"depth":1,"stack":["0x7"]})",
        R"({"pc":4,"op":"SSTORE","gas":478994,"gasCost":22100,"depth":1,"stack":["0x7","0x1"],)" +
            slot_json() + '}',
        R"({"pc":5,"op":"PUSH1","gas":456894,"gasCost":3,"depth":1,"stack":[]})",
        R"({"pc":7,"op":"SLOAD","gas":456891,"gasCost":100,"depth":1,"stack":["0x1"],)" +
            slot_json() + '}'};
}

} // namespace

TEST("struct logs: every instruction with the stack before it, and the slots it looks at") {
    OneSlot block;
    trace_with(block, wire::Tracer::struct_log);
    std::string expected = R"({"gas":43209,"failed":false,"returnValue":"0x","structLogs":[)";
    for (const std::string& step : steps_of_one_slot())
        expected += step + ',';
    expected += R"({"pc":8,"op":"STOP","gas":456791,"gasCost":0,"depth":1,"stack":["0x7"]}]})";
    const std::vector<std::string> traces = traces_of(block);
    CHECK_EQ(traces.size(), size_t{1});
    CHECK_EQ(traces.front(), expected);
}

TEST("struct logs: no more once they have more bytes than the limit") {
    OneSlot block;
    trace_with(block, wire::Tracer::struct_log);
    const std::vector<std::string> steps = steps_of_one_slot();
    const std::string head = R"({"gas":43209,"failed":false,"returnValue":"0x","structLogs":[)";
    block.header.trace_limit = steps[0].size();
    CHECK_EQ(first_trace_of(block), head + steps[0] + ',' + steps[1] + "]}");
    block.header.trace_limit = steps[0].size() - 1;
    CHECK_EQ(first_trace_of(block), head + steps[0] + "]}");
}

TEST("step tracers: beyond what may be written, the first transaction that is not whole is told") {
    constexpr size_t most_bytes = 1'000; // one has 500 to 800
    trace::StructLogger logger{{.most_bytes = most_bytes}};
    trace::VmTracer vm_tracer{{.most_bytes = most_bytes}};
    trace::LineTracer lines{{.most_bytes = most_bytes}};
    for (trace::StepTracer* tracer :
         {static_cast<trace::StepTracer*>(&logger), static_cast<trace::StepTracer*>(&vm_tracer),
          static_cast<trace::StepTracer*>(&lines)}) {
        OneSlot block;
        block.call(address_of(0xa000));
        trace_with(block, wire::Tracer::struct_log);
        const wire::BlockView view = block.view();
        transaction::Machine machine;
        block::BlockExecutor executor{machine};
        block::SenderTable senders;
        senders.begin(view);
        senders.recover(0, senders.job_count());
        executor.set_step_recorder(tracer);
        executor.execute(block.state, view, senders, block.records);
        CHECK(block.records.error == wire::ErrorCode::ok);
        CHECK(tracer->cut_at() == size_t{1});
        CHECK_EQ(tracer->take().size(), size_t{2});
    }
}

TEST("erc7562 tracer: slots, opcodes and contracts by frame, and what was hashed") {
    HardBlock block{EVMC_CANCUN};
    const Address callee = block.deploy_program(
        0xb000, Program{}.push(2).op(OP_SLOAD).push(2).op(OP_SLOAD).op(OP_POP).op(OP_POP));
    const Program caller = Program{}
                               .push(7)
                               .push(1)
                               .op(OP_SSTORE)
                               .push(1)
                               .op(OP_SLOAD)
                               .op(OP_GAS)
                               .append(call_program(callee))
                               .push(32)
                               .push(0)
                               .op(OP_KECCAK256);
    block.call(block.deploy_program(0xa000, caller));
    trace_with(block, wire::Tracer::erc7562);
    block.header.ignored_opcodes.bytes[OP_PUSH1 / 8] |= 1 << OP_PUSH1 % 8;
    const std::string trace = first_trace_of(block);
    const std::string one = json_of(word(1));
    const std::string two = json_of(word(2));
    // A slot that was written first is not read from before.
    CHECK(trace.find("\"accessedSlots\":{\"reads\":{},\"writes\":{" + one +
                     ":1},\"transientReads\":{},\"transientWrites\":{}}") != std::string::npos);
    CHECK(trace.find("\"reads\":{" + two + ":[" + json_of(word(0)) + "]},\"writes\":{}") !=
          std::string::npos);
    CHECK(trace.find("\"0x54\":2") != std::string::npos);
    CHECK(trace.find("\"0x60\"") == std::string::npos);
    CHECK(trace.find("\"contractSize\":{" + json_of(callee) + ":{\"contractSize\":") !=
          std::string::npos);
    CHECK(trace.find("\"opcode\":241}},\"outOfGas\":false,\"keccak\":[" + json_of(word(0)) +
                     "],\"calls\":[{") != std::string::npos);
}

TEST("erc7562 tracer: beyond what may be written it stops") {
    trace::Erc7562Tracer tracer{{.most_bytes = 200}};
    OneSlot block;
    trace_with(block, wire::Tracer::erc7562);
    const wire::BlockView view = block.view();
    transaction::Machine machine;
    block::BlockExecutor executor{machine};
    block::SenderTable senders;
    senders.begin(view);
    senders.recover(0, senders.job_count());
    executor.set_step_recorder(&tracer);
    executor.execute(block.state, view, senders, block.records);
    CHECK(block.records.error == wire::ErrorCode::ok);
    CHECK(tracer.cut_at() == size_t{0});
}

TEST("struct logs: memory in words, and what the latest call returned") {
    HardBlock block{EVMC_CANCUN};
    const Address callee = block.deploy_program(0xb000, seven());
    block.call(
        block.deploy_program(0xa000, Program{}.push(9).store(0).append(call_program(callee))));
    trace_with(block, wire::Tracer::struct_log,
               wire::trace_flag::enable_memory | wire::trace_flag::enable_return_data |
                   wire::trace_flag::disable_stack);
    const std::string trace = first_trace_of(block);
    CHECK(trace.find("\"stack\"") == std::string::npos);
    CHECK(trace.find("\"memory\":[" + json_of(word(9)) + ']') != std::string::npos);
    CHECK(trace.find("\"op\":\"STOP\",") != std::string::npos);
    CHECK(trace.find("\"depth\":1,\"returnData\":" + json_of(word(7)) + ",\"memory\":[" +
                     json_of(word(9)) + "]}]}") != std::string::npos);
    CHECK(trace.find("\"depth\":2") != std::string::npos);
}

TEST("struct logs: a failure before an instruction is told with it, one inside is not") {
    HardBlock block{EVMC_CANCUN};
    block.call(block.deploy_program(0xa000, Program{}.op(OP_POP)));
    block.call(block.deploy_program(0xb000, Program{}.op(OP_INVALID)));
    trace_with(block, wire::Tracer::struct_log);
    const std::vector<std::string> traces = traces_of(block);
    CHECK_EQ(text_of(traces[0], "error"), "stack underflow (0 <=> 1)");
    CHECK(traces[0].find("\"failed\":true") != std::string::npos);
    CHECK_EQ(text_of(traces[1], "error"), "");
    CHECK_EQ(text_of(traces[1], "op"), "INVALID");
}

TEST("preimage tracer: what was hashed, by the hash, with the zeros behind the memory") {
    HardBlock block{EVMC_CANCUN};
    const Program hash_word = Program{}.push(7).store(0).push(32).push(0).op(OP_KECCAK256, OP_POP);
    const Program hash_beyond = Program{}.push(64).push(0).op(OP_KECCAK256, OP_POP);
    const Program hash_again = Program{}.push(32).push(0).op(OP_KECCAK256);
    block.call(block.deploy_program(
        0xa000, Program{}.append(hash_word).append(hash_beyond).append(hash_again)));
    block.call(block.deploy_program(0xb000, seven()));
    trace_with(block, wire::Tracer::preimage);
    std::vector<uint8_t> one(32);
    one[31] = 7;
    std::vector<uint8_t> two = one;
    two.resize(64);
    std::vector<std::string> items;
    for (const std::vector<uint8_t>& preimage : {one, two})
        items.push_back(json_of(crypto::keccak256(preimage)) + ":\"0x" + to_hex(preimage) + '"');
    std::ranges::sort(items);
    const std::vector<std::string> traces = traces_of(block);
    CHECK_EQ(traces.size(), size_t{2});
    CHECK_EQ(traces[0], '{' + items[0] + ',' + items[1] + '}');
    CHECK_EQ(traces[1], "{}");
}

} // namespace braid::test
