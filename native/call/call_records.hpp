/// What calls have come to, record by record, before it is packed into one buffer.
#pragma once

#include "transaction/transaction_outcome.hpp"
#include "wire/section_writer.hpp"

#include <span>
#include <string_view>
#include <vector>

namespace braid::call {

/// The records of calls that ran one after another. One thread fills it.
class CallRecords {
  public:
    /// Adds what a call came to. `text` says why it failed, where that is known; `accessed` is what
    /// it looked up, where that was asked for.
    void add(const transaction::TransactionOutcome& outcome, std::string_view text,
             std::span<const wire::PrefetchKey> accessed);

  private:
    friend wire::PackedBuffer write_calls(std::span<const CallRecords> parts) noexcept;

    uint32_t append(BytesView bytes) {
        const auto offset = static_cast<uint32_t>(pool_.size());
        pool_.insert(pool_.end(), bytes.begin(), bytes.end());
        return offset;
    }

    std::vector<wire::CallOutcome> outcomes_;
    std::vector<wire::Log> logs_;
    std::vector<Bytes32> topics_;
    std::vector<wire::PrefetchKey> accessed_;
    std::vector<uint8_t> pool_;
};

/// Packs the records of calls as a CallsOutput, in the order of the parts. Null where there is no
/// memory.
[[nodiscard]] wire::PackedBuffer write_calls(std::span<const CallRecords> parts) noexcept;

/// A CallsOutput of calls that could not be run at all; the address is that of the account
/// concerned, or zero.
[[nodiscard]] wire::PackedBuffer failed_calls(wire::ErrorCode error,
                                              const Address& address = {}) noexcept;

} // namespace braid::call
