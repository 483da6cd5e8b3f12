/// The stacks of instructions that follow one another, as JSON.
#pragma once

#include "base/uint256.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace braid::trace {

/// Writes stacks. An instruction changes few items, all of them at the top: those below, whose text
/// is the same as the last time, are not written again. Single-threaded.
class StackText {
  public:
    /// The items of a stack as quantities, the lowest first, with commas between them. Valid until
    /// the next call.
    [[nodiscard]] std::string_view items(std::span<const uint256> stack);

  private:
    std::string text_;           ///< every item with a comma before it
    std::vector<uint256> items_; ///< what it is of
    std::vector<uint32_t> ends_; ///< where the text of each ends
};

} // namespace braid::trace
