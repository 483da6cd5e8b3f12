/// The writing of an import's tables.
#pragma once

#include "store/importer.hpp"
#include "trie/hash_builder.hpp"

namespace braid::store {

/// Writes all tables of a new store from records in the order of their keys, in many transactions
/// of limited size.
class ImportTables {
  public:
    ImportTables(Environment& environment, const std::string& folder, size_t memory,
                 ImportProgress& progress);

    /// Writes everything but the store's own record, and fills in what it says: root and counts.
    Status write(Sorter& codes, Sorter& accounts, Sorter& slots, Meta& meta);

    /// Puts all on disk, then writes the store's own record.
    Status end(const Meta& meta);

  private:
    /// Gives branches to the sorter: a builder tells them in another order than that of their keys.
    class Sink final : public trie::BranchSink {
      public:
        explicit Sink(Sorter& sorter, size_t prefix) : sorter_{sorter}, prefix_{prefix} {}
        bool put(const trie::Path& path, BytesView record) noexcept override;
        bool remove(const trie::Path&) noexcept override { return false; }
        Bytes32 account{};
        Status status;

      private:
        Sorter& sorter_;
        const size_t prefix_;
    };

    Status append(Table table, BytesView key, BytesView value);
    Status write_codes(Sorter& codes);
    Status write_accounts(Sorter& accounts, Sorter& slots, Meta& meta);
    Status write_storage(const Bytes32& key, Sorter& slots, bool& has_slot, Account& account);
    Status write_branches(Sorter& branches, Table table);
    Status check_code(const Bytes32& hash);

    Environment& environment_;
    ImportProgress& progress_;
    const size_t puts_per_transaction_;
    WriteTransaction transaction_;
    size_t puts_ = 0;
    Sorter account_branches_;
    Sorter storage_branches_;
    Sink account_sink_;
    Sink storage_sink_;
    trie::HashBuilder account_builder_;
    trie::HashBuilder storage_builder_;
    Bytes32 known_code_{};
    bool preimages_ = true;
};

} // namespace braid::store
