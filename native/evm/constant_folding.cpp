#include "evm/constant_folding.hpp"

#include "evm/opcodes.hpp"

namespace braid::evm {
namespace {

uint256 boolean(bool value) noexcept { return uint256{static_cast<uint64_t>(value)}; }

} // namespace

bool fold(uint8_t op, const uint256& a, const uint256& b, uint256& value) noexcept {
    switch (op) {
    case OP_ADD:
        value = a + b;
        return true;
    case OP_MUL:
        value = a * b;
        return true;
    case OP_SUB:
        value = a - b;
        return true;
    case OP_DIV:
        value = b ? divide(a, b).quotient : uint256{};
        return true;
    case OP_LT:
        value = boolean(a < b);
        return true;
    case OP_GT:
        value = boolean(a > b);
        return true;
    case OP_SLT:
        value = boolean(less_signed(a, b));
        return true;
    case OP_SGT:
        value = boolean(less_signed(b, a));
        return true;
    case OP_EQ:
        value = boolean(a == b);
        return true;
    case OP_AND:
        value = a & b;
        return true;
    case OP_OR:
        value = a | b;
        return true;
    case OP_XOR:
        value = a ^ b;
        return true;
    case OP_SHL:
        value = a < uint256{256} ? shift_left(b, static_cast<unsigned>(a.word[0])) : uint256{};
        return true;
    case OP_SHR:
        value = a < uint256{256} ? shift_right(b, static_cast<unsigned>(a.word[0])) : uint256{};
        return true;
    default:
        return false;
    }
}

} // namespace braid::evm
