/// 256-bit multiplication kernels for x86-64 with BMI2. Private to field.hpp and secp256k1_field.hpp.
///
/// The compilers of today do not keep a carry in the flag across a row of `mulx`, which costs a third
/// of the speed of every curve; hence assembly. A row multiplies one word by four: the partial
/// products are chained into (low, h0..h3) first and then added to the running window, so one carry
/// flag is enough and ADX is not needed. Fourteen registers are used: rsp and rbp stay free. Results
/// are stored inside the statements, word by word: compilers would gather them into a vector first,
/// and a later load of another width would wait for the store.
#pragma once

// GCC only (clang keeps carries in the flag by itself), and not where a frame takes more registers
// (no optimisation) or memory accesses should be seen (sanitizers): those use the portable code.
#if defined(__x86_64__) && defined(__BMI2__) && defined(__GNUC__) && !defined(__clang__) &&        \
    defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define BRAID_FIELD_X86 1

#include <cstdint>

// (low, h0..h3) = rdx * the four words at m; s is scratch.
#define BRAID_ROW_PRODUCTS(m, low, s, h0, h1, h2, h3)                                              \
    "mulxq 0(" m "), " low ", " h0 "\n"                                                            \
    "mulxq 8(" m "), " s ", " h1 "\n"                                                              \
    "addq " s ", " h0 "\n"                                                                         \
    "mulxq 16(" m "), " s ", " h2 "\n"                                                             \
    "adcq " s ", " h1 "\n"                                                                         \
    "mulxq 24(" m "), " s ", " h3 "\n"                                                             \
    "adcq " s ", " h2 "\n"                                                                         \
    "adcq $0, " h3 "\n"

// (t0..t3, h3) = (t0..t3) + rdx * m.
#define BRAID_ROW_MULTIPLY(m, t0, t1, t2, t3, low, s, h0, h1, h2, h3)                              \
    BRAID_ROW_PRODUCTS(m, low, s, h0, h1, h2, h3)                                                  \
    "addq " low ", " t0 "\n"                                                                       \
    "adcq " h0 ", " t1 "\n"                                                                        \
    "adcq " h1 ", " t2 "\n"                                                                        \
    "adcq " h2 ", " t3 "\n"                                                                        \
    "adcq $0, " h3 "\n"

// (t1..t4) = ((t0..t4) + q * modulus) / 2^64, with q making the lowest word vanish. The lowest word
// of the sum is known to be zero, so its carry is just "t0 was not zero", which `neg` yields.
#define BRAID_ROW_REDUCE(p, t0, t1, t2, t3, t4, s, h0, h1, h2, h3)                                 \
    "movq 32(" p "), %%rdx\n"                                                                      \
    "imulq " t0 ", %%rdx\n"                                                                        \
    BRAID_ROW_PRODUCTS(p, s, s, h0, h1, h2, h3)                                                    \
    "negq " t0 "\n"                                                                                \
    "adcq " h0 ", " t1 "\n"                                                                        \
    "adcq " h1 ", " t2 "\n"                                                                        \
    "adcq " h2 ", " t3 "\n"                                                                        \
    "adcq " h3 ", " t4 "\n"

// As BRAID_ROW_REDUCE, where t4 is h3 plus the word at `next` plus the carry of the row before in c;
// leaves the new carry in c. The top word of a row's product is at most 2^64 - 2, so h3 + c fits.
#define BRAID_ROW_REDUCE_NEXT(p, next, t0, t1, t2, t3, c, s, h0, h1, h2, h3)                       \
    "movq 32(" p "), %%rdx\n"                                                                      \
    "imulq " t0 ", %%rdx\n"                                                                        \
    BRAID_ROW_PRODUCTS(p, s, s, h0, h1, h2, h3)                                                    \
    "addq " c ", " h3 "\n"                                                                         \
    "movl $0, %k[c]\n"                                                                             \
    "negq " t0 "\n"                                                                                \
    "adcq " h0 ", " t1 "\n"                                                                        \
    "adcq " h1 ", " t2 "\n"                                                                        \
    "adcq " h2 ", " t3 "\n"                                                                        \
    "adcq " next ", " h3 "\n"                                                                      \
    "adcq $0, " c "\n"

namespace braid::crypto::x86 {

/// A modulus and the negated inverse of its lowest word modulo 2^64, as the kernels read them.
struct MontgomeryConstants {
    uint64_t modulus[4];
    uint64_t negated_inverse;
};

/// out = a * b, eight words. out must not overlap a or b.
inline void multiply_wide(uint64_t out[8], const uint64_t a[4], const uint64_t b[4]) noexcept {
    uint64_t r0, r1, r2, r3, r4, r5, r6, r7, r8, r9;
    asm volatile("movq 0(%[b]), %%rdx\n" //
        BRAID_ROW_PRODUCTS("%[a]", "%[r0]", "%[r5]", "%[r1]", "%[r2]", "%[r3]", "%[r4]")
        "movq %[r0], 0(%[out])\n"
        "movq 8(%[b]), %%rdx\n" //
        BRAID_ROW_MULTIPLY("%[a]", "%[r1]", "%[r2]", "%[r3]", "%[r4]", "%[r0]", "%[r5]", "%[r6]",
                           "%[r7]", "%[r8]", "%[r9]")
        "movq %[r1], 8(%[out])\n"
        "movq 16(%[b]), %%rdx\n" //
        BRAID_ROW_MULTIPLY("%[a]", "%[r2]", "%[r3]", "%[r4]", "%[r9]", "%[r0]", "%[r1]", "%[r5]",
                           "%[r6]", "%[r7]", "%[r8]")
        "movq %[r2], 16(%[out])\n"
        "movq 24(%[b]), %%rdx\n" //
        BRAID_ROW_MULTIPLY("%[a]", "%[r3]", "%[r4]", "%[r9]", "%[r8]", "%[r0]", "%[r1]", "%[r2]",
                           "%[r5]", "%[r6]", "%[r7]")
        "movq %[r3], 24(%[out])\n"
        "movq %[r4], 32(%[out])\n"
        "movq %[r9], 40(%[out])\n"
        "movq %[r8], 48(%[out])\n"
        "movq %[r7], 56(%[out])\n"
        : [r0] "=&r"(r0), [r1] "=&r"(r1), [r2] "=&r"(r2), [r3] "=&r"(r3), [r4] "=&r"(r4),
          [r5] "=&r"(r5), [r6] "=&r"(r6), [r7] "=&r"(r7), [r8] "=&r"(r8), [r9] "=&r"(r9)
        : [a] "r"(a), [b] "r"(b), [out] "r"(out)
        : "rdx", "cc", "memory");
}

/// out = a * b / 2^256 modulo the modulus, below twice the modulus. Needs a modulus below 2^254
/// and operands whose product is below modulus * 2^256.
inline void montgomery_multiply(uint64_t out[4], const uint64_t a[4], const uint64_t b[4],
                                const MontgomeryConstants& constants) noexcept {
    uint64_t r0, r1, r2, r3, r4, r5, r6, r7, r8, r9;
    asm volatile("movq 0(%[b]), %%rdx\n" //
        BRAID_ROW_PRODUCTS("%[a]", "%[r0]", "%[r5]", "%[r1]", "%[r2]", "%[r3]", "%[r4]")
        BRAID_ROW_REDUCE("%[p]", "%[r0]", "%[r1]", "%[r2]", "%[r3]", "%[r4]", "%[r5]", "%[r6]",
                         "%[r7]", "%[r8]", "%[r9]")
        "movq 8(%[b]), %%rdx\n" //
        BRAID_ROW_MULTIPLY("%[a]", "%[r1]", "%[r2]", "%[r3]", "%[r4]", "%[r0]", "%[r5]", "%[r6]",
                           "%[r7]", "%[r8]", "%[r9]")
        BRAID_ROW_REDUCE("%[p]", "%[r1]", "%[r2]", "%[r3]", "%[r4]", "%[r9]", "%[r0]", "%[r5]",
                         "%[r6]", "%[r7]", "%[r8]")
        "movq 16(%[b]), %%rdx\n" //
        BRAID_ROW_MULTIPLY("%[a]", "%[r2]", "%[r3]", "%[r4]", "%[r9]", "%[r0]", "%[r1]", "%[r5]",
                           "%[r6]", "%[r7]", "%[r8]")
        BRAID_ROW_REDUCE("%[p]", "%[r2]", "%[r3]", "%[r4]", "%[r9]", "%[r8]", "%[r0]", "%[r1]",
                         "%[r5]", "%[r6]", "%[r7]")
        "movq 24(%[b]), %%rdx\n" //
        BRAID_ROW_MULTIPLY("%[a]", "%[r3]", "%[r4]", "%[r9]", "%[r8]", "%[r0]", "%[r1]", "%[r2]",
                           "%[r5]", "%[r6]", "%[r7]")
        BRAID_ROW_REDUCE("%[p]", "%[r3]", "%[r4]", "%[r9]", "%[r8]", "%[r7]", "%[r0]", "%[r1]",
                         "%[r2]", "%[r5]", "%[r6]")
        "movq %[out], %%rdx\n"
        "movq %[r4], 0(%%rdx)\n"
        "movq %[r9], 8(%%rdx)\n"
        "movq %[r8], 16(%%rdx)\n"
        "movq %[r7], 24(%%rdx)\n"
        : [r0] "=&r"(r0), [r1] "=&r"(r1), [r2] "=&r"(r2), [r3] "=&r"(r3), [r4] "=&r"(r4),
          [r5] "=&r"(r5), [r6] "=&r"(r6), [r7] "=&r"(r7), [r8] "=&r"(r8), [r9] "=&r"(r9)
        : [a] "r"(a), [b] "r"(b), [p] "r"(&constants), [out] "m"(out)
        : "rdx", "cc", "memory");
}

/// (out, returned carry) = (wide + q * modulus) / 2^256, which is below twice the modulus where
/// wide is below modulus * 2^256.
inline uint64_t montgomery_reduce(uint64_t out[4], const uint64_t wide[8],
                                  const MontgomeryConstants& constants) noexcept {
    uint64_t r0, r1, r2, r3, r4, r5, r6, r7, r8, carry;
    asm volatile("movq 0(%[wide]), %[r0]\n"
        "movq 8(%[wide]), %[r1]\n"
        "movq 16(%[wide]), %[r2]\n"
        "movq 24(%[wide]), %[r3]\n"
        "movl $0, %k[c]\n" //
        BRAID_ROW_REDUCE_NEXT("%[p]", "32(%[wide])", "%[r0]", "%[r1]", "%[r2]", "%[r3]", "%[c]",
                              "%[r4]", "%[r5]", "%[r6]", "%[r7]", "%[r8]")
        BRAID_ROW_REDUCE_NEXT("%[p]", "40(%[wide])", "%[r1]", "%[r2]", "%[r3]", "%[r8]", "%[c]",
                              "%[r0]", "%[r4]", "%[r5]", "%[r6]", "%[r7]")
        BRAID_ROW_REDUCE_NEXT("%[p]", "48(%[wide])", "%[r2]", "%[r3]", "%[r8]", "%[r7]", "%[c]",
                              "%[r0]", "%[r1]", "%[r4]", "%[r5]", "%[r6]")
        BRAID_ROW_REDUCE_NEXT("%[p]", "56(%[wide])", "%[r3]", "%[r8]", "%[r7]", "%[r6]", "%[c]",
                              "%[r0]", "%[r1]", "%[r2]", "%[r4]", "%[r5]")
        "movq %[r8], 0(%[out])\n"
        "movq %[r7], 8(%[out])\n"
        "movq %[r6], 16(%[out])\n"
        "movq %[r5], 24(%[out])\n"
        : [r0] "=&r"(r0), [r1] "=&r"(r1), [r2] "=&r"(r2), [r3] "=&r"(r3), [r4] "=&r"(r4),
          [r5] "=&r"(r5), [r6] "=&r"(r6), [r7] "=&r"(r7), [r8] "=&r"(r8), [c] "=&r"(carry)
        : [wide] "r"(wide), [p] "r"(&constants), [out] "r"(out)
        : "rdx", "cc", "memory");
    return carry;
}

/// out = a * a, eight words: the six products off the diagonal, doubled, plus the diagonal. out must
/// not overlap a.
inline void square_wide(uint64_t out[8], const uint64_t a[4]) noexcept {
    uint64_t t1, t2, t3, t4, t5, t6, t7, s0, s1, h;
    asm volatile("movq 0(%[a]), %%rdx\n"
        "mulxq 8(%[a]), %[t1], %[t2]\n"
        "mulxq 16(%[a]), %[s0], %[t3]\n"
        "addq %[s0], %[t2]\n"
        "mulxq 24(%[a]), %[s0], %[t4]\n"
        "adcq %[s0], %[t3]\n"
        "adcq $0, %[t4]\n"
        "movq 8(%[a]), %%rdx\n"
        "mulxq 16(%[a]), %[s0], %[h]\n"
        "mulxq 24(%[a]), %[s1], %[t5]\n"
        "addq %[s1], %[h]\n"
        "adcq $0, %[t5]\n"
        "movq 16(%[a]), %%rdx\n"
        "mulxq 24(%[a]), %[s1], %[t6]\n"
        "addq %[s0], %[t3]\n"
        "adcq %[h], %[t4]\n"
        "adcq %[s1], %[t5]\n"
        "adcq $0, %[t6]\n"
        "movl $0, %k[t7]\n"
        "addq %[t1], %[t1]\n"
        "adcq %[t2], %[t2]\n"
        "adcq %[t3], %[t3]\n"
        "adcq %[t4], %[t4]\n"
        "adcq %[t5], %[t5]\n"
        "adcq %[t6], %[t6]\n"
        "adcq $0, %[t7]\n"
        // mulx and mov leave the flags alone, so one carry runs through the whole diagonal.
        "movq 0(%[a]), %%rdx\n"
        "mulxq %%rdx, %[s0], %[h]\n"
        "movq %[s0], 0(%[out])\n"
        "movq 8(%[a]), %%rdx\n"
        "mulxq %%rdx, %[s0], %[s1]\n"
        "addq %[h], %[t1]\n"
        "adcq %[s0], %[t2]\n"
        "adcq %[s1], %[t3]\n"
        "movq 16(%[a]), %%rdx\n"
        "mulxq %%rdx, %[s0], %[s1]\n"
        "adcq %[s0], %[t4]\n"
        "adcq %[s1], %[t5]\n"
        "movq 24(%[a]), %%rdx\n"
        "mulxq %%rdx, %[s0], %[s1]\n"
        "adcq %[s0], %[t6]\n"
        "adcq %[s1], %[t7]\n"
        "movq %[t1], 8(%[out])\n"
        "movq %[t2], 16(%[out])\n"
        "movq %[t3], 24(%[out])\n"
        "movq %[t4], 32(%[out])\n"
        "movq %[t5], 40(%[out])\n"
        "movq %[t6], 48(%[out])\n"
        "movq %[t7], 56(%[out])\n"
        : [t1] "=&r"(t1), [t2] "=&r"(t2), [t3] "=&r"(t3), [t4] "=&r"(t4), [t5] "=&r"(t5),
          [t6] "=&r"(t6), [t7] "=&r"(t7), [s0] "=&r"(s0), [s1] "=&r"(s1), [h] "=&r"(h)
        : [a] "r"(a), [out] "r"(out)
        : "rdx", "cc", "memory");
}

/// out = wide modulo 2^256 - fold_word, up to one more multiple of it (out is below 2^256). fold_word
/// must be below 2^34.
inline void reduce_by_folding(uint64_t out[4], const uint64_t wide[8], uint64_t fold_word) noexcept {
    uint64_t t0, t1, t2, t3, low, s, h0, h1, h2, h3;
    asm volatile("movq 0(%[wide]), %[t0]\n"
        "movq 8(%[wide]), %[t1]\n"
        "movq 16(%[wide]), %[t2]\n"
        "movq 24(%[wide]), %[t3]\n"
        "addq $32, %[wide]\n"
        "movq %[fold], %%rdx\n" //
        BRAID_ROW_MULTIPLY("%[wide]", "%[t0]", "%[t1]", "%[t2]", "%[t3]", "%[low]", "%[s]",
                           "%[h0]", "%[h1]", "%[h2]", "%[h3]")
        "mulxq %[h3], %[low], %[s]\n"
        "addq %[low], %[t0]\n"
        "adcq %[s], %[t1]\n"
        "adcq $0, %[t2]\n"
        "adcq $0, %[t3]\n"
        // Where this carried, what is left is below 2^68, so the last fold stops in the second word.
        "sbbq %[low], %[low]\n"
        "andq %%rdx, %[low]\n"
        "addq %[low], %[t0]\n"
        "adcq $0, %[t1]\n"
        "movq %[t0], 0(%[out])\n"
        "movq %[t1], 8(%[out])\n"
        "movq %[t2], 16(%[out])\n"
        "movq %[t3], 24(%[out])\n"
        : [t0] "=&r"(t0), [t1] "=&r"(t1), [t2] "=&r"(t2), [t3] "=&r"(t3), [low] "=&r"(low),
          [s] "=&r"(s), [h0] "=&r"(h0), [h1] "=&r"(h1), [h2] "=&r"(h2), [h3] "=&r"(h3),
          [wide] "+&r"(wide)
        : [out] "r"(out), [fold] "ri"(fold_word)
        : "rdx", "cc", "memory");
}

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
        : [a] "r"(a), [b] "r"(b), [out] "r"(out),
          "m"(*reinterpret_cast<const uint64_t(*)[4]>(a)),
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
          [s1] "=&r"(s1), [s2] "=&r"(s2), [s3] "=&r"(s3),
          "+m"(*reinterpret_cast<uint64_t(*)[8]>(a))
        : [a] "r"(a), [b] "r"(b), [p] "r"(modulus),
          "m"(*reinterpret_cast<const uint64_t(*)[8]>(b)),
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
          [r5] "=&r"(r5), [r6] "=&r"(r6), [r7] "=&r"(r7),
          "+m"(*reinterpret_cast<uint64_t(*)[8]>(a))
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
#define BRAID_FOLD(add, add_on)                                                                    \
    "movq 0(%[a]), %[r0]\n"                                                                        \
    "movq 8(%[a]), %[r1]\n"                                                                        \
    "movq 16(%[a]), %[r2]\n"                                                                       \
    "movq 24(%[a]), %[r3]\n" add " 0(%[b]), %[r0]\n" add_on " 8(%[b]), %[r1]\n" add_on            \
    " 16(%[b]), %[r2]\n" add_on " 24(%[b]), %[r3]\n"                                               \
    "sbbq %[s], %[s]\n"                                                                            \
    "andq %[fold], %[s]\n" add " %[s], %[r0]\n" add_on " $0, %[r1]\n" add_on " $0, %[r2]\n" add_on \
    " $0, %[r3]\n"                                                                                 \
    "sbbq %[s], %[s]\n"                                                                            \
    "andq %[fold], %[s]\n" add " %[s], %[r0]\n"                                                    \
    "movq %[r0], 0(%[out])\n"                                                                      \
    "movq %[r1], 8(%[out])\n"                                                                      \
    "movq %[r2], 16(%[out])\n"                                                                     \
    "movq %[r3], 24(%[out])\n"

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

#undef BRAID_ROW_PRODUCTS
#undef BRAID_ROW_MULTIPLY
#undef BRAID_ROW_REDUCE
#undef BRAID_ROW_REDUCE_NEXT

#endif
