// One Keccak-f[1600] state in five vectors of five lanes (the other three elements stay zero).
//
// Theta adds up columns (lanes of equal x), chi combines rows (lanes of equal y). Both are
// vertical, register against register, where the lanes of a column as well as those of a row lie
// in five different registers: lane (x, y) is kept in register a*x + b*y mod 5, in element x
// during theta and, after a permutation within each register, in element y during chi. Pi takes
// (x, y) to (y, 2x + 3y) without leaving the register, which makes the layout (a + b, 3a)
// afterwards. Starting from (2, 1), three rounds pass in layouts (2, 1), (3, 1), (4, 4) before one
// comes up, (3, 2), that lacks the property for chi; only then lanes change registers.
//
// Within a register the elements may as well stand in the order g*x and h*y mod 5, for any g and h
// other than 0. They are chosen so that register 0 needs no permutation.
#include "crypto/keccak_variants.hpp"

#if defined(__x86_64__)

#include "crypto/target_region.hpp"

#include <array>
#include <immintrin.h>

#if defined(__GNUC__) && !defined(__clang__)
// False alarms inside of GCC's own intrinsics (GCC bug 105593).
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

namespace braid::crypto::keccak {

BRAID_TARGET_BEGIN("avx2,bmi2,avx512f,avx512dq,avx512bw,avx512vl")
namespace {

using Vector = __m512i;

/// Lane (x, y) lies in register a*x + b*y mod 5, in element scale*x during theta.
struct Layout {
    int a;
    int b;
    int scale;
};

constexpr int mod5(int value) { return ((value % 5) + 5) % 5; }

/// 1 / value mod 5, as value^3.
constexpr int inverse5(int value) { return mod5(value * value * value); }

/// The scale of y during chi in the round that starts in this layout: pi leaves register 0 be.
constexpr int row_scale(Layout layout) {
    return mod5(layout.scale * inverse5(2 - 3 * layout.a * inverse5(layout.b)));
}

/// The layout after a round, scaled so that register 0 goes over from chi to theta as it is.
constexpr Layout layout_after(Layout before) {
    const int a = mod5(before.a + before.b);
    const int b = mod5(3 * before.a);
    return {a, b, mod5(-row_scale(before) * a * inverse5(b))};
}

constexpr Layout first_layout = {2, 1, 1};
constexpr Layout layouts[] = {first_layout, layout_after(first_layout),
                              layout_after(layout_after(first_layout))};

/// The row of the lane in this register and column.
constexpr int row_of(Layout layout, int reg, int x) {
    return mod5((reg - layout.a * x) * inverse5(layout.b));
}

struct alignas(64) Elements {
    uint64_t v[8];
};

constexpr Elements identity = {{0, 1, 2, 3, 4, 5, 6, 7}};

/// The constants of a round that starts in a given layout, one vector per register.
struct RoundTables {
    /// Rho's offset of each column's lane.
    Elements rotations[5] = {};
    /// For each row after pi: the element of the column that its lane comes from.
    Elements to_rows[5] = {identity, identity, identity, identity, identity};
    /// For each column after the round: the element of the row that its lane stands at.
    Elements to_columns[5] = {identity, identity, identity, identity, identity};
    /// For each column: the elements of the columns before and after it.
    Elements previous = identity;
    Elements next = identity;
};

/// Rho's rotation offsets (FIPS 202, section 3.2.2): along the path (x, y) -> (y, 2x + 3y).
constexpr auto rho_offsets() {
    std::array<std::array<int, 5>, 5> offsets{};
    int x = 1;
    int y = 0;
    for (int t = 0; t < 24; ++t) {
        offsets[x][y] = ((t + 1) * (t + 2) / 2) % 64;
        const int next_y = mod5(2 * x + 3 * y);
        x = y;
        y = next_y;
    }
    return offsets;
}

constexpr RoundTables make_tables(Layout before, Layout after) {
    RoundTables tables;
    constexpr auto offsets = rho_offsets();
    const int g = before.scale;
    const int h = row_scale(before);
    for (int x = 0; x < 5; ++x) {
        for (int reg = 0; reg < 5; ++reg) {
            const int y = row_of(before, reg, x);
            const int y_after = row_of(after, reg, x);
            tables.rotations[reg].v[mod5(g * x)] = static_cast<uint64_t>(offsets[x][y]);
            tables.to_rows[reg].v[mod5(h * (2 * x + 3 * y))] = static_cast<uint64_t>(mod5(g * x));
            tables.to_columns[reg].v[mod5(after.scale * x)] =
                static_cast<uint64_t>(mod5(h * y_after));
        }
        tables.previous.v[x] = static_cast<uint64_t>(mod5(x - g));
        tables.next.v[x] = static_cast<uint64_t>(mod5(x + g));
    }
    return tables;
}

/// The third round's result is brought back to the first layout before the last permutation.
constexpr RoundTables round_tables[3] = {make_tables(layouts[0], layouts[1]),
                                         make_tables(layouts[1], layouts[2]),
                                         make_tables(layouts[2], layouts[0])};

constexpr bool is_identity(const Elements& elements) {
    for (int i = 0; i < 8; ++i) {
        if (elements.v[i] != identity.v[i])
            return false;
    }
    return true;
}

/// The elements whose distance has a binary digit, where the element of index scale*i moves on by
/// step*i registers.
constexpr int moved(int scale, int step, int digit) {
    int mask = 0;
    for (int i = 0; i < 5; ++i)
        mask |= (mod5(step * i) & digit) != 0 ? 1 << mod5(scale * i) : 0;
    return mask;
}

[[gnu::always_inline]] inline Vector load(const Elements& elements) noexcept {
    return _mm512_load_si512(elements.v);
}

/// Turns the registers by a distance that depends on the element: register r gets, in the element
/// of index scale*i, what register r - step*i held.
template <int scale, int step>
[[gnu::always_inline]] inline void skew(Vector v[5]) noexcept {
    Vector s[5];
    for (int r = 0; r < 5; ++r)
        s[r] = _mm512_mask_mov_epi64(v[r], moved(scale, step, 1), v[(r + 4) % 5]);
    Vector t[5];
    for (int r = 0; r < 5; ++r)
        t[r] = _mm512_mask_mov_epi64(s[r], moved(scale, step, 2), s[(r + 3) % 5]);
    for (int r = 0; r < 5; ++r)
        v[r] = _mm512_mask_mov_epi64(t[r], moved(scale, step, 4), t[(r + 1) % 5]);
}

/// Permutes the elements of register `r`; the tables are known when compiling.
template <int index, Elements (RoundTables::*table)[5], int r>
[[gnu::always_inline]] inline Vector reorder(Vector v) noexcept {
    if constexpr (is_identity((round_tables[index].*table)[r]))
        return v;
    else
        return _mm512_permutexvar_epi64(load((round_tables[index].*table)[r]), v);
}

template <int index, Elements (RoundTables::*table)[5]>
[[gnu::always_inline]] inline void reorder_all(Vector v[5]) noexcept {
    v[0] = reorder<index, table, 0>(v[0]);
    v[1] = reorder<index, table, 1>(v[1]);
    v[2] = reorder<index, table, 2>(v[2]);
    v[3] = reorder<index, table, 3>(v[3]);
    v[4] = reorder<index, table, 4>(v[4]);
}

/// One round up to chi and iota: from elements by x in layouts[index] to elements by y in the
/// layout after it.
template <int index>
[[gnu::always_inline]] inline void round(Vector v[5], uint64_t constant) noexcept {
    constexpr int ternary_xor = 0x96;
    constexpr int ternary_chi = 0xd2; // a ^ (~b & c)
    const RoundTables& tables = round_tables[index];

    Vector parity = _mm512_ternarylogic_epi64(v[0], v[1], v[2], ternary_xor);
    parity = _mm512_ternarylogic_epi64(parity, v[3], v[4], ternary_xor);
    const Vector left = _mm512_permutexvar_epi64(load(tables.previous), parity);
    const Vector right = _mm512_permutexvar_epi64(load(tables.next), _mm512_rol_epi64(parity, 1));
    Vector b[5];
    for (int r = 0; r < 5; ++r) {
        b[r] = _mm512_ternarylogic_epi64(v[r], left, right, ternary_xor);
        b[r] = _mm512_rolv_epi64(b[r], load(tables.rotations[r]));
    }
    reorder_all<index, &RoundTables::to_rows>(b);
    // The next lane of a row lies `step` registers on.
    constexpr int step = mod5(layouts[index].a + layouts[index].b);
    const Vector iota = _mm512_xor_si512(
        b[0], _mm512_zextsi128_si512(_mm_cvtsi64_si128(static_cast<long long>(constant))));
    v[0] = _mm512_ternarylogic_epi64(iota, b[step], b[mod5(2 * step)], ternary_chi);
    for (int r = 1; r < 5; ++r)
        v[r] =
            _mm512_ternarylogic_epi64(b[r], b[mod5(r + step)], b[mod5(r + 2 * step)], ternary_chi);
}

/// Brings the elements from y order to x order for the next round.
template <int index>
[[gnu::always_inline]] inline void to_columns(Vector v[5]) noexcept {
    reorder_all<index, &RoundTables::to_columns>(v);
}

[[gnu::always_inline]] inline void permute_state(Vector v[5]) noexcept {
    for (size_t i = 0; i < round_count; i += 3) {
        round<0>(v, round_constants[i]);
        to_columns<0>(v);
        round<1>(v, round_constants[i + 1]);
        to_columns<1>(v);
        round<2>(v, round_constants[i + 2]);
        // From register 3x + 2y to 2x + y = 4 * (3x + 2y) + 3y: rename register r to 4r, then
        // move the lanes of row y on by 3y.
        Vector renamed[5] = {v[0], v[4], v[3], v[2], v[1]};
        skew<row_scale(layouts[2]), 3>(renamed);
        for (int r = 0; r < 5; ++r)
            v[r] = renamed[r];
        to_columns<2>(v);
    }
}

/// The bytes of a row, and of the fourth row as far as the block goes.
constexpr size_t row_size = 40;
constexpr size_t last_row_size = keccak256_block_size - 3 * row_size;

/// Adds the rows of a block to the state. Register y becomes register 2x + y on the way: element x
/// moves on by 2x.
[[gnu::always_inline]] inline void add_rows(Vector v[5], Vector rows[5]) noexcept {
    skew<1, 2>(rows);
    for (int r = 0; r < 5; ++r)
        v[r] = _mm512_xor_si512(v[r], rows[r]);
}

/// Adds a block of 136 bytes to the state.
[[gnu::always_inline]] inline void absorb(Vector v[5], const uint8_t* block) noexcept {
    constexpr __mmask8 row = (1 << row_size / 8) - 1;
    constexpr __mmask8 last_row = (1 << last_row_size / 8) - 1;
    Vector rows[5] = {
        _mm512_maskz_loadu_epi64(row, block), _mm512_maskz_loadu_epi64(row, block + row_size),
        _mm512_maskz_loadu_epi64(row, block + 2 * row_size),
        _mm512_maskz_loadu_epi64(last_row, block + 3 * row_size), _mm512_setzero_si512()};
    add_rows(v, rows);
}

/// The row of a partial block that starts at `offset`, with the first byte of the padding where it
/// falls into this row. No byte beyond the input is read.
[[gnu::always_inline]] inline Vector load_tail_row(const uint8_t* tail, size_t left,
                                                   size_t offset) noexcept {
    if (left < offset)
        return _mm512_setzero_si512();
    const size_t present = left - offset;
    const auto padding = _mm512_maskz_set1_epi8(
        static_cast<__mmask64>(present < row_size ? uint64_t{1} << present : 0), 0x01);
    const auto mask = static_cast<__mmask64>(
        _bzhi_u64((uint64_t{1} << row_size) - 1, std::min(present, row_size)));
    return _mm512_mask_loadu_epi8(padding, mask, tail + offset);
}

/// Adds the last, partial block (left < 136 bytes) with its padding.
[[gnu::always_inline]] inline void absorb_tail(Vector v[5], const uint8_t* tail,
                                               size_t left) noexcept {
    const Vector end =
        _mm512_zextsi128_si512(_mm_set_epi64x(static_cast<long long>(uint64_t{1} << 63), 0));
    Vector rows[5] = {load_tail_row(tail, left, 0), load_tail_row(tail, left, row_size),
                      load_tail_row(tail, left, 2 * row_size),
                      _mm512_xor_si512(load_tail_row(tail, left, 3 * row_size), end),
                      _mm512_setzero_si512()};
    add_rows(v, rows);
}

/// Absorbs the rest of a message and gives the hash.
[[gnu::always_inline]] inline Bytes32 finish(Vector v[5], const uint8_t* input,
                                             size_t left) noexcept {
    for (; left >= keccak256_block_size; left -= keccak256_block_size) {
        absorb(v, input);
        permute_state(v);
        input += keccak256_block_size;
    }
    absorb_tail(v, input, left);
    permute_state(v);

    // Lane (x, 0) is element x of register 2x mod 5.
    Vector first_row = _mm512_mask_mov_epi64(v[0], 0b0010, v[2]);
    first_row = _mm512_mask_mov_epi64(first_row, 0b0100, v[4]);
    first_row = _mm512_mask_mov_epi64(first_row, 0b1000, v[1]);
    Bytes32 hash;
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(hash.bytes), _mm512_castsi512_si256(first_row));
    return hash;
}

[[gnu::always_inline]] inline void clear(Vector v[5]) noexcept {
    for (int r = 0; r < 5; ++r)
        v[r] = _mm512_setzero_si512();
}

} // namespace

Bytes32 hash_avx512(BytesView data) noexcept {
    Vector v[5];
    clear(v);
    return finish(v, data.data(), data.size());
}

Bytes32 finish_avx512(const uint64_t state[lane_count], const uint8_t* input,
                      size_t left) noexcept {
    constexpr __mmask8 row = (1 << row_size / 8) - 1;
    Vector rows[5];
    for (int y = 0; y < 5; ++y)
        rows[y] = _mm512_maskz_loadu_epi64(row, state + 5 * y);
    Vector v[5];
    clear(v);
    add_rows(v, rows);
    return finish(v, input, left);
}
BRAID_TARGET_END

} // namespace braid::crypto::keccak

#endif
