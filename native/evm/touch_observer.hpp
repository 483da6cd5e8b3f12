/// Who is told of what instructions look up.
#pragma once

#include "base/bytes.hpp"

namespace braid::evm {

/// Is told of accounts and slots that instructions name, once nothing is lacking for the
/// instruction: those of BALANCE, EXTCODESIZE, EXTCODECOPY, EXTCODEHASH, SLOAD and SSTORE. What
/// calls, creations and SELFDESTRUCT name, the host sees.
class TouchObserver {
  public:
    /// An account.
    virtual void on_account(const Address& address) noexcept = 0;

    /// A slot of the account whose frame runs. For SSTORE, it has its new value already.
    virtual void on_slot(const Address& address, const Bytes32& key) noexcept = 0;

  protected:
    ~TouchObserver() = default;
};

} // namespace braid::evm
