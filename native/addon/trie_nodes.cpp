#include "addon/trie_nodes.hpp"

#include "addon/arguments.hpp"
#include "addon/buffers.hpp"
#include "trie/node_hasher.hpp"

namespace braid::addon {

namespace {

/// The argument as a number of 32 bits; nothing, with an exception pending, where it is none.
std::optional<uint32_t> word_argument(const Napi::CallbackInfo& info, size_t index) {
    if (info[index].IsNumber())
        return info[index].As<Napi::Number>().Uint32Value();
    throw_type_error(info.Env(), "a node and a depth must be numbers");
    return std::nullopt;
}

void throw_malformed(Napi::Env env) {
    throw_error(env, "INPUT_MALFORMED", "not the records of a state trie");
}

void hash_trie_nodes(const Napi::CallbackInfo& info) {
    const auto words = words_argument(info, 0, "words");
    if (!words)
        return;
    const auto root = word_argument(info, 1);
    if (!root)
        return;
    const auto hasher = std::make_unique<trie::NodeHasher>(*words);
    if (!hasher->hash(*root))
        throw_malformed(info.Env());
}

Napi::Value encode_trie_node(const Napi::CallbackInfo& info) {
    const auto words = words_argument(info, 0, "words");
    if (!words)
        return {};
    const auto node = word_argument(info, 1);
    if (!node)
        return {};
    const auto depth = word_argument(info, 2);
    if (!depth)
        return {};
    std::array<uint8_t, trie::max_node_size> buffer;
    RlpWriter writer{buffer.data() + buffer.size()};
    const auto encoding = trie::encode_node(*words, *node, *depth, writer);
    if (!encoding) {
        throw_malformed(info.Env());
        return {};
    }
    return {info.Env(), copy_to_uint8_array(info.Env(), *encoding)};
}

} // namespace

void export_trie_nodes(Napi::Env env, Napi::Object exports) {
    exports.Set("hashTrieNodes", Napi::Function::New<hash_trie_nodes>(env, "hashTrieNodes"));
    exports.Set("encodeTrieNode", Napi::Function::New<encode_trie_node>(env, "encodeTrieNode"));
}

} // namespace braid::addon
