/// Packed states and blocks as they could come across the boundary, whole or damaged: nothing is
/// read outside of them, several workers give what one gives, and a result that was committed can
/// be taken back.
///
/// The input: the size of the packed state (four bytes, little-endian), how many workers (one byte;
/// bit 7: everything ahead), three bytes that nobody looks at, the packed state, the packed block.
#include "base/keyed_hash.hpp"
#include "fuzz/target.hpp"
#include "parallel/block_runner.hpp"
#include "state/packed_state.hpp"
#include "tests/evm/random.hpp"
#include "wire/block_reader.hpp"
#include "wire/section.hpp"

#include <cstring>
#include <memory>
#include <vector>

namespace braid::fuzz {
namespace {

constexpr size_t head_size = 8;
constexpr size_t most_workers = 4;
constexpr uint8_t runs_ahead = 0x80;

/// What a block may use: more of it would tell nothing new and take long.
constexpr uint64_t most_gas = 3'000'000;
constexpr size_t most_system_calls = 8;

/// Bytes on a piece of memory of just their size, at a multiple of 8: what is read beyond them is
/// noticed.
class ExactCopy {
  public:
    explicit ExactCopy(BytesView bytes)
        : data_{static_cast<uint8_t*>(::operator new(bytes.size()))}, size_{bytes.size()} {
        std::copy(bytes.begin(), bytes.end(), data_.get());
    }
    [[nodiscard]] BytesView view() const { return {data_.get(), size_}; }
    template <typename Value>
    void set(size_t at, Value value) {
        std::memcpy(data_.get() + at, &value, sizeof(value));
    }

  private:
    struct Free {
        void operator()(uint8_t* data) const { ::operator delete(data); }
    };
    std::unique_ptr<uint8_t, Free> data_;
    size_t size_;
};

template <typename Record>
std::span<const Record> section(BytesView output, const wire::Section& section) {
    std::span<const Record> records;
    if (!wire::read_section(output, section, records))
        finding("a section of an output leaves it");
    return records;
}

template <typename Record>
bool same_section(BytesView a, const wire::Section& in_a, BytesView b, const wire::Section& in_b) {
    const auto x = section<Record>(a, in_a);
    const auto y = section<Record>(b, in_b);
    return x.size() == y.size() &&
           (x.empty() || std::memcmp(x.data(), y.data(), x.size_bytes()) == 0);
}

/// What two outputs say differently of the block, or null; how it was run may differ.
const char* find_difference(BytesView a, BytesView b) {
    const auto& x = *reinterpret_cast<const wire::BlockOutput*>(a.data());
    const auto& y = *reinterpret_cast<const wire::BlockOutput*>(b.data());
    if (x.error != y.error)
        return "error";
    if (x.error_transaction != y.error_transaction || x.error_expected != y.error_expected ||
        x.error_actual != y.error_actual || x.error_address != y.error_address)
        return "the error's details";
    if (x.gas_used != y.gas_used || x.blob_gas_used != y.blob_gas_used)
        return "gas";
    if (!same_section<wire::Receipt>(a, x.receipts, b, y.receipts))
        return "receipts";
    if (!same_section<wire::Log>(a, x.logs, b, y.logs) ||
        !same_section<Bytes32>(a, x.topics, b, y.topics))
        return "logs";
    if (!same_section<wire::AccountChange>(a, x.accounts, b, y.accounts))
        return "accounts";
    if (!same_section<wire::SlotChange>(a, x.slots, b, y.slots))
        return "slots";
    if (!same_section<wire::Request>(a, x.requests, b, y.requests))
        return "requests";
    if (!same_section<uint8_t>(a, x.pool, b, y.pool))
        return "pool";
    if (std::memcmp(x.bloom, y.bloom, sizeof(x.bloom)) != 0)
        return "bloom";
    return x.receipts_root == y.receipts_root ? nullptr : "receipts root";
}

parallel::BlockRunner& runner() {
    static const auto instance = parallel::BlockRunner::create(nullptr, most_workers);
    return *instance;
}

wire::PackedBuffer run(const ExactCopy& block, state::LayeredMemory& state) {
    wire::PackedBuffer output = runner().run(block.view(), state);
    if (output.data == nullptr || output.size < sizeof(wire::BlockOutput))
        finding("no output");
    return output;
}

std::vector<uint8_t> dump_of(const state::LayeredMemory& state) {
    const wire::PackedBuffer packed = wire::write_state_dump(state::make_dump(state));
    return {packed.view().begin(), packed.view().end()};
}

/// Commits a result and takes it back.
void check_undo(state::LayeredMemory& state, BytesView bytes) {
    const auto output = wire::read_output(bytes);
    if (!output)
        finding("an output that cannot be read");
    if (output->header->error != static_cast<uint32_t>(wire::ErrorCode::ok))
        return;
    if (!state::follows_from(state, *output))
        finding("an output does not follow from the state it was made on");
    const std::vector<uint8_t> before = dump_of(state);
    const wire::PackedBuffer cleared =
        wire::write_state_dump(state::storage_to_clear(state, *output));
    state::apply_output(state, *output);
    if (!state::leads_to(state, *output))
        finding("an output does not lead to the state it was committed to");
    const auto cleared_view = wire::read_state_dump(cleared.view());
    if (!cleared_view)
        finding("the cleared storage cannot be read");
    state::revert_output(state, *output, *cleared_view);
    if (dump_of(state) != before)
        finding("a result that was taken back left something");
}

/// Whether a section lies in the header, whose number of workers it would then depend on.
bool overlaps_header(const wire::BlockView& view) {
    const auto* end = reinterpret_cast<const uint8_t*>(view.header + 1);
    const auto is_inside = [end](auto records) {
        return !records.empty() && reinterpret_cast<const uint8_t*>(records.data()) < end;
    };
    return is_inside(view.transactions) || is_inside(view.ommers) || is_inside(view.withdrawals) ||
           is_inside(view.block_hashes) || is_inside(view.system_calls) || is_inside(view.drains) ||
           is_inside(view.access_entries) || is_inside(view.storage_keys) ||
           is_inside(view.blob_hashes) || is_inside(view.authorizations) ||
           is_inside(view.prefetch_keys) || is_inside(view.pool);
}

/// Whether a block can be compared, and its run is bounded enough for a fuzzer; its gas is set to
/// be.
bool is_suitable(ExactCopy& block) {
    const auto view = wire::read_block(block.view());
    if (!view)
        return true; // nothing runs
    if (view->header->gas_limit > most_gas)
        block.set(offsetof(wire::BlockInput, gas_limit), most_gas);
    return !overlaps_header(*view) && view->system_calls.size() <= most_system_calls;
}

} // namespace
} // namespace braid::fuzz

using namespace braid::fuzz;

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace braid;
    if (size < head_size)
        return -1;
    set_hash_key(hash_key_of(0)); // an input goes the same way each time
    uint32_t state_size = 0;
    std::memcpy(&state_size, data, sizeof(state_size));
    const BytesView rest{data + head_size, size - head_size};
    if (state_size > rest.size())
        return -1;
    const ExactCopy packed_state{rest.first(state_size)};
    state::LayeredMemory state;
    if (const auto dump = wire::read_state_dump(packed_state.view()))
        state::load_dump(state, *dump);

    ExactCopy block{rest.subspan(state_size)};
    if (!is_suitable(block))
        return -1;
    const bool has_header = block.view().size() >= sizeof(wire::BlockInput);
    if (has_header)
        block.set(offsetof(wire::BlockInput, workers), uint32_t{1});
    const wire::PackedBuffer expected = run(block, state);
    if (has_header) {
        const auto& header = *reinterpret_cast<const wire::BlockInput*>(block.view().data());
        block.set(offsetof(wire::BlockInput, workers),
                  static_cast<uint32_t>(2 + data[4] % (most_workers - 1)));
        const uint32_t flags = header.flags & ~wire::block_flag::always_run_ahead;
        block.set(offsetof(wire::BlockInput, flags),
                  (data[4] & runs_ahead) != 0 ? flags | wire::block_flag::always_run_ahead : flags);
        const wire::PackedBuffer actual = run(block, state);
        if (const char* difference = find_difference(expected.view(), actual.view()))
            finding(std::string("several workers change the ") + difference);
    }
    check_undo(state, expected.view());
    return 0;
}

/// Mostly changes numbers where they stand, so that magic numbers, offsets and counts stay close to
/// what they were.
size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size, unsigned seed) {
    braid::test::Random random{seed};
    if (size < head_size + 64 || random.chance(25))
        return LLVMFuzzerMutate(data, size, max_size);
    uint32_t state_size = 0;
    std::memcpy(&state_size, data, sizeof(state_size));
    const size_t block_at = std::min<size_t>(head_size + state_size, size);
    for (uint64_t edits = 1 + random.below(3); edits > 0; --edits) {
        // Half of the time in the block's header and first transactions.
        const size_t start = random.chance(60) && size - block_at > 64 ? block_at : 0;
        const size_t length =
            random.chance(50) ? std::min<size_t>(size - start, 1024) : size - start;
        const size_t at = start + (random.below(length - 8) & ~size_t{3});
        uint32_t number = 0;
        std::memcpy(&number, data + at, sizeof(number));
        switch (random.below(5)) {
        case 0:
            number = static_cast<uint32_t>(
                random.pick({uint64_t{0}, uint64_t{1}, uint64_t{0x7fffffff}, uint64_t{0x80000000},
                             uint64_t{0xffffffff}, uint64_t{0xfffffff8}}));
            break;
        case 1:
            number += static_cast<uint32_t>(random.below(17)) - 8;
            break;
        case 2:
            number ^= uint32_t{1} << random.below(32);
            break;
        case 3:
            number = static_cast<uint32_t>(random.below(size));
            break;
        default: {
            const size_t from = random.below(size - 8) & ~size_t{3};
            std::memcpy(&number, data + from, sizeof(number));
        }
        }
        std::memcpy(data + at, &number, sizeof(number));
    }
    return size;
}
