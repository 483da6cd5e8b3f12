/// Blocks for the cases that are easy to get wrong, and questions about what came of them.
#pragma once

#include "tests/evm/program.hpp"
#include "tests/forced_orders.hpp"

#include <initializer_list>

namespace braid::test {

/// A block of programs for the built-in VM.
class HardBlock : public BlockFixture {
  public:
    using BlockFixture::BlockFixture;

    Address deploy_program(uint64_t number, const Program& program, uint64_t balance = 0) {
        return deploy_program(address_of(number), program, balance);
    }

    Address deploy_program(const Address& address, const Program& program, uint64_t balance = 0) {
        const Bytes32 hash = crypto::keccak256(program.bytes());
        state.add_code(program.bytes(), hash);
        state.set_account({address, 1, uint256{balance}, hash});
        return address;
    }

    /// An account without code.
    Address fund(uint64_t number, uint64_t balance) {
        state.set_account({address_of(number), 0, uint256{balance}});
        return address_of(number);
    }

    /// A call of 500,000 gas from the block's sender, or another with the nonce given.
    wire::Transaction& call(const Address& to, std::initializer_list<Bytes32> words = {}) {
        wire::Transaction& transaction = add_call(to);
        transaction.gas_limit = 500'000;
        transaction.data_offset = static_cast<uint32_t>(pool.size());
        transaction.data_size = static_cast<uint32_t>(words.size() * 32);
        for (const Bytes32& value : words)
            pool.insert(pool.end(), value.bytes, value.bytes + 32);
        transaction.nonce = next_nonce_++;
        return transaction;
    }
    wire::Transaction& call_from(const Address& from, uint64_t nonce, const Address& to,
                                 std::initializer_list<Bytes32> words = {}) {
        wire::Transaction& transaction = call(to, words);
        --next_nonce_;
        transaction.sender = from;
        transaction.nonce = nonce;
        return transaction;
    }

    /// A transaction that makes a contract.
    wire::Transaction& create(const Program& initcode) {
        wire::Transaction& transaction = call({});
        transaction.flags &= static_cast<uint8_t>(~wire::transaction_flag::has_to);
        transaction.data_offset = static_cast<uint32_t>(pool.size());
        transaction.data_size = static_cast<uint32_t>(initcode.size());
        pool.insert(pool.end(), initcode.bytes().begin(), initcode.bytes().end());
        return transaction;
    }

  private:
    uint64_t next_nonce_ = 0;
};

inline Bytes32 word_of(const Address& address) { return to_bytes32(to_uint256(address)); }

inline const wire::AccountChange* change_of(const wire::BlockRecords& records,
                                            const Address& address) {
    for (const wire::AccountChange& change : records.accounts)
        if (change.address == address)
            return &change;
    return nullptr;
}

/// A slot's value after the block that was `before` before it.
inline uint64_t slot_after(const wire::BlockRecords& records, const Address& address, uint64_t key,
                           uint64_t before = 0) {
    const wire::AccountChange* change = change_of(records, address);
    if (change == nullptr)
        return before;
    for (uint32_t i = change->slot_start; i < change->slot_start + change->slot_count; ++i)
        if (records.slots[i].key == word(key))
            return to_uint256(records.slots[i].after).word[0];
    return (change->flags & wire::account_flag::storage_cleared) != 0 ? 0 : before;
}

inline uint64_t balance_after(const wire::BlockRecords& records, const Address& address) {
    const wire::AccountChange* change = change_of(records, address);
    return change == nullptr ? UINT64_MAX : to_uint256(change->balance_after).word[0];
}

inline bool exists_after(const wire::BlockRecords& records, const Address& address) {
    const wire::AccountChange* change = change_of(records, address);
    return change != nullptr && (change->flags & wire::account_flag::exists_after) != 0;
}

/// Initcode that leaves `runtime` (at most 32 bytes), after `before`.
inline Program initcode_of(const Program& runtime, const Program& before = {}) {
    reference::Word packed;
    for (const uint8_t byte : runtime.bytes())
        packed = shift_left(packed, 8) + reference::Word{byte};
    return Program{before}.push(packed).store(0).finish(32 - runtime.size(), runtime.size());
}

/// Adds an authorization of `target` whose signature is made up, and so its signer, who has the
/// nonce given; none where `target` is zero. The signer.
inline Address authorize(HardBlock& block, const Address& target, uint64_t nonce) {
    wire::Authorization authorization{};
    authorization.chain_id = word(1);
    authorization.address = target;
    authorization.nonce = nonce;
    authorization.s = word(1);
    block.authorizations.push_back(authorization);
    wire::Transaction& transaction = block.transactions.back();
    transaction.type = 4;
    if (transaction.authorization_count++ == 0)
        transaction.authorization_start = static_cast<uint32_t>(block.authorizations.size() - 1);
    for (uint64_t r = 1;; ++r) { // half of all numbers are the x of a point
        block.authorizations.back().r = word(r);
        block::SenderTable senders;
        senders.begin(block.view());
        senders.recover(0, senders.job_count());
        const transaction::Signer& signer = senders.authorities(transaction).back();
        if (signer.valid)
            return signer.address;
    }
}

/// Writes the top of the stack to a slot.
inline Program store_in(uint64_t slot) { return Program{}.push(slot).op(evm::OP_SSTORE); }

/// Calls an account with nothing; leaves whether it succeeded.
inline Program call_program(const Address& target, uint64_t value = 0) {
    return Program{}
        .push(0)
        .push(0)
        .push(0)
        .push(0)
        .push(value)
        .push(reference::Word{target})
        .push(100'000)
        .op(evm::OP_CALL);
}

} // namespace braid::test
