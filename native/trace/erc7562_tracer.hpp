/// What geth's erc7562Tracer tells beside the calls: what bundlers of user operations have to check
/// (ERC-7562).
#pragma once

#include "trace/json_text.hpp"
#include "trace/step_tracer.hpp"

#include <bitset>
#include <cstring>
#include <map>
#include <set>
#include <vector>

namespace braid::trace {

/// What erc7562Tracer is asked for.
struct Erc7562Options {
    std::bitset<256> ignored_opcodes{};          ///< those that are not counted
    size_t most_bytes = StepTracer::usual_bytes; ///< of all answers together
};

/// Notes, frame by frame, slots, opcodes and the sizes of contracts that are looked at. Of each
/// transaction it gives the members that each frame has of them, in the order in which frames are
/// entered, and at last what was hashed; each is ended by a new line.
class Erc7562Tracer final : public StepTracer {
  public:
    explicit Erc7562Tracer(const Erc7562Options& options) noexcept
        : StepTracer{options.most_bytes}, options_{options} {}

    void begin_transaction() noexcept override;
    void on_step(const evm::Step& step) noexcept override;
    void on_enter(const transaction::TransactionTrace& trace,
                  const transaction::TracedFrame& frame) noexcept override;
    void on_exit(const transaction::TransactionTrace& trace,
                 const transaction::TracedFrame& frame) noexcept override;
    void end_transaction(const transaction::TransactionOutcome& outcome) noexcept override;

  private:
    struct Before {
        template <typename Bytes>
        bool operator()(const Bytes& a, const Bytes& b) const noexcept {
            return std::memcmp(a.bytes, b.bytes, sizeof(a.bytes)) < 0;
        }
    };
    template <typename Value>
    using BySlot = std::map<Bytes32, Value, Before>;

    /// A contract that is called or whose code is looked at.
    struct Contract {
        size_t code_size = 0;
        uint8_t op = 0; ///< the first that looked at it
    };
    struct Frame {
        BySlot<Bytes32> reads; ///< what the slot held when it was first read
        BySlot<uint64_t> writes;
        BySlot<uint64_t> transient_reads;
        BySlot<uint64_t> transient_writes;
        std::vector<Address> looked_at; ///< by EXTCODE…
        std::map<uint8_t, uint64_t> opcodes;
        std::map<Address, Contract, Before> contracts;
    };
    /// The instruction before, in whichever frame.
    struct Last {
        bool is_there = false;
        uint8_t op = 0;
        Address address{}; ///< on the top of the stack
    };

    void note_contract(const evm::Step& step, Frame& frame);
    void note_storage(const evm::Step& step, Frame& frame);
    void note_hashed(const evm::Step& step);
    static void write(JsonText& json, const Frame& frame);

    const Erc7562Options options_;
    std::vector<Frame> frames_; ///< in the order in which they are entered
    std::vector<size_t> open_;  ///< those under way, innermost last
    Last last_;
    std::set<std::string> hashed_; ///< as bytes
    size_t noted_ = 0;             ///< about how many bytes the answer has
};

} // namespace braid::trace
