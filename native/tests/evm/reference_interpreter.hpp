/// An EVM to judge the built-in one by: byte by byte, every check before every instruction, no
/// analysis, no caching. It speaks to the same EVMC host and covers Frontier to Osaka. Its rules
/// come from the Yellow Paper and the EIPs; it shares nothing with evm/ and base/uint256.hpp.
///
/// On a failure the frame's effects are the host's to revert, as EVMC has it; what a failing frame
/// touched through its host before is the least that the rules ask for.
#pragma once

#include "tests/evm/instruction_table.hpp"
#include "tests/evm/word.hpp"

#include "crypto/keccak.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <span>
#include <vector>

namespace braid::reference {

/// How a frame ended. Failures have no gas left, no refund and no output.
struct Result {
    evmc_status_code status = EVMC_SUCCESS;
    int64_t gas_left = 0;
    int64_t gas_refund = 0;
    std::vector<uint8_t> output;
};

/// One frame.
class Interpreter {
  public:
    Interpreter(const evmc_host_interface& host, evmc_host_context* context, evmc_revision revision,
                const evmc_message& message, std::span<const uint8_t> code)
        : host_{host}, context_{context}, revision_{revision}, message_{message}, code_{code},
          table_{instructions(revision)}, gas_{message.gas}, destinations_(code.size(), false) {
        stack_.reserve(64);
        for (size_t i = 0; i < code.size(); ++i) {
            if (code[i] == 0x5b)
                destinations_[i] = true;
            if (code[i] >= 0x60 && code[i] <= 0x7f)
                i += code[i] - 0x5fu;
        }
    }

    /// Runs the frame to its end.
    Result run() {
        while (!halted_) {
            if (const evmc_status_code status = step(); status != EVMC_SUCCESS)
                return {status, 0, 0, {}};
        }
        return {reverted_ ? EVMC_REVERT : EVMC_SUCCESS, gas_, reverted_ ? 0 : refund_, output_};
    }

  private:
    [[nodiscard]] bool since(evmc_revision revision) const { return revision_ >= revision; }
    [[nodiscard]] bool is_static() const { return (message_.flags & EVMC_STATIC) != 0; }

    Word pop() {
        const Word top = stack_.back();
        stack_.pop_back();
        return top;
    }
    void push(const Word& value) { stack_.push_back(value); }

    [[nodiscard]] bool charge(int64_t amount) {
        gas_ -= amount;
        return gas_ >= 0;
    }

    static int64_t words(uint64_t bytes) {
        return static_cast<int64_t>(bytes / 32 + (bytes % 32 != 0));
    }

    /// Yellow Paper, equation 326: what a memory of that many words has cost in all.
    static int64_t memory_cost(int64_t words) { return 3 * words + words * words / 512; }

    /// Makes [offset, offset + size) part of memory and charges for it.
    [[nodiscard]] bool expand(const Word& offset, const Word& size) {
        if (size.is_zero())
            return true;
        // 2^32 bytes cost 2^45 gas: nobody has that.
        const Word limit{uint64_t{1} << 32};
        if (!(offset < limit) || !(size < limit))
            return false;
        const int64_t needed = words(offset.low() + size.low());
        const int64_t present = static_cast<int64_t>(memory_.size() / 32);
        if (needed <= present)
            return true;
        if (!charge(memory_cost(needed) - memory_cost(present)))
            return false;
        memory_.resize(static_cast<size_t>(needed) * 32);
        return true;
    }

    std::span<const uint8_t> memory_at(const Word& offset, const Word& size) const {
        if (size.is_zero())
            return {};
        return {memory_.data() + offset.low(), size.low()};
    }

    /// Fills memory from a source that goes on with zeros beyond its end.
    void fill(const Word& target, std::span<const uint8_t> source, const Word& offset,
              const Word& size) {
        for (uint64_t i = 0; i < size.low(); ++i) {
            const bool inside = offset < Word{source.size()} && i < source.size() - offset.low();
            memory_[target.low() + i] = inside ? source[offset.low() + i] : 0;
        }
    }

    [[nodiscard]] evmc_tx_context transaction() const { return host_.get_tx_context(context_); }

    /// Checks what can be known beforehand of the instruction at pc_, pays its static gas, runs it.
    evmc_status_code step() {
        const uint8_t op = pc_ < code_.size() ? code_[pc_] : 0;
        const Instruction& instruction = table_[op];
        if (!instruction.defined)
            return EVMC_UNDEFINED_INSTRUCTION;
        const int height = static_cast<int>(stack_.size());
        if (height < instruction.inputs)
            return EVMC_STACK_UNDERFLOW;
        if (height - instruction.inputs + instruction.outputs > 1024)
            return EVMC_STACK_OVERFLOW;
        if (!charge(instruction.gas))
            return EVMC_OUT_OF_GAS;
        ++pc_;
        if (op >= 0x5f && op <= 0x7f)
            return do_push(op - 0x5fu);
        if (op >= 0x80 && op <= 0x8f) {
            push(stack_[stack_.size() - 1 - (op - 0x80u)]);
            return EVMC_SUCCESS;
        }
        if (op >= 0x90 && op <= 0x9f) {
            std::swap(stack_.back(), stack_[stack_.size() - 2 - (op - 0x90u)]);
            return EVMC_SUCCESS;
        }
        if (op >= 0xa0 && op <= 0xa4)
            return do_log(op - 0xa0u);
        if (op >= 0xf0)
            return do_system(op);
        if (op >= 0x50)
            return do_memory_storage_flow(op);
        if (op >= 0x30)
            return do_environment(op);
        return do_arithmetic(op);
    }

    evmc_status_code do_push(size_t size) {
        uint8_t bytes[32] = {};
        for (size_t i = 0; i < size && pc_ + i < code_.size(); ++i)
            bytes[i] = code_[pc_ + i];
        push(Word::from_bytes(bytes, size));
        pc_ += size;
        return EVMC_SUCCESS;
    }

    evmc_status_code do_arithmetic(uint8_t op);
    evmc_status_code do_environment(uint8_t op);
    evmc_status_code do_memory_storage_flow(uint8_t op);
    evmc_status_code do_system(uint8_t op);

    evmc_status_code do_copy(std::span<const uint8_t> source) {
        const Word target = pop();
        const Word offset = pop();
        const Word size = pop();
        if (!expand(target, size) || !charge(3 * words(size.low())))
            return EVMC_OUT_OF_GAS;
        fill(target, source, offset, size);
        return EVMC_SUCCESS;
    }

    /// EIP-2929: what touching the account costs beyond the warm price.
    int64_t cold_account_surcharge(const evmc_address& address) {
        if (since(EVMC_BERLIN) && host_.access_account(context_, &address) == EVMC_ACCESS_COLD)
            return 2500;
        return 0;
    }

    evmc_status_code do_jump(const Word& target) {
        if (!(target < Word{code_.size()}) || !destinations_[target.low()])
            return EVMC_BAD_JUMP_DESTINATION;
        pc_ = target.low();
        return EVMC_SUCCESS;
    }

    evmc_status_code do_sload() {
        const evmc_bytes32 key = pop().to_bytes();
        if (since(EVMC_BERLIN) &&
            host_.access_storage(context_, &message_.recipient, &key) == EVMC_ACCESS_COLD &&
            !charge(2000))
            return EVMC_OUT_OF_GAS;
        push(Word{host_.get_storage(context_, &message_.recipient, &key)});
        return EVMC_SUCCESS;
    }

    evmc_status_code do_sstore();
    evmc_status_code do_log(size_t topic_count);
    evmc_status_code do_selfdestruct();
    evmc_status_code do_create(bool has_salt);
    evmc_status_code do_call(uint8_t op);

    /// Passes a message on and keeps its output as return data.
    evmc_result pass_on(const evmc_message& message) {
        const evmc_result result = host_.call(context_, &message);
        return_data_.assign(result.output_data, result.output_data + result.output_size);
        if (result.release != nullptr)
            result.release(&result);
        gas_ -= message.gas - result.gas_left;
        refund_ += result.gas_refund;
        return result;
    }

    const evmc_host_interface& host_;
    evmc_host_context* context_;
    evmc_revision revision_;
    const evmc_message& message_;
    std::span<const uint8_t> code_;
    const InstructionTable& table_;
    int64_t gas_;
    int64_t refund_ = 0;
    size_t pc_ = 0;
    bool halted_ = false;
    bool reverted_ = false;
    std::vector<bool> destinations_;
    std::vector<Word> stack_;
    std::vector<uint8_t> memory_;
    std::vector<uint8_t> return_data_;
    std::vector<uint8_t> output_;
};

/// Runs one frame and hands its result out as EVMC wants it: the output is freed by `release`.
inline evmc_result execute(const evmc_host_interface& host, evmc_host_context* context,
                           evmc_revision revision, const evmc_message& message,
                           std::span<const uint8_t> code) {
    const Result run = Interpreter{host, context, revision, message, code}.run();
    evmc_result result{};
    result.status_code = run.status;
    result.gas_left = run.gas_left;
    result.gas_refund = run.gas_refund;
    if (!run.output.empty()) {
        auto* output = static_cast<uint8_t*>(std::malloc(run.output.size()));
        std::memcpy(output, run.output.data(), run.output.size());
        result.output_data = output;
        result.output_size = run.output.size();
        result.release = [](const evmc_result* owner) {
            std::free(const_cast<uint8_t*>(owner->output_data));
        };
    }
    return result;
}

} // namespace braid::reference

#include "tests/evm/reference_instructions.hpp"
#include "tests/evm/reference_system_instructions.hpp"
