/// What executing a block produces, record by record, before it is packed into one buffer.
#pragma once

#include "wire/layout.hpp"

#include <array>
#include <string>
#include <vector>

namespace braid::wire {

/// The records of a block's output. The block executor fills it; `wire/output_writer.hpp` packs it.
/// Reuse one over many blocks with `clear`: the vectors keep their memory.
struct BlockRecords {
    /// Why the block is invalid or could not be run; `ok` where it was run to its end. With another
    /// value the vectors are not packed.
    ErrorCode error = ErrorCode::ok;
    /// The index of the transaction the error is about; -1 where it is about the block.
    int32_t error_transaction = -1;
    /// What the rule wants and what was found: big-endian numbers, or zero where they say nothing.
    Bytes32 error_expected{};
    Bytes32 error_actual{};
    /// The account the error is about; zero where there is none.
    Address error_address{};

    uint64_t gas_used = 0;
    uint64_t blob_gas_used = 0;
    uint64_t senders_nanoseconds = 0;
    uint64_t execute_nanoseconds = 0;
    uint64_t total_nanoseconds = 0;
    /// How many workers the block was given; 1: its transactions ran one after another.
    uint32_t workers = 1;
    /// The block's bloom: the union of its receipts'.
    std::array<uint8_t, 256> bloom{};
    /// The root of the receipts trie; zero before Byzantium, where receipts hold state roots.
    Bytes32 receipts_root{};

    std::vector<Receipt> receipts;
    std::vector<Log> logs;
    std::vector<Bytes32> topics;
    std::vector<AccountChange> accounts;
    std::vector<SlotChange> slots;
    std::vector<Request> requests;
    /// How the block was executed: every run of every transaction, in no order. The block executor
    /// leaves ticks (base/ticks.hpp) in place of nanoseconds; whoever timed the block puts those
    /// in.
    std::vector<TransactionRun> runs;
    std::vector<Conflict> conflicts;
    std::vector<HotLocation> hot_locations;
    std::vector<uint8_t> pool;
    /// Of a block that is traced: the JSON of every transaction.
    std::vector<std::string> traces;

    /// Appends bytes to the pool; returns where they start. A pool over 4 GiB is refused when it is
    /// packed, so an offset that wrapped around is never seen.
    uint32_t append(BytesView bytes) {
        const auto offset = static_cast<uint32_t>(pool.size());
        pool.insert(pool.end(), bytes.begin(), bytes.end());
        return offset;
    }

    /// Makes the object as new, keeping the memory of its vectors.
    void clear() noexcept {
        error = ErrorCode::ok;
        error_transaction = -1;
        error_expected = {};
        error_actual = {};
        error_address = {};
        gas_used = 0;
        blob_gas_used = 0;
        senders_nanoseconds = 0;
        execute_nanoseconds = 0;
        total_nanoseconds = 0;
        workers = 1;
        bloom.fill(0);
        receipts_root = {};
        receipts.clear();
        logs.clear();
        topics.clear();
        accounts.clear();
        slots.clear();
        requests.clear();
        runs.clear();
        conflicts.clear();
        hot_locations.clear();
        pool.clear();
        traces.clear();
    }
};

} // namespace braid::wire
