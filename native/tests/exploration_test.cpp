/// Tiny blocks in all interleavings there are, as far as they take no more than so many preemptions
/// (Musuvathi and Qadeer, "Iterative context bounding for systematic testing of multithreaded
/// programs", 2007: few suffice to find most errors).
#include "tests/tiny_blocks.hpp"

#include <cstdio>
#include <cstdlib>

namespace braid::test {
namespace {

/// Goes through all decisions, depth first. A preemption is to take over from a worker that could
/// go on; without one it goes on until it ends.
class Explorer final : public Scheduler {
  public:
    explicit Explorer(size_t max_preemptions) : max_preemptions_{max_preemptions} {}

    /// Goes on to the next interleaving. False: there are no more.
    bool next() noexcept {
        while (!path_.empty() && path_.back().chosen + 1 == path_.back().options)
            path_.pop_back();
        if (!path_.empty())
            ++path_.back().chosen;
        begin_block();
        return !path_.empty();
    }

    /// Starts a block.
    void begin_block() noexcept {
        reset();
        depth_ = 0;
        preemptions_ = 0;
    }

    /// Whether a replayed decision had other options than before: the block does not only depend on
    /// the decisions.
    [[nodiscard]] bool diverged() const noexcept { return diverged_; }

  protected:
    size_t choose(const std::vector<size_t>& ready, size_t running) noexcept override {
        const bool may_preempt = running == nobody || preemptions_ < max_preemptions_;
        const auto options = static_cast<uint8_t>(may_preempt ? ready.size() : 1);
        if (depth_ == path_.size())
            path_.push_back({0, options});
        diverged_ = diverged_ || path_[depth_].options != options;
        const size_t chosen = path_[depth_++].chosen;
        if (running == nobody)
            return ready[chosen];
        if (chosen == 0)
            return running;
        ++preemptions_;
        // The others in their order.
        const size_t place = chosen - 1;
        return ready[place] < running ? ready[place] : ready[place + 1];
    }

  private:
    struct Decision {
        uint8_t chosen;
        uint8_t options;
    };
    const size_t max_preemptions_;
    std::vector<Decision> path_;
    size_t depth_ = 0;
    size_t preemptions_ = 0;
    bool diverged_ = false;
};

std::string text_of(const std::vector<uint8_t>& decisions) {
    std::string text;
    for (const uint8_t worker : decisions)
        text += static_cast<char>('0' + worker);
    return text;
}

/// Explores a block; how many interleavings there were.
size_t explore(const TinyBlock& tiny, state::StateView& base, size_t workers, size_t preemptions) {
    const wire::BlockRecords expected = run_block(*tiny.block, base);
    parallel::OptimisticLoop loop{ordered_pool(), impatient_machine};
    loop.set_workers(workers);
    Explorer explorer{preemptions};
    loop.set_interleaving(&explorer);
    transaction::Machine machine;
    block::BlockExecutor executor{machine};
    block::SenderTable senders;
    senders.begin(tiny.block->view());
    wire::BlockRecords records;
    size_t count = 0;
    do {
        records.clear();
        executor.execute(base, tiny.block->view(), senders, records, loop);
        ++count;
        if (!same_records(expected, records) || loop.left_over() != 0 || explorer.diverged()) {
            fail(__FILE__, __LINE__, "explored",
                 std::string{tiny.name} + ", workers " + std::to_string(workers) + ", decisions " +
                     text_of(explorer.decisions()));
            break;
        }
    } while (explorer.next());
    return count;
}

/// BRAID_PREEMPTIONS, else this; under a sanitizer one: it takes ten times as long.
size_t preemptions_or(size_t otherwise) {
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
    otherwise = 1;
#endif
    const char* text = std::getenv("BRAID_PREEMPTIONS");
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

/// Explores all tiny blocks and says how many interleavings there were.
void explore_all(size_t workers, size_t preemptions, bool at_reads) {
    size_t total = 0;
    for (const TinyBlock& tiny : tiny_blocks()) {
        SteppingState stepping{tiny.block->state};
        state::StateView& base = at_reads ? static_cast<state::StateView&>(stepping)
                                          : static_cast<state::StateView&>(tiny.block->state);
        const size_t count = explore(tiny, base, workers, preemptions);
        CHECK(count > 10);
        total += count;
    }
    std::printf("%zu interleavings of %zu workers with up to %zu preemptions%s\n", total, workers,
                preemptions, at_reads ? ", at reads of the state too" : "");
}

} // namespace

TEST("exploration: all interleavings of two workers on tiny blocks") {
    explore_all(2, preemptions_or(2), false);
}

TEST("exploration: all interleavings of three workers on tiny blocks") {
    explore_all(3, preemptions_or(1), false);
}

TEST("exploration: all interleavings of two workers that are interrupted at reads") {
    explore_all(2, preemptions_or(2), true);
}

} // namespace braid::test
