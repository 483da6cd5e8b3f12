/// Packed buffers as JavaScript sees them.
#pragma once

#include "wire/section_writer.hpp"

#include <napi.h>
#include <utility>

namespace braid::addon {

/// Bytes that start where packed records must: in place where they do already, else a copy. The
/// view is empty where there is no memory for the copy.
class AlignedBytes {
  public:
    explicit AlignedBytes(BytesView bytes) noexcept : view_{bytes} {
        if (reinterpret_cast<uintptr_t>(bytes.data()) % wire::section_alignment != 0)
            *this = copy_of(bytes);
    }

    /// A copy in any case, which does not depend on the original any more.
    [[nodiscard]] static AlignedBytes copy_of(BytesView bytes) noexcept {
        AlignedBytes result;
        result.copy_ = wire::copy_buffer(bytes);
        result.view_ = result.copy_.view();
        return result;
    }

    [[nodiscard]] BytesView view() const noexcept { return view_; }

    /// The buffer that copy_of() made, for who keeps it by itself.
    [[nodiscard]] wire::PackedBuffer release() && noexcept { return std::move(copy_); }

  private:
    AlignedBytes() = default;
    wire::PackedBuffer copy_;
    BytesView view_;
};

/// Makes a Uint8Array of the bytes; null, with an exception pending, where that fails. Large
/// buffers are handed over without a copy where the runtime allows it.
[[nodiscard]] napi_value to_uint8_array(napi_env env, wire::PackedBuffer buffer) noexcept;

/// Makes a Uint8Array with a copy of the bytes; null, with an exception pending, where that fails.
[[nodiscard]] napi_value copy_to_uint8_array(napi_env env, BytesView bytes) noexcept;

} // namespace braid::addon
