/// A state that comes from elsewhere, whole.
#pragma once

#include "store/environment.hpp"
#include "store/meta.hpp"
#include "store/sorter.hpp"

#include <atomic>

namespace braid::store {

/// How far an import is. Written by the importing thread, read by any.
struct ImportProgress {
    // relaxed everywhere: numbers to look at.
    std::atomic<uint64_t> added{0};   ///< accounts and slots taken in
    std::atomic<uint64_t> written{0}; ///< of them, those that are in the tables
};

struct ImportOptions {
    size_t memory = size_t{384} << 20; ///< bytes for sorting, and bounds what a transaction writes
    bool preimages = true;
    Bytes32 chain{};
    uint64_t size_limit = uint64_t{1} << 40;
    /// Where the import tells how far it is.
    std::shared_ptr<ImportProgress> progress = std::make_shared<ImportProgress>();
};

/// Fills a folder with accounts, slots and code in any order: sorts them by their hashes in files
/// of the folder, then writes each table from its first key to its last, and calculates the root on
/// the way. Until finish() has returned ok the folder holds no state, whatever happens: an import
/// that ends otherwise can be started anew. One thread, none that must stay responsive.
class Importer {
  public:
    /// Starts in a folder that is made if need be. already_exists where a state is there.
    static Status begin(const std::string& folder, const ImportOptions& options,
                        std::unique_ptr<Importer>& importer);

    /// Without a finish() that went well everything is removed.
    ~Importer();
    Importer(const Importer&) = delete;
    Importer& operator=(const Importer&) = delete;

    /// Adds an account without its storage. Its code is added once, with add_code().
    Status add_account(const Address& address, uint64_t nonce, const uint256& balance,
                       const Bytes32& code_hash);

    /// Adds a slot; a value of zero is left out.
    Status add_slot(const Address& address, const Bytes32& number, const Bytes32& value);

    /// Adds code, any number of times the same. Gives its hash.
    Status add_code(BytesView code, Bytes32& hash);

    /// Writes everything; `head` says number and hash of the block whose state it is. Gives the
    /// root, and compares it with `expected` unless that is null: wrong_root where it differs.
    /// duplicate where an account or a slot came twice, malformed where a slot has no account,
    /// wrong_code where an account's code wasn't added. Nothing can be added after it.
    Status finish(Head head, const Bytes32* expected, Bytes32& root);

  private:
    class Tables;

    /// Accounts and slots wait here to be hashed many at a time.
    static constexpr size_t batch_size = 512;
    struct WaitingSlot {
        Address address;
        Slot slot;
    };

    Importer(std::string folder, const ImportOptions& options);
    Status hash_accounts();
    Status hash_slots();
    Status write(Head head, const Bytes32* expected, Bytes32& root);

    const std::string folder_;
    const ImportOptions options_;
    Environment environment_;
    bool is_done_ = false;
    bool has_failed_ = false;
    Sorter accounts_;
    Sorter slots_;
    Sorter codes_;
    std::vector<Account> waiting_accounts_;
    std::vector<WaitingSlot> waiting_slots_;
};

} // namespace braid::store
