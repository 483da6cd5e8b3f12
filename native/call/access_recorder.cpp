#include "call/access_recorder.hpp"

#include "base/uint256.hpp"
#include "evm/opcodes.hpp"

#include <cstring>

namespace braid::call {

bool AccessRecorder::Less::operator()(const wire::PrefetchKey& a,
                                      const wire::PrefetchKey& b) const noexcept {
    const int order = std::memcmp(a.address.bytes, b.address.bytes, sizeof(a.address.bytes));
    if (order != 0)
        return order < 0;
    if (a.flags != b.flags)
        return a.flags < b.flags;
    return std::memcmp(a.key.bytes, b.key.bytes, sizeof(a.key.bytes)) < 0;
}

void AccessRecorder::on_step(const evm::Step& step) noexcept {
    const size_t size = step.stack.size();
    switch (step.op) {
    case evm::OP_SLOAD:
    case evm::OP_SSTORE:
        if (size >= 1)
            add_slot(step.message.recipient, to_bytes32(step.stack[size - 1]));
        break;
    case evm::OP_BALANCE:
    case evm::OP_EXTCODESIZE:
    case evm::OP_EXTCODECOPY:
    case evm::OP_EXTCODEHASH:
    case evm::OP_SELFDESTRUCT:
        if (size >= 1)
            add_account(to_address(step.stack[size - 1]));
        break;
    case evm::OP_CALL:
    case evm::OP_CALLCODE:
    case evm::OP_DELEGATECALL:
    case evm::OP_STATICCALL:
        if (size >= 5)
            add_account(to_address(step.stack[size - 2]));
        break;
    default:
        break;
    }
}

std::span<const wire::PrefetchKey> AccessRecorder::accessed() {
    sorted_.assign(keys_.begin(), keys_.end());
    return sorted_;
}

void AccessRecorder::add_account(const Address& address) {
    keys_.insert(wire::PrefetchKey{address, 0, {}});
}

void AccessRecorder::add_slot(const Address& address, const Bytes32& key) {
    keys_.insert(wire::PrefetchKey{address, wire::prefetch_flag::has_key, key});
}

} // namespace braid::call
