/// 256-bit arithmetic kernels for x86-64 with BMI2. Private to field_words.hpp and the fields.
///
/// GCC does not keep a carry in the flag across a row of `mulx`, which costs a third of the speed
/// of every curve; hence assembly. Results are stored inside the statements, word by word: the
/// compiler would gather them into a vector first, and a later load of another width would wait for
/// the store.
#pragma once

// GCC only (clang keeps carries in the flag by itself), and not where a frame takes more registers
// (no optimisation) or memory accesses should be seen (sanitizers): those use the portable code.
#if defined(__x86_64__) && defined(__BMI2__) && defined(__GNUC__) && !defined(__clang__) &&        \
    defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define BRAID_FIELD_X86 1
#include "crypto/field_x86_linear.hpp"
#include "crypto/field_x86_multiply.hpp"
#endif
