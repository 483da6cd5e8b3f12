/// A request to stop, from one thread to those that work for it.
#pragma once

#include <atomic>

namespace braid {

/// Belongs to one execution, and outlives it. Whoever wants the execution to end sets it, from any
/// thread; whoever works for the execution looks at it where that costs nothing next to the work:
/// between transactions, at call frames, and after a stretch of gas. It is never reset.
///
/// One that is derived from it may belong to a part of an execution, ends with the whole, and may
/// think twice about a request of its own.
class Cancellation {
  public:
    Cancellation() = default;
    Cancellation(const Cancellation&) = delete;
    Cancellation& operator=(const Cancellation&) = delete;
    virtual ~Cancellation() = default;

    /// Asks for the end. Any thread, any number of times.
    void request() noexcept {
        // relaxed: it carries no data. What the execution leaves behind is handed over by whatever
        // tells that it has ended.
        requested_.store(true, std::memory_order_relaxed);
    }

    /// Whether the end was asked for. Once true, it stays true. Any thread.
    [[nodiscard]] bool requested() const noexcept {
        // relaxed: seeing it late costs time, nothing else.
        if (requested_.load(std::memory_order_relaxed)) [[unlikely]]
            return confirms();
        return whole_ != nullptr && whole_->requested();
    }

  protected:
    /// Sets the execution that this is about a part of; null: none.
    void set_whole(const Cancellation* whole) noexcept { whole_ = whole; }

    /// Forgets a request.
    void withdraw() noexcept {
        // relaxed: as in request().
        requested_.store(false, std::memory_order_relaxed);
    }

  private:
    /// Whether a request is meant: asked by whoever is to stop, each time it looks.
    [[nodiscard]] virtual bool confirms() const noexcept { return true; }

    std::atomic<bool> requested_{false};
    const Cancellation* whole_ = nullptr;
};

/// Whether an execution that may have no cancellation was asked to end.
[[nodiscard]] inline bool is_cancelled(const Cancellation* cancellation) noexcept {
    return cancellation != nullptr && cancellation->requested();
}

} // namespace braid
