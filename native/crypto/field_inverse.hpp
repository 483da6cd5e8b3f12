/// Inversion modulo an odd 256-bit number by division steps: D. J. Bernstein, B.-Y. Yang, "Fast
/// constant-time gcd computation and modular inversion" (2019), with the step that starts at delta
/// 1/2 and runs in variable time: a run of zero bits is one shift, and up to six low bits are
/// cancelled by one multiplication.
#pragma once

#include "crypto/field_words.hpp"

#include <algorithm>

namespace braid::crypto {

/// Inverts modulo one fixed odd modulus.
class Inverter {
  public:
    /// Takes the modulus, which must be odd and more than one.
    explicit constexpr Inverter(const Uint256& modulus) noexcept : modulus_{split(modulus)} {
        // Newton's iteration doubles the number of right bits; the first guess has three.
        uint64_t inverse = modulus.words[0];
        for (int i = 0; i < 5; ++i)
            inverse *= 2 - modulus.words[0] * inverse;
        inverse_ = inverse & limb_mask;
    }

    /// The inverse of a number below the modulus and coprime to it; 0 for 0.
    [[nodiscard]] Uint256 operator()(const Uint256& number) const noexcept {
        // Invariant: d * number = f and e * number = g modulo the modulus. In the end g is 0 and f
        // is 1 or -1, so d or -d is the inverse.
        Signed d{};
        Signed e{{1, 0, 0, 0, 0}};
        Signed f = modulus_;
        Signed g = split(number);
        int64_t eta = -1;
        unsigned count = limb_count;
        while (true) {
            const Transition step = run_steps(f.limbs[0], g.limbs[0], eta);
            advance_cofactors(d, e, step);
            advance_values(f, g, count, step);
            int64_t any = 0;
            for (unsigned i = 0; i < count; ++i)
                any |= g.limbs[i];
            if (any == 0)
                break;
            shorten(f, g, count);
        }
        return normalise(d, f.limbs[count - 1] < 0);
    }

  private:
    static constexpr unsigned limb_bits = 62;
    static constexpr unsigned limb_count = 5;
    static constexpr uint64_t limb_mask = ~uint64_t{0} >> 2;

    using int128 = __int128;

    /// A signed number in limbs of 62 bits; only the top limb is negative.
    struct Signed {
        int64_t limbs[limb_count]{};
    };

    /// 62 division steps as a matrix: 2^62 (f', g') = (f u + g v, f q + g r).
    struct Transition {
        int64_t u, v, q, r;
    };

    static constexpr Signed split(const Uint256& a) noexcept {
        const auto& w = a.words;
        return {{static_cast<int64_t>(w[0] & limb_mask),
                 static_cast<int64_t>((w[0] >> 62 | w[1] << 2) & limb_mask),
                 static_cast<int64_t>((w[1] >> 60 | w[2] << 4) & limb_mask),
                 static_cast<int64_t>((w[2] >> 58 | w[3] << 6) & limb_mask),
                 static_cast<int64_t>(w[3] >> 56)}};
    }

    /// Runs 62 division steps on the low words. eta is the paper's delta, negated.
    static Transition run_steps(int64_t f_low, int64_t g_low, int64_t& eta) noexcept {
        uint64_t f = static_cast<uint64_t>(f_low);
        uint64_t g = static_cast<uint64_t>(g_low);
        uint64_t u = 1;
        uint64_t v = 0;
        uint64_t q = 0;
        uint64_t r = 1;
        unsigned left = limb_bits;
        while (true) {
            // The sentinel bit stops the count at the steps that are left.
            const auto zeros = static_cast<unsigned>(__builtin_ctzll(g | (~uint64_t{0} << left)));
            g >>= zeros;
            u <<= zeros;
            v <<= zeros;
            eta -= zeros;
            left -= zeros;
            if (left == 0)
                break;
            // g is odd now. A swap makes the next shifts count the other way.
            uint64_t cancel;
            if (eta < 0) {
                eta = -eta;
                std::swap(f, g);
                std::swap(u, q);
                std::swap(v, r);
                g = -g;
                q = -q;
                r = -r;
                // f * (f^2 - 2) is -1/f modulo 64: as many low bits of g as the next shifts take.
                const auto bits = std::min<uint64_t>(static_cast<uint64_t>(eta) + 1, left);
                cancel = (f * g * (f * f - 2)) & (~uint64_t{0} >> (64 - bits)) & 63;
            } else {
                // f + 2 * ((f + 1) & 4) is 1/f modulo 16, cheaper where few bits can be taken.
                const auto bits = std::min<uint64_t>(static_cast<uint64_t>(eta) + 1, left);
                const uint64_t inverse = f + (((f + 1) & 4) << 1);
                cancel = (-inverse * g) & (~uint64_t{0} >> (64 - bits)) & 15;
            }
            g += f * cancel;
            q += u * cancel;
            r += v * cancel;
        }
        return {static_cast<int64_t>(u), static_cast<int64_t>(v), static_cast<int64_t>(q),
                static_cast<int64_t>(r)};
    }

    /// (f, g) = step * (f, g) / 2^62, exactly.
    static void advance_values(Signed& f, Signed& g, unsigned count, const Transition& t) noexcept {
        int128 cf = static_cast<int128>(t.u) * f.limbs[0] + static_cast<int128>(t.v) * g.limbs[0];
        int128 cg = static_cast<int128>(t.q) * f.limbs[0] + static_cast<int128>(t.r) * g.limbs[0];
        cf >>= limb_bits;
        cg >>= limb_bits;
        for (unsigned i = 1; i < count; ++i) {
            cf += static_cast<int128>(t.u) * f.limbs[i] + static_cast<int128>(t.v) * g.limbs[i];
            cg += static_cast<int128>(t.q) * f.limbs[i] + static_cast<int128>(t.r) * g.limbs[i];
            f.limbs[i - 1] = static_cast<int64_t>(static_cast<uint64_t>(cf) & limb_mask);
            g.limbs[i - 1] = static_cast<int64_t>(static_cast<uint64_t>(cg) & limb_mask);
            cf >>= limb_bits;
            cg >>= limb_bits;
        }
        f.limbs[count - 1] = static_cast<int64_t>(cf);
        g.limbs[count - 1] = static_cast<int64_t>(cg);
    }

    /// (d, e) = step * (d, e) / 2^62 modulo the modulus, both kept in (-2 * modulus, modulus).
    void advance_cofactors(Signed& d, Signed& e, const Transition& t) const noexcept {
        // Negative inputs first get the modulus added; then the multiple that clears the low limb.
        const int64_t d_sign = d.limbs[limb_count - 1] >> 63;
        const int64_t e_sign = e.limbs[limb_count - 1] >> 63;
        int64_t md = (t.u & d_sign) + (t.v & e_sign);
        int64_t me = (t.q & d_sign) + (t.r & e_sign);
        int128 cd = static_cast<int128>(t.u) * d.limbs[0] + static_cast<int128>(t.v) * e.limbs[0];
        int128 ce = static_cast<int128>(t.q) * d.limbs[0] + static_cast<int128>(t.r) * e.limbs[0];
        md -= static_cast<int64_t>(
            (inverse_ * static_cast<uint64_t>(cd) + static_cast<uint64_t>(md)) & limb_mask);
        me -= static_cast<int64_t>(
            (inverse_ * static_cast<uint64_t>(ce) + static_cast<uint64_t>(me)) & limb_mask);
        cd += static_cast<int128>(modulus_.limbs[0]) * md;
        ce += static_cast<int128>(modulus_.limbs[0]) * me;
        cd >>= limb_bits;
        ce >>= limb_bits;
        for (unsigned i = 1; i < limb_count; ++i) {
            cd += static_cast<int128>(t.u) * d.limbs[i] + static_cast<int128>(t.v) * e.limbs[i] +
                  static_cast<int128>(modulus_.limbs[i]) * md;
            ce += static_cast<int128>(t.q) * d.limbs[i] + static_cast<int128>(t.r) * e.limbs[i] +
                  static_cast<int128>(modulus_.limbs[i]) * me;
            d.limbs[i - 1] = static_cast<int64_t>(static_cast<uint64_t>(cd) & limb_mask);
            e.limbs[i - 1] = static_cast<int64_t>(static_cast<uint64_t>(ce) & limb_mask);
            cd >>= limb_bits;
            ce >>= limb_bits;
        }
        d.limbs[limb_count - 1] = static_cast<int64_t>(cd);
        e.limbs[limb_count - 1] = static_cast<int64_t>(ce);
    }

    /// Drops the top limb of f and g once both are only a sign, which moves into the limb below.
    static void shorten(Signed& f, Signed& g, unsigned& count) noexcept {
        if (count < 2)
            return;
        const int64_t f_top = f.limbs[count - 1];
        const int64_t g_top = g.limbs[count - 1];
        if ((f_top ^ (f_top >> 63)) != 0 || (g_top ^ (g_top >> 63)) != 0)
            return;
        f.limbs[count - 2] |= static_cast<int64_t>(static_cast<uint64_t>(f_top) << limb_bits);
        g.limbs[count - 2] |= static_cast<int64_t>(static_cast<uint64_t>(g_top) << limb_bits);
        --count;
    }

    void add_modulus(Signed& a) const noexcept {
        for (unsigned i = 0; i < limb_count; ++i)
            a.limbs[i] += modulus_.limbs[i];
    }

    static void carry(Signed& a) noexcept {
        for (unsigned i = 0; i + 1 < limb_count; ++i) {
            a.limbs[i + 1] += a.limbs[i] >> limb_bits;
            a.limbs[i] &= static_cast<int64_t>(limb_mask);
        }
    }

    /// d or -d, brought from (-2 * modulus, modulus) to [0, modulus).
    [[nodiscard]] Uint256 normalise(Signed d, bool negate) const noexcept {
        if (d.limbs[limb_count - 1] < 0)
            add_modulus(d);
        if (negate) {
            for (auto& limb : d.limbs)
                limb = -limb;
        }
        carry(d);
        if (d.limbs[limb_count - 1] < 0) {
            add_modulus(d);
            carry(d);
        }
        const auto limb = [&d](unsigned i) { return static_cast<uint64_t>(d.limbs[i]); };
        return {{limb(0) | limb(1) << 62, limb(1) >> 2 | limb(2) << 60,
                 limb(2) >> 4 | limb(3) << 58, limb(3) >> 6 | limb(4) << 56}};
    }

    Signed modulus_;
    uint64_t inverse_ = 0;
};

} // namespace braid::crypto
