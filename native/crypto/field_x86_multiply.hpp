/// Multiplication kernels; see field_x86.hpp.
///
/// A row multiplies one word by four: the partial products are chained into (low, h0..h3) first and
/// then added to the running window, so one carry flag is enough and ADX is not needed. Fourteen
/// registers are used: rsp and rbp stay free.
#pragma once

#include <cstdint>

// clang-format off

// (low, h0..h3) = rdx * the four words at m; s is scratch.
#define BRAID_ROW_PRODUCTS(m, low, s, h0, h1, h2, h3) \
    "mulxq 0(" m "), " low ", " h0 "\n" \
    "mulxq 8(" m "), " s ", " h1 "\n" \
    "addq " s ", " h0 "\n" \
    "mulxq 16(" m "), " s ", " h2 "\n" \
    "adcq " s ", " h1 "\n" \
    "mulxq 24(" m "), " s ", " h3 "\n" \
    "adcq " s ", " h2 "\n" \
    "adcq $0, " h3 "\n"

// (t0..t3, h3) = (t0..t3) + rdx * m.
#define BRAID_ROW_MULTIPLY(m, t0, t1, t2, t3, low, s, h0, h1, h2, h3) \
    BRAID_ROW_PRODUCTS(m, low, s, h0, h1, h2, h3) \
    "addq " low ", " t0 "\n" \
    "adcq " h0 ", " t1 "\n" \
    "adcq " h1 ", " t2 "\n" \
    "adcq " h2 ", " t3 "\n" \
    "adcq $0, " h3 "\n"

// (t1..t4) = ((t0..t4) + q * modulus) / 2^64, with q making the lowest word vanish. The lowest word
// of the sum is known to be zero, so its carry is just "t0 was not zero", which `neg` yields.
#define BRAID_ROW_REDUCE(p, t0, t1, t2, t3, t4, s, h0, h1, h2, h3) \
    "movq 32(" p "), %%rdx\n" \
    "imulq " t0 ", %%rdx\n" \
    BRAID_ROW_PRODUCTS(p, s, s, h0, h1, h2, h3) \
    "negq " t0 "\n" \
    "adcq " h0 ", " t1 "\n" \
    "adcq " h1 ", " t2 "\n" \
    "adcq " h2 ", " t3 "\n" \
    "adcq " h3 ", " t4 "\n"

// As BRAID_ROW_REDUCE, where t4 is the word at `next` plus the carry of the row before in c; the new
// top word is h3, the new carry in c. The top word of a row's product is at most 2^64 - 2, so h3 + c
// fits.
#define BRAID_ROW_REDUCE_NEXT(p, next, t0, t1, t2, t3, c, s, h0, h1, h2, h3) \
    "movq 32(" p "), %%rdx\n" \
    "imulq " t0 ", %%rdx\n" \
    BRAID_ROW_PRODUCTS(p, s, s, h0, h1, h2, h3) \
    "addq " c ", " h3 "\n" \
    "movl $0, %k[c]\n" \
    "negq " t0 "\n" \
    "adcq " h0 ", " t1 "\n" \
    "adcq " h1 ", " t2 "\n" \
    "adcq " h2 ", " t3 "\n" \
    "adcq " next ", " h3 "\n" \
    "adcq $0, " c "\n"

// The same for the prime of P-256, with `high` as the new top word: (t1..t3, high).
#define BRAID_ROW_REDUCE_P256(next, t0, t1, t2, t3, high) \
    "movq " t0 ", %%rdx\n" \
    "movq " t0 ", %[s]\n" \
    "mulxq %[top], %[low], " high "\n" \
    "addq %[c], " high "\n" \
    "movl $0, %k[c]\n" \
    "shlq $32, %%rdx\n" \
    "shrq $32, %[s]\n" \
    "addq %%rdx, " t1 "\n" \
    "adcq %[s], " t2 "\n" \
    "adcq %[low], " t3 "\n" \
    "adcq " next ", " high "\n" \
    "adcq $0, %[c]\n"

// clang-format on

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
                 BRAID_ROW_PRODUCTS("%[a]", "%[r0]", "%[r5]", "%[r1]", "%[r2]", "%[r3]",
                                    "%[r4]") "movq %[r0], 0(%[out])\n"
                                             "movq 8(%[b]), %%rdx\n" //
                 BRAID_ROW_MULTIPLY("%[a]", "%[r1]", "%[r2]", "%[r3]", "%[r4]", "%[r0]", "%[r5]",
                                    "%[r6]", "%[r7]", "%[r8]", "%[r9]") "movq %[r1], 8(%[out])\n"
                                                                        "movq 16(%[b]), %%rdx\n" //
                 BRAID_ROW_MULTIPLY("%[a]", "%[r2]", "%[r3]", "%[r4]", "%[r9]", "%[r0]", "%[r1]",
                                    "%[r5]", "%[r6]", "%[r7]", "%[r8]") "movq %[r2], 16(%[out])\n"
                                                                        "movq 24(%[b]), %%rdx\n" //
                 BRAID_ROW_MULTIPLY("%[a]", "%[r3]", "%[r4]", "%[r9]", "%[r8]", "%[r0]", "%[r1]",
                                    "%[r2]", "%[r5]", "%[r6]", "%[r7]") "movq %[r3], 24(%[out])\n"
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
    asm volatile(
        "movq 0(%[b]), %%rdx\n" //
        BRAID_ROW_PRODUCTS("%[a]", "%[r0]", "%[r5]", "%[r1]", "%[r2]", "%[r3]", "%[r4]")
            BRAID_ROW_REDUCE("%[p]", "%[r0]", "%[r1]", "%[r2]", "%[r3]", "%[r4]", "%[r5]", "%[r6]",
                             "%[r7]", "%[r8]", "%[r9]") "movq 8(%[b]), %%rdx\n" //
        BRAID_ROW_MULTIPLY("%[a]", "%[r1]", "%[r2]", "%[r3]", "%[r4]", "%[r0]", "%[r5]", "%[r6]",
                           "%[r7]", "%[r8]", "%[r9]")
            BRAID_ROW_REDUCE("%[p]", "%[r1]", "%[r2]", "%[r3]", "%[r4]", "%[r9]", "%[r0]", "%[r5]",
                             "%[r6]", "%[r7]", "%[r8]") "movq 16(%[b]), %%rdx\n" //
        BRAID_ROW_MULTIPLY("%[a]", "%[r2]", "%[r3]", "%[r4]", "%[r9]", "%[r0]", "%[r1]", "%[r5]",
                           "%[r6]", "%[r7]", "%[r8]")
            BRAID_ROW_REDUCE("%[p]", "%[r2]", "%[r3]", "%[r4]", "%[r9]", "%[r8]", "%[r0]", "%[r1]",
                             "%[r5]", "%[r6]", "%[r7]") "movq 24(%[b]), %%rdx\n" //
        BRAID_ROW_MULTIPLY("%[a]", "%[r3]", "%[r4]", "%[r9]", "%[r8]", "%[r0]", "%[r1]", "%[r2]",
                           "%[r5]", "%[r6]", "%[r7]")
            BRAID_ROW_REDUCE("%[p]", "%[r3]", "%[r4]", "%[r9]", "%[r8]", "%[r7]", "%[r0]", "%[r1]",
                             "%[r2]", "%[r5]", "%[r6]") "movq %[out], %%rdx\n"
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
    asm volatile(
        "movq 0(%[wide]), %[r0]\n"
        "movq 8(%[wide]), %[r1]\n"
        "movq 16(%[wide]), %[r2]\n"
        "movq 24(%[wide]), %[r3]\n"
        "movl $0, %k[c]\n" //
        BRAID_ROW_REDUCE_NEXT("%[p]", "32(%[wide])", "%[r0]", "%[r1]", "%[r2]", "%[r3]", "%[c]",
                              "%[r4]", "%[r5]", "%[r6]", "%[r7]", "%[r8]")
            BRAID_ROW_REDUCE_NEXT("%[p]", "40(%[wide])", "%[r1]", "%[r2]", "%[r3]", "%[r8]", "%[c]",
                                  "%[r0]", "%[r4]", "%[r5]", "%[r6]", "%[r7]")
                BRAID_ROW_REDUCE_NEXT("%[p]", "48(%[wide])", "%[r2]", "%[r3]", "%[r8]", "%[r7]",
                                      "%[c]", "%[r0]", "%[r1]", "%[r4]", "%[r5]", "%[r6]")
                    BRAID_ROW_REDUCE_NEXT("%[p]", "56(%[wide])", "%[r3]", "%[r8]", "%[r7]", "%[r6]",
                                          "%[c]", "%[r0]", "%[r1]", "%[r2]", "%[r4]",
                                          "%[r5]") "movq %[r8], 0(%[out])\n"
                                                   "movq %[r7], 8(%[out])\n"
                                                   "movq %[r6], 16(%[out])\n"
                                                   "movq %[r5], 24(%[out])\n"
        : [r0] "=&r"(r0), [r1] "=&r"(r1), [r2] "=&r"(r2), [r3] "=&r"(r3), [r4] "=&r"(r4),
          [r5] "=&r"(r5), [r6] "=&r"(r6), [r7] "=&r"(r7), [r8] "=&r"(r8), [c] "=&r"(carry)
        : [wide] "r"(wide), [p] "r"(&constants), [out] "r"(out)
        : "rdx", "cc", "memory");
    return carry;
}

/// As montgomery_reduce for a modulus whose lower words are those of P-256 (FIPS 186-5): q times
/// 2^96 - 1 is two shifts and a vanishing lowest word, so one product is left of a row.
inline uint64_t montgomery_reduce_p256(uint64_t out[4], const uint64_t wide[8],
                                       uint64_t modulus_top) noexcept {
    uint64_t r0, r1, r2, r3, low, high, s, carry;
    asm volatile(
        "movq 0(%[wide]), %[r0]\n"
        "movq 8(%[wide]), %[r1]\n"
        "movq 16(%[wide]), %[r2]\n"
        "movq 24(%[wide]), %[r3]\n"
        "movl $0, %k[c]\n" //
        BRAID_ROW_REDUCE_P256("32(%[wide])", "%[r0]", "%[r1]", "%[r2]", "%[r3]", "%[high]")
            BRAID_ROW_REDUCE_P256("40(%[wide])", "%[r1]", "%[r2]", "%[r3]", "%[high]", "%[r0]")
                BRAID_ROW_REDUCE_P256("48(%[wide])", "%[r2]", "%[r3]", "%[high]", "%[r0]", "%[r1]")
                    BRAID_ROW_REDUCE_P256("56(%[wide])", "%[r3]", "%[high]", "%[r0]", "%[r1]",
                                          "%[r2]") "movq %[high], 0(%[out])\n"
                                                   "movq %[r0], 8(%[out])\n"
                                                   "movq %[r1], 16(%[out])\n"
                                                   "movq %[r2], 24(%[out])\n"
        : [r0] "=&r"(r0), [r1] "=&r"(r1), [r2] "=&r"(r2), [r3] "=&r"(r3), [low] "=&r"(low),
          [high] "=&r"(high), [s] "=&r"(s), [c] "=&r"(carry)
        : [wide] "r"(wide), [top] "r"(modulus_top), [out] "r"(out)
        : "rdx", "cc", "memory");
    return carry;
}

/// out = a * a, eight words: the six products off the diagonal, doubled, plus the diagonal. out
/// must not overlap a.
inline void square_wide(uint64_t out[8], const uint64_t a[4]) noexcept {
    uint64_t t1, t2, t3, t4, t5, t6, t7, s0, s1, h;
    asm volatile(
        "movq 0(%[a]), %%rdx\n"
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

/// out = wide modulo 2^256 - fold_word, up to one more multiple of it (out is below 2^256).
/// fold_word must be below 2^34.
inline void reduce_by_folding(uint64_t out[4], const uint64_t wide[8],
                              uint64_t fold_word) noexcept {
    uint64_t t0, t1, t2, t3, low, s, h0, h1, h2, h3;
    asm volatile("movq 0(%[wide]), %[t0]\n"
                 "movq 8(%[wide]), %[t1]\n"
                 "movq 16(%[wide]), %[t2]\n"
                 "movq 24(%[wide]), %[t3]\n"
                 "addq $32, %[wide]\n"
                 "movq %[fold], %%rdx\n" //
                 BRAID_ROW_MULTIPLY("%[wide]", "%[t0]", "%[t1]", "%[t2]", "%[t3]", "%[low]", "%[s]",
                                    "%[h0]", "%[h1]", "%[h2]",
                                    "%[h3]") "mulxq %[h3], %[low], %[s]\n"
                                             "addq %[low], %[t0]\n"
                                             "adcq %[s], %[t1]\n"
                                             "adcq $0, %[t2]\n"
                                             "adcq $0, %[t3]\n"
                                             // Where this carried, what is left is below 2^68, so
                                             // the last fold stops in the second word.
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

} // namespace braid::crypto::x86

#undef BRAID_ROW_PRODUCTS
#undef BRAID_ROW_MULTIPLY
#undef BRAID_ROW_REDUCE
#undef BRAID_ROW_REDUCE_NEXT
#undef BRAID_ROW_REDUCE_P256
