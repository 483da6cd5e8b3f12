/// The interpreter that executes one instruction at a time and tells an observer of each.
#pragma once

#include "evm/frame.hpp"
#include "evm/step.hpp"

namespace braid::evm {

/// Runs a frame to its end, as interpret() does with the same outcome, and tells the VM's observer
/// of every instruction. Where the frame fails, the VM's `frame_failure` says in which one and why.
evmc_status_code step_through(Frame& frame) noexcept;

} // namespace braid::evm
