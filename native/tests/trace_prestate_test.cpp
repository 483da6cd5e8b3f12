/// Accounts before and after a transaction, as tracers show them. What is expected is worked out by
/// hand.
#include "tests/traced_blocks.hpp"

namespace braid::test {
namespace {

using namespace evm;

const Address contract = address_of(0xa000);
const Program stores_seven = Program{}.push(7).push(1).op(OP_SSTORE);

/// A transaction that sends 5 wei to a contract, which changes slot 1 from 3 to 7.
class OneChange final : public HardBlock {
  public:
    OneChange() : HardBlock{EVMC_CANCUN} {
        deploy_program(contract, stores_seven);
        state.set_storage(contract, word(1), word(3));
        call(contract).value = word(5);
    }
};

const std::string sender_json = json_of(BlockFixture::sender);
const std::string coinbase_json = json_of(address_of(0xc0ffee));

std::string code_json() {
    const std::vector<uint8_t>& code = stores_seven.bytes();
    return "\"code\":\"0x" + to_hex(code) + "\",\"codeHash\":" + json_of(crypto::keccak256(code));
}

/// As it was before.
std::string contract_json() {
    return json_of(contract) + ":{\"balance\":\"0x0\"," + code_json() +
           ",\"nonce\":1,\"storage\":{" + json_of(word(1)) + ':' + json_of(word(3)) + "}}";
}

} // namespace

TEST("prestate tracer: what was looked up, before; nobody who did not exist") {
    OneChange block;
    trace_with(block, wire::Tracer::prestate);
    CHECK_EQ(first_trace_of(block),
             '{' + contract_json() + ',' + sender_json + ":{\"balance\":\"0xe8d4a51000\"}}");
}

TEST("prestate tracer: without code, without storage, with accounts that are empty") {
    OneChange block;
    trace_with(block, wire::Tracer::prestate,
               wire::trace_flag::disable_code | wire::trace_flag::disable_storage |
                   wire::trace_flag::include_empty);
    CHECK_EQ(first_trace_of(block),
             '{' + json_of(contract) + ":{\"balance\":\"0x0\",\"codeHash\":" +
                 json_of(crypto::keccak256(stores_seven.bytes())) + ",\"nonce\":1}," + sender_json +
                 ":{\"balance\":\"0xe8d4a51000\"}," + coinbase_json + ":{\"balance\":\"0x0\"}}");
}

TEST("prestate tracer: what was changed, before and after") {
    OneChange block;
    trace_with(block, wire::Tracer::prestate, wire::trace_flag::diff_mode);
    // 26,006 gas: 21,000, two pushes, and a slot that is cold (2,100) and changed (2,900). The
    // sender pays 10 wei for each and 5 to the contract; the base fee of 7 is burnt.
    CHECK_EQ(first_trace_of(block),
             "{\"post\":{" + json_of(contract) + ":{\"balance\":\"0x5\",\"storage\":{" +
                 json_of(word(1)) + ':' + json_of(word(7)) + "}}," + sender_json +
                 ":{\"balance\":\"0xe8d4a1181f\",\"nonce\":1}," + coinbase_json +
                 ":{\"balance\":\"0x130c2\"}},\"pre\":{" + contract_json() + ',' + sender_json +
                 ":{\"balance\":\"0xe8d4a51000\"}}}");
}

TEST("prestate tracer: slots that become zero, or were, are told on one side alone") {
    HardBlock block{EVMC_CANCUN};
    const Program swap = Program{}.push(0).push(1).op(OP_SSTORE).push(9).push(2).op(OP_SSTORE);
    block.deploy_program(contract, swap);
    block.state.set_storage(contract, word(1), word(3));
    block.call(contract);
    trace_with(block, wire::Tracer::prestate, wire::trace_flag::diff_mode);
    const std::string trace = first_trace_of(block);
    const size_t pre = trace.find("\"pre\":");
    const std::string first = json_of(word(1)) + ':' + json_of(word(3));
    const std::string second = json_of(word(2)) + ':' + json_of(word(9));
    CHECK(trace.find(first) > pre && trace.find(first) != std::string::npos);
    CHECK(trace.find(second) < pre);
    CHECK(trace.find(json_of(word(1)) + ':' + json_of(word(0))) == std::string::npos);
    CHECK(trace.find(json_of(word(2)) + ':' + json_of(word(0))) == std::string::npos);
}

TEST("prestate tracer: accounts that instructions ask about; not where the instruction cannot be "
     "executed") {
    HardBlock block{EVMC_CANCUN};
    block.fund(0xd0, 1);
    block.fund(0xd1, 1);
    block.fund(0xd2, 1);
    block.deploy_program(contract, Program{}
                                       .push(0xd0)
                                       .op(OP_BALANCE)
                                       .push(0xd1)
                                       .op(OP_EXTCODEHASH)
                                       .push(0xd2)
                                       .op(OP_STOP, OP_BALANCE));
    block.call(contract);
    trace_with(block, wire::Tracer::prestate);
    const std::string trace = first_trace_of(block);
    CHECK(trace.find(json_of(address_of(0xd0))) != std::string::npos);
    CHECK(trace.find(json_of(address_of(0xd1))) != std::string::npos);
    CHECK(trace.find(json_of(address_of(0xd2))) == std::string::npos);
}

TEST("prestate tracer: a recipient's delegate is looked up as it was before authorizations") {
    HardBlock block{EVMC_PRAGUE};
    const Address delegate = block.deploy_program(0xb000, seven());
    wire::Transaction& first = block.call(contract);
    first.to = authorize(block, delegate, 0);
    block.call(first.to);
    trace_with(block, wire::Tracer::prestate);
    const std::vector<std::string> traces = traces_of(block);
    CHECK(traces[0].find(json_of(delegate)) == std::string::npos);
    CHECK(traces[1].find(json_of(delegate)) != std::string::npos);
}

TEST("prestate tracer: a contract that goes away stays before and is not there afterwards") {
    HardBlock block{EVMC_SHANGHAI};
    block.deploy_program(contract, Program{}.push(0xbe).op(OP_SELFDESTRUCT), 4);
    block.call(contract);
    trace_with(block, wire::Tracer::prestate, wire::trace_flag::diff_mode);
    const std::string trace = first_trace_of(block);
    const size_t pre = trace.find("\"pre\":");
    CHECK(trace.find(json_of(contract)) > pre);
    CHECK(trace.find(json_of(address_of(0xbe)) + ":{\"balance\":\"0x4\"}") < pre);
}

} // namespace braid::test
