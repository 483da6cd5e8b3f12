#include "store/importer.hpp"

#include "crypto/keccak.hpp"
#include "store/failpoints.hpp"
#include "store/folder.hpp"
#include "store/import_tables.hpp"

#include <algorithm>
#include <sys/stat.h>

namespace braid::store {

Importer::Importer(std::string folder, const ImportOptions& options)
    : folder_{std::move(folder)}, options_{options}, accounts_{folder_, "accounts",
                                                               options.memory / 8 * 3},
      slots_{folder_, "slots", options.memory / 8 * 3}, codes_{folder_, "codes",
                                                               options.memory / 8} {
    waiting_accounts_.reserve(batch_size);
    waiting_slots_.reserve(batch_size);
}

Status Importer::begin(const std::string& folder, const ImportOptions& options,
                       std::unique_ptr<Importer>& importer) {
    std::unique_ptr<Importer> made{new Importer{folder, options}};
    // Removes what a dead import has left, if one has.
    Status status = prepare_folder(folder, true, false, made->environment_);
    struct stat about {};
    if (!status.failed() && ::stat((folder + "/data.mdb").c_str(), &about) == 0)
        status = StoreCode::already_exists;
    if (status.failed()) {
        made->is_done_ = true; // what is there stays
        return status;
    }
    if (status = mark_importing(folder); status.failed())
        return status;
    importer = std::move(made);
    return {};
}

Importer::~Importer() {
    if (is_done_)
        return;
    environment_.close();
    accounts_.clear();
    slots_.clear();
    codes_.clear();
    if (!remove_import(folder_).failed())
        (void)unmark_importing(folder_);
}

Status Importer::add_account(const Address& address, uint64_t nonce, const uint256& balance,
                             const Bytes32& code_hash) {
    Account account;
    account.exists = true;
    account.nonce = nonce;
    account.balance = balance;
    account.code_hash = code_hash;
    account.address = address;
    waiting_accounts_.push_back(account);
    return waiting_accounts_.size() == batch_size ? hash_accounts() : Status{};
}

Status Importer::add_slot(const Address& address, const Bytes32& number, const Bytes32& value) {
    if (is_zero(value))
        return {};
    waiting_slots_.push_back({address, {value, number}});
    return waiting_slots_.size() == batch_size ? hash_slots() : Status{};
}

Status Importer::add_code(BytesView code, Bytes32& hash) {
    hash = crypto::keccak256(code);
    const Status status = codes_.add(hash.bytes, code);
    has_failed_ = has_failed_ || status.failed();
    return status;
}

Status Importer::hash_accounts() {
    std::array<BytesView, batch_size> inputs;
    std::array<Bytes32, batch_size> keys;
    const size_t count = waiting_accounts_.size();
    for (size_t i = 0; i < count; ++i)
        inputs[i] = waiting_accounts_[i].address.bytes;
    crypto::keccak256_batch(std::span{inputs}.first(count), keys);
    Status status;
    for (size_t i = 0; i < count && !status.failed(); ++i)
        status = accounts_.add(keys[i].bytes,
                               encode_account(waiting_accounts_[i], options_.preimages).view());
    waiting_accounts_.clear();
    options_.progress->added.fetch_add(count, std::memory_order_relaxed);
    has_failed_ = has_failed_ || status.failed();
    return status;
}

Status Importer::hash_slots() {
    // An address mostly comes with many slots in a row.
    std::array<BytesView, 2 * batch_size> inputs;
    std::array<Bytes32, 2 * batch_size> hashes;
    std::array<uint32_t, batch_size> account_places;
    const size_t count = waiting_slots_.size();
    size_t size = count;
    for (size_t i = 0; i < count; ++i) {
        inputs[i] = waiting_slots_[i].slot.number.bytes;
        if (i == 0 || !(waiting_slots_[i].address == waiting_slots_[i - 1].address))
            inputs[size++] = waiting_slots_[i].address.bytes;
        account_places[i] = static_cast<uint32_t>(size - 1);
    }
    crypto::keccak256_batch(std::span{inputs}.first(size), hashes);
    Status status;
    for (size_t i = 0; i < count && !status.failed(); ++i) {
        const SlotKey key{hashes[account_places[i]], hashes[i]};
        status =
            slots_.add(key.bytes(), encode_slot(waiting_slots_[i].slot, options_.preimages).view());
    }
    waiting_slots_.clear();
    options_.progress->added.fetch_add(count, std::memory_order_relaxed);
    has_failed_ = has_failed_ || status.failed();
    return status;
}

Status Importer::finish(Head head, const Bytes32* expected, Bytes32& root) {
    if (is_done_ || has_failed_)
        return StoreCode::misuse;
    has_failed_ = true;
    if (Status status = write(head, expected, root); status.failed())
        return status;
    has_failed_ = false;
    environment_.close();
    is_done_ = true;
    // Until the mark is gone the folder counts as not imported.
    const Status status = unmark_importing(folder_);
    is_done_ = !status.failed();
    return status;
}

Status Importer::write(Head head, const Bytes32* expected, Bytes32& root) {
    Status status = hash_accounts();
    if (!status.failed())
        status = hash_slots();
    const EnvironmentOptions how{true, false, options_.size_limit, 126};
    if (!status.failed())
        status = environment_.open(folder_, how);
    if (status.failed())
        return status;
    for (Sorter* sorter : {&codes_, &accounts_, &slots_})
        if (status = sorter->finish(); status.failed())
            return status;
    Meta meta;
    meta.preimages = options_.preimages;
    meta.chain = options_.chain;
    meta.head = head;
    ImportTables tables{environment_, folder_, options_.memory, *options_.progress};
    if (status = tables.write(codes_, accounts_, slots_, meta); status.failed())
        return status;
    root = meta.head.root;
    if (expected != nullptr && !(root == *expected))
        return StoreCode::wrong_root;
    return tables.end(meta);
}

} // namespace braid::store
