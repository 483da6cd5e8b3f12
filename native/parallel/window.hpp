/// The next blocks of a chain, on their way to their turn.
#pragma once

#include "parallel/window_block.hpp"

namespace braid::parallel {

/// Announces blocks to those who have nothing better to do. One thread at a time.
class Window {
  public:
    explicit Window(std::shared_ptr<BlockRunner> runner) noexcept : runner_{std::move(runner)} {}
    ~Window() { drop(); }
    Window(const Window&) = delete;
    Window& operator=(const Window&) = delete;

    /// Takes in the block that follows those before; a packed BlockInput, which starts at a
    /// multiple of 8. The caller runs the blocks, in this order.
    [[nodiscard]] std::shared_ptr<WindowBlock> add(wire::PackedBuffer input) {
        auto block = std::make_shared<WindowBlock>(runner_, std::move(input));
        if (const std::shared_ptr<WindowBlock> last = last_.lock())
            last->set_next(block);
        last_ = block;
        std::erase_if(blocks_, [](const auto& known) { return known.expired(); });
        blocks_.push_back(block);
        block->offer();
        return block;
    }

    /// Ends what is done for blocks that have not been run, and waits until nobody does anything.
    void drop() noexcept {
        for (const std::weak_ptr<WindowBlock>& known : blocks_)
            if (const std::shared_ptr<WindowBlock> block = known.lock())
                block->drop();
        blocks_.clear();
        last_.reset();
    }

  private:
    const std::shared_ptr<BlockRunner> runner_;
    std::weak_ptr<WindowBlock> last_;
    std::vector<std::weak_ptr<WindowBlock>> blocks_; ///< those that may not have ended
};

} // namespace braid::parallel
