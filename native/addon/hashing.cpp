#include "addon/hashing.hpp"

#include "addon/arguments.hpp"
#include "addon/buffers.hpp"
#include "crypto/keccak.hpp"
#include "crypto/secp256k1.hpp"
#include "crypto/sha256.hpp"
#include "parallel/worker_pool.hpp"
#include "trie/list_trie.hpp"

#include <array>
#include <vector>

namespace braid::addon {

namespace {

/// hash, r, s, parity of y.
constexpr size_t signature_size = 97;
/// A flag and an address.
constexpr size_t recovered_size = 21;
/// Signatures recovered together: enough to share an inversion, few enough to spread over threads.
constexpr size_t recovery_chunk = 16;

template <Bytes32 (*hash)(BytesView) noexcept>
void hash_into(const Napi::CallbackInfo& info) {
    const auto data = bytes_argument(info, 0, "data");
    if (!data)
        return;
    uint8_t* const out = output_argument(info, 1, "out", sizeof(Bytes32));
    if (out == nullptr)
        return;
    const Bytes32 result = hash(*data);
    std::memcpy(out, result.bytes, sizeof(result));
}

/// An argument with the offsets of byte strings in a pool; nothing, with an exception pending,
/// where it is wrong.
std::optional<std::span<const uint32_t>> offsets_argument(const Napi::CallbackInfo& info,
                                                          size_t index, size_t pool_size) {
    const auto words = words_argument(info, index, "offsets");
    if (!words)
        return std::nullopt;
    const std::span<const uint32_t> offsets{*words};
    for (size_t i = 0; i < offsets.size(); ++i) {
        if (offsets[i] > pool_size || (i > 0 && offsets[i] < offsets[i - 1])) {
            throw_type_error(info.Env(), "offsets must ascend and lie inside the pool");
            return std::nullopt;
        }
    }
    return offsets;
}

void keccak256_batch(const Napi::CallbackInfo& info) {
    const auto pool = bytes_argument(info, 0, "pool");
    if (!pool)
        return;
    const auto offsets = offsets_argument(info, 1, pool->size());
    if (!offsets || offsets->size() < 2)
        return;
    const size_t count = offsets->size() - 1;
    uint8_t* const out = output_argument(info, 2, "out", count * sizeof(Bytes32));
    if (out == nullptr)
        return;

    // In pieces, so that the list of inputs stays in the cache and off the heap.
    constexpr size_t piece = 256;
    std::array<BytesView, piece> inputs;
    for (size_t begin = 0; begin < count; begin += piece) {
        const size_t size = std::min(piece, count - begin);
        for (size_t i = 0; i < size; ++i) {
            const uint32_t start = (*offsets)[begin + i];
            inputs[i] = pool->subspan(start, (*offsets)[begin + i + 1] - start);
        }
        // Bytes32 is a plain array of bytes: any address will do.
        auto* const hashes = reinterpret_cast<Bytes32*>(out + begin * sizeof(Bytes32));
        crypto::keccak256_batch({inputs.data(), size}, {hashes, size});
    }
}

void list_root(const Napi::CallbackInfo& info) {
    const auto pool = bytes_argument(info, 0, "pool");
    if (!pool)
        return;
    const auto offsets = offsets_argument(info, 1, pool->size());
    if (!offsets)
        return;
    uint8_t* const out = output_argument(info, 2, "out", sizeof(Bytes32));
    if (out == nullptr)
        return;
    std::vector<BytesView> items;
    items.reserve(offsets->size());
    for (size_t i = 1; i < offsets->size(); ++i) {
        items.push_back(pool->subspan((*offsets)[i - 1], (*offsets)[i] - (*offsets)[i - 1]));
        if (items.back().empty()) {
            throw_type_error(info.Env(), "an item of the list is empty");
            return;
        }
    }
    const Bytes32 root = trie::list_root(items);
    std::memcpy(out, root.bytes, sizeof(root));
}

void recover_range(BytesView signatures, uint8_t* out, size_t begin, size_t end) noexcept {
    std::array<crypto::RecoveryInput, recovery_chunk> inputs;
    std::array<Address, recovery_chunk> addresses;
    std::array<bool, recovery_chunk> valid;
    const size_t count = end - begin;
    for (size_t i = 0; i < count; ++i) {
        const uint8_t* const data = signatures.data() + (begin + i) * signature_size;
        std::memcpy(inputs[i].hash.bytes, data, 32);
        std::memcpy(inputs[i].r.bytes, data + 32, 32);
        std::memcpy(inputs[i].s.bytes, data + 64, 32);
        inputs[i].y_parity = data[96];
    }
    crypto::recover_addresses({inputs.data(), count}, {addresses.data(), count},
                              {valid.data(), count});
    for (size_t i = 0; i < count; ++i) {
        uint8_t* const result = out + (begin + i) * recovered_size;
        result[0] = valid[i] ? 1 : 0;
        std::memcpy(result + 1, addresses[i].bytes, sizeof(Address));
    }
}

Napi::Value recover_addresses(const Napi::CallbackInfo& info) {
    const auto signatures = bytes_argument(info, 0, "signatures");
    if (!signatures)
        return {};
    if (signatures->size() % signature_size != 0) {
        throw_type_error(info.Env(), "signatures must be a multiple of 97 bytes long");
        return {};
    }
    const size_t count = signatures->size() / signature_size;
    wire::PackedBuffer result = wire::allocate_buffer(count * recovered_size);
    if (result.data == nullptr) {
        throw_error(info.Env(), "OUT_OF_MEMORY", "no memory for the addresses");
        return {};
    }
    auto& pool = parallel::WorkerPool::shared();
    pool.parallel_for(count, recovery_chunk, pool.size(), [&](size_t begin, size_t end) noexcept {
        recover_range(*signatures, result.data.get(), begin, end);
    });
    return {info.Env(), to_uint8_array(info.Env(), std::move(result))};
}

Napi::Value address_of_secret_key(const Napi::CallbackInfo& info) {
    const auto secret = fixed_argument(info, 0, "secretKey", sizeof(Bytes32));
    if (!secret)
        return {};
    Bytes32 secret_key;
    std::memcpy(secret_key.bytes, secret->data(), sizeof(secret_key));
    uint8_t public_key[64];
    if (!crypto::public_key_of(secret_key, public_key)) {
        napi_throw_range_error(info.Env(), "ERR_OUT_OF_RANGE",
                               "secretKey must be above zero and below the order of secp256k1");
        return {};
    }
    const Address address = crypto::address_of(public_key);
    return {info.Env(), copy_to_uint8_array(info.Env(), address.bytes)};
}

} // namespace

void export_hashing(Napi::Env env, Napi::Object exports) {
    exports.Set("keccak256", Napi::Function::New<hash_into<crypto::keccak256>>(env, "keccak256"));
    exports.Set("sha256", Napi::Function::New<hash_into<crypto::sha256>>(env, "sha256"));
    exports.Set("keccak256Batch", Napi::Function::New<keccak256_batch>(env, "keccak256Batch"));
    exports.Set("listRoot", Napi::Function::New<list_root>(env, "listRoot"));
    exports.Set("recoverAddresses",
                Napi::Function::New<recover_addresses>(env, "recoverAddresses"));
    exports.Set("addressOfSecretKey",
                Napi::Function::New<address_of_secret_key>(env, "addressOfSecretKey"));
}

} // namespace braid::addon
