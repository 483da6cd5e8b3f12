#include "evm/step_cost.hpp"

#include "evm/opcodes.hpp"

#include <algorithm>
#include <optional>

namespace braid::evm {
namespace {

// Yellow Paper, appendix G, and the EIPs named beside.
constexpr uint64_t word_copy_gas = 3;
constexpr uint64_t keccak256_word_gas = 6;
constexpr uint64_t log_byte_gas = 8;
constexpr uint64_t call_value_gas = 9000;
constexpr uint64_t new_account_gas = 25000;
constexpr uint64_t warm_gas = 100; // EIP-2929

/// Memory beyond this has no cost in 64 bits.
constexpr uint64_t largest_memory = 0x1FFFFFFFE0;

/// EIP-7702.
constexpr size_t delegation_size = 23;

/// Adds up gas. The first failure stays.
class Sum {
  public:
    void add(uint64_t gas) noexcept {
        if (__builtin_add_overflow(total_, gas, &total_))
            fail(StepFailure::cost_overflow);
    }
    /// Adds so much for every word of so many bytes.
    void add_words(const uint256& bytes, uint64_t gas) noexcept {
        if (!bytes.fits_uint64()) {
            fail(StepFailure::cost_overflow);
            return;
        }
        const uint64_t words = bytes.word[0] / 32 + uint64_t{bytes.word[0] % 32 != 0};
        uint64_t cost = 0;
        if (__builtin_mul_overflow(words, gas, &cost))
            fail(StepFailure::cost_overflow);
        add(cost);
    }
    void fail(StepFailure failure) noexcept {
        if (failure_ == StepFailure::none)
            failure_ = failure;
    }
    [[nodiscard]] uint64_t total() const noexcept { return total_; }
    [[nodiscard]] StepFailure failure() const noexcept { return failure_; }
    [[nodiscard]] bool holds() const noexcept { return failure_ == StepFailure::none; }

  private:
    uint64_t total_ = 0;
    StepFailure failure_ = StepFailure::none;
};

/// Works out one instruction's cost. `top` as operations have it.
class Meter {
  public:
    Meter(Frame& frame, StepHost& host, uint8_t op, const uint256* top) noexcept
        : frame_{frame}, rules_{*frame.rules}, host_{host}, op_{op}, top_{top} {}

    StepCost measure() noexcept {
        const uint64_t fixed = fixed_cost_of(rules_, op_);
        const auto gas = static_cast<uint64_t>(frame_.gas);
        if (gas < fixed)
            return {fixed, 0, StepFailure::out_of_gas};
        available_ = gas - fixed;
        const std::optional<uint64_t> memory = memory_size();
        if (!memory)
            return {fixed, 0, StepFailure::memory_overflow};
        memory_size_ = *memory;
        Sum sum;
        add_variable_cost(sum);
        if (!sum.holds())
            return {fixed, 0, sum.failure()};
        const uint64_t cost = fixed + sum.total();
        return {cost, refund_,
                sum.total() > available_ ? StepFailure::out_of_gas : StepFailure::none,
                memory_size_};
    }

    [[nodiscard]] int64_t surcharge(const PricedRules& prices) const noexcept {
        const std::optional<uint64_t> memory = memory_size();
        if (!memory || *memory > memory_limit)
            return 0;
        int64_t sum = 0;
        if (*memory > frame_.memory_size)
            sum += prices.memory_word *
                   (words_in(*memory) - static_cast<int64_t>(frame_.memory_size / 32));
        switch (op_) {
        case OP_KECCAK256:
            return sum + prices.keccak256_word * words_of_item(1);
        case OP_CALLDATACOPY:
        case OP_CODECOPY:
        case OP_RETURNDATACOPY:
        case OP_MCOPY:
            return sum + prices.copy_word * words_of_item(2);
        case OP_EXTCODECOPY:
            return sum + prices.copy_word * words_of_item(3);
        case OP_LOG0:
        case OP_LOG0 + 1:
        case OP_LOG0 + 2:
        case OP_LOG0 + 3:
        case OP_LOG4:
            return sum + prices.log_byte * static_cast<int64_t>(payable_size(1));
        case OP_CREATE2:
            return sum + prices.keccak256_word * words_of_item(2);
        case OP_CALL:
        case OP_CALLCODE:
        case OP_DELEGATECALL:
        case OP_STATICCALL:
            return sum + call_surcharge(prices);
        default:
            return sum;
        }
    }

  private:
    [[nodiscard]] static int64_t words_in(uint64_t bytes) noexcept {
        return static_cast<int64_t>((bytes + 31) / 32);
    }
    /// A size that is an operand; 0 where nobody can pay for it.
    [[nodiscard]] uint64_t payable_size(ptrdiff_t index) const noexcept {
        const uint256& size = item(index);
        return size.fits_uint64() && size.word[0] <= memory_limit ? size.word[0] : 0;
    }
    [[nodiscard]] int64_t words_of_item(ptrdiff_t index) const noexcept {
        return words_in(payable_size(index));
    }

    [[nodiscard]] int64_t call_surcharge(const PricedRules& prices) const noexcept {
        int64_t sum = has_value() ? prices.call_value : 0;
        const Address target = to_address(item(1));
        if (prices.new_account != 0 && op_ == OP_CALL &&
            (has_value() || !rules_.empty_accounts_are_absent) && !host_.has_account(target))
            sum += prices.new_account;
        Address delegate;
        if (prices.delegation_access != 0 && rules_.has_delegations &&
            find_delegate(target, delegate))
            sum += prices.delegation_access;
        return sum;
    }

    [[nodiscard]] const OpcodeRule& rule() const noexcept { return rules_.opcodes[op_]; }
    [[nodiscard]] const uint256& item(ptrdiff_t index) const noexcept { return top_[-index]; }
    [[nodiscard]] const Address& self() const noexcept { return frame_.message->recipient; }

    /// The end of a region of memory, 0 for an empty one; nothing where it is beyond 64 bits.
    static std::optional<uint64_t> end_of(const uint256& offset, const uint256& size) noexcept {
        if (!size)
            return 0;
        uint64_t end = 0;
        if (!offset.fits_uint64() || !size.fits_uint64() ||
            __builtin_add_overflow(offset.word[0], size.word[0], &end) || end > UINT64_MAX - 31)
            return std::nullopt;
        return end;
    }
    [[nodiscard]] std::optional<uint64_t> region(ptrdiff_t offset, ptrdiff_t size) const noexcept {
        return end_of(item(offset), item(size));
    }
    [[nodiscard]] std::optional<uint64_t> regions(ptrdiff_t first) const noexcept {
        const auto input = region(first, first + 1);
        const auto output = region(first + 2, first + 3);
        if (!input || !output)
            return std::nullopt;
        return std::max(*input, *output);
    }

    /// How far into memory the instruction reaches.
    [[nodiscard]] std::optional<uint64_t> memory_size() const noexcept {
        switch (op_) {
        case OP_MLOAD:
        case OP_MSTORE:
            return end_of(item(0), uint256{32});
        case OP_MSTORE8:
            return end_of(item(0), uint256{1});
        case OP_KECCAK256:
        case OP_RETURN:
        case OP_REVERT:
        case OP_LOG0:
        case OP_LOG0 + 1:
        case OP_LOG0 + 2:
        case OP_LOG0 + 3:
        case OP_LOG4:
            return region(0, 1);
        case OP_CALLDATACOPY:
        case OP_CODECOPY:
        case OP_RETURNDATACOPY:
            return region(0, 2);
        case OP_MCOPY:
            return end_of(item(0) < item(1) ? item(1) : item(0), item(2));
        case OP_EXTCODECOPY:
            return region(1, 3);
        case OP_CREATE:
        case OP_CREATE2:
            return region(1, 2);
        case OP_CALL:
        case OP_CALLCODE:
            return regions(3);
        case OP_DELEGATECALL:
        case OP_STATICCALL:
            return regions(2);
        default:
            return 0;
        }
    }

    /// What makes memory as large as the instruction needs it.
    void add_memory(Sum& sum) const noexcept {
        if (memory_size_ <= frame_.memory_size)
            return;
        if (memory_size_ > largest_memory) {
            sum.fail(StepFailure::cost_overflow);
            return;
        }
        const auto cost = [](uint64_t bytes) {
            const uint64_t words = (bytes + 31) / 32;
            return 3 * words + words * words / 512;
        };
        sum.add(cost(memory_size_) - cost(frame_.memory_size));
    }

    void add_variable_cost(Sum& sum) noexcept {
        switch (op_) {
        case OP_MLOAD:
        case OP_MSTORE:
        case OP_MSTORE8:
        case OP_RETURN:
        case OP_REVERT:
            return add_memory(sum);
        case OP_KECCAK256:
            add_memory(sum);
            return sum.add_words(item(1), keccak256_word_gas);
        case OP_CALLDATACOPY:
        case OP_CODECOPY:
        case OP_RETURNDATACOPY:
        case OP_MCOPY:
            add_memory(sum);
            return sum.add_words(item(2), word_copy_gas);
        case OP_EXTCODECOPY:
            add_memory(sum);
            sum.add_words(item(3), word_copy_gas);
            return add_cold_account(sum, to_address(item(0)));
        case OP_BALANCE:
        case OP_EXTCODESIZE:
        case OP_EXTCODEHASH:
            return add_cold_account(sum, to_address(item(0)));
        case OP_EXP:
            return sum.add(rule().gas +
                           static_cast<uint64_t>(rules_.exp_byte_gas) * significant_bytes(item(1)));
        case OP_LOG0:
        case OP_LOG0 + 1:
        case OP_LOG0 + 2:
        case OP_LOG0 + 3:
        case OP_LOG4:
            return add_log(sum);
        case OP_SLOAD:
            return add_sload(sum);
        case OP_SSTORE:
            return add_sstore(sum);
        case OP_CREATE:
            return add_create(sum, 0);
        case OP_CREATE2:
            return add_create(sum, keccak256_word_gas);
        case OP_CALL:
        case OP_CALLCODE:
        case OP_DELEGATECALL:
        case OP_STATICCALL:
            return rules_.has_delegations ? add_call_with_delegation(sum) : add_call(sum);
        case OP_SELFDESTRUCT:
            return add_selfdestruct(sum);
        default:
            return;
        }
    }

    void add_cold_account(Sum& sum, const Address& address) const noexcept {
        if (rules_.has_access_lists && !host_.is_warm(address))
            sum.add(static_cast<uint64_t>(rules_.cold_account_gas));
    }

    void add_log(Sum& sum) const noexcept {
        if (!item(1).fits_uint64()) {
            sum.fail(StepFailure::cost_overflow);
            return;
        }
        add_memory(sum);
        sum.add(rule().gas);
        uint64_t bytes = 0;
        if (__builtin_mul_overflow(item(1).word[0], log_byte_gas, &bytes))
            sum.fail(StepFailure::cost_overflow);
        sum.add(bytes);
    }

    void add_sload(Sum& sum) const noexcept {
        if (!rules_.has_access_lists)
            return;
        sum.add(rule().gas);
        if (!host_.is_warm(self(), to_bytes32(item(0))))
            sum.add(static_cast<uint64_t>(rules_.cold_sload_gas));
    }

    void add_sstore(Sum& sum) noexcept {
        if (frame_.is_static())
            return sum.fail(StepFailure::static_cost);
        if (frame_.gas <= rules_.sstore_sentry_gas)
            return sum.fail(StepFailure::sentry);
        const Bytes32 key = to_bytes32(item(0));
        if (rules_.has_access_lists && !host_.is_warm(self(), key))
            sum.add(static_cast<uint64_t>(rules_.cold_storage_gas));
        const auto status = host_.status_of_store(self(), key, to_bytes32(item(1)));
        const StorageCost& cost = rules_.storage_costs[static_cast<size_t>(status)];
        sum.add(static_cast<uint64_t>(cost.gas));
        refund_ = cost.refund;
    }

    void add_create(Sum& sum, uint64_t word_gas) const noexcept {
        if (frame_.is_static())
            return sum.fail(StepFailure::static_cost);
        add_memory(sum);
        word_gas += static_cast<uint64_t>(rules_.initcode_word_gas);
        if (word_gas == 0)
            return;
        if (rules_.max_initcode_size != UINT64_MAX && item(2).fits_uint64() &&
            item(2).word[0] > rules_.max_initcode_size)
            sum.fail(StepFailure::initcode_size);
        sum.add_words(item(2), word_gas);
    }

    void add_selfdestruct(Sum& sum) noexcept {
        if (frame_.is_static())
            return sum.fail(StepFailure::static_cost);
        const Address beneficiary = to_address(item(0));
        if (!rules_.has_access_lists) {
            sum.add(rule().gas);
        } else if (!host_.is_warm(beneficiary)) {
            const auto cold = static_cast<uint64_t>(rules_.cold_beneficiary_gas);
            if (available_ < cold)
                return sum.fail(StepFailure::cost_out_of_gas);
            sum.add(cold);
        }
        if (rules_.selfdestruct_new_account_gas != 0) {
            const bool sends = !rules_.empty_accounts_are_absent || host_.has_balance(self());
            if (sends && !host_.has_account(beneficiary))
                sum.add(static_cast<uint64_t>(rules_.selfdestruct_new_account_gas));
        }
        if (rules_.selfdestruct_refund != 0 && !host_.is_destroyed(self()))
            refund_ = rules_.selfdestruct_refund;
    }

    [[nodiscard]] bool has_value() const noexcept {
        return (op_ == OP_CALL || op_ == OP_CALLCODE) && item(2);
    }

    /// What a call costs beside its access and what it passes on.
    void add_call_itself(Sum& sum) const noexcept {
        if (op_ == OP_CALL && frame_.is_static() && has_value())
            return sum.fail(StepFailure::static_cost);
        add_memory(sum);
        if (has_value())
            sum.add(call_value_gas);
        if (op_ != OP_CALL || !sum.holds())
            return;
        if (sum.total() > available_)
            return sum.fail(StepFailure::cost_out_of_gas);
        if ((has_value() || !rules_.empty_accounts_are_absent) &&
            !host_.has_account(to_address(item(1))))
            sum.add(new_account_gas);
    }

    /// What is passed on, where so much is available after what the call itself costs.
    void add_passed_gas(Sum& sum, uint64_t available, uint64_t cost) const noexcept {
        const uint256& wanted = item(0);
        if (rules_.has_gas_reserve) {               // EIP-150
            const uint64_t rest = available - cost; // may wrap: then it is far too much
            const uint64_t most = rest - rest / 64;
            sum.add(wanted < uint256{most} ? wanted.word[0] : most);
        } else if (wanted.fits_uint64()) {
            sum.add(wanted.word[0]);
        } else {
            sum.fail(StepFailure::cost_overflow);
        }
    }

    void add_call(Sum& sum) noexcept {
        uint64_t access = 0;
        if (rules_.has_access_lists && !host_.is_warm(to_address(item(1))))
            access = static_cast<uint64_t>(rules_.cold_account_gas);
        if (access > available_)
            return sum.fail(StepFailure::cost_out_of_gas);
        available_ -= access;
        add_call_itself(sum);
        if (sum.holds())
            add_passed_gas(sum, available_, sum.total());
        available_ += access;
        sum.add(access);
    }

    void add_call_with_delegation(Sum& sum) noexcept {
        if (op_ == OP_CALL && frame_.is_static() && has_value())
            return sum.fail(StepFailure::static_cost);
        const Address target = to_address(item(1));
        uint64_t access =
            host_.is_warm(target) ? 0 : static_cast<uint64_t>(rules_.cold_account_gas);
        const uint64_t all = available_;
        if (!take(access, sum))
            return;
        add_call_itself(sum);
        if (!sum.holds() || !take(sum.total(), sum))
            return;
        if (Address delegate; find_delegate(target, delegate)) {
            const uint64_t resolved =
                host_.is_warm(delegate) || delegate == target
                    ? warm_gas
                    : warm_gas + static_cast<uint64_t>(rules_.cold_account_gas);
            if (!take(resolved, sum))
                return;
            access += resolved;
        }
        add_passed_gas(sum, available_, 0);
        sum.add(access);
        available_ = all;
    }

    bool take(uint64_t gas, Sum& sum) noexcept {
        if (gas > available_) {
            sum.fail(StepFailure::cost_out_of_gas);
            return false;
        }
        available_ -= gas;
        return true;
    }

    /// EIP-7702.
    [[nodiscard]] bool find_delegate(const Address& target, Address& delegate) const noexcept {
        constexpr uint8_t prefix[3] = {0xef, 0x01, 0x00};
        const BytesView code = host_.code_of(target);
        if (code.size() != delegation_size || std::memcmp(code.data(), prefix, sizeof(prefix)) != 0)
            return false;
        std::memcpy(delegate.bytes, code.data() + sizeof(prefix), sizeof(delegate.bytes));
        return true;
    }

    Frame& frame_;
    const Rules& rules_;
    StepHost& host_;
    const uint8_t op_;
    const uint256* const top_;
    uint64_t available_ = 0; ///< of the frame's gas, after the fixed cost
    uint64_t memory_size_ = 0;
    int64_t refund_ = 0;
};

} // namespace

uint64_t fixed_cost_of(const Rules& rules, uint8_t op) noexcept {
    const uint64_t gas = rules.opcodes[op].gas;
    switch (op) {
    case OP_EXP:
    case OP_SSTORE:
    case OP_LOG0:
    case OP_LOG0 + 1:
    case OP_LOG0 + 2:
    case OP_LOG0 + 3:
    case OP_LOG4:
        return 0;
    case OP_SLOAD:
    case OP_SELFDESTRUCT:
        // With access lists one of them loses its fixed part, the other one gets it.
        return rules.has_access_lists == (op == OP_SELFDESTRUCT) ? gas : 0;
    default:
        return gas;
    }
}

StepCost cost_of_step(Frame& frame, StepHost& host, uint8_t op, const uint256* top) noexcept {
    return Meter{frame, host, op, top}.measure();
}

int64_t surcharge_of_step(Frame& frame, StepHost& host, uint8_t op, const uint256* top,
                          const PricedRules& prices) noexcept {
    return Meter{frame, host, op, top}.surcharge(prices);
}

} // namespace braid::evm
