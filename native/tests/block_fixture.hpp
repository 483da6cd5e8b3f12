/// Blocks, states and a scripted VM for tests of transactions and blocks.
#pragma once

#include "block/block_executor.hpp"
#include "crypto/keccak.hpp"
#include "state/memory_state.hpp"

#include <functional>
#include <vector>

namespace braid::test {

inline Address address_of(uint64_t number) {
    Address address{};
    store_be64(address.bytes + 12, number);
    return address;
}

inline Bytes32 word(uint64_t number) { return to_bytes32(uint256{number}); }

inline evmc_result result_of(evmc_status_code status, int64_t gas_left) {
    evmc_result result{};
    result.status_code = status;
    result.gas_left = gas_left;
    return result;
}

/// A foreign VM whose frames are C++ functions: code's first byte picks the script.
class ScriptedVm : public evmc_vm {
  public:
    struct Frame {
        const evmc_host_interface* host;
        evmc_host_context* context;
        const evmc_message* message;
    };
    using Script = std::function<evmc_result(const Frame&)>;

    ScriptedVm() : evmc_vm{EVMC_ABI_VERSION, "scripted", "1", nullptr, nullptr, nullptr, nullptr} {
        destroy = [](evmc_vm*) {};
        get_capabilities = [](evmc_vm*) -> evmc_capabilities_flagset {
            return EVMC_CAPABILITY_EVM1;
        };
        execute = [](evmc_vm* self, const evmc_host_interface* host, evmc_host_context* context,
                     evmc_revision, const evmc_message* message, const uint8_t* code,
                     size_t code_size) {
            if (code_size == 0)
                return result_of(EVMC_SUCCESS, message->gas);
            return static_cast<ScriptedVm*>(self)->scripts[code[0]]({host, context, message});
        };
    }

    std::vector<Script> scripts;
};

/// A VM of any version of the ABI as a Machine takes it; the test keeps the VM.
template <class Vm>
std::unique_ptr<transaction::ForeignVm> adopt(Vm& vm) {
    transaction::LoadStatus status{};
    std::string detail;
    // A VM's head is where the VM is; one with a base class of its own would have it elsewhere.
    return transaction::ForeignVm::adopt(reinterpret_cast<transaction::VmHead*>(&vm), status,
                                         detail);
}

/// A block under construction with a state before it, run on a scripted VM.
class BlockFixture {
  public:
    explicit BlockFixture(evmc_revision revision) {
        transactions.reserve(512); // so that references to them stay good
        header.revision = static_cast<uint32_t>(revision);
        header.number = 100;
        header.timestamp = 1000;
        header.gas_limit = 30'000'000;
        header.chain_id = 1;
        header.max_blob_gas = 6 * transaction::gas_per_blob;
        header.blob_base_fee = word(1);
        header.base_fee = word(7);
        header.coinbase = address_of(0xc0ffee);
        header.parent_hash = word(0x99);
        state.set_account({sender, 0, uint256{1'000'000'000'000}});
    }

    /// Adds code to the state that runs `script`; its address.
    Address deploy(uint64_t number, ScriptedVm::Script script) {
        const std::vector<uint8_t> bytes{static_cast<uint8_t>(vm.scripts.size())};
        vm.scripts.push_back(std::move(script));
        const Bytes32 hash = crypto::keccak256(bytes);
        state.add_code(bytes, hash);
        state.set_account({address_of(number), 1, uint256{}, hash});
        return address_of(number);
    }

    /// A plain call of 100,000 gas with the sender's next nonce.
    wire::Transaction& add_call(const Address& to) {
        wire::Transaction transaction{};
        transaction.flags = wire::transaction_flag::has_to | wire::transaction_flag::has_sender;
        transaction.sender = sender;
        transaction.to = to;
        transaction.nonce = transactions.size();
        transaction.gas_limit = 100'000;
        transaction.max_fee_per_gas = word(10);
        transaction.max_priority_fee_per_gas = word(10);
        return transactions.emplace_back(transaction);
    }

    wire::BlockView view() const {
        wire::BlockView view;
        view.header = &header;
        view.transactions = transactions;
        view.ommers = ommers;
        view.withdrawals = withdrawals;
        view.block_hashes = block_hashes;
        view.system_calls = system_calls;
        view.drains = drains;
        view.access_entries = access_entries;
        view.storage_keys = storage_keys;
        view.blob_hashes = blob_hashes;
        view.authorizations = authorizations;
        view.pool = pool;
        return view;
    }

    const wire::BlockRecords& run() { return run_on(adopt<evmc_vm>(vm)); }

    const wire::BlockRecords& run_on(std::unique_ptr<transaction::ForeignVm> foreign) {
        transaction::Machine machine{std::move(foreign)};
        block::BlockExecutor block{machine};
        block::SenderTable senders;
        senders.begin(view());
        senders.recover(0, senders.job_count());
        records.clear();
        block.execute(state, view(), senders, records);
        return records;
    }

    /// The change of an account in the last run; null where it did not change.
    const wire::AccountChange* change_of(const Address& address) const {
        for (const wire::AccountChange& change : records.accounts)
            if (change.address == address)
                return &change;
        return nullptr;
    }

    static inline const Address sender = address_of(0x5e4de2);
    wire::BlockInput header{};
    std::vector<wire::Transaction> transactions;
    std::vector<wire::Ommer> ommers;
    std::vector<wire::Withdrawal> withdrawals;
    std::vector<wire::BlockHash> block_hashes;
    std::vector<wire::SystemCall> system_calls;
    std::vector<Address> drains;
    std::vector<wire::AccessEntry> access_entries;
    std::vector<Bytes32> storage_keys;
    std::vector<Bytes32> blob_hashes;
    std::vector<wire::Authorization> authorizations;
    std::vector<uint8_t> pool;
    ScriptedVm vm;
    state::MemoryState state;
    wire::BlockRecords records;
};

} // namespace braid::test
