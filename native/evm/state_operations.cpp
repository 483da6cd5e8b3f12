/// Instructions that read or change accounts, storage and logs through the host.
#include "evm/operations.hpp"
#include "evm/vm_state.hpp"

#include <algorithm>

namespace braid::evm {
namespace {

constexpr int64_t log_byte_gas = 8;
constexpr int64_t word_copy_gas = 3;

/// Marks an account as accessed and charges what a cold one costs more (EIP-2929).
bool charge_account_access(Frame& frame, const Address& address) noexcept {
    if (!frame.rules->has_access_lists ||
        frame.host->access_account(frame.context, &address) == EVMC_ACCESS_WARM)
        return true;
    frame.gas -= frame.rules->cold_account_gas;
    return frame.gas >= 0;
}

/// Tells who follows what is looked up.
inline void note_account(const Frame& frame, const Address& address) noexcept {
    if (frame.vm->touch_observer != nullptr) [[unlikely]]
        frame.vm->touch_observer->on_account(address);
}
inline void note_slot(const Frame& frame, const Bytes32& key) noexcept {
    if (frame.vm->touch_observer != nullptr) [[unlikely]]
        frame.vm->touch_observer->on_slot(frame.message->recipient, key);
}

} // namespace

void Frame::load_tx_context() noexcept {
    storage->tx_context = host->get_tx_context(context);
    storage->has_tx_context = true;
}

evmc_status_code balance(Frame& frame, uint256* top) noexcept {
    const Address address = to_address(top[0]);
    if (!charge_account_access(frame, address))
        return EVMC_OUT_OF_GAS;
    note_account(frame, address);
    top[0] = to_uint256(frame.host->get_balance(frame.context, &address));
    return EVMC_SUCCESS;
}

evmc_status_code extcodesize(Frame& frame, uint256* top) noexcept {
    const Address address = to_address(top[0]);
    if (!charge_account_access(frame, address))
        return EVMC_OUT_OF_GAS;
    note_account(frame, address);
    top[0] = uint256{frame.host->get_code_size(frame.context, &address)};
    return EVMC_SUCCESS;
}

evmc_status_code extcodehash(Frame& frame, uint256* top) noexcept {
    const Address address = to_address(top[0]);
    if (!charge_account_access(frame, address))
        return EVMC_OUT_OF_GAS;
    note_account(frame, address);
    top[0] = to_uint256(frame.host->get_code_hash(frame.context, &address));
    return EVMC_SUCCESS;
}

evmc_status_code extcodecopy(Frame& frame, uint256* top) noexcept {
    const Address address = to_address(top[0]);
    const uint256& target = top[-1];
    const uint256& offset = top[-2];
    const uint256& size = top[-3];
    if (!touch_memory(frame, target, size))
        return EVMC_OUT_OF_GAS;
    frame.gas -= words_of(size.word[0]) * word_copy_gas;
    if (frame.gas < 0 || !charge_account_access(frame, address))
        return EVMC_OUT_OF_GAS;
    note_account(frame, address);
    if (!size)
        return EVMC_SUCCESS;
    uint8_t* data = frame.memory + target.word[0];
    const size_t from = offset.fits_uint64() ? offset.word[0] : SIZE_MAX;
    const size_t copied = frame.host->copy_code(frame.context, &address, from, data, size.word[0]);
    std::memset(data + copied, 0, size.word[0] - copied);
    return EVMC_SUCCESS;
}

evmc_status_code blockhash(Frame& frame, uint256* top) noexcept {
    // Only the 256 blocks before this one have a hash.
    const int64_t current = frame.tx_context().block_number;
    const uint256 number = top[0];
    Bytes32 hash{};
    if (number < uint256{static_cast<uint64_t>(current)} &&
        static_cast<uint64_t>(current) - number.word[0] <= 256)
        hash = frame.host->get_block_hash(frame.context, static_cast<int64_t>(number.word[0]));
    top[0] = to_uint256(hash);
    return EVMC_SUCCESS;
}

evmc_status_code blobhash(Frame& frame, uint256* top) noexcept {
    const evmc_tx_context& transaction = frame.tx_context();
    const uint256 index = top[0];
    top[0] = index < uint256{transaction.blob_hashes_count}
                 ? to_uint256(transaction.blob_hashes[index.word[0]])
                 : uint256{};
    return EVMC_SUCCESS;
}

evmc_status_code sload(Frame& frame, uint256* top) noexcept {
    const Bytes32 key = to_bytes32(top[0]);
    const Address& self = frame.message->recipient;
    if (frame.rules->has_access_lists &&
        frame.host->access_storage(frame.context, &self, &key) == EVMC_ACCESS_COLD) {
        frame.gas -= frame.rules->cold_sload_gas;
        if (frame.gas < 0)
            return EVMC_OUT_OF_GAS;
    }
    note_slot(frame, key);
    top[0] = to_uint256(frame.host->get_storage(frame.context, &self, &key));
    return EVMC_SUCCESS;
}

evmc_status_code sstore(Frame& frame, uint256* top) noexcept {
    if (frame.is_static())
        return EVMC_STATIC_MODE_VIOLATION;
    const Rules& rules = *frame.rules;
    if (frame.gas <= rules.sstore_sentry_gas)
        return EVMC_OUT_OF_GAS;
    const Bytes32 key = to_bytes32(top[0]);
    const Bytes32 value = to_bytes32(top[-1]);
    const Address& self = frame.message->recipient;
    if (rules.has_access_lists &&
        frame.host->access_storage(frame.context, &self, &key) == EVMC_ACCESS_COLD)
        frame.gas -= rules.cold_storage_gas;
    if (frame.gas < 0)
        return EVMC_OUT_OF_GAS;
    const evmc_storage_status status = frame.host->set_storage(frame.context, &self, &key, &value);
    const StorageCost cost = rules.storage_costs[static_cast<size_t>(status)];
    frame.gas -= cost.gas;
    if (frame.gas < 0)
        return EVMC_OUT_OF_GAS;
    note_slot(frame, key);
    frame.gas_refund += cost.refund;
    return EVMC_SUCCESS;
}

evmc_status_code tload(Frame& frame, uint256* top) noexcept {
    const Bytes32 key = to_bytes32(top[0]);
    top[0] = to_uint256(
        frame.host->get_transient_storage(frame.context, &frame.message->recipient, &key));
    return EVMC_SUCCESS;
}

evmc_status_code tstore(Frame& frame, uint256* top) noexcept {
    if (frame.is_static())
        return EVMC_STATIC_MODE_VIOLATION;
    const Bytes32 key = to_bytes32(top[0]);
    const Bytes32 value = to_bytes32(top[-1]);
    frame.host->set_transient_storage(frame.context, &frame.message->recipient, &key, &value);
    return EVMC_SUCCESS;
}

evmc_status_code log(Frame& frame, uint256* top, size_t topic_count) noexcept {
    if (frame.is_static())
        return EVMC_STATIC_MODE_VIOLATION;
    const uint256& offset = top[0];
    const uint256& size = top[-1];
    if (!touch_memory(frame, offset, size))
        return EVMC_OUT_OF_GAS;
    frame.gas -= static_cast<int64_t>(size.word[0]) * log_byte_gas;
    if (frame.gas < 0)
        return EVMC_OUT_OF_GAS;
    Bytes32 topics[4];
    for (size_t i = 0; i < topic_count; ++i)
        topics[i] = to_bytes32(top[-2 - static_cast<ptrdiff_t>(i)]);
    const uint8_t* data = size ? frame.memory + offset.word[0] : nullptr;
    frame.host->emit_log(frame.context, &frame.message->recipient, data, size.word[0], topics,
                         topic_count);
    return EVMC_SUCCESS;
}

evmc_status_code selfdestruct(Frame& frame, uint256* top) noexcept {
    if (frame.is_static())
        return EVMC_STATIC_MODE_VIOLATION;
    const Rules& rules = *frame.rules;
    const Address beneficiary = to_address(top[0]);
    const Address& self = frame.message->recipient;
    if (rules.has_access_lists &&
        frame.host->access_account(frame.context, &beneficiary) == EVMC_ACCESS_COLD)
        frame.gas -= rules.cold_beneficiary_gas;
    if (frame.gas < 0)
        return EVMC_OUT_OF_GAS;
    if (rules.selfdestruct_new_account_gas != 0) {
        // EIP-150 charges for a new account; EIP-161 only where it receives something.
        const bool sends = !rules.empty_accounts_are_absent ||
                           !is_zero(frame.host->get_balance(frame.context, &self));
        if (sends && !frame.host->account_exists(frame.context, &beneficiary))
            frame.gas -= rules.selfdestruct_new_account_gas;
        if (frame.gas < 0)
            return EVMC_OUT_OF_GAS;
    }
    if (frame.host->selfdestruct(frame.context, &self, &beneficiary))
        frame.gas_refund += rules.selfdestruct_refund;
    return EVMC_SUCCESS;
}

} // namespace braid::evm
