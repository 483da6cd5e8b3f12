/// A state in memory in and out of the records of the packed boundary.
#pragma once

#include "state/layered_memory.hpp"
#include "wire/output_reader.hpp"
#include "wire/state_dump.hpp"

namespace braid::state {

/// How many accounts and slots a block's output says something of: what applying it changes.
[[nodiscard]] inline size_t change_count(const wire::OutputView& output) noexcept {
    return output.accounts.size() + output.slots.size();
}

/// Adds the accounts of a dump: each replaces nonce, balance and code, and adds its slots. Code
/// hashes are taken as the dump says them.
void load_dump(LayeredMemory& state, const wire::StateDumpView& dump);

/// An account's record without code and slots. False where there is no such account.
[[nodiscard]] bool read_account(const LayeredMemory& state, const Address& address,
                                wire::StateAccount& record) noexcept;

/// The whole state as records: accounts by address and their slots by key, ascending.
[[nodiscard]] wire::StateDumpRecords make_dump(const LayeredMemory& state);

/// Whether everything that a block's output says about accounts and slots before the block is so:
/// the block was executed on this state, or on one that is the same where it matters.
[[nodiscard]] bool follows_from(const LayeredMemory& state,
                                const wire::OutputView& output) noexcept;

/// Moves the state on by the changes of a block. The output must not report an error.
void apply_output(LayeredMemory& state, const wire::OutputView& output);

/// The accounts whose whole storage apply_output() would clear, with that storage: what an output
/// does not say and revert_output() needs. Accounts without storage are left out.
[[nodiscard]] wire::StateDumpRecords storage_to_clear(const LayeredMemory& state,
                                                      const wire::OutputView& output);

/// Whether everything that a block's output says about accounts and slots after the block is so.
[[nodiscard]] bool leads_to(const LayeredMemory& state, const wire::OutputView& output) noexcept;

/// Moves the state back to where it was before apply_output(). `cleared` is what storage_to_clear()
/// gave then. Code that came with the block stays known by its hash.
void revert_output(LayeredMemory& state, const wire::OutputView& output,
                   const wire::StateDumpView& cleared);

} // namespace braid::state
