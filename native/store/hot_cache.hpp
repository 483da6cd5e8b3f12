/// The accounts and slots of a store's head that were asked for lately.
#pragma once

#include "state/state_view.hpp"

#include <atomic>
#include <cstdlib>
#include <memory>

namespace braid::store {

/// A table of fixed size that outlives blocks. Its sets hold four entries each; an entry that comes
/// to a full set takes the place of another. Which set a key has depends on the process's random
/// hash key, so nobody can choose keys that meet.
///
/// It holds values of one generation of the store: the one that generation() tells. Whoever moves
/// the head (one thread at a time) calls begin_move(), then change_account() and change_slot() for
/// everything that changes, then end_move(). Views use it with the generation that they see, from
/// any number of threads; with another one nothing is found and nothing is taken in.
///
/// Why no stale value stays. A set is locked by making its sequence number odd; a fill looks at the
/// generation while it holds the lock. A fill that saw the old generation holds its lock before the
/// change of the same key takes it, or never sees the old one: the change's release of the lock
/// comes after begin_move(). So the change finds what was filled and overwrites it. And why no view
/// reads a value of another generation: a value that a change wrote becomes visible by the release
/// of the set's lock, after begin_move(); whoever read it then sees that the generation has moved.
///
/// Nobody waits to read or to fill: a set that somebody writes is a miss. A change waits for a fill
/// that is in its set, which takes nanoseconds.
class HotCache {
  public:
    /// Takes at most so many bytes, half of them for slots' values. Too few for one set: no cache.
    explicit HotCache(size_t bytes) noexcept;

    using Generation = uint64_t;

    /// The generation whose values it holds; 0 while the head moves.
    [[nodiscard]] Generation generation() const noexcept {
        // acquire: a view that starts with it sees what the store published before.
        return generation_.load(std::memory_order_acquire);
    }

    [[nodiscard]] bool find_account(Generation generation, const Address& address,
                                    state::AccountState& account, bool& exists) const noexcept;
    [[nodiscard]] bool find_slot(Generation generation, const Address& address, const Bytes32& key,
                                 Bytes32& value) const noexcept;

    /// Takes in what a view of a generation has read.
    void fill_account(Generation generation, const Address& address,
                      const state::AccountState& account, bool exists) noexcept;
    void fill_slot(Generation generation, const Address& address, const Bytes32& key,
                   const Bytes32& value) noexcept;

    /// The head begins to move: nothing is found or filled any more.
    void begin_move() noexcept;
    /// An account is another one after the move.
    void change_account(const Address& address, const state::AccountState& account,
                        bool exists) noexcept;
    /// A slot is another one after the move.
    void change_slot(const Address& address, const Bytes32& key, const Bytes32& value) noexcept;
    /// Between begin_move() and end_move(), where it can't be said what changes: forgets
    /// everything. Takes as long as writing all of it.
    void forget_all() noexcept;
    /// The head has moved. The generation is never one that was there before.
    void end_move(Generation generation) noexcept;

    /// Bytes that its tables take.
    [[nodiscard]] size_t bytes() const noexcept;

  private:
    static constexpr size_t ways = 4;

    /// Sets of entries of so many words each. In memory: per set the sequence number, the place of
    /// the next victim, and the entries' words.
    template <size_t key_words, size_t value_words>
    class Table {
      public:
        using Key = std::array<uint64_t, key_words>;
        using Value = std::array<uint64_t, value_words>;

        explicit Table(size_t bytes) noexcept;

        [[nodiscard]] bool find(uint64_t hash, const Key& key, Value& value) const noexcept;
        /// Writes where the generation, read under the set's lock, is `expected`; 0: always, and
        /// waits for the lock.
        void write(uint64_t hash, const Key& key, const Value& value, Generation expected,
                   const std::atomic<Generation>& generation) noexcept;
        void forget_all() noexcept;
        [[nodiscard]] size_t bytes() const noexcept { return sets_ * set_words * 8; }

      private:
        static constexpr size_t entry_words = key_words + value_words;
        static constexpr size_t set_words = 2 + ways * entry_words;
        using Word = std::atomic<uint64_t>;

        struct Free {
            void operator()(Word* words) const noexcept { std::free(words); }
        };

        /// Locks a set: waits for it, or gives up and returns an odd number.
        [[nodiscard]] static uint64_t lock(Word* set, bool waits) noexcept;

        [[nodiscard]] Word* set_of(uint64_t hash) const noexcept {
            return words_.get() +
                   static_cast<size_t>(static_cast<unsigned __int128>(hash) * sets_ >> 64) *
                       set_words;
        }

        size_t sets_;
        std::unique_ptr<Word, Free> words_;
    };

    // An account: address and a mark that it is one; nonce, flags, balance, code hash.
    using Accounts = Table<3, 10>;
    // A slot: address and mark, key; value.
    using Slots = Table<7, 4>;

    Accounts accounts_;
    Slots slots_;
    std::atomic<Generation> generation_{0};
};

} // namespace braid::store
