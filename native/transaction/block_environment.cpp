#include "transaction/block_environment.hpp"

#include <algorithm>

namespace braid::transaction {

BlockEnvironment::BlockEnvironment(const wire::BlockView& view, const Cancellation* stop) noexcept
    : block{view}, rules{&rules_of(static_cast<evmc_revision>(view.header->revision))},
      cancellation{stop} {
    const wire::BlockInput& header = *view.header;
    base_fee = rules->base_fee ? to_uint256(header.base_fee) : uint256{};
    blob_base_fee = to_uint256(header.blob_base_fee);
    gas_limit = std::min(header.gas_limit, static_cast<uint64_t>(INT64_MAX));

    context.block_coinbase = header.coinbase;
    context.block_number = static_cast<int64_t>(header.number);
    context.block_timestamp = static_cast<int64_t>(header.timestamp);
    context.block_gas_limit = static_cast<int64_t>(gas_limit);
    context.block_prev_randao = header.prev_randao;
    context.chain_id = to_bytes32(header.chain_id);
    context.block_base_fee = to_bytes32(base_fee);
    context.blob_base_fee = header.blob_base_fee;
}

void BlockEnvironment::set_precompiles(const PrecompileSet& set) noexcept {
    precompile_set_ = &set;
    precompile_bits_ = set.address_bits();
}

std::optional<uint32_t> BlockEnvironment::find_precompile(const Address& address) const noexcept {
    return precompile_set_ == nullptr ? precompiles::find_contract(rules->revision, address)
                                      : precompile_set_->find(address);
}

} // namespace braid::transaction
