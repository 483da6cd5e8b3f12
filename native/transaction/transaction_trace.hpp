/// What a transaction that is traced has done, as far as its outcome does not say it.
#pragma once

#include "base/uint256.hpp"
#include "evm/step.hpp"
#include "state/state_view.hpp"

#include <vector>

namespace braid::transaction {

/// What is recorded of transactions.
struct TraceOptions {
    bool frames = false;      ///< calls, creations and self-destructions
    bool inner_frames = true; ///< those below the transaction's own as well
    bool frame_logs = false;  ///< logs, with the frames that emit them
    bool touched = false;     ///< accounts and slots that were looked up
    /// How many bytes of a frame's input and output are kept.
    uint32_t most_data = UINT32_MAX;
    /// How many bytes the records of one transaction may take.
    size_t most_bytes = size_t{1} << 28;
    /// How many bytes those of all transactions of a block may take.
    size_t most_block_bytes = size_t{1} << 29;

    [[nodiscard]] bool records_anything() const noexcept { return frames || touched; }
};

/// The instruction that a frame comes from.
enum class FrameKind : uint8_t {
    call,
    callcode,
    delegatecall,
    staticcall,
    create,
    create2,
    selfdestruct
};

[[nodiscard]] constexpr bool creates(FrameKind kind) noexcept {
    return kind == FrameKind::create || kind == FrameKind::create2;
}

/// Why a frame has failed.
enum class FrameError : uint8_t {
    none,
    reverted,
    instruction, ///< see TracedFrame::failure
    call_depth,
    insufficient_balance,
    nonce_overflow, ///< EIP-2681
    address_collision,
    code_size,    ///< EIP-170
    ef_code,      ///< EIP-3541
    code_deposit, ///< no gas left for the code
    precompile    ///< see TracedFrame::precompile_error
};

/// Bytes in TransactionTrace::bytes.
struct TracedBytes {
    uint64_t offset = 0;
    uint32_t size = 0;   ///< how many are kept
    uint32_t length = 0; ///< how many there were
};

/// One frame.
struct TracedFrame {
    FrameKind kind = FrameKind::call;
    FrameError error = FrameError::none;
    bool is_precompile = false;
    uint16_t depth = 0;
    uint32_t child_count = 0;
    evm::FrameFailure failure;
    Address from{};
    Address to{}; ///< of creations the new account
    uint64_t gas = 0;
    uint64_t gas_used = 0;
    uint256 value;
    TracedBytes input;
    TracedBytes output;
};

/// One log, in the order of emission. That of a frame that has failed is here, too.
struct TracedLog {
    uint32_t frame = 0;
    uint32_t position = 0;      ///< how many frames its frame had called before
    uint32_t frames_before = 0; ///< how many frames had been entered at all
    uint32_t index = 0;         ///< in the transaction, as things stood when it was emitted
    uint32_t topic_start = 0;
    uint32_t topic_count = 0;
    Address address{};
    TracedBytes data;
};

/// A slot that was looked up.
struct TracedSlot {
    Bytes32 key{};
    Bytes32 before{};
    Bytes32 after{};
};

/// An account before or after a transaction.
struct TracedAccountState {
    bool exists = false;
    state::AccountState account;
    const Code* code = nullptr; ///< null: none, or not asked for. The block's.
};

/// An account that was looked up. What it was and is becomes known when the run is committed: runs
/// need not have looked at all of it.
struct TracedAccount {
    Address address{};
    bool is_destroyed = false; ///< as SELFDESTRUCT says it, whatever became of its frame
    uint32_t slot_start = 0;
    uint32_t slot_count = 0;
    TracedAccountState before;
    TracedAccountState after;
};

/// The records of one run of a transaction.
struct TransactionTrace {
    /// In the order in which they were entered. The gas of the transaction's own, the first, is
    /// that of the transaction.
    std::vector<TracedFrame> frames;
    uint64_t execution_gas = 0; ///< of the transaction's own frame, without what it costs before
    uint64_t execution_gas_used = 0; ///< of that, before refunds
    std::vector<TracedLog> logs;
    std::vector<Bytes32> topics;
    std::vector<TracedAccount> accounts;
    std::vector<TracedSlot> slots;
    std::vector<uint8_t> bytes;
    /// Whether something is left out that was beyond TraceOptions::most_bytes.
    bool is_cut = false;

    [[nodiscard]] BytesView view(const TracedBytes& part) const noexcept {
        return {bytes.data() + part.offset, part.size};
    }

    [[nodiscard]] size_t memory_size() const noexcept {
        return frames.capacity() * sizeof(TracedFrame) + logs.capacity() * sizeof(TracedLog) +
               topics.capacity() * sizeof(Bytes32) + accounts.capacity() * sizeof(TracedAccount) +
               slots.capacity() * sizeof(TracedSlot) + bytes.capacity();
    }
};

} // namespace braid::transaction
