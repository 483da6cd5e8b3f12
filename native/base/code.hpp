/// Contract code as the state keeps it and the EVM runs it.
#pragma once

#include "base/bytes.hpp"

#include <atomic>
#include <memory>
#include <utility>
#include <vector>

namespace braid {

/// keccak256 of the empty string: the code hash of an account without code.
inline constexpr Bytes32 empty_code_hash{{0xc5, 0xd2, 0x46, 0x01, 0x86, 0xf7, 0x23, 0x3c,
                                          0x92, 0x7e, 0x7d, 0xb2, 0xdc, 0xc7, 0x03, 0xc0,
                                          0xe5, 0x00, 0xb6, 0x53, 0xca, 0x82, 0x27, 0x3b,
                                          0x7b, 0xfa, 0xd8, 0x04, 0x5d, 0x85, 0xa4, 0x70}};

/// Something derived from code that a VM keeps beside it (its analysis). Immutable once published.
class CodeAttachment {
  public:
    CodeAttachment() = default;
    CodeAttachment(const CodeAttachment&) = delete;
    CodeAttachment& operator=(const CodeAttachment&) = delete;
    virtual ~CodeAttachment() = default;

    /// The next attachment of the same code (for another rule set), or null.
    const CodeAttachment* next = nullptr;
};

/// Immutable contract code with its hash. Shared by every account that has it and every worker
/// that runs it; freed when the last owner lets go.
class Code {
  public:
    /// Takes the bytes and their keccak-256.
    Code(std::vector<uint8_t> bytes, const Bytes32& hash) noexcept
        : bytes_{std::move(bytes)}, hash_{hash} {}
    Code(const Code&) = delete;
    Code& operator=(const Code&) = delete;
    ~Code() {
        // relaxed: the last owner is alone.
        const CodeAttachment* attachment = attachments_.load(std::memory_order_relaxed);
        while (attachment != nullptr)
            delete std::exchange(attachment, attachment->next);
    }

    /// The bytes of the contract.
    [[nodiscard]] BytesView bytes() const noexcept { return bytes_; }

    /// keccak256 of the bytes.
    [[nodiscard]] const Bytes32& hash() const noexcept { return hash_; }

    /// The list of attachments published so far, newest first. Wait-free; any thread may call it.
    [[nodiscard]] const CodeAttachment* attachments() const noexcept {
        // acquire: pairs with the release in attach(), so a reader sees a finished attachment.
        return attachments_.load(std::memory_order_acquire);
    }

    /// Publishes an attachment and takes ownership of it. Lock-free; any thread may call it. Two
    /// threads may publish equal attachments at once: both stay until the code is freed, so
    /// pointers handed out by attachments() never dangle while the code is alive.
    void attach(std::unique_ptr<CodeAttachment> attachment) const noexcept {
        CodeAttachment* added = attachment.release();
        // relaxed, here and where the exchange fails: the old head is only linked to, not looked
        // into.
        const CodeAttachment* head = attachments_.load(std::memory_order_relaxed);
        do {
            added->next = head;
            // release: the attachment's content becomes visible with the pointer.
        } while (!attachments_.compare_exchange_weak(head, added, std::memory_order_release,
                                                     std::memory_order_relaxed));
    }

  private:
    std::vector<uint8_t> bytes_;
    Bytes32 hash_;
    mutable std::atomic<const CodeAttachment*> attachments_{nullptr};
};

/// Shared ownership of code.
using CodeRef = std::shared_ptr<const Code>;

} // namespace braid
