#include "parallel/read_ahead.hpp"

namespace braid::parallel {

namespace {

/// More than the access lists of a block of 120 million gas can name (EIP-2930: 1900 gas for a
/// key). A block that names more reads the rest when it needs it.
constexpr size_t most_locations = size_t{1} << 16;

/// A list that stops growing where it is long enough.
class LocationList {
  public:
    void add(const Address& address, const Bytes32* key = nullptr) {
        if (!full())
            locations_.push_back({&address, key});
    }
    void add(const transaction::Signer& signer) {
        if (signer.valid)
            add(signer.address);
    }
    [[nodiscard]] bool full() const noexcept { return locations_.size() == most_locations; }
    [[nodiscard]] std::vector<NamedLocation> take() && noexcept { return std::move(locations_); }

  private:
    std::vector<NamedLocation> locations_;
};

void add_access_list(LocationList& list, const wire::BlockView& block,
                     const wire::Transaction& transaction) {
    for (const wire::AccessEntry& entry :
         block.access_entries.subspan(transaction.access_start, transaction.access_count)) {
        if (list.full()) // lists may overlap: their lengths together know no bound
            return;
        list.add(entry.address);
        for (const Bytes32& key : block.storage_keys.subspan(entry.key_start, entry.key_count))
            list.add(entry.address, &key);
    }
}

void add_transactions(LocationList& list, const wire::BlockView& block,
                      const block::SenderTable& senders) {
    for (size_t i = 0; i < block.transactions.size() && !list.full(); ++i) {
        const wire::Transaction& transaction = block.transactions[i];
        list.add(senders.sender(i));
        if ((transaction.flags & wire::transaction_flag::has_to) != 0)
            list.add(transaction.to);
        add_access_list(list, block, transaction);
        for (const transaction::Signer& authority : senders.authorities(transaction))
            list.add(authority);
    }
}

} // namespace

std::vector<NamedLocation> named_locations(const wire::BlockView& block,
                                           const block::SenderTable& senders) {
    LocationList list;
    for (const wire::SystemCall& call : block.system_calls)
        list.add(call.address);
    for (const Address& drained : block.drains)
        list.add(drained);
    for (const wire::PrefetchKey& foretold : block.prefetch_keys)
        list.add(foretold.address,
                 (foretold.flags & wire::prefetch_flag::has_key) != 0 ? &foretold.key : nullptr);
    add_transactions(list, block, senders);
    list.add(block.header->coinbase);
    for (const wire::Ommer& ommer : block.ommers)
        list.add(ommer.coinbase);
    for (const wire::Withdrawal& withdrawal : block.withdrawals)
        list.add(withdrawal.address);
    return std::move(list).take();
}

void touch(state::StateView& state, const NamedLocation& location) noexcept {
    if (location.key != nullptr) {
        Bytes32 value;
        static_cast<void>(state.load_storage(*location.address, *location.key, value));
        return;
    }
    state::AccountState account;
    bool exists = false;
    const Code* code = nullptr;
    if (state.load_account(*location.address, account, exists) == state::ReadStatus::ok && exists &&
        account.code_hash != state::empty_code_hash)
        static_cast<void>(state.load_code(*location.address, account.code_hash, code));
}

} // namespace braid::parallel
