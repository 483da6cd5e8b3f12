/// Programs for tests, put together instruction by instruction.
#pragma once

#include "evm/opcodes.hpp"
#include "tests/evm/word.hpp"

#include <vector>

namespace braid::test {

/// EVM code under construction.
class Program {
  public:
    /// Appends instruction bytes.
    template <typename... Ops>
    Program& op(Ops... ops) {
        (bytes_.push_back(static_cast<uint8_t>(ops)), ...);
        return *this;
    }
    /// Appends the same instruction again and again.
    Program& repeat(size_t count, uint8_t opcode) {
        bytes_.insert(bytes_.end(), count, opcode);
        return *this;
    }
    /// Pushes a number with the shortest PUSH1 to PUSH32 (never PUSH0: not every revision has it).
    Program& push(const reference::Word& value) {
        const unsigned size = (value.bit_length() + 7) / 8;
        return push(value, size == 0 ? 1 : size);
    }
    /// Pushes a number with PUSH<size>.
    Program& push(const reference::Word& value, unsigned size) {
        op(evm::OP_PUSH1 + size - 1);
        for (unsigned i = size; i-- > 0;)
            op(value.byte(i));
        return *this;
    }
    /// Pushes the 32 bytes of call data at an offset: a value that the analysis cannot know.
    Program& load_input(uint64_t offset) { return push(offset).op(evm::OP_CALLDATALOAD); }
    /// MSTORE of the top of the stack.
    Program& store(uint64_t offset) { return push(offset).op(evm::OP_MSTORE); }
    /// Ends with RETURN of memory.
    Program& finish(uint64_t offset, uint64_t size) {
        return push(size).push(offset).op(evm::OP_RETURN);
    }
    /// Ends by returning the top of the stack.
    Program& return_top() { return store(0).finish(0, 32); }
    /// Appends another program.
    Program& append(const Program& other) {
        bytes_.insert(bytes_.end(), other.bytes_.begin(), other.bytes_.end());
        return *this;
    }

    [[nodiscard]] size_t size() const { return bytes_.size(); }
    [[nodiscard]] const std::vector<uint8_t>& bytes() const { return bytes_; }

  private:
    std::vector<uint8_t> bytes_;
};

} // namespace braid::test
