/// A partial state as executions read it.
#pragma once

#include "state/misses.hpp"
#include "state/partial_state.hpp"
#include "state/state_view.hpp"

#include <memory>
#include <mutex>

namespace braid::state {

/// Answers out of what is known. What is not known it takes down, and answers as if it were absent,
/// zero or empty, so that the execution goes on and asks for more: what has missed anything rests
/// on guesses.
///
/// For one thread; others may have readers of the same state at the same time. The known state must
/// not change meanwhile.
class PartialReader final : public StateView {
  public:
    /// Both must outlive it.
    PartialReader(const PartialState& known, Misses& misses) noexcept
        : known_{known}, misses_{misses} {}

    ReadStatus load_account(const Address& address, AccountState& account,
                            bool& exists) noexcept override;
    ReadStatus load_storage(const Address& address, const Bytes32& key,
                            Bytes32& value) noexcept override;
    ReadStatus load_code(const Address& address, const Bytes32& code_hash,
                         const Code*& code) noexcept override;

  private:
    const PartialState& known_;
    Misses& misses_;
    /// Stands in for code that is not known.
    const Code no_code_{{}, empty_code_hash};
};

/// The same for any number of threads at once, with one list of what they miss.
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

    [[nodiscard]] std::unique_ptr<StateView> reader(Misses& misses) override {
        return std::make_unique<PartialReader>(*known_, misses);
    }

    /// Hands out what was asked for here and is not known, each once, in the order of the first
    /// asking. Only while nothing executes on the view.
    [[nodiscard]] std::vector<wire::MissingKey> take_missing();

  private:
    const std::shared_ptr<const PartialState> known_;
    std::mutex mutex_;
    Misses misses_{SIZE_MAX};                ///< under mutex_
    PartialReader reader_{*known_, misses_}; ///< under mutex_
};

} // namespace braid::state
