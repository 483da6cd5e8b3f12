/// A partial state as one execution reads it.
#pragma once

#include "state/partial_state.hpp"
#include "wire/layout.hpp"

#include <memory>
#include <mutex>

namespace braid::state {

/// Answers out of what is known. What is not known it takes down, and answers as if it were absent,
/// zero or empty, so that the execution goes on and asks for more: if anything is missing in the
/// end, the outcome rests on guesses and is to be thrown away.
///
/// Any number of threads may read at once. The known state must not change meanwhile.
class PartialView final : public StateView {
  public:
    explicit PartialView(std::shared_ptr<const PartialState> known) noexcept
        : known_{std::move(known)} {}

    ReadStatus load_account(const Address& address, AccountState& account,
                            bool& exists) noexcept override;
    ReadStatus load_storage(const Address& address, const Bytes32& key,
                            Bytes32& value) noexcept override;
    ReadStatus load_code(const Address& address, const Bytes32& code_hash,
                         const Code*& code) noexcept override;

    /// Hands out what was asked for and is not known, each once, in the order of the first asking.
    /// Only while nothing executes on the view.
    [[nodiscard]] std::vector<wire::MissingKey> take_missing();

  private:
    void miss(const wire::MissingKey& key) noexcept;

    const std::shared_ptr<const PartialState> known_;
    /// Stands in for code that is not known.
    const Code no_code_{{}, empty_code_hash};
    std::mutex mutex_;
    std::vector<wire::MissingKey> missing_; ///< under mutex_
    HashIndex missing_index_;               ///< under mutex_
};

} // namespace braid::state
