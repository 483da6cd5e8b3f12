#include "crypto/bn254.hpp"
#include "crypto/bn254_curve.hpp"
#include "crypto/scalar_recoding.hpp"

namespace braid::crypto {
namespace {

using namespace bn254;

using TwistPoint = JacobianPoint<Fp2, CurveKind::a_is_zero>;

/// The constant of the twist: 3 / xi.
constexpr Fp2 twist_b = [] {
    // 1 / (9 + i) = (9 - i) / 82, and 1 / 82 is the power p - 2.
    Uint256 exponent = Fp::modulus;
    exponent.words[0] -= 2;
    const Fp inverse = Fp::from_word(82).power(exponent);
    return xi.conjugate() * (inverse + inverse + inverse);
}();
static_assert(twist_b * xi == Fp2{Fp::from_word(3), {}});

/// u and 6 u + 2 (which has 65 bits) in signed digits.
constexpr SignedDigits<4, 64> u_digits{Uint256{{u, 0, 0, 0}}};
constexpr SignedDigits<2, 66> loop_digits{
    Uint256{{u * 6 + 2, static_cast<uint64_t>((static_cast<uint128>(u) * 6 + 2) >> 64), 0, 0}}};

/// The endomorphism psi of the twist: there and back along the untwisting, with the p-th power
/// between. On the group of order r it multiplies by p.
G2Point psi(const G2Point& q) noexcept {
    return {q.x.conjugate() * frobenius_constants[2], q.y.conjugate() * frobenius_constants[3]};
}

TwistPoint psi(const TwistPoint& q) noexcept {
    return {q.x.conjugate() * frobenius_constants[2], q.y.conjugate() * frobenius_constants[3],
            q.z.conjugate()};
}

/// u * q for a point of the twist.
TwistPoint times_u(const G2Point& q) noexcept {
    AffinePoint<Fp2> multiples[4];
    odd_multiples<CurveKind::a_is_zero>(AffinePoint<Fp2>{q.x, q.y}, multiples);
    TwistPoint sum;
    for (unsigned i = u_digits.size(); i-- > 0;) {
        sum.double_in_place();
        add_digit(sum, multiples, u_digits[i]);
    }
    return sum;
}

/// Whether a point of the twist has order r: (u + 1) Q + psi(u Q) + psi^2(u Q) = psi^3(2 u Q). Y.
/// Dai, K. Lin, C.-A. Zhao, Z. Zhou, "Fast subgroup membership testings for G1, G2 and GT on
/// pairing-friendly curves" (2022), section 5. It suffices because psi^2 - t psi + p = 0 gives the
/// difference of the sides a norm whose greatest common divisor with the twist's order is r.
bool is_in_subgroup(const G2Point& q) noexcept {
    const TwistPoint multiple = times_u(q);
    const TwistPoint image = psi(multiple);
    const TwistPoint second_image = psi(image);
    TwistPoint right = psi(second_image);
    right.double_in_place();
    TwistPoint left = multiple;
    left.add(AffinePoint<Fp2>{q.x, q.y});
    left.add(image);
    left.add(second_image);
    right.y = -right.y;
    left.add(right);
    return left.is_infinity();
}

/// Reads 32 + 32 bytes, the imaginary part first.
std::optional<Fp2> load_fp2(const uint8_t* data) noexcept {
    const auto imaginary = Fp::from_bytes(data);
    const auto real = Fp::from_bytes(data + 32);
    if (!imaginary || !real)
        return std::nullopt;
    return Fp2{*real, *imaginary};
}

/// Reads 128 bytes as EIP-197 has them; nothing where they are not a point of the group.
std::optional<G2Point> load_g2(const uint8_t* data) noexcept {
    const auto x = load_fp2(data);
    const auto y = load_fp2(data + 64);
    if (!x || !y)
        return std::nullopt;
    const G2Point point{*x, *y};
    if (point.is_infinity())
        return point;
    if (!(point.y.squared() == point.x.squared() * point.x + twist_b) || !is_in_subgroup(point))
        return std::nullopt;
    return point;
}

/// The line through two points of the twist, at a point of the first group:
/// constant + (w_part + vw_part v) w, up to a factor in Fp2, which the final exponentiation
/// removes.
struct Line {
    Fp2 constant;
    Fp2 w_part;
    Fp2 vw_part;
};

/// One pair in the Miller loop: the running multiple (x / z, y / z) of q and the lines at p.
/// Formulas: D. Aranha et al., "Faster explicit formulas for computing pairings over ordinary
/// curves" (2011), section 4.
class MillerPair {
  public:
    MillerPair() noexcept = default;
    MillerPair(const G1Point& p, const G2Point& q) noexcept
        : q_{q}, x_{q.x}, y_{q.y}, z_{Fp2::one()}, p_y_{p.y}, p_minus_x_{-p.x},
          p_minus_three_x_{p_minus_x_.doubled() + p_minus_x_} {}

    [[nodiscard]] const G2Point& q() const noexcept { return q_; }

    /// Multiplies f by the tangent and doubles the running point.
    void double_step(Fp12& f) noexcept {
        static constexpr Fp2 three_b = twist_b.tripled();
        const Fp2 half_product = (x_ * y_).halved();
        const Fp2 y_squared = y_.squared();
        const Fp2 z_squared = z_.squared();
        const Fp2 e = three_b * z_squared;
        const Fp2 f3 = e.tripled();
        const Fp2 g = (y_squared + f3).halved();
        const Fp2 twice_yz = (y_ + z_).squared() - (y_squared + z_squared);
        const Fp2 e_squared = e.squared();
        const Fp2 x_squared = x_.squared();
        f = f.times_line(twice_yz * p_y_, x_squared * p_minus_three_x_, y_squared - e);
        x_ = half_product * (y_squared - f3);
        y_ = g.squared() - e_squared.tripled();
        z_ = y_squared * twice_yz;
    }

    /// Multiplies f by the line to (q_x, q_y) and adds that point to the running one.
    void add_step(Fp12& f, const Fp2& q_x, const Fp2& q_y) noexcept {
        const Fp2 theta = y_ - q_y * z_;
        const Fp2 delta = x_ - q_x * z_;
        f = f.times_line(delta * p_y_, theta * p_minus_x_, theta * q_x - delta * q_y);
        const Fp2 delta_squared = delta.squared();
        const Fp2 delta_cubed = delta_squared * delta;
        const Fp2 scaled_x = x_ * delta_squared;
        const Fp2 h = delta_cubed + z_ * theta.squared() - scaled_x.doubled();
        x_ = delta * h;
        y_ = theta * (scaled_x - h) - y_ * delta_cubed;
        z_ = z_ * delta_cubed;
    }

  private:
    G2Point q_;
    Fp2 x_;
    Fp2 y_;
    Fp2 z_;
    Fp p_y_;
    Fp p_minus_x_;
    Fp p_minus_three_x_;
};

/// The product of the optimal ate Miller functions of the pairs: F. Vercauteren, "Optimal pairings"
/// (2008). The squarings are shared.
Fp12 miller_loop(std::span<MillerPair> pairs) noexcept {
    Fp12 f = Fp12::one();
    for (unsigned i = loop_digits.size() - 1; i-- > 0;) {
        f = f.squared();
        for (auto& pair : pairs)
            pair.double_step(f);
        if (loop_digits[i] == 0)
            continue;
        for (auto& pair : pairs) {
            const G2Point& q = pair.q();
            pair.add_step(f, q.x, loop_digits[i] > 0 ? q.y : -q.y);
        }
    }
    for (auto& pair : pairs) {
        const G2Point first = psi(pair.q());
        const G2Point second = psi(first);
        pair.add_step(f, first.x, first.y);
        pair.add_step(f, second.x, -second.y);
    }
    return f;
}

/// The u-th power in the cyclotomic subgroup.
Fp12 power_u(const Fp12& base) noexcept {
    const Fp12 square = base.cyclotomic_squared();
    Fp12 odd_powers[4]{base};
    for (size_t i = 1; i < 4; ++i)
        odd_powers[i] = odd_powers[i - 1] * square;
    unsigned i = u_digits.size() - 1;
    Fp12 result = odd_powers[u_digits[i] / 2]; // the leading digit is positive
    while (i-- > 0) {
        result = result.cyclotomic_squared();
        const int digit = u_digits[i];
        if (digit > 0)
            result = result * odd_powers[digit / 2];
        else if (digit < 0)
            result = result * odd_powers[-digit / 2].conjugate();
    }
    return result;
}

/// Whether the (p^12 - 1) / r-th power is one. The hard part is that of L. Fuentes-Castaneda, E.
/// Knapp, F. Rodriguez-Henriquez, "Faster hashing to G2" (2011), section 5, which is a power of the
/// pairing prime to r.
bool final_power_is_one(const Fp12& f) noexcept {
    const Fp12 unitary = f.conjugate() * f.inverse();
    const Fp12 m = unitary.frobenius().frobenius() * unitary;
    const Fp12 m_2u = power_u(m).cyclotomic_squared();
    const Fp12 m_6u = m_2u.cyclotomic_squared() * m_2u;
    const Fp12 m_6u2 = power_u(m_6u);
    const Fp12 m_12u3 = power_u(m_6u2.cyclotomic_squared());
    const Fp12 a = m_12u3 * m_6u2 * m_6u;
    const Fp12 b = a * m_2u.conjugate();
    // a m^(6 u^2) m * b^p * a^(p^2) * (b / m)^(p^3)
    const Fp12 third = (b * m.conjugate()).frobenius() * a;
    const Fp12 second = third.frobenius() * b;
    const Fp12 result = second.frobenius() * (a * m_6u2 * m);
    return result == Fp12::one();
}

} // namespace

std::optional<bool> bn254_pairing_check(const uint8_t* pairs, size_t count) noexcept {
    // Pairs share a loop in groups that fit the stack.
    constexpr size_t group_size = 32;
    MillerPair group[group_size];
    size_t filled = 0;
    bool trivial = true;
    Fp12 product = Fp12::one();
    for (size_t i = 0; i < count; ++i) {
        const auto p = load_g1(pairs + i * 192);
        const auto q = load_g2(pairs + i * 192 + 64);
        if (!p || !q)
            return std::nullopt;
        if (p->is_infinity() || q->is_infinity())
            continue;
        trivial = false;
        group[filled++] = MillerPair{*p, *q};
        if (filled == group_size) {
            product = product * miller_loop(group);
            filled = 0;
        }
    }
    if (trivial)
        return true;
    if (filled > 0)
        product = product * miller_loop(std::span{group, filled});
    return final_power_is_one(product);
}

} // namespace braid::crypto
