/// What decides whether a pool takes transactions in, as far as each by itself and the state say
/// it.
#pragma once

#include "parallel/block_runner.hpp"

#include <memory>

namespace braid::parallel {

/// Looks at transactions that somebody wants to have in a block some day. Any thread may ask at any
/// time, several at once; the work is spread over the pool.
class AdmissionRunner {
  public:
    explicit AdmissionRunner(std::shared_ptr<BlockRunner> blocks) noexcept
        : blocks_{std::move(blocks)} {}

    /// Looks at every transaction of a packed BlockInput, which starts at a multiple of 8: who
    /// signed it, which rule that needs no state it breaks in a block of this environment, what it
    /// can cost at most, and the sender's account as the state has it. The state must bear to be
    /// read by several threads, and not change meanwhile. Returns a packed AdmissionsOutput; null
    /// where there is no memory for one.
    [[nodiscard]] wire::PackedBuffer run(BytesView input, state::StateView& state,
                                         const Cancellation* cancellation = nullptr) const;

  private:
    const std::shared_ptr<BlockRunner> blocks_;
};

} // namespace braid::parallel
