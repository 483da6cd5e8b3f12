#include "transaction/precompile_set.hpp"

#include "precompiles/precompiles.hpp"

#include <algorithm>

namespace braid::transaction {

PrecompileSet::PrecompileSet(evmc_revision revision) {
    uint32_t index = 0;
    for (const Address& address : precompiles::active(revision))
        entries_.push_back({address, index++});
}

std::optional<PrecompileSet>
PrecompileSet::make(evmc_revision revision, std::span<const state::PrecompileOverride> overrides,
                    std::optional<Address>& wrong) {
    std::optional<PrecompileSet> set;
    for (const auto& [address, moved_to] : overrides) {
        // Most overrides are of other accounts, and nothing has moved there.
        if (set == std::nullopt) {
            if (!moved_to && !precompiles::find(revision, address))
                continue;
            set = PrecompileSet{revision};
        }
        std::vector<Entry>& entries = set->entries_;
        const auto entry = set->entry_at(address);
        if (entry == entries.end()) {
            if (!moved_to)
                continue;
            wrong = address;
            return set;
        }
        const uint32_t index = entry->index;
        entries.erase(entry);
        if (!moved_to)
            continue;
        // What was there before is lost.
        if (const auto taken = set->entry_at(*moved_to); taken != entries.end())
            taken->index = index;
        else
            entries.push_back({*moved_to, index});
    }
    return set;
}

std::vector<PrecompileSet::Entry>::iterator
PrecompileSet::entry_at(const Address& address) noexcept {
    return std::ranges::find_if(entries_,
                                [&](const Entry& entry) { return entry.address == address; });
}

Address PrecompileSet::address_bits() const noexcept {
    Address all{};
    for (const Entry& entry : entries_)
        for (size_t i = 0; i < sizeof(all.bytes); ++i)
            all.bytes[i] |= entry.address.bytes[i];
    return all;
}

std::optional<uint32_t> PrecompileSet::find(const Address& address) const noexcept {
    const auto found = std::ranges::find_if(
        entries_, [&](const Entry& entry) { return entry.address == address; });
    return found == entries_.end() ? std::nullopt : std::optional{found->index};
}

} // namespace braid::transaction
