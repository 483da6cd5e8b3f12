#include "block/senders.hpp"

#include "crypto/keccak.hpp"
#include "crypto/secp256k1.hpp"

#include <algorithm>
#include <array>

namespace braid::block {
namespace {

/// Half the order of secp256k1: the largest `s` that EIP-2 and EIP-7702 allow.
constexpr uint256 half_order{0xdfe92f46681b20a0, 0x5d576e7357a4501d, 0xffffffffffffffff,
                             0x7fffffffffffffff};

/// EIP-7702's domain separator.
constexpr uint8_t authorization_magic = 0x05;

/// How many recoveries share their hashing and inversions.
constexpr size_t batch_size = 64;

/// magic || rlp([chain_id, address, nonce]) with numbers of at most 64 bits: the list is at most
/// 9 + 21 + 9 bytes, so that its header is one byte.
using AuthorizationPayload = std::array<uint8_t, 1 + 1 + 9 + 21 + 9>;

uint8_t* append_number(uint8_t* out, uint64_t value) noexcept {
    uint8_t bytes[8];
    store_be64(bytes, value);
    const uint8_t* first = std::find_if(bytes, bytes + 8, [](uint8_t byte) { return byte != 0; });
    const auto size = static_cast<size_t>(bytes + 8 - first);
    if (size != 1 || *first >= 0x80)
        *out++ = static_cast<uint8_t>(0x80 + size);
    return std::copy(first, static_cast<const uint8_t*>(bytes + 8), out);
}

BytesView encode(const wire::Authorization& authorization, AuthorizationPayload& payload) noexcept {
    uint8_t* out = payload.data() + 2;
    out = append_number(out, load_be64(authorization.chain_id.bytes + 24));
    *out++ = 0x80 + sizeof(Address);
    out = std::copy_n(authorization.address.bytes, sizeof(Address), out);
    out = append_number(out, authorization.nonce);
    payload[0] = authorization_magic;
    payload[1] = static_cast<uint8_t>(0xc0 + (out - payload.data() - 2));
    return {payload.data(), static_cast<size_t>(out - payload.data())};
}

/// Who authorizes, of an authorization that names its signer in place of a signature.
Address named_authority(const wire::Authorization& authorization) noexcept {
    return to_address(to_uint256(authorization.r));
}

/// Whether an authorization can be carried out on this chain at all (EIP-7702, steps 1 to 3).
bool is_recoverable(const wire::Authorization& authorization, const Bytes32& chain_id) noexcept {
    return (authorization.flags & wire::authorization_flag::malformed) == 0 &&
           authorization.y_parity <= 1 &&
           (is_zero(authorization.chain_id) || authorization.chain_id == chain_id) &&
           to_uint256(authorization.s) <= half_order;
}

} // namespace

void SenderTable::begin(const wire::BlockView& block) {
    block_ = block;
    signers_.assign(block.transactions.size() + block.authorizations.size(), {});
    jobs_.clear();
    job_of_.assign(block.transactions.size(), no_job);
    done_count_.store(0, std::memory_order_relaxed); // relaxed: threads start after this
    // The executor refuses such a block; there are no rules to look up for it.
    if (block.header->revision > EVMC_LATEST_STABLE_REVISION)
        return;
    const bool low_s =
        transaction::rules_of(static_cast<evmc_revision>(block.header->revision)).low_s;
    for (size_t i = 0; i < block.transactions.size(); ++i) {
        const wire::Transaction& transaction = block.transactions[i];
        if ((transaction.flags & wire::transaction_flag::has_sender) != 0)
            signers_[i] = {transaction.sender, true};
        else if (transaction.y_parity <= 1 && (!low_s || to_uint256(transaction.s) <= half_order))
            job_of_[i] = static_cast<uint32_t>(jobs_.size());
        if (job_of_[i] != no_job)
            jobs_.push_back(static_cast<uint32_t>(i));
    }
    const Bytes32 chain_id = to_bytes32(block.header->chain_id);
    for (size_t i = 0; i < block.authorizations.size(); ++i) {
        const wire::Authorization& authorization = block.authorizations[i];
        if ((authorization.flags & wire::authorization_flag::has_authority) != 0)
            signers_[block.transactions.size() + i] = {named_authority(authorization), true};
        else if (is_recoverable(authorization, chain_id))
            jobs_.push_back(static_cast<uint32_t>(block.transactions.size() + i));
    }
    if (done_.size() < chunk_count())
        done_ = std::vector<std::atomic<bool>>(chunk_count());
    for (std::atomic<bool>& done : done_)
        done.store(false, std::memory_order_relaxed); // relaxed: as above
}

void SenderTable::recover_chunk(size_t chunk) noexcept {
    const size_t start = chunk * chunk_size;
    recover(start, std::min(start + chunk_size, jobs_.size()));
    // release: whoever sees the flag, or the count, sees the signers.
    done_[chunk].store(true, std::memory_order_release);
    done_count_.fetch_add(1, std::memory_order_release);
    done_count_.notify_all();
}

bool SenderTable::is_ready(size_t transaction) const noexcept {
    // Authorizations come last, and any transaction may have some. acquire: the signers.
    if (block_.transactions[transaction].authorization_count != 0)
        return chunks_done() == chunk_count();
    const uint32_t job = job_of_[transaction];
    return job == no_job || done_[job / chunk_size].load(std::memory_order_acquire);
}

void SenderTable::recover(size_t start, size_t end) noexcept {
    const std::span<const uint32_t> jobs{jobs_};
    for (size_t i = start; i < end; i += batch_size)
        recover_batch(jobs.subspan(i, std::min(batch_size, end - i)));
}

void SenderTable::recover_batch(std::span<const uint32_t> jobs) noexcept {
    std::array<AuthorizationPayload, batch_size> encoded;
    std::array<BytesView, batch_size> payloads;
    std::array<Bytes32, batch_size> hashes;
    std::array<crypto::RecoveryInput, batch_size> inputs;
    std::array<Address, batch_size> addresses;
    std::array<bool, batch_size> valid;
    const size_t transactions = block_.transactions.size();
    for (size_t i = 0; i < jobs.size(); ++i) {
        if (jobs[i] < transactions) {
            const wire::Transaction& transaction = block_.transactions[jobs[i]];
            payloads[i] = block_.pool.subspan(transaction.payload_offset, transaction.payload_size);
            inputs[i] = {{}, transaction.r, transaction.s, transaction.y_parity};
        } else {
            const wire::Authorization& authorization =
                block_.authorizations[jobs[i] - transactions];
            payloads[i] = encode(authorization, encoded[i]);
            inputs[i] = {{}, authorization.r, authorization.s, authorization.y_parity};
        }
    }
    crypto::keccak256_batch({payloads.data(), jobs.size()}, hashes);
    for (size_t i = 0; i < jobs.size(); ++i)
        inputs[i].hash = hashes[i];
    crypto::recover_addresses({inputs.data(), jobs.size()}, {addresses.data(), jobs.size()},
                              {valid.data(), jobs.size()});
    for (size_t i = 0; i < jobs.size(); ++i)
        signers_[jobs[i]] = {addresses[i], valid[i]};
}

} // namespace braid::block
