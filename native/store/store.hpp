/// A state that lasts: the account and storage tables of a chain's head in a folder, with the trie
/// over them and what takes back the last blocks. docs/states-lmdb.md says what is on disk.
#pragma once

#include "store/checker.hpp"
#include "store/store_view.hpp"
#include "store/transition.hpp"

#include <deque>
#include <string>

namespace braid::store {

/// When what was committed is on disk.
enum class Durability : uint8_t {
    sync,    ///< when flush() or revert() returns
    no_sync, ///< after sync(): for imports. Until then the death of the process loses nothing, that
             ///< of the machine may leave a folder that must be imported anew
};

struct StoreOptions {
    bool create = false;    ///< makes a folder with an empty state where there is none
    bool check = false;     ///< reads the structure of the whole file first: check_pages()
    bool read_only = false; ///< only views, export and check; several may have it open like this
    Durability durability = Durability::sync;
    uint64_t size_limit = uint64_t{1} << 40; ///< bytes that the file may grow to
    size_t cache_bytes = size_t{256} << 20;  ///< hot accounts and slots
    size_t code_cache_bytes = size_t{64} << 20;
    /// Bytes of files that the process may have in memory before those of the store go (see
    /// Environment::bound_mapped): looked at when a root was calculated and when the head has
    /// moved.
    uint64_t mapped_bytes = uint64_t{384} << 20;
    uint64_t history = 128;      ///< how many blocks can be taken back
    unsigned threads = 1;        ///< threads that read at once without a lock
    unsigned max_readers = 8192; ///< read transactions: (threads + 1) for each state that is open
    bool preimages = true; ///< at creation: keep addresses and slot numbers, to dump and export
    Bytes32 chain{};       ///< at creation: the hash of the genesis block
    Head head{};           ///< at creation: its number and hash; the root is that of no account
    JobRunner jobs;        ///< who calculates roots
};

/// How many slots of an account are set.
struct SlotCount {
    Address address{};
    uint64_t count = 0;
};

/// Which threads may call what: view(), head(), meta() any thread, at any time, and they don't wait
/// for a disk. All other functions are for one thread at a time, read and write the disk, and may
/// take long: no thread that must stay responsive calls them.
///
/// A block is staged (its root is known, nothing has moved), then kept or dropped. Kept blocks are
/// the head for every view made from then on; they are in memory until flush() writes all of them
/// in one transaction. Without a flush they are lost when the store is closed. A failed function
/// changes nothing, but where the disk fails in the middle of a commit: from then on all writing
/// fails, and the store is as before that commit when it is opened again.
class Store {
  public:
    static Status open(const std::string& folder, const StoreOptions& options,
                       std::unique_ptr<Store>& store);

    /// Views outlive it.
    ~Store() = default;
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    /// The state of the head. Views of one head share their transactions.
    [[nodiscard]] std::unique_ptr<StoreView> view() const;
    [[nodiscard]] SnapshotRef snapshot() const noexcept;
    [[nodiscard]] Head head() const noexcept { return snapshot()->meta().head; }

    /// Finds out what a block does to the head; nothing has moved yet. `stale` where it was
    /// executed on another state, `misuse` where one is staged already. Gives how many slots each
    /// account that it changes has then.
    Status begin(const wire::OutputView& output, std::vector<SlotCount>& slot_counts);

    /// Calculates the root after the block that was begun; needed before keep().
    Status calculate_root(Bytes32& root);

    /// Both.
    Status stage(const wire::OutputView& output, Bytes32& root);

    /// Makes the staged block the head. Its number is that of the head plus one.
    Status keep(uint64_t number, const Bytes32& hash);

    /// Forgets the staged block.
    void drop() noexcept { staged_.reset(); }

    /// Puts the staged block, whose root was calculated, by: for whoever may come to keep it. It is
    /// gone when the head moves, or when another one is put by.
    Status set_aside();

    /// Stages the block again that was put by. `misuse` where there is none.
    Status take_up();

    /// Whether a block is staged.
    [[nodiscard]] bool is_staged() const noexcept { return staged_ != nullptr; }

    /// Takes back the last of the blocks that are kept and not written, however many can be undone.
    Status forget(size_t count);

    /// How many blocks are kept and not written.
    [[nodiscard]] size_t pending_count() const noexcept { return pending_.size(); }

    /// Writes all kept blocks in one transaction.
    Status flush();

    /// Makes all that was written last, where the durability is no_sync.
    Status sync() { return environment_->sync(); }

    /// Takes the last block back: a pending one out of memory, else one on disk, in a transaction
    /// of its own. `no_undo` where it isn't on record.
    Status revert();

    /// Which block the head would be after taking blocks back. `no_undo` where that can't be done.
    Status head_at(uint64_t number, Head& head) const;

    /// How many blocks can be taken back.
    [[nodiscard]] uint64_t undoable() const noexcept;

    /// A backup of what is flushed, taken while the store is in use: copy_store().
    Status copy_to(const std::string& folder);

    /// Checks the structure of the file, then everything in the head: check_pages(), check_state().
    Status check(std::atomic<uint64_t>& done, const Cancellation* cancellation,
                 CheckReport& report) const;

    /// Bytes of the file.
    [[nodiscard]] uint64_t file_bytes() const noexcept { return environment_->used_bytes(); }
    [[nodiscard]] const Caches& caches() const noexcept { return *caches_; }
    [[nodiscard]] const StoreOptions& options() const noexcept { return options_; }

  private:
    /// A kept block that isn't written. Layers are shared with snapshots.
    struct Pending {
        LayerRef layer;
        std::vector<uint8_t> undo;
        Meta meta; ///< with it as the head
    };

    Store(const StoreOptions& options, std::shared_ptr<Environment> environment)
        : options_{options}, environment_{std::move(environment)},
          caches_{new Caches{HotCache{options.cache_bytes}, CodeCache{options.code_cache_bytes}}} {}

    Status load();
    /// Begins to read the file anew, with layers over it.
    Status renew_reads(const Meta& meta, uint64_t generation);
    void publish(std::shared_ptr<ReadSet> reads, Layers layers, const Meta& meta,
                 uint64_t generation);
    /// Moves the head: the caches, then the snapshot.
    void move_head(const Layer& changes, bool knows_all, std::shared_ptr<ReadSet> reads,
                   Layers layers, const Meta& meta);
    Status revert_pending();
    Status revert_written();

    const StoreOptions options_;
    const std::shared_ptr<Environment> environment_;
    const std::shared_ptr<Caches> caches_;
    uint64_t last_generation_ = 0;
    std::unique_ptr<Transition> staged_;
    bool has_root_ = false;             ///< whether the root of the staged one is there
    std::unique_ptr<Transition> aside_; ///< a block on the head as it is, with its root
    std::deque<Pending> pending_;
    Meta written_; ///< as it is in the file

    mutable std::mutex mutex_; ///< over snapshot_; held to copy it
    SnapshotRef snapshot_;     ///< of the head
};

} // namespace braid::store
