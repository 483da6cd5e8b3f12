/// Goes through all interleavings there are.
#pragma once

#include "tests/scheduler.hpp"

#include <cstdlib>
#include <string>
#include <vector>

namespace braid::test {

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

/// Who went on, decision by decision.
inline std::string text_of(const std::vector<uint8_t>& decisions) {
    std::string text;
    for (const uint8_t worker : decisions)
        text += static_cast<char>('0' + worker);
    return text;
}

/// BRAID_PREEMPTIONS, else this; under a sanitizer one: it takes ten times as long.
inline size_t preemptions_or(size_t otherwise) {
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
    otherwise = 1;
#endif
    const char* text = std::getenv("BRAID_PREEMPTIONS");
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

} // namespace braid::test
