#include "store/fact_format.hpp"

#include "crypto/keccak.hpp"

#include <vector>

namespace braid::store::facts {

Bytes32 checksum_of(const Bytes32& scope, BytesView key, BytesView value) {
    std::vector<uint8_t> whole;
    whole.reserve(sizeof(scope) + key.size() + value.size());
    whole.insert(whole.end(), scope.bytes, scope.bytes + sizeof(scope));
    whole.insert(whole.end(), key.begin(), key.end());
    whole.insert(whole.end(), value.begin(), value.end());
    return crypto::keccak256(whole);
}

std::optional<BytesView> value_in(const Bytes32& scope, BytesView key, BytesView record) {
    if (record.size() < checksum_size)
        return std::nullopt;
    const BytesView value = record.subspan(checksum_size);
    const Bytes32 checksum = checksum_of(scope, key, value);
    return std::memcmp(checksum.bytes, record.data(), checksum_size) == 0 ? std::optional{value}
                                                                          : std::nullopt;
}

} // namespace braid::store::facts
