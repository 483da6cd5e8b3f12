#include "store/code_cache.hpp"

namespace braid::store {

CodeRef CodeCache::find(const Bytes32& hash) {
    const std::lock_guard lock{mutex_};
    const auto place = places_.find(hash);
    if (place == places_.end())
        return nullptr;
    order_.splice(order_.begin(), order_, place->second);
    return order_.front();
}

CodeRef CodeCache::add(CodeRef code) {
    const std::lock_guard lock{mutex_};
    if (const auto place = places_.find(code->hash()); place != places_.end())
        return *place->second;
    bytes_ += code->bytes().size() + overhead;
    order_.push_front(code);
    places_.emplace(code->hash(), order_.begin());
    while (bytes_ > limit_ && !order_.empty()) {
        const CodeRef& last = order_.back();
        bytes_ -= last->bytes().size() + overhead;
        places_.erase(last->hash());
        order_.pop_back();
    }
    return code;
}

size_t CodeCache::bytes() const {
    const std::lock_guard lock{mutex_};
    return bytes_;
}

} // namespace braid::store
