/// Failures in the words that geth has for them, which tools compare.
#pragma once

#include "transaction/transaction_trace.hpp"

#include <string>

namespace braid::trace {

/// The name of an instruction; "opcode 0x.. not defined" where there is none. It does not depend on
/// the fork: DIFFICULTY stays that, and instructions of later forks have their names before them.
[[nodiscard]] std::string instruction_name(uint8_t op);

/// Why an instruction has failed.
[[nodiscard]] std::string failure_text(const evm::FrameFailure& failure);

/// Why a frame has failed; empty where it has not. `input` is that of the frame.
[[nodiscard]] std::string failure_text(const transaction::TracedFrame& frame, BytesView input);

} // namespace braid::trace
