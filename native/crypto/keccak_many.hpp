// Many Keccak-256 hashes side by side, one per vector element. Included inside of a target region,
// once per instruction set; `Ops` gives the vectors.
//
// Every element works on a message of its own and takes the next one as soon as it is done, so
// messages of different lengths leave no element idle while any message waits.

/// Below this number of messages in work one after another is faster.
inline constexpr size_t min_busy = 3;

template <typename Ops>
class Lanes {
  public:
    Lanes(std::span<const BytesView> inputs, std::span<Bytes32> outputs) noexcept
        : inputs_{inputs}, outputs_{outputs} {
        for (auto& lane : state_)
            lane = Ops::broadcast(0);
        for (size_t slot = 0; slot < Ops::width; ++slot)
            take_next(slot);
    }

    void run() noexcept {
        while (busy_ >= min_busy) {
            absorb();
            permute<Ops>(state_);
            collect();
        }
        // What is left, at most two messages, maybe halfway through.
        uint64_t words[lane_count][Ops::width];
        std::memcpy(words, state_, sizeof(words));
        for (size_t slot = 0; slot < Ops::width; ++slot) {
            if (!slots_[slot].busy)
                continue;
            uint64_t state[lane_count];
            for (size_t i = 0; i < lane_count; ++i)
                state[i] = slots_[slot].fresh ? 0 : words[i][slot];
            outputs_[slots_[slot].index] =
                Ops::finish(state, slots_[slot].input, slots_[slot].left);
        }
    }

  private:
    struct Slot {
        const uint8_t* input = nullptr;
        size_t left = 0;
        size_t index = 0;
        bool busy = false;
        /// The state still belongs to the message before.
        bool fresh = false;
        /// The block absorbed last was the padded one.
        bool last = false;
    };

    void take_next(size_t slot) noexcept {
        if (next_ == inputs_.size()) {
            slots_[slot].busy = false;
            return;
        }
        slots_[slot] = {inputs_[next_].data(), inputs_[next_].size(), next_, true, true, false};
        ++next_;
        ++busy_;
    }

    void absorb() noexcept {
        const uint8_t* rows[Ops::width];
        alignas(64) uint64_t keep[Ops::width];
        bool any_fresh = false;
        for (size_t slot = 0; slot < Ops::width; ++slot) {
            Slot& s = slots_[slot];
            keep[slot] = s.fresh ? 0 : ~uint64_t{0};
            any_fresh |= s.fresh;
            s.fresh = false;
            s.last = s.left < keccak256_block_size;
            if (!s.busy) {
                rows[slot] = padded_[slot];
            } else if (s.last) {
                pad(padded_[slot], s.input, s.left);
                rows[slot] = padded_[slot];
            } else {
                rows[slot] = s.input;
                s.input += keccak256_block_size;
                s.left -= keccak256_block_size;
            }
        }
        if (any_fresh) {
            const auto mask = Ops::load(keep);
            for (auto& lane : state_)
                lane = Ops::and2(lane, mask);
        }
        typename Ops::Lane block[rate_lanes];
        Ops::load_rows(rows, block);
        for (size_t i = 0; i < rate_lanes; ++i)
            state_[i] = Ops::xor2(state_[i], block[i]);
    }

    void collect() noexcept {
        for (size_t slot = 0; slot < Ops::width; ++slot) {
            if (!slots_[slot].busy || !slots_[slot].last)
                continue;
            const auto* words = reinterpret_cast<const uint8_t*>(state_);
            for (size_t i = 0; i < 4; ++i)
                std::memcpy(outputs_[slots_[slot].index].bytes + 8 * i,
                            words + 8 * (i * Ops::width + slot), 8);
            --busy_;
            take_next(slot);
        }
    }

    std::span<const BytesView> inputs_;
    std::span<Bytes32> outputs_;
    typename Ops::Lane state_[lane_count];
    Slot slots_[Ops::width];
    alignas(64) uint8_t padded_[Ops::width][keccak256_block_size] = {};
    size_t next_ = 0;
    size_t busy_ = 0;
};
