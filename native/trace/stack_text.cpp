#include "trace/stack_text.hpp"

#include "trace/json_text.hpp"

#include <algorithm>

namespace braid::trace {

std::string_view StackText::items(std::span<const uint256> stack) {
    const auto [first_other, unused] =
        std::ranges::mismatch(items_, stack.first(std::min(stack.size(), items_.size())));
    const auto same = static_cast<size_t>(first_other - items_.begin());
    items_.resize(same);
    ends_.resize(same);
    text_.resize(same == 0 ? 0 : ends_.back());
    JsonText json{text_};
    for (const uint256& item : stack.subspan(same)) {
        text_ += ',';
        json.quantity(item);
        items_.push_back(item);
        ends_.push_back(static_cast<uint32_t>(text_.size()));
    }
    return std::string_view{text_}.substr(text_.empty() ? 0 : 1);
}

} // namespace braid::trace
