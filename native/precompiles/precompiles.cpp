#include "precompiles/precompiles.hpp"

#include "precompiles/bls12_381.hpp"
#include "precompiles/curves.hpp"
#include "precompiles/gas.hpp"
#include "precompiles/hashes.hpp"
#include "precompiles/modexp.hpp"

#include <array>

namespace braid::precompiles {
namespace {

/// The contracts at 0x01, 0x02, ... without a gap; then those at far addresses.
constexpr size_t max_near_contracts = 0x11;
constexpr size_t max_contracts = max_near_contracts + 1;

/// EIP-7951. It is the only far one, and came after all the near ones.
constexpr uint16_t p256_verify_address = 0x0100;

/// The precompiled contracts of one revision, by index.
struct RuleSet {
    std::array<Contract, max_contracts> contracts{};
    uint32_t count = 0;

    constexpr void append(Contract contract) noexcept { contracts[count++] = contract; }
};

constexpr uint32_t modexp_index = 4;
constexpr uint32_t bn254_add_index = 5;
constexpr uint32_t bn254_mul_index = 6;
constexpr uint32_t bn254_pairing_index = 7;

/// The rules of each hardfork are those of the one before with its changes.
constexpr RuleSet rules_of(evmc_revision revision) noexcept {
    RuleSet rules;
    // Yellow Paper, appendix E.
    rules.append({constant_gas<3000>, run_ecrecover});
    rules.append({word_gas<60, 12>, run_sha256});
    rules.append({word_gas<600, 120>, run_ripemd160});
    rules.append({word_gas<15, 3>, run_identity});
    if (revision >= EVMC_BYZANTIUM) {
        // EIP-198, EIP-196, EIP-197 with the prices of EIP-1108's "current" column.
        rules.append({modexp_gas_byzantium, run_modexp});
        rules.append({constant_gas<500>, run_bn254_add});
        rules.append({constant_gas<40000>, run_bn254_mul});
        rules.append({item_gas<bn254_pair_size, 100000, 80000>, run_bn254_pairing});
    }
    if (revision >= EVMC_ISTANBUL) {
        // EIP-1108, EIP-152.
        rules.contracts[bn254_add_index].gas_cost = constant_gas<150>;
        rules.contracts[bn254_mul_index].gas_cost = constant_gas<6000>;
        rules.contracts[bn254_pairing_index].gas_cost = item_gas<bn254_pair_size, 45000, 34000>;
        rules.append({blake2f_gas, run_blake2f});
    }
    if (revision >= EVMC_BERLIN) {
        // EIP-2565.
        rules.contracts[modexp_index].gas_cost = modexp_gas_berlin;
    }
    if (revision >= EVMC_CANCUN) {
        // EIP-4844.
        rules.append({constant_gas<50000>, run_point_evaluation});
    }
    if (revision >= EVMC_PRAGUE) {
        // EIP-2537.
        rules.append({constant_gas<375>, run_bls12_g1_add});
        rules.append({bls12_g1_msm_gas, run_bls12_g1_msm});
        rules.append({constant_gas<600>, run_bls12_g2_add});
        rules.append({bls12_g2_msm_gas, run_bls12_g2_msm});
        rules.append({item_gas<384, 37700, 32600>, run_bls12_pairing_check});
        rules.append({constant_gas<5500>, run_bls12_map_fp_to_g1});
        rules.append({constant_gas<23800>, run_bls12_map_fp2_to_g2});
    }
    if (revision >= EVMC_OSAKA) {
        // EIP-7823 and EIP-7883, EIP-7951.
        rules.contracts[modexp_index] = {modexp_gas_osaka, run_modexp_bounded};
        rules.append({constant_gas<6900>, run_p256_verify});
    }
    return rules;
}

constexpr size_t revision_count = EVMC_MAX_REVISION + 1;

constexpr auto rule_sets = [] {
    std::array<RuleSet, revision_count> sets{};
    for (size_t i = 0; i < revision_count; ++i)
        sets[i] = rules_of(static_cast<evmc_revision>(i));
    return sets;
}();

/// All addresses ever used, ascending: every revision's set is a prefix of it.
constexpr auto addresses = [] {
    std::array<Address, max_contracts> all{};
    for (size_t i = 0; i < max_near_contracts; ++i)
        all[i].bytes[19] = static_cast<uint8_t>(i + 1);
    all[max_near_contracts].bytes[18] = p256_verify_address >> 8;
    all[max_near_contracts].bytes[19] = p256_verify_address & 0xff;
    return all;
}();

static_assert(rule_sets[EVMC_PRAGUE].count == max_near_contracts);
static_assert(rule_sets[EVMC_OSAKA].count == max_contracts);

} // namespace

std::optional<uint32_t> find(evmc_revision revision, const Address& address) noexcept {
    if ((load_le64(address.bytes) | load_le64(address.bytes + 8)) != 0)
        return std::nullopt;
    const uint32_t low = (uint32_t{address.bytes[16]} << 24) | (uint32_t{address.bytes[17]} << 16) |
                         (uint32_t{address.bytes[18]} << 8) | address.bytes[19];
    const uint32_t count = rule_sets[revision].count;
    const uint32_t index = low == p256_verify_address ? max_near_contracts : low - 1;
    const bool known = low <= max_near_contracts || low == p256_verify_address;
    if (known && index < count)
        return index;
    return std::nullopt;
}

Output execute(evmc_revision revision, uint32_t index, BytesView input, int64_t gas,
               std::vector<uint8_t>& output) noexcept {
    const Contract& contract = rule_sets[revision].contracts[index];
    const int64_t cost = contract.gas_cost(input);
    if (cost > gas || cost == unpayable_gas)
        return {EVMC_OUT_OF_GAS, 0, 0};
    OutputBuffer buffer{output};
    const Answer answer = contract.run(input, buffer);
    if (answer.status != EVMC_SUCCESS)
        return {answer.status, 0, 0};
    return {EVMC_SUCCESS, gas - cost, answer.size};
}

std::span<const Address> active(evmc_revision revision) noexcept {
    return {addresses.data(), rule_sets[revision].count};
}

} // namespace braid::precompiles
