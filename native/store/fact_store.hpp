/// What others have answered, kept on disk: worth nothing but time, and never more than so many
/// bytes.
#pragma once

#include "store/environment.hpp"

#include <array>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace braid::store {

/// A key with its value, which may be empty.
struct Fact {
    BytesView key;
    BytesView value;
};

/// Facts by scope and key, and codes by their hash, in an LMDB file of their own. A scope is what
/// its facts are true of for ever: the state after a block, by its hash. Where there is no room for
/// what is new, scopes go, the one that was used least lately first; of codes all.
///
/// One thread reads and one writes at a time, beside each other. A write is one transaction, on
/// disk when it returns. A value that is damaged is not found: each fact has a checksum, codes
/// their hash.
class FactStore {
  public:
    /// Takes the place of a key in what was asked for, and the value: valid until it returns.
    using Found = std::function<void(size_t place, BytesView value)>;

    /// Opens a folder, or makes it; its parent is there. The file takes `bytes` at most, 4 MiB at
    /// least. `locked` where somebody else has it open, in this process too; `version_mismatch`
    /// where the folder holds something else.
    static Status open(const std::string& folder, uint64_t bytes,
                       std::unique_ptr<FactStore>& store);

    /// Finds keys of a scope.
    Status read(const Bytes32& scope, std::span<const BytesView> keys, const Found& found);

    /// Gives facts of a scope in the order of their keys, from the first key that isn't before
    /// `from` on, for as long as `visit` gives true.
    Status scan(const Bytes32& scope, BytesView from, const std::function<bool(Fact)>& visit);

    /// Finds codes by their hashes.
    Status read_codes(std::span<const BytesView> hashes, const Found& found);

    /// Writes facts of a scope. Keys have 1 to 256 bytes: others are `malformed`. `map_full` where
    /// these alone are more than it may hold.
    Status write(const Bytes32& scope, std::span<const Fact> facts);

    /// Writes codes, whose keys are their hashes.
    Status write_codes(std::span<const Fact> codes);

    /// Writes when scopes were used, so that the right ones stay.
    Status write_uses();

    /// Bytes of the file that are in use or free for reuse.
    [[nodiscard]] uint64_t file_bytes() const noexcept { return environment_.used_bytes(); }

  private:
    enum class Room : uint8_t { facts, codes };

    explicit FactStore(uint64_t bytes) noexcept : limit_{bytes} {}

    Status load();
    void use(const Bytes32& scope);
    Status put_facts(const Bytes32& scope, std::span<const Fact> facts);
    Status put_codes(std::span<const Fact> codes);
    /// Gives scopes that were used a new time.
    Status put_uses(WriteTransaction& transaction);
    /// The number of a scope, for its keys; made where it isn't there.
    Status number_of(WriteTransaction& transaction, const Bytes32& scope,
                     std::array<uint8_t, 8>& number);
    /// Makes room and writes; once more, where the file was full all the same.
    Status write_with_room(Room room, const std::function<Status()>& put);
    /// Sees that a table takes no more than its part of the file.
    Status make_room(Room room);
    Status remove_oldest_scope();
    /// Which was used least lately, and its number; none where there are none.
    Status find_oldest_scope(std::optional<Bytes32>& oldest, std::array<uint8_t, 8>& number);
    /// The first keys of facts that begin with a number, as many as are removed at once.
    Status first_keys(BytesView number, std::vector<std::vector<uint8_t>>& keys);
    Status clear();

    const uint64_t limit_;
    Environment environment_;
    uint64_t clock_ = 0; ///< goes up with every write; the writing thread's

    std::mutex mutex_;          ///< over used_
    std::vector<Bytes32> used_; ///< scopes that were used since the last write
};

} // namespace braid::store
