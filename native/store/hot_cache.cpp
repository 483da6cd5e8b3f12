#include "store/hot_cache.hpp"

#include "base/keyed_hash.hpp"
#include "state/slot_hash.hpp"

#include <thread>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace braid::store {
namespace {

/// Distinguishes a key from the zeros of an entry that was never written.
constexpr uint64_t mark = uint64_t{1} << 32;
constexpr uint64_t exists_flag = 1;
constexpr uint64_t storage_flag = 2;

/// Every look is somewhere else: with small pages most would have to find the page first.
void ask_for_large_pages([[maybe_unused]] void* memory, [[maybe_unused]] size_t bytes) noexcept {
#ifdef __linux__
    constexpr uintptr_t page = 4096;
    const uintptr_t begin = (reinterpret_cast<uintptr_t>(memory) + page - 1) / page * page;
    const uintptr_t end = (reinterpret_cast<uintptr_t>(memory) + bytes) / page * page;
    if (memory != nullptr && begin < end)
        (void)::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
#endif
}

std::array<uint64_t, 3> account_key(const Address& address) noexcept {
    std::array<uint64_t, 3> words{0, 0, mark};
    uint32_t tail;
    std::memcpy(words.data(), address.bytes, 16);
    std::memcpy(&tail, address.bytes + 16, 4);
    words[2] |= tail;
    return words;
}

std::array<uint64_t, 7> slot_key(const Address& address, const Bytes32& key) noexcept {
    const std::array<uint64_t, 3> account = account_key(address);
    std::array<uint64_t, 7> words{account[0], account[1], account[2], 0, 0, 0, 0};
    std::memcpy(words.data() + 3, key.bytes, 32);
    return words;
}

std::array<uint64_t, 10> account_value(const state::AccountState& account, bool exists) noexcept {
    std::array<uint64_t, 10> words{};
    words[0] = account.nonce;
    words[1] = (exists ? exists_flag : 0) | (account.has_storage ? storage_flag : 0);
    const Bytes32 balance = to_bytes32(account.balance);
    std::memcpy(words.data() + 2, balance.bytes, 32);
    std::memcpy(words.data() + 6, account.code_hash.bytes, 32);
    return words;
}

} // namespace

template <size_t key_words, size_t value_words>
HotCache::Table<key_words, value_words>::Table(size_t bytes) noexcept
    : sets_{bytes / (set_words * sizeof(Word))} {
    static_assert(Word::is_always_lock_free && sizeof(Word) == 8);
    // Zeroed memory that the system hands out when it is touched: opening a store with a large
    // cache costs nothing.
    if (sets_ != 0)
        words_.reset(static_cast<Word*>(std::calloc(sets_ * set_words, sizeof(Word))));
    if (words_ == nullptr)
        sets_ = 0;
    ask_for_large_pages(words_.get(), sets_ * set_words * sizeof(Word));
}

template <size_t key_words, size_t value_words>
bool HotCache::Table<key_words, value_words>::find(uint64_t hash, const Key& key,
                                                   Value& value) const noexcept {
    if (sets_ == 0)
        return false;
    const Word* const set = set_of(hash);
    // acquire: what is read below was written before the sequence number that is seen here.
    const uint64_t sequence = set[0].load(std::memory_order_acquire);
    if (sequence % 2 != 0)
        return false;
    for (size_t way = 0; way < ways; ++way) {
        const Word* const entry = set + 2 + way * entry_words;
        bool matches = true;
        // acquire on every word: where it is one of a later writer, his odd sequence number is seen
        // below. They need no order among each other.
        for (size_t i = 0; i < key_words && matches; ++i)
            matches = entry[i].load(std::memory_order_acquire) == key[i];
        if (!matches)
            continue;
        for (size_t i = 0; i < value_words; ++i)
            value[i] = entry[key_words + i].load(std::memory_order_acquire);
        // relaxed: ordered behind the words by their acquire.
        return set[0].load(std::memory_order_relaxed) == sequence;
    }
    return false;
}

template <size_t key_words, size_t value_words>
uint64_t HotCache::Table<key_words, value_words>::lock(Word* set, bool waits) noexcept {
    for (;;) {
        // relaxed: the exchange below decides.
        uint64_t sequence = set[0].load(std::memory_order_relaxed);
        // acquire: pairs with the release at the end of the last writer's lock, and through it with
        // the generation that he saw moving.
        if (sequence % 2 == 0 &&
            set[0].compare_exchange_strong(sequence, sequence + 1, std::memory_order_acquire,
                                           std::memory_order_relaxed))
            return sequence;
        if (!waits)
            return 1;
        std::this_thread::yield(); // a fill that lost its processor while it held the set
    }
}

template <size_t key_words, size_t value_words>
void HotCache::Table<key_words, value_words>::forget_all() noexcept {
    for (size_t i = 0; i < sets_; ++i) {
        Word* const set = words_.get() + i * set_words;
        const uint64_t sequence = lock(set, true);
        // release: as in write(). A key without its mark is nobody's.
        for (size_t way = 0; way < ways; ++way)
            set[2 + way * entry_words + 2].store(0, std::memory_order_release);
        set[0].store(sequence + 2, std::memory_order_release);
    }
}

template <size_t key_words, size_t value_words>
void HotCache::Table<key_words, value_words>::write(
    uint64_t hash, const Key& key, const Value& value, Generation expected,
    const std::atomic<Generation>& generation) noexcept {
    if (sets_ == 0)
        return;
    Word* const set = set_of(hash);
    const uint64_t sequence = lock(set, expected == 0);
    if (sequence % 2 != 0)
        return;
    // relaxed: ordered behind the lock; see the class.
    if (expected == 0 || generation.load(std::memory_order_relaxed) == expected) {
        size_t chosen = ways;
        for (size_t way = 0; way < ways && chosen == ways; ++way) {
            const Word* const entry = set + 2 + way * entry_words;
            bool matches = true;
            // relaxed, here and below: only whoever holds the lock writes these words.
            for (size_t i = 0; i < key_words && matches; ++i)
                matches = entry[i].load(std::memory_order_relaxed) == key[i];
            if (matches)
                chosen = way;
        }
        if (chosen == ways) {
            chosen = set[1].load(std::memory_order_relaxed) % ways;
            set[1].store(chosen + 1, std::memory_order_relaxed);
        }
        Word* const entry = set + 2 + chosen * entry_words;
        // release on every word: whoever reads it sees the odd sequence number.
        for (size_t i = 0; i < key_words; ++i)
            entry[i].store(key[i], std::memory_order_release);
        for (size_t i = 0; i < value_words; ++i)
            entry[key_words + i].store(value[i], std::memory_order_release);
    }
    // release: the words above come with it.
    set[0].store(sequence + 2, std::memory_order_release);
}

HotCache::HotCache(size_t bytes) noexcept : accounts_{bytes / 2}, slots_{bytes - bytes / 2} {}

size_t HotCache::bytes() const noexcept { return accounts_.bytes() + slots_.bytes(); }

bool HotCache::find_account(Generation generation, const Address& address,
                            state::AccountState& account, bool& exists) const noexcept {
    Accounts::Value words;
    if (!accounts_.find(hash_of(address), account_key(address), words))
        return false;
    // relaxed: behind the acquire of the entry's words.
    if (generation_.load(std::memory_order_relaxed) != generation)
        return false;
    Bytes32 balance;
    account.nonce = words[0];
    exists = (words[1] & exists_flag) != 0;
    account.has_storage = (words[1] & storage_flag) != 0;
    std::memcpy(balance.bytes, words.data() + 2, 32);
    account.balance = to_uint256(balance);
    std::memcpy(account.code_hash.bytes, words.data() + 6, 32);
    return true;
}

bool HotCache::find_slot(Generation generation, const Address& address, const Bytes32& key,
                         Bytes32& value) const noexcept {
    Slots::Value words;
    if (!slots_.find(state::slot_hash(hash_of(address), key), slot_key(address, key), words))
        return false;
    // relaxed: as in find_account().
    if (generation_.load(std::memory_order_relaxed) != generation)
        return false;
    std::memcpy(value.bytes, words.data(), 32);
    return true;
}

void HotCache::fill_account(Generation generation, const Address& address,
                            const state::AccountState& account, bool exists) noexcept {
    accounts_.write(hash_of(address), account_key(address), account_value(account, exists),
                    generation, generation_);
}

void HotCache::fill_slot(Generation generation, const Address& address, const Bytes32& key,
                         const Bytes32& value) noexcept {
    Slots::Value words;
    std::memcpy(words.data(), value.bytes, 32);
    slots_.write(state::slot_hash(hash_of(address), key), slot_key(address, key), words, generation,
                 generation_);
}

void HotCache::begin_move() noexcept {
    // relaxed: the sets' locks carry it to fills and readers.
    generation_.store(0, std::memory_order_relaxed);
}

void HotCache::change_account(const Address& address, const state::AccountState& account,
                              bool exists) noexcept {
    accounts_.write(hash_of(address), account_key(address), account_value(account, exists), 0,
                    generation_);
}

void HotCache::change_slot(const Address& address, const Bytes32& key,
                           const Bytes32& value) noexcept {
    Slots::Value words;
    std::memcpy(words.data(), value.bytes, 32);
    slots_.write(state::slot_hash(hash_of(address), key), slot_key(address, key), words, 0,
                 generation_);
}

void HotCache::forget_all() noexcept {
    accounts_.forget_all();
    slots_.forget_all();
}

void HotCache::end_move(Generation generation) noexcept {
    // release: pairs with the acquire in generation().
    generation_.store(generation, std::memory_order_release);
}

} // namespace braid::store
