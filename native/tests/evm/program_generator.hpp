/// Random EVM programs that mostly run well: operands are pushed before they are needed, jumps
/// mostly lead to JUMPDESTs. The rest is there to fail in every way that there is.
#pragma once

#include "evm/opcodes.hpp"
#include "tests/evm/instruction_table.hpp"
#include "tests/evm/random.hpp"

#include <vector>

namespace braid::test {

/// Makes one program.
class ProgramGenerator {
  public:
    /// Programs call the accounts at first_account, first_account + 1, ...
    static constexpr uint64_t first_account = 0x1000;
    static constexpr uint64_t account_count = 7;

    ProgramGenerator(Random& random, evmc_revision revision)
        : random_{random}, table_{reference::instructions(revision)} {}

    std::vector<uint8_t> generate(size_t fragments) {
        if (random_.chance(1))
            fill_stack();
        for (size_t i = 0; i < fragments && code_.size() < 4000; ++i)
            fragment();
        if (random_.chance(85))
            return_stack();
        if (random_.chance(8))
            label();
        if (random_.chance(5))
            truncated_push();
        link();
        return std::move(code_);
    }

  private:
    struct Fixup {
        size_t position; ///< Of the two bytes that hold the target.
        size_t made_at;  ///< How many labels there were.
    };

    [[nodiscard]] bool has(uint8_t op) const { return table_[op].defined; }

    void byte(unsigned value) { code_.push_back(static_cast<uint8_t>(value)); }

    /// Emits an instruction, and mostly makes sure that it finds its operands.
    void instruction(uint8_t op) {
        const reference::Instruction& rule = table_[op];
        while (height_ < rule.inputs && !random_.chance(1))
            push_any();
        byte(op);
        height_ += rule.outputs - rule.inputs;
        if (height_ < 0)
            height_ = 0;
    }

    void push_bytes(const reference::Word& value, unsigned size) {
        if (size == 0 && !has(evm::OP_PUSH0))
            size = 1;
        byte(0x5fu + size);
        for (unsigned i = size; i-- > 0;)
            byte(value.byte(i));
        ++height_;
    }
    void push(const reference::Word& value) {
        unsigned size = (value.bit_length() + 7) / 8;
        if (random_.chance(10) && size < 32) // leading zeros
            size += static_cast<unsigned>(random_.below(33 - size));
        push_bytes(value, size);
    }
    void push_any() {
        switch (random_.below(12)) {
        case 0:
            push(random_.word());
            break;
        case 1:
            instruction(random_.pick<uint8_t>(
                {evm::OP_ADDRESS, evm::OP_ORIGIN, evm::OP_CALLER, evm::OP_CALLVALUE,
                 evm::OP_CALLDATASIZE, evm::OP_CODESIZE, evm::OP_GASPRICE, evm::OP_COINBASE,
                 evm::OP_TIMESTAMP, evm::OP_NUMBER, evm::OP_PREVRANDAO, evm::OP_GASLIMIT,
                 evm::OP_PC, evm::OP_MSIZE, evm::OP_GAS}));
            break;
        case 2:
            if (height_ > 0) {
                duplicate();
                break;
            }
            [[fallthrough]];
        case 3:
        case 4:
        case 5:
            // A value that the analysis cannot know.
            push(random_.below(8) * (random_.chance(80) ? 32 : 5));
            if (random_.chance(20)) {
                instruction(evm::OP_CALLVALUE);
                instruction(evm::OP_ADD);
            }
            instruction(evm::OP_CALLDATALOAD);
            break;
        case 6:
            push_bytes(reference::Word::from_bytes(jumpdests, 32),
                       static_cast<unsigned>(1 + random_.below(32)));
            break;
        default:
            push(random_.chance(60) ? reference::Word{random_.below(256)} : random_.word());
            break;
        }
    }
    void duplicate() {
        const int deepest = height_ < 16 ? height_ : 16;
        const int depth = 1 + static_cast<int>(random_.below(static_cast<uint64_t>(deepest)));
        instruction(static_cast<uint8_t>(evm::OP_DUP1 + depth - 1));
    }
    void swap() {
        if (height_ < 2)
            push_any();
        const int deepest = height_ - 1 < 16 ? height_ - 1 : 16;
        const int depth =
            deepest > 0 ? 1 + static_cast<int>(random_.below(static_cast<uint64_t>(deepest))) : 1;
        instruction(static_cast<uint8_t>(evm::OP_SWAP1 + (random_.chance(60) ? 1 : depth) - 1));
    }

    uint8_t binary() {
        return random_.pick<uint8_t>({evm::OP_ADD,        evm::OP_MUL,  evm::OP_SUB,  evm::OP_DIV,
                                      evm::OP_SDIV,       evm::OP_MOD,  evm::OP_SMOD, evm::OP_EXP,
                                      evm::OP_SIGNEXTEND, evm::OP_LT,   evm::OP_GT,   evm::OP_SLT,
                                      evm::OP_SGT,        evm::OP_EQ,   evm::OP_AND,  evm::OP_OR,
                                      evm::OP_XOR,        evm::OP_BYTE, evm::OP_SHL,  evm::OP_SHR,
                                      evm::OP_SAR,        evm::OP_SUB,  evm::OP_DIV,  evm::OP_ADD});
    }
    uint8_t comparison() {
        return random_.pick<uint8_t>({evm::OP_LT, evm::OP_GT, evm::OP_SLT, evm::OP_SGT, evm::OP_EQ,
                                      evm::OP_ISZERO, evm::OP_SUB});
    }
    /// An instruction that this revision has, or, rarely, one that it does not have.
    void available(uint8_t op) {
        if (has(op) || random_.chance(3))
            instruction(op);
        else
            push_any();
    }

    void fragment() {
        switch (random_.below(26)) {
        case 0:
        case 1:
            push_any();
            break;
        case 2:
            for (uint64_t i = 0, n = 1 + random_.below(10); i < n; ++i)
                push(random_.word());
            break;
        case 3:
            duplicate_or_push();
            available(binary());
            break;
        case 4:
        case 5: // constants to fold, or one constant
            push(random_.word());
            if (random_.chance(40))
                push(random_.word());
            available(binary());
            break;
        case 6: // SWAP1 and an operation
            push_any();
            if (random_.chance(50))
                push(random_.word());
            if (height_ < 2)
                push_any();
            instruction(evm::OP_SWAP1);
            available(binary());
            break;
        case 7:
            swap();
            if (random_.chance(40))
                instruction(evm::OP_POP);
            break;
        case 8:
            for (uint64_t i = 0, n = 1 + random_.below(4); i < n && height_ > 0; ++i)
                instruction(evm::OP_POP);
            break;
        case 9:
            available(random_.pick<uint8_t>({evm::OP_ISZERO, evm::OP_NOT, evm::OP_CLZ}));
            break;
        case 10:
            shift();
            break;
        case 11:
            push(random_.word());
            push_any();
            duplicate_or_push();
            instruction(random_.pick<uint8_t>({evm::OP_ADDMOD, evm::OP_MULMOD}));
            break;
        case 12:
        case 13:
            memory();
            break;
        case 14:
            storage();
            break;
        case 15:
            copy();
            break;
        case 16:
        case 17:
            conditional_jump();
            break;
        case 18:
            label();
            break;
        case 19:
            loop();
            break;
        case 20:
            environment();
            break;
        case 21:
            log();
            break;
        case 22:
            if (random_.chance(50))
                call();
            else
                create();
            break;
        case 23:
            division();
            break;
        case 24:
            jump_over();
            break;
        default:
            rare();
            break;
        }
    }

    void duplicate_or_push() {
        if (height_ > 0 && random_.chance(70))
            duplicate();
        else
            push_any();
    }
    void shift() {
        push_any();
        push(random_.chance(70) ? reference::Word{random_.below(300)} : random_.word());
        if (random_.chance(20))
            instruction(evm::OP_SWAP1);
        available(random_.pick<uint8_t>(
            {evm::OP_SHL, evm::OP_SHR, evm::OP_SAR, evm::OP_BYTE, evm::OP_SIGNEXTEND}));
    }
    void division() {
        push_any();
        push(random_.chance(60)
                 ? shift_left(reference::Word{1}, static_cast<unsigned>(random_.below(256)))
                 : random_.word());
        if (random_.chance(60))
            instruction(evm::OP_SWAP1);
        instruction(random_.pick<uint8_t>({evm::OP_DIV, evm::OP_MUL, evm::OP_DIV, evm::OP_MOD}));
    }

    void offset() {
        if (random_.chance(2))
            push(random_.word());
        else if (random_.chance(15) && height_ > 0)
            duplicate();
        else
            push(random_.chance(90) ? random_.below(320) : random_.below(20000));
    }
    void size() { push(random_.chance(98) ? random_.below(100) : random_.below(70000)); }

    void memory() {
        push_any();
        switch (random_.below(5)) {
        case 0:
        case 1:
            offset();
            instruction(evm::OP_MSTORE);
            break;
        case 2:
            offset();
            instruction(evm::OP_MSTORE8);
            break;
        case 3:
            offset();
            instruction(evm::OP_MLOAD);
            break;
        default:
            size();
            offset();
            instruction(evm::OP_KECCAK256);
            break;
        }
    }
    void storage() {
        const bool transient = random_.chance(25) && has(evm::OP_TLOAD);
        if (random_.chance(60)) {
            if (random_.chance(50))
                push(random_.below(3));
            else
                push_any();
            push(random_.below(4));
            instruction(transient ? evm::OP_TSTORE : evm::OP_SSTORE);
        } else {
            push(random_.below(4));
            instruction(transient ? evm::OP_TLOAD : evm::OP_SLOAD);
        }
    }
    void account() { push(first_account + random_.below(account_count + 1)); }
    void copy() {
        size();
        offset();
        offset();
        const auto op =
            random_.pick<uint8_t>({evm::OP_CALLDATACOPY, evm::OP_CODECOPY, evm::OP_RETURNDATACOPY,
                                   evm::OP_EXTCODECOPY, evm::OP_MCOPY});
        if (op == evm::OP_EXTCODECOPY)
            account();
        if (op == evm::OP_RETURNDATACOPY && has(op) && random_.chance(80)) {
            // All of it: the copied size and offset are right.
            instruction(evm::OP_POP);
            instruction(evm::OP_POP);
            instruction(evm::OP_POP);
            instruction(evm::OP_RETURNDATASIZE);
            push(0);
            offset();
        }
        available(op);
    }
    void environment() {
        switch (random_.below(4)) {
        case 0:
            account();
            available(
                random_.pick<uint8_t>({evm::OP_BALANCE, evm::OP_EXTCODESIZE, evm::OP_EXTCODEHASH}));
            break;
        case 1:
            push(random_.chance(70) ? 740 + random_.below(265) : random_.below(3));
            available(random_.pick<uint8_t>({evm::OP_BLOCKHASH, evm::OP_BLOBHASH}));
            break;
        default:
            available(random_.pick<uint8_t>(
                {evm::OP_GAS, evm::OP_MSIZE, evm::OP_PC, evm::OP_RETURNDATASIZE, evm::OP_BASEFEE,
                 evm::OP_BLOBBASEFEE, evm::OP_CHAINID, evm::OP_SELFBALANCE, evm::OP_CODESIZE,
                 evm::OP_CALLDATASIZE}));
            break;
        }
    }
    void log() {
        const auto topics = static_cast<uint8_t>(random_.below(5));
        for (unsigned i = 0; i < topics; ++i)
            duplicate_or_push();
        size();
        offset();
        instruction(static_cast<uint8_t>(evm::OP_LOG0 + topics));
    }
    void call() {
        const auto op = random_.pick<uint8_t>(
            {evm::OP_CALL, evm::OP_CALLCODE, evm::OP_DELEGATECALL, evm::OP_STATICCALL});
        size();
        offset();
        size();
        offset();
        if (op == evm::OP_CALL || op == evm::OP_CALLCODE)
            push(random_.chance(60) ? 0 : random_.below(5));
        account();
        if (random_.chance(20))
            instruction(evm::OP_GAS);
        else
            push(random_.chance(85) ? random_.below(20000) : random_.word());
        available(op);
    }
    void create() {
        if (random_.chance(70)) { // the call data is a program
            instruction(evm::OP_CALLDATASIZE);
            push(0);
            push(0);
            instruction(evm::OP_CALLDATACOPY);
        }
        const bool has_salt = random_.chance(50) && has(evm::OP_CREATE2);
        if (has_salt)
            push(random_.below(3));
        if (random_.chance(70))
            instruction(evm::OP_CALLDATASIZE);
        else
            size();
        push(random_.chance(80) ? 0 : random_.below(40));
        push(random_.chance(70) ? 0 : random_.below(3));
        instruction(has_salt ? evm::OP_CREATE2 : evm::OP_CREATE);
    }

    void label() {
        labels_.push_back(code_.size());
        byte(evm::OP_JUMPDEST);
    }
    /// Pushes a target that link() fills in.
    void push_target() {
        byte(0x61); // PUSH2
        fixups_.push_back({code_.size(), labels_.size()});
        byte(0);
        byte(0);
        ++height_;
        if (random_.chance(10)) { // computed: nothing folds ADDRESS ^ ADDRESS
            instruction(evm::OP_ADDRESS);
            instruction(evm::OP_DUP1);
            instruction(evm::OP_XOR);
            instruction(random_.pick<uint8_t>({evm::OP_ADD, evm::OP_OR}));
        } else if (random_.chance(5)) { // folded
            push(0);
            instruction(evm::OP_ADD);
        }
    }
    void conditional_jump() {
        duplicate_or_push();
        duplicate_or_push();
        instruction(comparison());
        for (uint64_t i = random_.below(4); i < 2; ++i)
            instruction(evm::OP_ISZERO);
        push_target();
        instruction(evm::OP_JUMPI);
        if (random_.chance(50))
            label();
    }
    void jump_over() {
        push_target();
        instruction(evm::OP_JUMP);
        // Unreachable bytes: anything, and pushes of JUMPDESTs.
        for (uint64_t i = random_.chance(20) ? random_.below(150) : random_.below(4); i > 0; --i)
            byte(static_cast<unsigned>(random_.chance(60)   ? random_.below(256)
                                       : random_.chance(50) ? uint64_t{evm::OP_JUMPDEST}
                                                            : evm::OP_PUSH1 + random_.below(32)));
        label();
    }
    /// Counts down from a small number.
    void loop() {
        push(1 + random_.below(20));
        const size_t start = code_.size();
        labels_.push_back(start);
        byte(evm::OP_JUMPDEST);
        const bool grows = random_.chance(5);
        if (grows)
            instruction(evm::OP_DUP1);
        const int before = height_;
        if (random_.chance(50)) {
            push_any();
            push(random_.word());
            available(binary());
            instruction(evm::OP_POP);
        }
        height_ = before;
        push(1);
        instruction(evm::OP_SWAP1);
        instruction(evm::OP_SUB);
        instruction(evm::OP_DUP1);
        if (random_.chance(30)) {
            instruction(evm::OP_ISZERO);
            instruction(evm::OP_ISZERO);
        }
        push_bytes(start, 2);
        instruction(evm::OP_JUMPI);
    }
    void rare() {
        switch (random_.below(12)) {
        case 0:
            byte(static_cast<unsigned>(random_.below(256)));
            break;
        case 1:
            instruction(evm::OP_STOP);
            break;
        case 2:
            size();
            offset();
            available(random_.pick<uint8_t>({evm::OP_RETURN, evm::OP_REVERT}));
            break;
        case 3:
            account();
            instruction(evm::OP_SELFDESTRUCT);
            break;
        case 4:
            instruction(evm::OP_INVALID);
            break;
        case 5:
            for (uint64_t i = random_.below(20); i > 0; --i)
                byte(evm::OP_POP);
            break;
        case 6:
            byte(static_cast<unsigned>(random_.pick<uint8_t>({evm::OP_DUP16, evm::OP_SWAP16})));
            break;
        case 7: // an endless loop
            label();
            push_bytes(labels_.back(), 2);
            instruction(random_.pick<uint8_t>({evm::OP_JUMP, evm::OP_JUMPI}));
            break;
        default:
            fragment();
            break;
        }
    }
    /// Brings the stack close to its limit of 1024.
    void fill_stack() {
        const uint64_t items = 1000 + random_.below(28);
        if (random_.chance(50)) {
            push(random_.word());
            for (uint64_t i = 1; i < items; ++i)
                byte(random_.pick<uint8_t>({evm::OP_DUP1, evm::OP_PC, evm::OP_ADDRESS}));
        } else {
            push(items - 1);
            labels_.push_back(code_.size());
            const size_t start = code_.size();
            byte(evm::OP_JUMPDEST);
            for (const uint8_t op : {0x60, 0x01, 0x90, 0x03, 0x80, 0x80}) // - 1, twice DUP1
                byte(op);
            push_bytes(start, 2);
            byte(evm::OP_JUMPI);
        }
        height_ = static_cast<int>(items);
    }
    void truncated_push() {
        const auto size = static_cast<unsigned>(1 + random_.below(32));
        byte(0x5fu + size);
        for (uint64_t i = random_.below(size); i > 0; --i)
            byte(static_cast<unsigned>(random_.below(256)));
    }
    /// Stores what is on the stack and returns it.
    void return_stack() {
        const int stored = height_ < 12 ? height_ : 12;
        for (int i = 0; i < stored; ++i) {
            push(static_cast<uint64_t>(i) * 32);
            instruction(evm::OP_MSTORE);
        }
        push(static_cast<uint64_t>(stored) * 32);
        push(0);
        instruction(has(evm::OP_REVERT) && random_.chance(10) ? evm::OP_REVERT : evm::OP_RETURN);
    }
    /// Gives every jump a target: mostly a JUMPDEST further on.
    void link() {
        for (const Fixup& fixup : fixups_) {
            uint64_t target = random_.below(code_.size() + 2);
            const size_t later = labels_.size() - fixup.made_at;
            if (random_.chance(80) && later != 0)
                target = labels_[fixup.made_at + random_.below(later < 3 ? later : 3)];
            else if (random_.chance(85) && !labels_.empty())
                target = labels_[random_.below(labels_.size())];
            code_[fixup.position] = static_cast<uint8_t>(target >> 8);
            code_[fixup.position + 1] = static_cast<uint8_t>(target);
        }
    }

    static constexpr uint8_t jumpdests[32] = {0x5b, 0x5b, 0x5b, 0x5b, 0x5b, 0x5b, 0x5b, 0x5b,
                                              0x5b, 0x5b, 0x5b, 0x5b, 0x5b, 0x5b, 0x5b, 0x5b,
                                              0x5b, 0x5b, 0x5b, 0x5b, 0x5b, 0x5b, 0x5b, 0x5b,
                                              0x5b, 0x5b, 0x5b, 0x5b, 0x5b, 0x5b, 0x5b, 0x5b};

    Random& random_;
    const reference::InstructionTable& table_;
    std::vector<uint8_t> code_;
    std::vector<size_t> labels_;
    std::vector<Fixup> fixups_;
    int height_ = 0; ///< What the stack should hold here, coming from above.
};

} // namespace braid::test
