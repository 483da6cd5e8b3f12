/// A block of a chain that others prepare before its turn comes.
#pragma once

#include "parallel/block_runner.hpp"
#include "parallel/upcoming_base.hpp"
#include "parallel/worker_pool.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace braid::parallel {

/// A block behind those that are executed. Threads with nothing better to do recover its senders,
/// and, while the last transactions of the block before execute, run its own over what that one has
/// published.
/// When its turn comes, run() commits those whose observations hold in the state after the block
/// before, and runs the others again: the lane of its loop, which is closed until then, goes on
/// where that block has ended. So the result is that of one block after another, whatever was
/// guessed.
///
/// Under the mutex: who is at it, and whether its turn has come. Nobody waits under it for longer
/// than it takes to set the block up. What helpers work on is in the loop, which says itself who
/// may do what; it stays until the last of them has left. The state before the block before, and
/// what that one has published, are kept for as long as a helper may be reading them, and no
/// longer: a state that nobody else has is committed to in place.
class WindowBlock final : public Background, public std::enable_shared_from_this<WindowBlock> {
  public:
    /// A packed BlockInput, which starts at a multiple of 8.
    WindowBlock(std::shared_ptr<BlockRunner> runner, wire::PackedBuffer input) noexcept;
    ~WindowBlock() override;

    /// Says which block comes after this one: its transactions are run ahead while the last ones of
    /// this one execute. At most once, from the thread that calls run(), or before or while it
    /// does.
    void set_next(const std::shared_ptr<WindowBlock>& next);

    /// Offers it to those who have nothing better to do.
    void offer();

    /// For those: recovers some senders, or runs some transactions ahead. False: there is nothing
    /// to do for now.
    bool step() noexcept override;

    /// Its turn has come: executes it on the state after the block before, which must not change
    /// meanwhile and is let go of before this returns. Once. Returns as BlockRunner::run() does.
    [[nodiscard]] wire::PackedBuffer run(std::shared_ptr<state::StateView> state);

    /// Nobody will run it: ends what is done for it, and waits until nobody is at it any more.
    void drop() noexcept;

    /// What ends it, before its turn or in it.
    [[nodiscard]] Cancellation& cancellation() noexcept { return cancellation_; }

    /// Tells the steps of its loop to somebody who orders them; before anything else.
    void set_interleaving(Interleaving* interleaving) noexcept { interleaving_ = interleaving; }

  private:
    enum class Stage : uint8_t {
        announced,
        ready,  ///< its loop has begun
        failed, ///< that was not possible: it is left to run()
        turn,   ///< run() has been called, or drop(): nobody begins anything for it
    };

    /// The state before this block as the block before gives it.
    struct Guess {
        Guess(std::shared_ptr<WindowBlock> block, std::shared_ptr<state::StateView> before);
        const std::shared_ptr<WindowBlock> block; ///< whose loop publishes
        const std::shared_ptr<state::StateView> before;
        PublishedView published;
    };

    // Under mutex_.
    void prepare();
    [[nodiscard]] std::unique_ptr<Guess> unused_guess() noexcept;

    void open(std::shared_ptr<WindowBlock> before, std::shared_ptr<state::StateView> state);
    void close() noexcept;
    void note_all_claimed();
    void wait_for_helpers() noexcept;
    [[nodiscard]] wire::PackedBuffer execute(const std::shared_ptr<state::StateView>& state);
    [[nodiscard]] bool begin(const std::shared_ptr<state::StateView>& state);
    void end() noexcept;
    [[nodiscard]] wire::PackedBuffer execute_alone(state::StateView& state);
    [[nodiscard]] size_t most_helpers() const noexcept;

    const std::shared_ptr<BlockRunner> runner_;
    const wire::PackedBuffer input_;
    Interleaving* interleaving_ = nullptr;
    Cancellation cancellation_;
    UpcomingBase base_;

    // Set by prepare(), and not changed until nobody is at it any more.
    std::unique_ptr<BlockRunner::Workspace> space_;
    std::optional<wire::BlockView> block_; ///< until it has ended
    size_t workers_ = 1;

    std::mutex mutex_;
    std::condition_variable left_;
    Stage stage_ = Stage::announced;
    size_t inside_ = 0;               ///< how many are at it
    std::vector<size_t> free_;        ///< the numbers of helpers that nobody is
    bool has_helped_ = false;         ///< whether anybody has been one
    std::unique_ptr<Guess> guess_;    ///< while transactions may be run ahead, or are
    bool is_open_ = false;            ///< whether transactions may be run ahead
    std::weak_ptr<WindowBlock> next_; ///< the block after it
    bool all_claimed_ = false;        ///< whether its own transactions are all done or under way
    std::shared_ptr<state::StateView> running_on_; ///< set while it executes
};

} // namespace braid::parallel
