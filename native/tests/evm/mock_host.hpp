/// A deterministic EVMC host in memory: accounts, storage, access lists, logs, nested calls and
/// creations on whichever machine it is given.
#pragma once

#include "evm/contract_address.hpp"
#include "evm/message_notes.hpp"
#include "evmc/convert18.hpp"
#include "tests/evm/machine.hpp"
#include "tests/evm/mock_state.hpp"

#include <algorithm>

namespace braid::test {

struct MockLog {
    Address address{};
    std::vector<uint8_t> data;
    std::vector<Bytes32> topics;
};

/// How a whole transaction ended, with the output copied.
struct Outcome {
    evmc_status_code status = EVMC_SUCCESS;
    int64_t gas_left = 0;
    int64_t gas_refund = 0;
    std::vector<uint8_t> output;
    Address create_address{};
};

class MockHost {
  public:
    MockHost(Machine& machine, evmc_revision revision, MockState state)
        : state{std::move(state)}, machine_{machine}, revision_{revision} {
        blob_hashes_[0].bytes[0] = 1;
        blob_hashes_[0].bytes[31] = 0xb0;
        blob_hashes_[1].bytes[0] = 1;
        blob_hashes_[1].bytes[31] = 0xb1;
        const auto number = [](uint64_t value) { return reference::Word{value}.to_bytes(); };
        transaction.tx_gas_price = number(0x600d);
        transaction.tx_origin = reference::Word{0x0419}.to_address();
        transaction.block_coinbase = reference::Word{0xc01b}.to_address();
        transaction.block_number = 1000;
        transaction.block_timestamp = 1'700'000'000;
        transaction.block_gas_limit = 30'000'000;
        transaction.block_prev_randao = (~reference::Word{0x4a4d}).to_bytes();
        transaction.chain_id = number(1);
        transaction.block_base_fee = number(7);
        transaction.blob_base_fee = number(3);
        transaction.blob_hashes = blob_hashes_;
        transaction.blob_hashes_count = 2;
    }
    MockHost(const MockHost&) = delete;
    MockHost& operator=(const MockHost&) = delete;

    /// Runs a message as a transaction would; a failure puts the state back.
    Outcome transact(const evmc_message& message) {
        const evmc_result result = call(message);
        Outcome outcome{
            result.status_code, result.gas_left, result.gas_refund, {}, result.create_address};
        outcome.output.assign(result.output_data, result.output_data + result.output_size);
        if (result.release != nullptr)
            result.release(&result);
        return outcome;
    }

    /// A digest of the accounts and slots that frames asked for, in order, failed ones included.
    /// Logs and transient storage are not in it: nobody else can see those.
    [[nodiscard]] uint64_t trace() const { return trace_.value(); }

    [[nodiscard]] uint64_t log_digest() const {
        Digest digest;
        for (const MockLog& log : logs) {
            digest.add(log.address);
            digest.add(BytesView{log.data});
            digest.add(log.topics.size());
            for (const Bytes32& topic : log.topics)
                digest.add(topic);
        }
        return digest.value();
    }

    MockState state;
    evmc_tx_context transaction{};
    std::vector<MockLog> logs;
    std::vector<evmc_message> messages; ///< Of nested calls. Their input pointers dangle.
    bool records_messages = false;
    uintptr_t lowest_stack_address = UINTPTR_MAX; ///< Where the native stack stood when deepest.
    int32_t deepest_call = 0;

    static const evmc_host_interface& interface();
    /// The same host for EVMC 18 VMs.
    static const evmc18_host_interface& interface_18();
    [[nodiscard]] evmc_host_context* context() {
        return reinterpret_cast<evmc_host_context*>(this);
    }

  private:
    friend class MockStepHost;

    static MockHost& of(evmc_host_context* context) {
        return *reinterpret_cast<MockHost*>(context);
    }

    [[nodiscard]] bool since(evmc_revision revision) const { return revision_ >= revision; }

    void note(uint64_t kind, const Address& address, const Bytes32& detail = {}) {
        Digest event;
        event.add(kind);
        event.add(address);
        event.add(detail);
        // Asking the same again at once tells nothing new.
        if (event.value() != latest_event_)
            trace_.add(event.value());
        latest_event_ = event.value();
    }

    bool exists(const Address& address) {
        note('e', address);
        const MockAccount* account = state.find(address);
        return account != nullptr && (!since(EVMC_SPURIOUS_DRAGON) || !account->is_empty());
    }

    evmc_storage_status set_storage(const Address& address, const Bytes32& key,
                                    const Bytes32& value) {
        note('w', address, key);
        MockSlot& slot = state.slot(address, key);
        const evmc_storage_status status = status_of(slot, value);
        slot.current = value;
        return status;
    }

    static evmc_storage_status status_of(const MockSlot& slot, const Bytes32& value) {
        const Bytes32& current = slot.current;
        const Bytes32& original = slot.original;
        if (current == value)
            return EVMC_STORAGE_ASSIGNED;
        if (original == current) {
            if (is_zero(original))
                return EVMC_STORAGE_ADDED;
            return is_zero(value) ? EVMC_STORAGE_DELETED : EVMC_STORAGE_MODIFIED;
        }
        if (is_zero(original))
            return is_zero(value) ? EVMC_STORAGE_ADDED_DELETED : EVMC_STORAGE_ASSIGNED;
        if (is_zero(current))
            return value == original ? EVMC_STORAGE_DELETED_RESTORED : EVMC_STORAGE_DELETED_ADDED;
        if (is_zero(value))
            return EVMC_STORAGE_MODIFIED_DELETED;
        return value == original ? EVMC_STORAGE_MODIFIED_RESTORED : EVMC_STORAGE_ASSIGNED;
    }

    bool selfdestruct(const Address& address, const Address& beneficiary) {
        note('d', address);
        const reference::Word balance =
            std::exchange(state.account(address).balance, reference::Word{});
        MockAccount& receiver = state.account(beneficiary);
        receiver.balance = receiver.balance + balance;
        return !std::exchange(state.account(address).is_destroyed, true);
    }

    evmc_result call(const evmc_message& told);
    evmc_result address_creation(const evmc_message& asked);
    evmc_result perform(const evmc_message& message, const evmc_message& asked);
    bool can_pay(const evmc_message& asked);
    evmc_result run_frame(const evmc_message& message);
    evmc_result create(const evmc_message& message);
    void note_message(const evmc_message& message, const evmc_message& asked);
    void transfer(const evmc_message& message, const Address& to) {
        const reference::Word value{message.value};
        MockAccount& sender = state.account(message.sender);
        sender.balance = sender.balance - value;
        MockAccount& receiver = state.account(to);
        receiver.balance = receiver.balance + value;
    }

    static evmc_result make_result(evmc_status_code status, int64_t gas_left) {
        evmc_result result{};
        result.status_code = status;
        result.gas_left = gas_left;
        return result;
    }

    Machine& machine_;
    evmc_revision revision_;
    evmc_bytes32 blob_hashes_[2]{};
    Digest trace_;
    uint64_t latest_event_ = 0;
};

inline void MockHost::note_message(const evmc_message& message, const evmc_message& asked) {
    if (message.depth != 0) {
        Digest digest;
        digest.add(message.kind);
        digest.add(message.flags);
        digest.add(static_cast<uint64_t>(message.depth));
        digest.add(static_cast<uint64_t>(message.gas));
        digest.add(message.sender);
        digest.add(message.code_address);
        digest.add(BytesView{message.input_data, message.input_size});
        digest.add(message.value);
        trace_.add(digest.value());
        note('c', message.recipient);
        if (records_messages)
            messages.push_back(asked);
    }
    const char here = 0;
    lowest_stack_address = std::min(lowest_stack_address, reinterpret_cast<uintptr_t>(&here));
    deepest_call = std::max(deepest_call, message.depth);
}

/// A creation by a VM that leaves the address to the host: it takes the salt's place in the
/// message, and is warm from Berlin on. Out of line, like all that nested calls do without.
[[gnu::noinline]] inline evmc_result MockHost::address_creation(const evmc_message& asked) {
    evmc_message message = asked;
    message.create2_salt = {};
    message.recipient = asked.kind == EVMC_CREATE
                            ? evm::create_address(asked.sender, state.account(asked.sender).nonce)
                            : evm::create2_address(asked.sender, asked.create2_salt,
                                                   {asked.input_data, asked.input_size});
    if (since(EVMC_BERLIN)) {
        note('a', message.recipient);
        state.warm(message.recipient);
    }
    return perform(message, asked);
}

/// Whether a call's value is there. The built-in VM leaves this to the host; others have just asked
/// the same.
[[gnu::noinline]] inline bool MockHost::can_pay(const evmc_message& asked) {
    const reference::Word value{asked.value};
    if (asked.depth == 0 || asked.kind == EVMC_DELEGATECALL || value.is_zero())
        return true;
    note('b', asked.sender);
    return !(state.account(asked.sender).balance < value);
}

inline evmc_result MockHost::call(const evmc_message& told) {
    constexpr int32_t deepest = 1024;
    if (told.depth > deepest)
        return make_result(EVMC_CALL_DEPTH_EXCEEDED, told.gas);
    // What the built-in VM tells its own host beyond the ABI is none of this one's business.
    evmc_message asked = told;
    asked.flags &= ~evm::static_call_flag;
    if (!can_pay(asked))
        return make_result(EVMC_INSUFFICIENT_BALANCE, asked.gas);
    const bool is_creation = asked.kind == EVMC_CREATE || asked.kind == EVMC_CREATE2;
    return is_creation ? address_creation(asked) : perform(asked, asked);
}

/// `asked` is the message as it came, `message` has a creation's address.
inline evmc_result MockHost::perform(const evmc_message& message, const evmc_message& asked) {
    const bool is_creation = message.kind == EVMC_CREATE || message.kind == EVMC_CREATE2;
    note_message(message, asked);
    MockState saved = state;
    const size_t saved_logs = logs.size();
    evmc_result result = is_creation ? create(message) : run_frame(message);
    if (result.status_code != EVMC_SUCCESS) {
        // A creator's nonce stays spent, and the address warm, whatever the initcode does.
        const uint64_t nonce = is_creation ? state.account(message.sender).nonce : 0;
        state = std::move(saved);
        if (is_creation) {
            state.account(message.sender).nonce = nonce;
            result.create_address = {};
        }
        logs.resize(saved_logs);
    }
    return result;
}

inline evmc_result MockHost::run_frame(const evmc_message& message) {
    if (message.kind == EVMC_CALL)
        transfer(message, message.recipient);
    const MockAccount* account = state.find(message.code_address);
    const CodeRef code = account != nullptr ? account->code : nullptr;
    if (code == nullptr)
        return make_result(EVMC_SUCCESS, message.gas);
    return machine_.run_code({interface(), context(), revision_, message}, *code);
}

inline evmc_result MockHost::create(const evmc_message& message) {
    constexpr int64_t byte_gas = 200;
    ++state.account(message.sender).nonce;
    const Address address = message.recipient;
    MockAccount& created = state.account(address);
    evmc_result result = make_result(EVMC_FAILURE, 0);
    if (created.nonce == 0 && created.code_bytes().empty()) { // EIP-684
        created.nonce = since(EVMC_SPURIOUS_DRAGON) ? 1 : 0;  // EIP-161
        transfer(message, address);
        evmc_message inner = message;
        inner.recipient = address;
        inner.input_data = nullptr;
        inner.input_size = 0;
        // The initcode lies in the creator's memory, which stays where it is meanwhile.
        result = machine_.run_initcode({interface(), context(), revision_, inner},
                                       {message.input_data, message.input_size});
    }
    if (result.status_code == EVMC_SUCCESS) {
        const int64_t cost = byte_gas * static_cast<int64_t>(result.output_size);
        std::vector<uint8_t> code(result.output_data, result.output_data + result.output_size);
        if (result.release != nullptr)
            result.release(&result);
        result.output_data = nullptr;
        result.output_size = 0;
        result.release = nullptr;
        const bool is_allowed = !(since(EVMC_SPURIOUS_DRAGON) && code.size() > 24576) && // EIP-170
                                !(since(EVMC_LONDON) && !code.empty() && code[0] == 0xef);
        if (is_allowed && result.gas_left >= cost) {
            result.gas_left -= cost;
            state.account(address).code = make_code(std::move(code));
        } else if (!is_allowed || since(EVMC_HOMESTEAD)) { // EIP-2
            result = make_result(EVMC_OUT_OF_GAS, 0);
        }
    }
    result.create_address = address;
    return result;
}

inline const evmc_host_interface& MockHost::interface() {
    static const evmc_host_interface functions = [] {
        evmc_host_interface host{};
        host.account_exists = [](evmc_host_context* context, const evmc_address* address) {
            return of(context).exists(*address);
        };
        host.get_storage = [](evmc_host_context* context, const evmc_address* address,
                              const evmc_bytes32* key) {
            of(context).note('r', *address, *key);
            return of(context).state.slot(*address, *key).current;
        };
        host.set_storage = [](evmc_host_context* context, const evmc_address* address,
                              const evmc_bytes32* key, const evmc_bytes32* value) {
            return of(context).set_storage(*address, *key, *value);
        };
        host.get_balance = [](evmc_host_context* context, const evmc_address* address) {
            of(context).note('b', *address);
            const MockAccount* account = of(context).state.find(*address);
            return account != nullptr ? account->balance.to_bytes() : evmc_bytes32{};
        };
        host.get_code_size = [](evmc_host_context* context, const evmc_address* address) {
            of(context).note('o', *address);
            const MockAccount* account = of(context).state.find(*address);
            return account != nullptr ? account->code_bytes().size() : 0;
        };
        host.get_code_hash = [](evmc_host_context* context, const evmc_address* address) {
            if (!of(context).exists(*address))
                return evmc_bytes32{};
            const MockAccount* account = of(context).state.find(*address);
            return account->code ? account->code->hash() : crypto::keccak256({});
        };
        host.copy_code = [](evmc_host_context* context, const evmc_address* address,
                            size_t code_offset, uint8_t* buffer, size_t buffer_size) -> size_t {
            of(context).note('o', *address);
            const MockAccount* account = of(context).state.find(*address);
            const BytesView code = account != nullptr ? account->code_bytes() : BytesView{};
            if (code_offset >= code.size())
                return 0;
            const size_t size = std::min(buffer_size, code.size() - code_offset);
            std::copy_n(code.data() + code_offset, size, buffer);
            return size;
        };
        host.selfdestruct = [](evmc_host_context* context, const evmc_address* address,
                               const evmc_address* beneficiary) {
            return of(context).selfdestruct(*address, *beneficiary);
        };
        host.call = [](evmc_host_context* context, const evmc_message* message) {
            return of(context).call(*message);
        };
        host.get_tx_context = [](evmc_host_context* context) { return of(context).transaction; };
        host.get_block_hash = [](evmc_host_context* context, int64_t number) {
            of(context).note('h', {}, reference::Word{static_cast<uint64_t>(number)}.to_bytes());
            return (~reference::Word{static_cast<uint64_t>(number)}).to_bytes();
        };
        host.emit_log = [](evmc_host_context* context, const evmc_address* address,
                           const uint8_t* data, size_t data_size, const evmc_bytes32 topics[],
                           size_t topic_count) {
            of(context).logs.push_back(
                {*address, {data, data + data_size}, {topics, topics + topic_count}});
        };
        host.access_account = [](evmc_host_context* context, const evmc_address* address) {
            of(context).note('a', *address);
            return of(context).state.warm(*address) ? EVMC_ACCESS_WARM : EVMC_ACCESS_COLD;
        };
        host.access_storage = [](evmc_host_context* context, const evmc_address* address,
                                 const evmc_bytes32* key) {
            of(context).note('s', *address, *key);
            return std::exchange(of(context).state.slot(*address, *key).is_warm, true)
                       ? EVMC_ACCESS_WARM
                       : EVMC_ACCESS_COLD;
        };
        host.get_transient_storage = [](evmc_host_context* context, const evmc_address* address,
                                        const evmc_bytes32* key) {
            return of(context).state.transient(*address, *key);
        };
        host.set_transient_storage = [](evmc_host_context* context, const evmc_address* address,
                                        const evmc_bytes32* key, const evmc_bytes32* value) {
            of(context).state.transient(*address, *key) = *value;
        };
        return host;
    }();
    return functions;
}

inline const evmc18_host_interface& MockHost::interface_18() {
    static const evmc18_host_interface functions = [] {
        const evmc_host_interface& same = interface();
        evmc18_host_interface host{};
        host.account_exists = same.account_exists;
        host.get_storage = same.get_storage;
        host.set_storage = same.set_storage;
        host.get_balance = same.get_balance;
        host.get_nonce = [](evmc_host_context* context, const evmc_address* address) -> uint64_t {
            const MockAccount* account = of(context).state.find(*address);
            return account != nullptr ? account->nonce : 0;
        };
        host.get_code_size = same.get_code_size;
        host.get_code_hash = same.get_code_hash;
        host.copy_code = same.copy_code;
        host.selfdestruct = same.selfdestruct;
        host.call = [](evmc_host_context* context, const evmc18_message* message) {
            const evmc_message converted = evmc::to_12(*message);
            const bool is_creation = message->kind == EVMC_CREATE || message->kind == EVMC_CREATE2;
            return evmc::to_18(is_creation ? of(context).perform(converted, converted)
                                           : of(context).call(converted));
        };
        host.get_tx_context = [](evmc_host_context* context) {
            return evmc::to_18(of(context).transaction);
        };
        host.get_block_hash = same.get_block_hash;
        host.emit_log = same.emit_log;
        host.access_account = [](evmc_host_context* context, const evmc_address* address) {
            return static_cast<evmc18_access_status>(interface().access_account(context, address));
        };
        host.access_storage = [](evmc_host_context* context, const evmc_address* address,
                                 const evmc_bytes32* key) {
            return static_cast<evmc18_access_status>(
                interface().access_storage(context, address, key));
        };
        host.get_transient_storage = same.get_transient_storage;
        host.set_transient_storage = same.set_transient_storage;
        return host;
    }();
    return functions;
}

/// Any VM through the EVMC 18 ABI, on mock hosts. Revisions that the ABI does not have run on the
/// tests' own interpreter. Destroys the VM.
class Evmc18Machine final : public Machine {
  public:
    explicit Evmc18Machine(evmc18_vm* vm) : vm_{vm} {}
    ~Evmc18Machine() override { vm_->destroy(vm_); }

    evmc_result run_code(const FrameCall& call, const Code& code) override {
        return run_initcode(call, code.bytes());
    }
    evmc_result run_initcode(const FrameCall& call, BytesView code) override {
        evmc18_revision revision{};
        if (!evmc::to_18(call.revision, revision))
            return reference_.run_initcode(call, code);
        const evmc18_message message = evmc::to_18(call.message);
        return evmc::to_12(vm_->execute(vm_, &MockHost::interface_18(), call.context, revision,
                                        &message, code.data(), code.size()));
    }

  private:
    evmc18_vm* vm_;
    ReferenceMachine reference_;
};

} // namespace braid::test
