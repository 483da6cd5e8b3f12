/// VMs from elsewhere that speak EVMC 18, and what the executor makes of them. Those that speak
/// EVMC 12 are in block_executor_test.cpp.
#include "evmc/convert18.hpp"
#include "tests/block_fixture.hpp"
#include "tests/harness.hpp"
#include "transaction/contract_address.hpp"

namespace braid::test {
namespace {

using wire::ErrorCode;

evmc18_result result18_of(evmc_status_code status, int64_t gas_left) {
    evmc18_result result{};
    result.status_code = status;
    result.gas_left = gas_left;
    return result;
}

/// An EVMC 18 VM whose frames are C++ functions: code's first byte picks the script.
class ScriptedVm18 : public evmc18_vm {
  public:
    struct Frame {
        const evmc18_host_interface* host;
        evmc_host_context* context;
        evmc18_revision revision;
        const evmc18_message* message;

        evmc18_result call(const evmc18_message& asked) const {
            return host->call(context, &asked);
        }
    };
    using Script = std::function<evmc18_result(const Frame&)>;

    ScriptedVm18() : evmc18_vm{EVMC18_ABI_VERSION, "scripted", "18", nullptr, nullptr, nullptr} {
        destroy = [](evmc18_vm* self) { ++static_cast<ScriptedVm18*>(self)->destroyed; };
        execute = [](evmc18_vm* self, const evmc18_host_interface* host, evmc_host_context* context,
                     evmc18_revision revision, const evmc18_message* message, const uint8_t* code,
                     size_t) {
            return static_cast<ScriptedVm18*>(self)->scripts[code[0]](
                {host, context, revision, message});
        };
    }

    int destroyed = 0;
    std::vector<Script> scripts;
};

/// A block with one transaction, on a scripted VM.
struct Fixture {
    explicit Fixture(evmc_revision revision = EVMC_CANCUN) : block{revision} {}

    /// Adds an account whose code runs the script.
    Address deploy(uint64_t number, ScriptedVm18::Script script) {
        vm.scripts.push_back(std::move(script));
        return block.deploy(number, nullptr);
    }
    const wire::BlockRecords& run() { return block.run_on(adopt<evmc18_vm>(vm)); }
    /// Runs a call of a contract with this script.
    const wire::BlockRecords& run(ScriptedVm18::Script script) {
        block.add_call(deploy(0xc0de, std::move(script)));
        return run();
    }

    BlockFixture block;
    ScriptedVm18 vm;
};

constexpr Address self = [] {
    Address address{};
    address.bytes[18] = 0xc0;
    address.bytes[19] = 0xde;
    return address;
}();

evmc18_message creation(const ScriptedVm18::Frame& frame, evmc_call_kind kind,
                        const Address& recipient) {
    evmc18_message message{};
    message.kind = kind;
    message.depth = frame.message->depth + 1;
    message.gas = 30'000;
    message.sender = self;
    message.recipient = recipient;
    return message;
}

} // namespace

TEST("EVMC 18: a frame is told what it is in") {
    Fixture fixture;
    fixture.block.pool = {1, 2, 3};
    const Address callee = fixture.deploy(0xc0de, [](const ScriptedVm18::Frame& frame) {
        const evmc18_message& message = *frame.message;
        CHECK_EQ(message.kind, EVMC_CALL);
        CHECK_EQ(message.flags, 0u);
        CHECK_EQ(message.depth, 0);
        CHECK(message.sender == BlockFixture::sender);
        CHECK(message.recipient == self && message.code_address == self);
        CHECK(message.value == word(5));
        CHECK_EQ(message.input_size, size_t{3});
        CHECK_EQ(int{message.input_data[2]}, 3);
        const evmc18_tx_context context = frame.host->get_tx_context(frame.context);
        CHECK(context.tx_origin == BlockFixture::sender);
        CHECK(context.tx_gas_price == word(10));
        CHECK(context.block_coinbase == address_of(0xc0ffee));
        CHECK_EQ(context.block_number, 100);
        CHECK_EQ(context.block_timestamp, 1000);
        CHECK_EQ(context.block_gas_limit, 30'000'000);
        CHECK(context.chain_id == word(1) && context.block_base_fee == word(7));
        CHECK(context.blob_base_fee == word(1));
        CHECK_EQ(context.blob_hashes_count, size_t{0});
        CHECK_EQ(context.block_slot_number, uint64_t{0});
        // The whole register, as compilers may read a bool.
        const Address other = address_of(0x77);
        CHECK_EQ(int{frame.host->access_account(frame.context, &other)}, int{EVMC_ACCESS_COLD});
        CHECK_EQ(int{frame.host->access_account(frame.context, &other)}, int{EVMC_ACCESS_WARM});
        const Bytes32 key = word(9);
        CHECK_EQ(int{frame.host->access_storage(frame.context, &self, &key)},
                 int{EVMC_ACCESS_COLD});
        CHECK_EQ(int{frame.host->access_storage(frame.context, &self, &key)},
                 int{EVMC_ACCESS_WARM});
        CHECK_EQ(frame.host->get_nonce(frame.context, &self), uint64_t{1});
        CHECK_EQ(frame.host->get_nonce(frame.context, &BlockFixture::sender), uint64_t{1});
        CHECK_EQ(frame.host->get_nonce(frame.context, &other), uint64_t{0});
        return result18_of(EVMC_SUCCESS, message.gas - 7);
    });
    wire::Transaction& call = fixture.block.add_call(callee);
    call.value = word(5);
    call.data_size = 3;
    const wire::BlockRecords& records = fixture.run();
    CHECK_EQ(records.error, ErrorCode::ok);
    CHECK_EQ(records.receipts.at(0).gas_used, uint64_t{21'000 + 3 * 16 + 7});
    CHECK_EQ(fixture.vm.destroyed, 1);
}

TEST("EVMC 18: revisions have the numbers of that version") {
    const int numbers[] = {0, 1, 2, 3, 4, -1, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15};
    for (int i = 0; i <= EVMC_MAX_REVISION; ++i) {
        const auto revision = static_cast<evmc_revision>(i);
        evmc18_revision number{};
        CHECK_EQ(evmc::to_18(revision, number), numbers[i] >= 0);
        evmc_revision back{};
        if (numbers[i] >= 0) {
            CHECK_EQ(int{number}, numbers[i]);
            CHECK(evmc::to_12(number, back));
            CHECK_EQ(back, revision);
        }
        if (revision > EVMC_OSAKA)
            continue; // no block has it
        int told = -1;
        Fixture fixture{revision};
        const wire::BlockRecords& records = fixture.run([&](const ScriptedVm18::Frame& frame) {
            told = frame.revision;
            return result18_of(EVMC_SUCCESS, frame.message->gas);
        });
        CHECK_EQ(told, numbers[i]);
        // The VM has no rules for it: an error, not a block by other rules.
        CHECK_EQ(records.error, numbers[i] >= 0 ? ErrorCode::ok : ErrorCode::vm_internal_error);
    }
    evmc_revision none{};
    CHECK(!evmc::to_12(EVMC18_AMSTERDAM, none));
}

TEST("EVMC 18: contracts are made where the VM says") {
    const Address second = transaction::create_address(self, 2);
    const Address elsewhere = address_of(0xe15e);
    Fixture fixture;
    const wire::BlockRecords& records = fixture.run([&](const ScriptedVm18::Frame& frame) {
        CHECK_EQ(frame.host->get_nonce(frame.context, &self), uint64_t{1});
        const evmc18_result first =
            frame.call(creation(frame, EVMC_CREATE, transaction::create_address(self, 1)));
        CHECK_EQ(first.status_code, EVMC_SUCCESS);
        CHECK_EQ(first.gas_left, 30'000);
        CHECK_EQ(frame.host->get_nonce(frame.context, &self), uint64_t{2});
        // There is something by then: the creation fails, and costs a nonce all the same.
        const evmc18_result taken =
            frame.call(creation(frame, EVMC_CREATE2, transaction::create_address(self, 1)));
        CHECK_EQ(taken.status_code, EVMC_FAILURE);
        CHECK_EQ(taken.gas_left, 0);
        CHECK_EQ(frame.host->get_nonce(frame.context, &self), uint64_t{3});
        CHECK_EQ(frame.call(creation(frame, EVMC_CREATE2, elsewhere)).status_code, EVMC_SUCCESS);
        return result18_of(EVMC_SUCCESS, 0);
    });
    CHECK_EQ(records.error, ErrorCode::ok);
    CHECK_EQ(fixture.block.change_of(transaction::create_address(self, 1))->nonce_after,
             uint64_t{1});
    CHECK_EQ(fixture.block.change_of(elsewhere)->nonce_after, uint64_t{1});
    CHECK(fixture.block.change_of(second) == nullptr);
    CHECK_EQ(fixture.block.change_of(self)->nonce_after, uint64_t{4});
}

TEST("EVMC 18: the last nonce creates nothing (EIP-2681)") {
    Fixture fixture;
    fixture.block.add_call(fixture.deploy(0xc0de, [](const ScriptedVm18::Frame& frame) {
        const evmc18_result refused =
            frame.call(creation(frame, EVMC_CREATE, transaction::create_address(self, UINT64_MAX)));
        CHECK_EQ(refused.status_code, EVMC_FAILURE);
        CHECK_EQ(refused.gas_left, 30'000);
        return result18_of(EVMC_SUCCESS, 0);
    }));
    const Bytes32 code_hash = crypto::keccak256(std::vector<uint8_t>{0});
    fixture.block.state.set_account({self, UINT64_MAX, uint256{}, code_hash});
    CHECK_EQ(fixture.run().error, ErrorCode::ok);
}

TEST("EVMC 18: an address that a nonce does not lead to is the VM's error") {
    for (const Address& address : {Address{}, self, transaction::create_address(self, 2)}) {
        Fixture fixture;
        const wire::BlockRecords& records = fixture.run([&](const ScriptedVm18::Frame& frame) {
            CHECK_EQ(frame.call(creation(frame, EVMC_CREATE, address)).status_code,
                     EVMC_INTERNAL_ERROR);
            return result18_of(EVMC_SUCCESS, 0);
        });
        CHECK_EQ(records.error, ErrorCode::vm_internal_error);
    }
    // That of a CREATE2 cannot be checked. Whatever it is, nothing breaks: an account in use is
    // taken, others become what the VM says.
    for (const Address& address : {Address{}, self, BlockFixture::sender, address_of(1)}) {
        Fixture fixture;
        const wire::BlockRecords& records = fixture.run([&](const ScriptedVm18::Frame& frame) {
            frame.call(creation(frame, EVMC_CREATE2, address));
            return result18_of(EVMC_SUCCESS, 0);
        });
        CHECK_EQ(records.error, ErrorCode::ok);
    }
}

TEST("EVMC 18: results that no frame can have are errors, and are given back") {
    static int released;
    static const uint8_t bytes[3] = {4, 5, 6};
    const auto outcome = [](const evmc18_result& result) {
        Fixture fixture;
        released = 0;
        const ErrorCode error =
            fixture.run([&](const ScriptedVm18::Frame&) { return result; }).error;
        CHECK_EQ(released, 1);
        return error;
    };
    evmc18_result result = result18_of(EVMC_SUCCESS, 100'000 - 21'000);
    result.release = [](const evmc18_result* owner) {
        CHECK_EQ(owner->gas_refund, 0);
        ++released;
    };
    CHECK_EQ(outcome(result), ErrorCode::ok);
    result.output_data = bytes;
    result.output_size = sizeof(bytes);
    CHECK_EQ(outcome(result), ErrorCode::ok);
    result.output_data = nullptr;
    CHECK_EQ(outcome(result), ErrorCode::vm_internal_error);
    result.output_size = 0;
    ++result.gas_left;
    CHECK_EQ(outcome(result), ErrorCode::vm_internal_error);
    result.gas_left = -1;
    CHECK_EQ(outcome(result), ErrorCode::vm_internal_error);
    result.gas_left = 0;
    for (const evmc_status_code status :
         {EVMC_INTERNAL_ERROR, EVMC_REJECTED, static_cast<evmc_status_code>(12345)}) {
        result.status_code = status;
        CHECK_EQ(outcome(result), ErrorCode::vm_internal_error);
    }
    result.status_code = EVMC_OUT_OF_MEMORY;
    CHECK_EQ(outcome(result), ErrorCode::out_of_memory);
}

TEST("EVMC 18: a callee's output is the caller's until it is released") {
    static int released;
    released = 0;
    static const uint8_t bytes[2] = {7, 8};
    Fixture fixture;
    const Address callee = fixture.deploy(0xca11ee, [](const ScriptedVm18::Frame&) {
        evmc18_result result = result18_of(EVMC_REVERT, 11);
        result.output_data = bytes;
        result.output_size = sizeof(bytes);
        result.release = [](const evmc18_result*) { ++released; };
        return result;
    });
    const auto asks = [&](const ScriptedVm18::Frame& frame) {
        evmc18_message message{};
        message.depth = 1;
        message.gas = 5000;
        message.sender = self;
        message.recipient = callee;
        message.code_address = callee;
        const evmc18_result result = frame.call(message);
        CHECK_EQ(result.status_code, EVMC_REVERT);
        CHECK_EQ(result.gas_left, 11);
        CHECK(result.output_data == bytes && result.output_size == 2);
        CHECK_EQ(released, 0);
        result.release(&result);
        // A precompile's output too.
        message.recipient = message.code_address = address_of(4);
        message.input_data = bytes;
        message.input_size = sizeof(bytes);
        const evmc18_result copy = frame.call(message);
        CHECK_EQ(copy.status_code, EVMC_SUCCESS);
        CHECK_EQ(copy.output_size, size_t{2});
        CHECK(copy.output_data != bytes && copy.output_data[1] == 8);
        CHECK(copy.release != nullptr);
        copy.release(&copy);
        return result18_of(EVMC_SUCCESS, 0);
    };
    CHECK_EQ(fixture.run(asks).error, ErrorCode::ok);
    CHECK_EQ(released, 1);
}

TEST("EVMC 18: VMs that lack a part, and other versions") {
    using transaction::ForeignVm;
    using transaction::LoadStatus;
    const auto status_of = [](evmc18_vm& vm, std::string& detail) {
        LoadStatus status{};
        auto* const head = reinterpret_cast<transaction::VmHead*>(&vm);
        CHECK_EQ(ForeignVm::adopt(head, status, detail) == nullptr, status != LoadStatus::ok);
        return status;
    };
    std::string detail;
    ScriptedVm18 whole;
    CHECK(status_of(whole, detail) == LoadStatus::ok);
    CHECK_EQ(whole.destroyed, 1);
    ScriptedVm18 nameless;
    nameless.name = nullptr;
    CHECK(status_of(nameless, detail) == LoadStatus::create_failed);
    ScriptedVm18 idle;
    idle.execute = nullptr;
    CHECK(status_of(idle, detail) == LoadStatus::create_failed);
    ScriptedVm18 eternal;
    eternal.destroy = nullptr;
    CHECK(status_of(eternal, detail) == LoadStatus::create_failed);
    for (const int version : {0, 11, 13, 17, 19}) {
        // Nothing but the version is looked at.
        transaction::VmHead other{version, nullptr, nullptr};
        LoadStatus status{};
        CHECK(ForeignVm::adopt(&other, status, detail) == nullptr);
        CHECK(status == LoadStatus::wrong_abi_version);
        CHECK_EQ(detail, "ABI version " + std::to_string(version) + ", expected 12 or 18");
    }
}

} // namespace braid::test
