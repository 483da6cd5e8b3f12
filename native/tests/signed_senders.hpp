/// Blocks whose senders are to be recovered from signatures.
#pragma once

#include "crypto/secp256k1.hpp"
#include "tests/block_fixture.hpp"
#include "tests/harness.hpp"

#include <map>

namespace braid::test {

/// Who has signed the payload with r = 1, 2, ...: the first that is somebody, with that r.
inline std::pair<Address, Bytes32> signer_of(BytesView payload) {
    for (uint64_t r = 1;; ++r) {
        const crypto::RecoveryInput input{crypto::keccak256(payload), word(r), word(1), 0};
        Address address{};
        bool is_valid = false;
        crypto::recover_addresses({&input, 1}, {&address, 1}, {&is_valid, 1});
        if (is_valid)
            return {address, word(r)};
    }
}

/// Replaces the senders that transactions name by signers, who get their nonces and balances. The
/// payload of a sender's signature is its former address: what is signed does not matter here.
inline void sign_transactions(BlockFixture& block) {
    std::map<std::string, std::pair<wire::Transaction, Address>> signatures;
    for (wire::Transaction& transaction : block.transactions) {
        const Address named = transaction.sender;
        const auto [entry, is_new] = signatures.try_emplace(to_hex(named.bytes, sizeof(named)));
        auto& [signature, signer] = entry->second;
        if (is_new) {
            signature.payload_offset = static_cast<uint32_t>(block.pool.size());
            signature.payload_size = sizeof(named);
            block.pool.insert(block.pool.end(), named.bytes, named.bytes + sizeof(named));
            std::tie(signer, signature.r) = signer_of(named.bytes);
            state::AccountState account;
            bool exists = false;
            CHECK(block.state.load_account(named, account, exists) == state::ReadStatus::ok);
            block.state.set_account({signer, account.nonce, account.balance});
        }
        transaction.flags &= static_cast<uint8_t>(~wire::transaction_flag::has_sender);
        transaction.sender = {};
        transaction.payload_offset = signature.payload_offset;
        transaction.payload_size = signature.payload_size;
        transaction.r = signature.r;
        transaction.s = word(1);
        transaction.y_parity = 0;
    }
}

} // namespace braid::test
