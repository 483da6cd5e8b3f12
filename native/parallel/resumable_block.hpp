/// A block that is executed on facts as they come in.
#pragma once

#include "parallel/block_runner.hpp"
#include "parallel/discovery.hpp"

#include <memory>
#include <optional>
#include <vector>

namespace braid::parallel {

/// One execution of a block on a state of which not everything is known. It goes on as far as what
/// is known reaches: what is committed stays committed, and is never run again. Where a transaction
/// needs in its turn what is not known, the block is parked: nothing runs, no thread waits, and
/// what is missing can be asked for; so can what the transactions after it miss, which have run
/// ahead on guesses. Resumed when more is known, those of them run again of which there is news.
///
/// The result is that of one transaction after another on the whole state, an error too: only what
/// rests on facts is committed, and only an error that rests on facts ends the block.
///
/// One thread at a time. Parked, it holds what its runs did, bounded by Discovery.
class ResumableBlock {
  public:
    /// The most keys that are asked for at a time.
    static constexpr size_t most_keys = size_t{1} << 16;

    /// The packed BlockInput starts at a multiple of 8 and must stay.
    ResumableBlock(std::shared_ptr<BlockRunner> runner, BytesView input) noexcept
        : runner_{std::move(runner)}, input_{input} {}
    ~ResumableBlock();
    ResumableBlock(const ResumableBlock&) = delete;
    ResumableBlock& operator=(const ResumableBlock&) = delete;

    /// Goes on with a state that knows at least what it knew before, and does not change until this
    /// returns. True: the block has ended, and there is an output; false: it is parked.
    [[nodiscard]] bool advance(state::StateView& known, const Cancellation* cancellation = nullptr);

    /// The packed BlockOutput of a block that has ended; null where there is no memory for it.
    [[nodiscard]] wire::PackedBuffer take_output() noexcept { return std::move(output_); }

    /// What is missing while it is parked, each once, first what the transaction whose turn it is
    /// needs: the first of that was asked for on facts alone.
    [[nodiscard]] const std::vector<wire::MissingKey>& missing() const noexcept { return missing_; }

    /// How many of `missing` it is that the transaction whose turn it is asks for.
    [[nodiscard]] size_t needed() const noexcept { return needed_; }

    /// How often any transaction ran.
    [[nodiscard]] size_t run_count() const noexcept {
        return head_runs_ + (ahead_ == nullptr ? 0 : ahead_->run_count());
    }

  private:
    class CommitLoop;

    [[nodiscard]] bool begin();
    [[nodiscard]] bool advance_here(state::StateView& known, const Cancellation* cancellation);
    void execute(state::StateView& known, const Cancellation* cancellation);
    [[nodiscard]] bool skips_discovery() noexcept;
    void leave_out_waiting(size_t first_record);
    void collect_missing(const state::Misses& misses);
    void end();
    void give_back();

    const std::shared_ptr<BlockRunner> runner_;
    const BytesView input_;
    std::unique_ptr<BlockRunner::Workspace> space_; ///< from its first piece to its last
    std::optional<wire::BlockView> block_;
    std::unique_ptr<Discovery> ahead_;
    size_t workers_ = 1;
    size_t head_runs_ = 0;
    std::vector<wire::MissingKey> missing_;
    size_t needed_ = 0;
    /// Whether in the latest piece nothing was committed and only the transaction whose turn it is
    /// missed anything; and in how many pieces before it.
    bool is_alone_ = false;
    size_t pieces_alone_ = 0;
    wire::PackedBuffer output_;
    // Times, in ticks.
    std::optional<TickScale> scale_;
    uint64_t senders_known_ = 0;
    uint64_t left_at_ = 0; ///< when it was parked
    uint64_t waited_ = 0;  ///< how long, all times together
};

} // namespace braid::parallel
