/// Encoding and hashing of the state trie's nodes for JavaScript.
#pragma once

#include <napi.h>

namespace braid::addon {

/// Adds hashTrieNodes and encodeTrieNode.
void export_trie_nodes(Napi::Env env, Napi::Object exports);

} // namespace braid::addon
