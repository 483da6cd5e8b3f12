#include "evm/contract_address.hpp"

#include "crypto/keccak.hpp"

namespace braid::evm {
namespace {

Address tail_of(const Bytes32& hash) noexcept {
    Address address;
    std::memcpy(address.bytes, hash.bytes + 12, sizeof(address.bytes));
    return address;
}

} // namespace

Address create_address(const Address& sender, uint64_t nonce) noexcept {
    uint8_t rlp[1 + 21 + 9]; // at most 30 bytes of payload: the list header is one byte
    rlp[1] = 0x80 + 20;
    std::memcpy(rlp + 2, sender.bytes, 20);
    size_t size = 22;
    if (nonce == 0) {
        rlp[size++] = 0x80;
    } else if (nonce < 0x80) {
        rlp[size++] = static_cast<uint8_t>(nonce);
    } else {
        const int length = (64 - std::countl_zero(nonce) + 7) / 8;
        rlp[size++] = static_cast<uint8_t>(0x80 + length);
        for (int i = length; i-- > 0;)
            rlp[size++] = static_cast<uint8_t>(nonce >> (8 * i));
    }
    rlp[0] = static_cast<uint8_t>(0xc0 + size - 1);
    return tail_of(crypto::keccak256({rlp, size}));
}

Address create2_address(const Address& sender, const Bytes32& salt, BytesView initcode) noexcept {
    const Bytes32 code_hash = crypto::keccak256(initcode);
    uint8_t preimage[1 + 20 + 32 + 32];
    preimage[0] = 0xff;
    std::memcpy(preimage + 1, sender.bytes, 20);
    std::memcpy(preimage + 21, salt.bytes, 32);
    std::memcpy(preimage + 53, code_hash.bytes, 32);
    return tail_of(crypto::keccak256(preimage));
}

} // namespace braid::evm
