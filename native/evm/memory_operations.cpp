/// Hashing, copying and the growth of memory.
#include "crypto/keccak.hpp"
#include "evm/operations.hpp"
#include "evm/vm_state.hpp"

#include <algorithm>

namespace braid::evm {
namespace {

constexpr int64_t word_copy_gas = 3;
constexpr int64_t keccak256_word_gas = 6;

/// Charges for copying `size` bytes; the size has passed touch_memory.
bool charge_copy(Frame& frame, uint64_t size) noexcept {
    frame.gas -= words_of(size) * word_copy_gas;
    return frame.gas >= 0;
}

/// Copies [offset, offset + size) of a source to memory; what lies beyond the source is zeros.
void copy_padded(uint8_t* target, BytesView source, const uint256& offset, uint64_t size) noexcept {
    uint64_t available = 0;
    if (offset.fits_uint64() && offset.word[0] < source.size()) {
        available = std::min<uint64_t>(size, source.size() - offset.word[0]);
        std::memcpy(target, source.data() + offset.word[0], available);
    }
    std::memset(target + available, 0, size - available);
}

evmc_status_code copy_from(Frame& frame, BytesView source, uint256* top) noexcept {
    const uint256& target = top[0];
    const uint256& offset = top[-1];
    const uint256& size = top[-2];
    if (!touch_memory(frame, target, size) || !charge_copy(frame, size.word[0]))
        return EVMC_OUT_OF_GAS;
    if (size)
        copy_padded(frame.memory + target.word[0], source, offset, size.word[0]);
    return EVMC_SUCCESS;
}

constexpr int64_t memory_gas(int64_t words) noexcept { return 3 * words + words * words / 512; }

} // namespace

bool grow_memory(Frame& frame, uint64_t offset, uint64_t size) noexcept {
    const int64_t words = words_of(offset + size);
    const int64_t current_words = static_cast<int64_t>(frame.memory_size / 32);
    frame.gas -= memory_gas(words) - memory_gas(current_words);
    if (frame.gas < 0)
        return false;
    const uint64_t new_size = static_cast<uint64_t>(words) * 32;
    if (new_size > frame.memory_capacity) {
        size_t capacity = 0;
        uint8_t* const moved = frame.vm->memories.move(frame.memory_position, frame.memory,
                                                       frame.memory_size, new_size, capacity);
        if (moved == nullptr) {
            frame.vm->memory_exhausted = true;
            return false;
        }
        frame.memory = moved;
        frame.memory_capacity = capacity;
    }
    std::memset(frame.memory + frame.memory_size, 0, new_size - frame.memory_size);
    frame.memory_size = new_size;
    return true;
}

evmc_status_code keccak256(Frame& frame, uint256* top) noexcept {
    const uint256& offset = top[0];
    const uint256& size = top[-1];
    if (!touch_memory(frame, offset, size))
        return EVMC_OUT_OF_GAS;
    frame.gas -= words_of(size.word[0]) * keccak256_word_gas;
    if (frame.gas < 0)
        return EVMC_OUT_OF_GAS;
    const BytesView data =
        size ? BytesView{frame.memory + offset.word[0], size.word[0]} : BytesView{};
    top[-1] = to_uint256(crypto::keccak256(data));
    return EVMC_SUCCESS;
}

evmc_status_code exponentiate(Frame& frame, uint256* top) noexcept {
    const uint256 base = top[0];
    const uint256 exponent = top[-1];
    frame.gas -= frame.rules->exp_byte_gas * significant_bytes(exponent);
    if (frame.gas < 0)
        return EVMC_OUT_OF_GAS;
    top[-1] = power(base, exponent);
    return EVMC_SUCCESS;
}

evmc_status_code calldataload(Frame& frame, uint256& item) noexcept {
    uint8_t bytes[32];
    copy_padded(bytes, {frame.message->input_data, frame.message->input_size}, item, sizeof(bytes));
    item = load_uint256(bytes);
    return EVMC_SUCCESS;
}

evmc_status_code calldatacopy(Frame& frame, uint256* top) noexcept {
    return copy_from(frame, {frame.message->input_data, frame.message->input_size}, top);
}

evmc_status_code codecopy(Frame& frame, uint256* top) noexcept {
    return copy_from(frame, frame.code, top);
}

evmc_status_code returndatacopy(Frame& frame, uint256* top) noexcept {
    const uint256& offset = top[-1];
    const uint256& size = top[-2];
    const size_t available = frame.storage->return_data.size();
    // EIP-211: unlike the other copies, reading beyond the end fails, even for no bytes.
    if (!offset.fits_uint64() || !size.fits_uint64() || offset.word[0] > available ||
        size.word[0] > available - offset.word[0])
        return EVMC_INVALID_MEMORY_ACCESS;
    return copy_from(frame, frame.storage->return_data.view(), top);
}

evmc_status_code mcopy(Frame& frame, uint256* top) noexcept {
    const uint256& target = top[0];
    const uint256& source = top[-1];
    const uint256& size = top[-2];
    if (!size)
        return EVMC_SUCCESS;
    // Memory grows once everything is paid: for the copy, and for the farther of both ends.
    const uint256& farther = target < source ? source : target;
    if (!size.fits_uint64() || size.word[0] > memory_limit || !charge_copy(frame, size.word[0]) ||
        !touch_memory(frame, farther, size))
        return EVMC_OUT_OF_GAS;
    std::memmove(frame.memory + target.word[0], frame.memory + source.word[0], size.word[0]);
    return EVMC_SUCCESS;
}

} // namespace braid::evm
