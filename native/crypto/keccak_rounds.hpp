// The Keccak-f[1600] permutation over any lane type (FIPS 202, section 3.2). Included inside of an
// anonymous namespace, and of a target region where the lanes are vectors; needs
// crypto/keccak_constants.hpp.

/// One output row of rho, pi and chi: the five lanes that pi brings together, each with the theta
/// correction of its column, rotated by its rho offset.
template <typename Ops, int r0, int r1, int r2, int r3, int r4>
[[gnu::always_inline]] inline void row(typename Ops::Lane* out, typename Ops::Lane b0,
                                       typename Ops::Lane b1, typename Ops::Lane b2,
                                       typename Ops::Lane b3, typename Ops::Lane b4) noexcept {
    b0 = Ops::template rotate<r0>(b0);
    b1 = Ops::template rotate<r1>(b1);
    b2 = Ops::template rotate<r2>(b2);
    b3 = Ops::template rotate<r3>(b3);
    b4 = Ops::template rotate<r4>(b4);
    out[0] = Ops::chi(b0, b1, b2);
    out[1] = Ops::chi(b1, b2, b3);
    out[2] = Ops::chi(b2, b3, b4);
    out[3] = Ops::chi(b3, b4, b0);
    out[4] = Ops::chi(b4, b0, b1);
}

/// One round from state `a` to state `e`. `Ops` gives the lane type and its operations.
template <typename Ops>
[[gnu::always_inline]] inline void round(const typename Ops::Lane* a, typename Ops::Lane* e,
                                         uint64_t constant) noexcept {
    using Lane = typename Ops::Lane;
    const Lane c0 = Ops::xor5(a[0], a[5], a[10], a[15], a[20]);
    const Lane c1 = Ops::xor5(a[1], a[6], a[11], a[16], a[21]);
    const Lane c2 = Ops::xor5(a[2], a[7], a[12], a[17], a[22]);
    const Lane c3 = Ops::xor5(a[3], a[8], a[13], a[18], a[23]);
    const Lane c4 = Ops::xor5(a[4], a[9], a[14], a[19], a[24]);
    const Lane d0 = Ops::xor2(c4, Ops::template rotate<1>(c1));
    const Lane d1 = Ops::xor2(c0, Ops::template rotate<1>(c2));
    const Lane d2 = Ops::xor2(c1, Ops::template rotate<1>(c3));
    const Lane d3 = Ops::xor2(c2, Ops::template rotate<1>(c4));
    const Lane d4 = Ops::xor2(c3, Ops::template rotate<1>(c0));

    row<Ops, 0, 44, 43, 21, 14>(e + 0, Ops::xor2(a[0], d0), Ops::xor2(a[6], d1),
                                Ops::xor2(a[12], d2), Ops::xor2(a[18], d3), Ops::xor2(a[24], d4));
    e[0] = Ops::xor2(e[0], Ops::broadcast(constant));
    row<Ops, 28, 20, 3, 45, 61>(e + 5, Ops::xor2(a[3], d3), Ops::xor2(a[9], d4),
                                Ops::xor2(a[10], d0), Ops::xor2(a[16], d1), Ops::xor2(a[22], d2));
    row<Ops, 1, 6, 25, 8, 18>(e + 10, Ops::xor2(a[1], d1), Ops::xor2(a[7], d2),
                              Ops::xor2(a[13], d3), Ops::xor2(a[19], d4), Ops::xor2(a[20], d0));
    row<Ops, 27, 36, 10, 15, 56>(e + 15, Ops::xor2(a[4], d4), Ops::xor2(a[5], d0),
                                 Ops::xor2(a[11], d1), Ops::xor2(a[17], d2), Ops::xor2(a[23], d3));
    row<Ops, 62, 55, 39, 41, 2>(e + 20, Ops::xor2(a[2], d2), Ops::xor2(a[8], d3),
                                Ops::xor2(a[14], d4), Ops::xor2(a[15], d0), Ops::xor2(a[21], d1));
}

/// All 24 rounds, in place.
template <typename Ops>
[[gnu::always_inline]] inline void permute(typename Ops::Lane* state) noexcept {
    typename Ops::Lane other[lane_count];
    for (size_t i = 0; i < round_count; i += 2) {
        round<Ops>(state, other, round_constants[i]);
        round<Ops>(other, state, round_constants[i + 1]);
    }
}
