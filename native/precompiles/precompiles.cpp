#include "precompiles/precompiles.hpp"

#include "precompiles/bls12_381.hpp"
#include "precompiles/curves.hpp"
#include "precompiles/gas.hpp"
#include "precompiles/hashes.hpp"
#include "precompiles/modexp.hpp"

#include <array>

namespace braid::precompiles {
namespace {

/// A contract, and the revisions that have it in this form: `from` until just before `until`.
struct Entry {
    Address address;
    evmc_revision from;
    int until;
    Contract contract;
};

constexpr int for_good = EVMC_MAX_REVISION + 1;

constexpr Address address_of(uint16_t number) noexcept {
    Address address{};
    address.bytes[18] = static_cast<uint8_t>(number >> 8);
    address.bytes[19] = static_cast<uint8_t>(number);
    return address;
}

/// All contracts, in ascending order of their addresses.
constexpr Entry table[] = {
    // Yellow Paper, appendix E.
    {address_of(0x01), EVMC_FRONTIER, for_good, {constant_gas<3000>, run_ecrecover}},
    {address_of(0x02), EVMC_FRONTIER, for_good, {word_gas<60, 12>, run_sha256}},
    {address_of(0x03), EVMC_FRONTIER, for_good, {word_gas<600, 120>, run_ripemd160}},
    {address_of(0x04), EVMC_FRONTIER, for_good, {word_gas<15, 3>, run_identity}},
    // EIP-198, EIP-2565, EIP-7823 with EIP-7883.
    {address_of(0x05), EVMC_BYZANTIUM, EVMC_BERLIN, {modexp_gas_byzantium, run_modexp}},
    {address_of(0x05), EVMC_BERLIN, EVMC_OSAKA, {modexp_gas_berlin, run_modexp}},
    {address_of(0x05), EVMC_OSAKA, for_good, {modexp_gas_osaka, run_modexp_bounded}},
    // EIP-196, EIP-197; their prices are EIP-1108's.
    {address_of(0x06), EVMC_BYZANTIUM, EVMC_ISTANBUL, {constant_gas<500>, run_bn254_add}},
    {address_of(0x06), EVMC_ISTANBUL, for_good, {constant_gas<150>, run_bn254_add}},
    {address_of(0x07), EVMC_BYZANTIUM, EVMC_ISTANBUL, {constant_gas<40000>, run_bn254_mul}},
    {address_of(0x07), EVMC_ISTANBUL, for_good, {constant_gas<6000>, run_bn254_mul}},
    {address_of(0x08),
     EVMC_BYZANTIUM,
     EVMC_ISTANBUL,
     {item_gas<bn254_pair_size, 100000, 80000>, run_bn254_pairing}},
    {address_of(0x08),
     EVMC_ISTANBUL,
     for_good,
     {item_gas<bn254_pair_size, 45000, 34000>, run_bn254_pairing}},
    // EIP-152.
    {address_of(0x09), EVMC_ISTANBUL, for_good, {blake2f_gas, run_blake2f}},
    // EIP-4844.
    {address_of(0x0a), EVMC_CANCUN, for_good, {constant_gas<50000>, run_point_evaluation}},
    // EIP-2537.
    {address_of(0x0b), EVMC_PRAGUE, for_good, {constant_gas<375>, run_bls12_g1_add}},
    {address_of(0x0c), EVMC_PRAGUE, for_good, {bls12_g1_msm_gas, run_bls12_g1_msm}},
    {address_of(0x0d), EVMC_PRAGUE, for_good, {constant_gas<600>, run_bls12_g2_add}},
    {address_of(0x0e), EVMC_PRAGUE, for_good, {bls12_g2_msm_gas, run_bls12_g2_msm}},
    {address_of(0x0f),
     EVMC_PRAGUE,
     for_good,
     {item_gas<384, 37700, 32600>, run_bls12_pairing_check}},
    {address_of(0x10), EVMC_PRAGUE, for_good, {constant_gas<5500>, run_bls12_map_fp_to_g1}},
    {address_of(0x11), EVMC_PRAGUE, for_good, {constant_gas<23800>, run_bls12_map_fp2_to_g2}},
    // EIP-7951.
    {address_of(0x0100), EVMC_OSAKA, for_good, {constant_gas<6900>, run_p256_verify}},
};

constexpr int compare(const Address& a, const Address& b) noexcept {
    for (size_t i = 0; i < sizeof(a.bytes); ++i)
        if (a.bytes[i] != b.bytes[i])
            return a.bytes[i] < b.bytes[i] ? -1 : 1;
    return 0;
}

// At most one entry answers at an address of a revision.
static_assert([] {
    for (size_t i = 1; i < std::size(table); ++i) {
        const Entry& before = table[i - 1];
        const int order = compare(before.address, table[i].address);
        if (order > 0 || (order == 0 && before.until > table[i].from))
            return false;
    }
    return true;
}());

constexpr size_t max_contracts = 18;

/// The contracts of one revision by index, their addresses ascending.
struct RuleSet {
    std::array<Address, max_contracts> addresses{};
    std::array<Contract, max_contracts> contracts{};
    uint32_t count = 0;
};

constexpr auto rule_sets = [] {
    std::array<RuleSet, EVMC_MAX_REVISION + 1> sets{};
    for (int revision = 0; revision <= EVMC_MAX_REVISION; ++revision) {
        RuleSet& set = sets[static_cast<size_t>(revision)];
        for (const Entry& entry : table) {
            if (revision < entry.from || revision >= entry.until)
                continue;
            set.addresses[set.count] = entry.address;
            set.contracts[set.count++] = entry.contract;
        }
    }
    return sets;
}();

constexpr Address bits_of_all() noexcept {
    Address all{};
    for (const Entry& entry : table)
        for (size_t i = 0; i < sizeof(all.bytes); ++i)
            all.bytes[i] |= entry.address.bytes[i];
    return all;
}

} // namespace

constinit const Address contract_bits = bits_of_all();

std::optional<uint32_t> find_contract(evmc_revision revision, const Address& address) noexcept {
    const std::span<const Address> addresses = active(revision);
    // A handful of comparisons at most: cheaper than what a search in steps would cost.
    for (uint32_t index = 0; index < addresses.size(); ++index)
        if (addresses[index] == address)
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
    return {rule_sets[revision].addresses.data(), rule_sets[revision].count};
}

} // namespace braid::precompiles
