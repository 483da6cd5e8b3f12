/// Arithmetic that is too long to stand in the dispatch loop.
#include "evm/operations.hpp"

namespace braid::evm {
namespace {

uint256 arithmetic_shift(const uint256& value, unsigned bits) noexcept {
    const uint256 shifted = shift_right(value, bits);
    const bool negative = (value.word[3] >> 63) != 0;
    if (!negative || bits == 0)
        return shifted;
    return shifted | shift_left(uint256::max(), 256 - bits);
}

} // namespace

void divide_items(uint256* top) noexcept {
    if (top[-1])
        top[-1] = divide(top[0], top[-1]).quotient;
}

void divide_items_reversed(uint256* top) noexcept {
    top[-1] = top[0] ? divide(top[-1], top[0]).quotient : uint256{};
}

void divide_item_by(uint256* top, const Cell* divisor) noexcept {
    const uint256 value{divisor[0].raw(), divisor[1].raw(), divisor[2].raw(), divisor[3].raw()};
    top[0] = value ? divide(top[0], value).quotient : uint256{};
}

void divide_items_signed(uint256* top) noexcept {
    if (top[-1])
        top[-1] = divide_signed(top[0], top[-1]).quotient;
}

void modulo_items(uint256* top) noexcept {
    if (top[-1])
        top[-1] = divide(top[0], top[-1]).remainder;
}

void modulo_items_signed(uint256* top) noexcept {
    if (top[-1])
        top[-1] = divide_signed(top[0], top[-1]).remainder;
}

void add_items_modulo(uint256* top) noexcept {
    if (top[-2])
        top[-2] = add_mod(top[0], top[-1], top[-2]);
}

void multiply_items_modulo(uint256* top) noexcept {
    if (top[-2])
        top[-2] = multiply_mod(top[0], top[-1], top[-2]);
}

void sign_extend_item(uint256* top) noexcept {
    if (!top[0].fits_uint64() || top[0].word[0] >= 31)
        return;
    const unsigned unused = 256 - 8 * (static_cast<unsigned>(top[0].word[0]) + 1);
    top[-1] = arithmetic_shift(shift_left(top[-1], unused), unused);
}

void byte_of_item(uint256* top) noexcept {
    if (!top[0].fits_uint64() || top[0].word[0] >= 32) {
        top[-1] = uint256{};
        return;
    }
    const unsigned bits = 8 * (31 - static_cast<unsigned>(top[0].word[0]));
    top[-1] = uint256{(top[-1].word[bits / 64] >> (bits % 64)) & 0xff};
}

void shift_item_right_arithmetic(uint256* top) noexcept {
    const bool whole = !top[0].fits_uint64() || top[0].word[0] >= 256;
    const unsigned bits = whole ? 255 : static_cast<unsigned>(top[0].word[0]);
    top[-1] = arithmetic_shift(top[-1], bits);
}

} // namespace braid::evm
