/// Random small blocks whose transactions get in each other's way in every manner we know of.
#pragma once

#include "tests/block_fixture.hpp"
#include "tests/evm/program.hpp"
#include "tests/evm/random.hpp"
#include "transaction/contract_address.hpp"

namespace braid::test {

/// Revisions with rules of their own for whatever blocks like these do.
inline constexpr evmc_revision conflict_revisions[] = {EVMC_HOMESTEAD,      EVMC_SPURIOUS_DRAGON,
                                                       EVMC_CONSTANTINOPLE, EVMC_BERLIN,
                                                       EVMC_SHANGHAI,       EVMC_OSAKA};

/// A block of `count` transactions among a few accounts and contracts: transfers, nonce chains,
/// nonces and balances that do not do, a shared counter, slots per caller, balance readers (the
/// coinbase's too), value passed on, contracts made, destroyed and made again at one address,
/// readers of code and of existence, reverts.
class ConflictingBlock : public BlockFixture {
  public:
    ConflictingBlock(evmc_revision revision, uint64_t seed, size_t count)
        : ConflictingBlock{revision, Random{seed}, count} {}
    ConflictingBlock(evmc_revision revision, Random random, size_t count)
        : BlockFixture{revision}, random_{random} {
        for (uint64_t i = 0; i < sender_count; ++i)
            state.set_account({sender_at(i), 0, uint256{2'000'000'000}});
        state.set_account({address_of(0xe0), 0, uint256{}}); // exists, empty
        deploy_contracts(revision);
        std::vector<uint64_t> nonces(sender_count);
        for (size_t i = 0; i < count; ++i)
            add_random(nonces);
    }

    /// Runs on the built-in VM with a loop.
    wire::BlockRecords run_with(block::TransactionLoop& loop) {
        transaction::Machine machine;
        block::BlockExecutor block{machine};
        block::SenderTable senders;
        senders.begin(view());
        wire::BlockRecords result;
        result.clear();
        block.execute(state, view(), senders, result, loop);
        return result;
    }

    /// Runs on the built-in VM, one transaction after another.
    wire::BlockRecords run_sequentially() {
        transaction::Machine machine;
        block::BlockExecutor block{machine};
        block::SenderTable senders;
        senders.begin(view());
        wire::BlockRecords result;
        result.clear();
        block.execute(state, view(), senders, result);
        return result;
    }

  private:
    static constexpr uint64_t sender_count = 4;
    static Address sender_at(uint64_t i) { return address_of(0x5e0000 + i); }

    Address deploy(uint64_t number, const Program& program) {
        const Bytes32 hash = crypto::keccak256(program.bytes());
        state.add_code(program.bytes(), hash);
        state.set_account({address_of(number), 1, uint256{}, hash});
        contracts_.push_back(address_of(number));
        return contracts_.back();
    }

    void deploy_contracts(evmc_revision revision) {
        using namespace evm;
        // A counter in slot 0.
        deploy(0xc001, Program{}.push(0).op(OP_SLOAD).push(1).op(OP_ADD).push(0).op(OP_SSTORE));
        // A slot per caller counts its calls' values.
        deploy(0xc002,
               Program{}.op(OP_CALLVALUE, OP_CALLER, OP_SLOAD, OP_ADD, OP_CALLER, OP_SSTORE));
        // Writes down the balance and the existence of what the call data names.
        deploy(0xc003, Program{}
                           .load_input(0)
                           .op(OP_BALANCE)
                           .load_input(0)
                           .op(OP_SSTORE)
                           .load_input(0)
                           .op(OP_EXTCODESIZE)
                           .push(1)
                           .op(OP_SSTORE));
        // Passes its whole balance on to what the call data names.
        deploy(0xc004, Program{}
                           .push(0)
                           .push(0)
                           .push(0)
                           .push(0)
                           .op(OP_ADDRESS, OP_BALANCE)
                           .load_input(0)
                           .push(30'000)
                           .op(OP_CALL)
                           .push(7)
                           .op(OP_SSTORE));
        // Destroys itself for the benefit of the caller.
        deploy(0xc005, Program{}.op(OP_CALLER, OP_SELFDESTRUCT));
        // Calls the contract that destroys itself, then reads what is left of it.
        deploy(0xc006, call_of(0xc005)
                           .push(0xc005)
                           .op(OP_EXTCODESIZE)
                           .push(3)
                           .op(OP_SSTORE)
                           .push(0xc005)
                           .op(OP_BALANCE)
                           .push(4)
                           .op(OP_SSTORE));
        // Fails where its counter is odd, after writing it.
        deploy(0xc007, Program{}
                           .push(0)
                           .op(OP_SLOAD)
                           .push(1)
                           .op(OP_ADD, OP_DUP1)
                           .push(0)
                           .op(OP_SSTORE)
                           .append(call_of(0xc001))
                           .push(1)
                           .op(OP_AND)
                           .push(0)
                           .op(OP_MSTORE, OP_INVALID));
        if (revision >= EVMC_CONSTANTINOPLE)
            deploy_factory();
    }

    /// Makes a contract at the same address each time; it has a slot set and destroys itself when
    /// called.
    void deploy_factory() {
        using namespace evm;
        // Initcode: slot 0 becomes 5; the code is CALLER SELFDESTRUCT.
        const Program initcode = Program{}
                                     .push(5)
                                     .push(0)
                                     .op(OP_SSTORE)
                                     .push(uint64_t{OP_CALLER} << 8 | OP_SELFDESTRUCT)
                                     .store(0)
                                     .finish(30, 2);
        reference::Word packed;
        for (const uint8_t byte : initcode.bytes())
            packed = shift_left(packed, 8) + reference::Word{byte};
        const uint64_t size = initcode.size();
        deploy(0xc008, Program{}
                           .push(packed)
                           .store(0)
                           .push(0) // salt
                           .push(size)
                           .push(32 - size)
                           .push(0)
                           .op(OP_CREATE2, OP_DUP1)
                           .push(2)
                           .op(OP_SSTORE));
        contracts_.push_back(
            transaction::create2_address(address_of(0xc008), word(0), initcode.bytes()));
    }

    static Program call_of(uint64_t target) {
        return Program{}.push(0).push(0).push(0).push(0).push(0).push(target).push(50'000).op(
            evm::OP_CALL);
    }

    Address any_target() {
        switch (random_.below(8)) {
        case 0:
            return sender_at(random_.below(sender_count));
        case 1:
            return address_of(0xe0 + random_.below(3)); // empty, or not there
        case 2:
            return header.coinbase;
        default:
            return contracts_[random_.below(contracts_.size())];
        }
    }

    void add_random(std::vector<uint64_t>& nonces) {
        const uint64_t from = random_.below(sender_count);
        wire::Transaction transaction{};
        transaction.flags = wire::transaction_flag::has_to | wire::transaction_flag::has_sender;
        transaction.sender = sender_at(from);
        transaction.to = any_target();
        transaction.nonce = nonces[from]++;
        if (random_.chance(1))
            ++transaction.nonce; // the block is not valid
        transaction.gas_limit = random_.chance(5) ? 21'100 : 300'000;
        transaction.max_fee_per_gas = word(10);
        transaction.max_priority_fee_per_gas = word(random_.below(2) == 0 ? 10 : 0);
        // Now and then nearly all there is: who comes later may be too poor.
        transaction.value = word(random_.chance(4)    ? 1'900'000'000
                                 : random_.chance(50) ? random_.below(1000)
                                                      : 0);
        transaction.data_offset = static_cast<uint32_t>(pool.size());
        transaction.data_size = 32;
        const Bytes32 named = to_bytes32(to_uint256(any_target()));
        pool.insert(pool.end(), named.bytes, named.bytes + 32);
        transactions.push_back(transaction);
    }

    Random random_;
    std::vector<Address> contracts_;
};

/// Whether two runs of a block say the same, to the last byte.
inline bool same_records(const wire::BlockRecords& a, const wire::BlockRecords& b) {
    const auto same = [](const auto& x, const auto& y) {
        return x.size() == y.size() &&
               (x.empty() || std::memcmp(x.data(), y.data(), x.size() * sizeof(x[0])) == 0);
    };
    if (a.error != b.error || a.error_transaction != b.error_transaction ||
        !(a.error_expected == b.error_expected) || !(a.error_actual == b.error_actual) ||
        !(a.error_address == b.error_address))
        return false;
    // A block that failed has no other result.
    return a.error != wire::ErrorCode::ok ||
           (a.gas_used == b.gas_used && same(a.receipts, b.receipts) && same(a.logs, b.logs) &&
            same(a.topics, b.topics) && same(a.accounts, b.accounts) && same(a.slots, b.slots) &&
            same(a.requests, b.requests) && same(a.pool, b.pool) && a.bloom == b.bloom &&
            a.receipts_root == b.receipts_root);
}

} // namespace braid::test
