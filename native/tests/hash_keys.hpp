/// Keys of hashes, under which tests run.
#pragma once

#include "base/keyed_hash.hpp"

namespace braid::test {

/// The key that the process had when it began. Tests run under one that is the same each time.
inline HashKey& own_hash_key() {
    static HashKey key{};
    return key;
}

/// Another key while it lives. Tables that were filled under one key are of no use under another.
class HashKeyScope {
  public:
    explicit HashKeyScope(const HashKey& key) : before_{hash_key} { set_hash_key(key); }
    HashKeyScope(const HashKeyScope&) = delete;
    HashKeyScope& operator=(const HashKeyScope&) = delete;
    ~HashKeyScope() { set_hash_key(before_); }

  private:
    const HashKey before_;
};

} // namespace braid::test
