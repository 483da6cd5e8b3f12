/// Kernels that add, subtract, halve and copy; see field_x86.hpp.
#pragma once

#include <cstdint>

namespace braid::crypto::x86 {

/// out = a + b over four words, which must not carry.
inline void add_unreduced(uint64_t out[4], const uint64_t a[4], const uint64_t b[4]) noexcept {
    uint64_t r0, r1, r2, r3;
    asm("movq 0(%[a]), %[r0]\n"
        "movq 8(%[a]), %[r1]\n"
        "movq 16(%[a]), %[r2]\n"
        "movq 24(%[a]), %[r3]\n"
        "addq 0(%[b]), %[r0]\n"
        "adcq 8(%[b]), %[r1]\n"
        "adcq 16(%[b]), %[r2]\n"
        "adcq 24(%[b]), %[r3]\n"
        "movq %[r0], 0(%[out])\n"
        "movq %[r1], 8(%[out])\n"
        "movq %[r2], 16(%[out])\n"
        "movq %[r3], 24(%[out])\n"
        : [r0] "=&r"(r0), [r1] "=&r"(r1), [r2] "=&r"(r2), [r3] "=&r"(r3),
          "=m"(*reinterpret_cast<uint64_t(*)[4]>(out))
        : [a] "r"(a), [b] "r"(b), [out] "r"(out), "m"(*reinterpret_cast<const uint64_t(*)[4]>(a)),
          "m"(*reinterpret_cast<const uint64_t(*)[4]>(b))
        : "cc");
}

/// a = a - b over eight words; where that borrows, plus modulus * 2^256.
inline void subtract_wide_modulo(uint64_t a[8], const uint64_t b[8],
                                 const uint64_t modulus[4]) noexcept {
    uint64_t r0, r1, r2, r3, s0, s1, s2, s3;
    asm("movq 0(%[b]), %[r0]\n"
        "movq 8(%[b]), %[r1]\n"
        "movq 16(%[b]), %[r2]\n"
        "movq 24(%[b]), %[r3]\n"
        "subq %[r0], 0(%[a])\n"
        "sbbq %[r1], 8(%[a])\n"
        "sbbq %[r2], 16(%[a])\n"
        "sbbq %[r3], 24(%[a])\n"
        "movq 32(%[a]), %[r0]\n"
        "movq 40(%[a]), %[r1]\n"
        "movq 48(%[a]), %[r2]\n"
        "movq 56(%[a]), %[r3]\n"
        "sbbq 32(%[b]), %[r0]\n"
        "sbbq 40(%[b]), %[r1]\n"
        "sbbq 48(%[b]), %[r2]\n"
        "sbbq 56(%[b]), %[r3]\n"
        "sbbq %[s0], %[s0]\n"
        "movq %[s0], %[s1]\n"
        "movq %[s0], %[s2]\n"
        "movq %[s0], %[s3]\n"
        "andq 0(%[p]), %[s0]\n"
        "andq 8(%[p]), %[s1]\n"
        "andq 16(%[p]), %[s2]\n"
        "andq 24(%[p]), %[s3]\n"
        "addq %[s0], %[r0]\n"
        "adcq %[s1], %[r1]\n"
        "adcq %[s2], %[r2]\n"
        "adcq %[s3], %[r3]\n"
        "movq %[r0], 32(%[a])\n"
        "movq %[r1], 40(%[a])\n"
        "movq %[r2], 48(%[a])\n"
        "movq %[r3], 56(%[a])\n"
        : [r0] "=&r"(r0), [r1] "=&r"(r1), [r2] "=&r"(r2), [r3] "=&r"(r3), [s0] "=&r"(s0),
          [s1] "=&r"(s1), [s2] "=&r"(s2), [s3] "=&r"(s3), "+m"(*reinterpret_cast<uint64_t(*)[8]>(a))
        : [a] "r"(a), [b] "r"(b), [p] "r"(modulus), "m"(*reinterpret_cast<const uint64_t(*)[8]>(b)),
          "m"(*reinterpret_cast<const uint64_t(*)[4]>(modulus))
        : "cc");
}

/// a = a - b - c over eight words, which must not borrow in the end.
inline void subtract_wide_twice(uint64_t a[8], const uint64_t b[8], const uint64_t c[8]) noexcept {
    uint64_t r0, r1, r2, r3, r4, r5, r6, r7;
    asm("movq 0(%[a]), %[r0]\n"
        "movq 8(%[a]), %[r1]\n"
        "movq 16(%[a]), %[r2]\n"
        "movq 24(%[a]), %[r3]\n"
        "movq 32(%[a]), %[r4]\n"
        "movq 40(%[a]), %[r5]\n"
        "movq 48(%[a]), %[r6]\n"
        "movq 56(%[a]), %[r7]\n"
        "subq 0(%[b]), %[r0]\n"
        "sbbq 8(%[b]), %[r1]\n"
        "sbbq 16(%[b]), %[r2]\n"
        "sbbq 24(%[b]), %[r3]\n"
        "sbbq 32(%[b]), %[r4]\n"
        "sbbq 40(%[b]), %[r5]\n"
        "sbbq 48(%[b]), %[r6]\n"
        "sbbq 56(%[b]), %[r7]\n"
        "subq 0(%[c]), %[r0]\n"
        "sbbq 8(%[c]), %[r1]\n"
        "sbbq 16(%[c]), %[r2]\n"
        "sbbq 24(%[c]), %[r3]\n"
        "sbbq 32(%[c]), %[r4]\n"
        "sbbq 40(%[c]), %[r5]\n"
        "sbbq 48(%[c]), %[r6]\n"
        "sbbq 56(%[c]), %[r7]\n"
        "movq %[r0], 0(%[a])\n"
        "movq %[r1], 8(%[a])\n"
        "movq %[r2], 16(%[a])\n"
        "movq %[r3], 24(%[a])\n"
        "movq %[r4], 32(%[a])\n"
        "movq %[r5], 40(%[a])\n"
        "movq %[r6], 48(%[a])\n"
        "movq %[r7], 56(%[a])\n"
        : [r0] "=&r"(r0), [r1] "=&r"(r1), [r2] "=&r"(r2), [r3] "=&r"(r3), [r4] "=&r"(r4),
          [r5] "=&r"(r5), [r6] "=&r"(r6), [r7] "=&r"(r7), "+m"(*reinterpret_cast<uint64_t(*)[8]>(a))
        : [a] "r"(a), [b] "r"(b), [c] "r"(c), "m"(*reinterpret_cast<const uint64_t(*)[8]>(b)),
          "m"(*reinterpret_cast<const uint64_t(*)[8]>(c))
        : "cc");
}

/// out = in, word by word (see the top of this file).
inline void copy(uint64_t out[4], const uint64_t in[4]) noexcept {
    uint64_t r0, r1, r2, r3;
    asm("movq 0(%[in]), %[r0]\n"
        "movq 8(%[in]), %[r1]\n"
        "movq 16(%[in]), %[r2]\n"
        "movq 24(%[in]), %[r3]\n"
        "movq %[r0], 0(%[out])\n"
        "movq %[r1], 8(%[out])\n"
        "movq %[r2], 16(%[out])\n"
        "movq %[r3], 24(%[out])\n"
        : [r0] "=&r"(r0), [r1] "=&r"(r1), [r2] "=&r"(r2), [r3] "=&r"(r3),
          "=m"(*reinterpret_cast<uint64_t(*)[4]>(out))
        : [in] "r"(in), [out] "r"(out), "m"(*reinterpret_cast<const uint64_t(*)[4]>(in)));
}

/// out = a + b modulo the modulus; a and b are below it.
inline void add_modulo(uint64_t out[4], const uint64_t a[4], const uint64_t b[4],
                       const uint64_t modulus[4]) noexcept {
    uint64_t r0, r1, r2, r3, s0, s1, s2, s3, carry;
    asm("movq 0(%[a]), %[r0]\n"
        "movq 8(%[a]), %[r1]\n"
        "movq 16(%[a]), %[r2]\n"
        "movq 24(%[a]), %[r3]\n"
        "movl $0, %k[c]\n"
        "addq 0(%[b]), %[r0]\n"
        "adcq 8(%[b]), %[r1]\n"
        "adcq 16(%[b]), %[r2]\n"
        "adcq 24(%[b]), %[r3]\n"
        "adcq $0, %[c]\n"
        "movq %[r0], %[s0]\n"
        "movq %[r1], %[s1]\n"
        "movq %[r2], %[s2]\n"
        "movq %[r3], %[s3]\n"
        "subq 0(%[p]), %[s0]\n"
        "sbbq 8(%[p]), %[s1]\n"
        "sbbq 16(%[p]), %[s2]\n"
        "sbbq 24(%[p]), %[s3]\n"
        "sbbq $0, %[c]\n"
        "cmovncq %[s0], %[r0]\n"
        "cmovncq %[s1], %[r1]\n"
        "cmovncq %[s2], %[r2]\n"
        "cmovncq %[s3], %[r3]\n"
        "movq %[r0], 0(%[out])\n"
        "movq %[r1], 8(%[out])\n"
        "movq %[r2], 16(%[out])\n"
        "movq %[r3], 24(%[out])\n"
        : [r0] "=&r"(r0), [r1] "=&r"(r1), [r2] "=&r"(r2), [r3] "=&r"(r3), [s0] "=&r"(s0),
          [s1] "=&r"(s1), [s2] "=&r"(s2), [s3] "=&r"(s3), [c] "=&r"(carry),
          "=m"(*reinterpret_cast<uint64_t(*)[4]>(out))
        : [a] "r"(a), [b] "r"(b), [p] "r"(modulus), [out] "r"(out),
          "m"(*reinterpret_cast<const uint64_t(*)[4]>(a)),
          "m"(*reinterpret_cast<const uint64_t(*)[4]>(b)),
          "m"(*reinterpret_cast<const uint64_t(*)[4]>(modulus))
        : "cc");
}

/// value = carry * 2^256 + value modulo the modulus, where that is below twice the modulus.
inline void subtract_once(uint64_t value[4], uint64_t carry, const uint64_t modulus[4]) noexcept {
    uint64_t r0, r1, r2, r3, s0, s1, s2, s3;
    asm("movq 0(%[v]), %[r0]\n"
        "movq 8(%[v]), %[r1]\n"
        "movq 16(%[v]), %[r2]\n"
        "movq 24(%[v]), %[r3]\n"
        "movq %[r0], %[s0]\n"
        "movq %[r1], %[s1]\n"
        "movq %[r2], %[s2]\n"
        "movq %[r3], %[s3]\n"
        "subq 0(%[p]), %[s0]\n"
        "sbbq 8(%[p]), %[s1]\n"
        "sbbq 16(%[p]), %[s2]\n"
        "sbbq 24(%[p]), %[s3]\n"
        "sbbq $0, %[c]\n"
        "cmovncq %[s0], %[r0]\n"
        "cmovncq %[s1], %[r1]\n"
        "cmovncq %[s2], %[r2]\n"
        "cmovncq %[s3], %[r3]\n"
        "movq %[r0], 0(%[v])\n"
        "movq %[r1], 8(%[v])\n"
        "movq %[r2], 16(%[v])\n"
        "movq %[r3], 24(%[v])\n"
        : [r0] "=&r"(r0), [r1] "=&r"(r1), [r2] "=&r"(r2), [r3] "=&r"(r3), [s0] "=&r"(s0),
          [s1] "=&r"(s1), [s2] "=&r"(s2), [s3] "=&r"(s3), [c] "+&r"(carry),
          "+m"(*reinterpret_cast<uint64_t(*)[4]>(value))
        : [v] "r"(value), [p] "r"(modulus), "m"(*reinterpret_cast<const uint64_t(*)[4]>(modulus))
        : "cc");
}

/// out = a / 2 modulo the modulus; a is below 2^256.
inline void halve_modulo(uint64_t out[4], const uint64_t a[4], const uint64_t modulus[4]) noexcept {
    uint64_t r0, r1, r2, r3, s0, s1, s2, s3;
    asm("movq 0(%[a]), %[r0]\n"
        "movq 8(%[a]), %[r1]\n"
        "movq 16(%[a]), %[r2]\n"
        "movq 24(%[a]), %[r3]\n"
        "movq %[r0], %[s0]\n"
        "andl $1, %k[s0]\n"
        "negq %[s0]\n"
        "movq %[s0], %[s1]\n"
        "movq %[s0], %[s2]\n"
        "movq %[s0], %[s3]\n"
        "andq 0(%[p]), %[s0]\n"
        "andq 8(%[p]), %[s1]\n"
        "andq 16(%[p]), %[s2]\n"
        "andq 24(%[p]), %[s3]\n"
        "addq %[s0], %[r0]\n"
        "movl $0, %k[s0]\n"
        "adcq %[s1], %[r1]\n"
        "adcq %[s2], %[r2]\n"
        "adcq %[s3], %[r3]\n"
        "adcq $0, %[s0]\n"
        "shrdq $1, %[r1], %[r0]\n"
        "shrdq $1, %[r2], %[r1]\n"
        "shrdq $1, %[r3], %[r2]\n"
        "shrdq $1, %[s0], %[r3]\n"
        "movq %[r0], 0(%[out])\n"
        "movq %[r1], 8(%[out])\n"
        "movq %[r2], 16(%[out])\n"
        "movq %[r3], 24(%[out])\n"
        : [r0] "=&r"(r0), [r1] "=&r"(r1), [r2] "=&r"(r2), [r3] "=&r"(r3), [s0] "=&r"(s0),
          [s1] "=&r"(s1), [s2] "=&r"(s2), [s3] "=&r"(s3),
          "=m"(*reinterpret_cast<uint64_t(*)[4]>(out))
        : [a] "r"(a), [p] "r"(modulus), [out] "r"(out),
          "m"(*reinterpret_cast<const uint64_t(*)[4]>(a)),
          "m"(*reinterpret_cast<const uint64_t(*)[4]>(modulus))
        : "cc");
}

/// out = a - b modulo the modulus; a and b are below it.
inline void subtract_modulo(uint64_t out[4], const uint64_t a[4], const uint64_t b[4],
                            const uint64_t modulus[4]) noexcept {
    uint64_t r0, r1, r2, r3, s0, s1, s2, s3;
    asm("movq 0(%[a]), %[r0]\n"
        "movq 8(%[a]), %[r1]\n"
        "movq 16(%[a]), %[r2]\n"
        "movq 24(%[a]), %[r3]\n"
        "subq 0(%[b]), %[r0]\n"
        "sbbq 8(%[b]), %[r1]\n"
        "sbbq 16(%[b]), %[r2]\n"
        "sbbq 24(%[b]), %[r3]\n"
        "sbbq %[s0], %[s0]\n"
        "movq %[s0], %[s1]\n"
        "movq %[s0], %[s2]\n"
        "movq %[s0], %[s3]\n"
        "andq 0(%[p]), %[s0]\n"
        "andq 8(%[p]), %[s1]\n"
        "andq 16(%[p]), %[s2]\n"
        "andq 24(%[p]), %[s3]\n"
        "addq %[s0], %[r0]\n"
        "adcq %[s1], %[r1]\n"
        "adcq %[s2], %[r2]\n"
        "adcq %[s3], %[r3]\n"
        "movq %[r0], 0(%[out])\n"
        "movq %[r1], 8(%[out])\n"
        "movq %[r2], 16(%[out])\n"
        "movq %[r3], 24(%[out])\n"
        : [r0] "=&r"(r0), [r1] "=&r"(r1), [r2] "=&r"(r2), [r3] "=&r"(r3), [s0] "=&r"(s0),
          [s1] "=&r"(s1), [s2] "=&r"(s2), [s3] "=&r"(s3),
          "=m"(*reinterpret_cast<uint64_t(*)[4]>(out))
        : [a] "r"(a), [b] "r"(b), [p] "r"(modulus), [out] "r"(out),
          "m"(*reinterpret_cast<const uint64_t(*)[4]>(a)),
          "m"(*reinterpret_cast<const uint64_t(*)[4]>(b)),
          "m"(*reinterpret_cast<const uint64_t(*)[4]>(modulus))
        : "cc");
}

// The carry out of four words comes back as fold_word, twice: the second time only where the first
// made the number wrap, and then it is far below 2^64.
// clang-format off
#define BRAID_FOLD(add, add_on) \
    "movq 0(%[a]), %[r0]\n" \
    "movq 8(%[a]), %[r1]\n" \
    "movq 16(%[a]), %[r2]\n" \
    "movq 24(%[a]), %[r3]\n" \
    add " 0(%[b]), %[r0]\n" \
    add_on " 8(%[b]), %[r1]\n" \
    add_on " 16(%[b]), %[r2]\n" \
    add_on " 24(%[b]), %[r3]\n" \
    "sbbq %[s], %[s]\n" \
    "andq %[fold], %[s]\n" \
    add " %[s], %[r0]\n" \
    add_on " $0, %[r1]\n" \
    add_on " $0, %[r2]\n" \
    add_on " $0, %[r3]\n" \
    "sbbq %[s], %[s]\n" \
    "andq %[fold], %[s]\n" \
    add " %[s], %[r0]\n" \
    "movq %[r0], 0(%[out])\n" \
    "movq %[r1], 8(%[out])\n" \
    "movq %[r2], 16(%[out])\n" \
    "movq %[r3], 24(%[out])\n"
// clang-format on

/// out = a + b modulo 2^256 - fold_word, up to one more multiple of it.
inline void add_folding(uint64_t out[4], const uint64_t a[4], const uint64_t b[4],
                        uint64_t fold_word) noexcept {
    uint64_t r0, r1, r2, r3, s;
    asm(BRAID_FOLD("addq", "adcq")
        : [r0] "=&r"(r0), [r1] "=&r"(r1), [r2] "=&r"(r2), [r3] "=&r"(r3), [s] "=&r"(s),
          "=m"(*reinterpret_cast<uint64_t(*)[4]>(out))
        : [a] "r"(a), [b] "r"(b), [fold] "r"(fold_word), [out] "r"(out),
          "m"(*reinterpret_cast<const uint64_t(*)[4]>(a)),
          "m"(*reinterpret_cast<const uint64_t(*)[4]>(b))
        : "cc");
}

/// out = a - b modulo 2^256 - fold_word, up to one more multiple of it.
inline void subtract_folding(uint64_t out[4], const uint64_t a[4], const uint64_t b[4],
                             uint64_t fold_word) noexcept {
    uint64_t r0, r1, r2, r3, s;
    asm(BRAID_FOLD("subq", "sbbq")
        : [r0] "=&r"(r0), [r1] "=&r"(r1), [r2] "=&r"(r2), [r3] "=&r"(r3), [s] "=&r"(s),
          "=m"(*reinterpret_cast<uint64_t(*)[4]>(out))
        : [a] "r"(a), [b] "r"(b), [fold] "r"(fold_word), [out] "r"(out),
          "m"(*reinterpret_cast<const uint64_t(*)[4]>(a)),
          "m"(*reinterpret_cast<const uint64_t(*)[4]>(b))
        : "cc");
}

#undef BRAID_FOLD

} // namespace braid::crypto::x86
