/// A state that goes elsewhere, whole.
#pragma once

#include "store/snapshot.hpp"

namespace braid::store {

/// Where an export is: the first account, and its first slot, that it has not given.
struct ExportPosition {
    Bytes32 account{};
    bool is_inside = false; ///< the account was given, slots of it are missing
    Bytes32 slot{};
    bool is_done = false;
};

/// Takes what is exported, in the order of the hashes.
class ExportSink {
  public:
    virtual ~ExportSink() = default;
    /// An account, followed by its slots. Its code is found by its hash.
    virtual void account(const Account& account) = 0;
    virtual void slot(const Bytes32& number, const Bytes32& value) = 0;
    /// Asked after each: whether it wants more now.
    [[nodiscard]] virtual bool wants_more() const noexcept = 0;
};

/// Gives accounts and slots from a position on, until all are given or the sink wants no more;
/// moves the position behind them. Start with a default one; go on with the last one, on any
/// thread. no_preimages where the store hasn't kept them.
Status export_state(const Snapshot& snapshot, ExportPosition& position, ExportSink& sink);

} // namespace braid::store
