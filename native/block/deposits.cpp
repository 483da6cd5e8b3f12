#include "block/deposits.hpp"

#include <array>

namespace braid::block {
namespace {

/// keccak256("DepositEvent(bytes,bytes,bytes,bytes,bytes)"), EIP-6110.
constexpr Bytes32 deposit_event{{0x64, 0x9b, 0xbc, 0x62, 0xd0, 0xe3, 0x13, 0x42, 0xaf, 0xea, 0x4e,
                                 0x5c, 0xd8, 0x2d, 0x40, 0x49, 0xe7, 0xe1, 0xee, 0x91, 0x2f, 0xc0,
                                 0x88, 0x9a, 0xa7, 0x90, 0x80, 0x3b, 0xe3, 0x90, 0x38, 0xc5}};

/// A field of the event: where its length stands, and the length. The data follows the length.
struct Field {
    uint32_t offset;
    uint32_t size;
};

/// Public key, withdrawal credentials, amount, signature, index (EIP-6110).
constexpr std::array<Field, 5> fields{{{160, 48}, {256, 32}, {320, 8}, {384, 96}, {512, 8}}};
constexpr size_t event_size = 576;
constexpr size_t word_size = 32;

/// Whether the 32-byte word at `offset` is this number.
bool word_is(BytesView data, size_t offset, uint32_t value) noexcept {
    Bytes32 expected{};
    store_be64(expected.bytes + 24, value);
    return std::memcmp(data.data() + offset, expected.bytes, word_size) == 0;
}

bool has_event_layout(BytesView data) noexcept {
    if (data.size() != event_size)
        return false;
    for (size_t i = 0; i < fields.size(); ++i)
        if (!word_is(data, i * word_size, fields[i].offset) ||
            !word_is(data, fields[i].offset, fields[i].size))
            return false;
    return true;
}

} // namespace

bool append_deposits(const wire::BlockInput& header, wire::BlockRecords& records) {
    std::vector<uint8_t> deposits;
    for (const wire::Log& log : records.logs) {
        if (!(log.address == header.deposit_contract) || log.topic_count == 0 ||
            !(records.topics[log.topic_start] == deposit_event))
            continue;
        const BytesView data = BytesView{records.pool}.subspan(log.data_offset, log.data_size);
        if (!has_event_layout(data))
            return false;
        for (const Field& field : fields) {
            const BytesView bytes = data.subspan(field.offset + word_size, field.size);
            deposits.insert(deposits.end(), bytes.begin(), bytes.end());
        }
    }
    if (!deposits.empty())
        records.requests.push_back({deposit_request_type, records.append(deposits),
                                    static_cast<uint32_t>(deposits.size())});
    return true;
}

} // namespace braid::block
