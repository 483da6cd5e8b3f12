/// The structure of LMDB's file (data version 2), read without LMDB.
#include "store/checker.hpp"

#include "store/page_check.hpp"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace braid::store {
namespace {

// A page begins with its number, a transaction's, two unused bytes, flags, and the bounds of its
// free space (or the number of pages of a large value). Then come the places of its nodes. Bounds
// and places count from the end of the header.
constexpr size_t header_size = 24;
constexpr size_t page_transaction_at = 8;
constexpr size_t flags_at = 18;
constexpr size_t lower_at = 20;
constexpr size_t upper_at = 22;
constexpr unsigned branch_flag = 1;
constexpr unsigned leaf_flag = 2;
constexpr unsigned overflow_flag = 4;
constexpr unsigned meta_flag = 8;

// A node: the low and high half of its data's size (or of a page's number), flags (a page's number:
// its top), the key's size, key, data.
constexpr size_t node_header = 8;
constexpr unsigned big_data = 1;
constexpr unsigned sub_data = 2;
// Of a value on pages of its own the node has the first page's number, a transaction's, and how
// many they are.
constexpr size_t big_size = 24;
constexpr size_t big_pages_at = 16;

// A table, as meta pages and the main table have it.
constexpr size_t table_size = 48;
constexpr size_t table_flags_at = 4;
constexpr size_t depth_at = 6;
constexpr size_t pages_at = 8; ///< three numbers: of branch, leaf and overflow pages
constexpr size_t entries_at = 32;
constexpr size_t root_at = 40;
// A meta page, behind its header.
constexpr uint32_t meta_magic = 0xBEEFC0DE;
constexpr size_t version_at = 4;
constexpr size_t free_table_at = 24;
constexpr size_t main_table_at = free_table_at + table_size;
constexpr size_t last_page_at = main_table_at + table_size;
constexpr size_t transaction_at = last_page_at + 8;
constexpr unsigned max_depth = 32;
constexpr unsigned integer_keys = 8; ///< the flag of the free list alone
constexpr uint64_t no_page = ~uint64_t{0};

class PageCheck {
  public:
    PageCheck(BytesView file, PageDepth depth) noexcept
        : file_{file}, tops_only_{depth == PageDepth::tops} {}

    Status run() {
        if (file_.size() < 2 * 4096)
            return StoreCode::corrupt;
        page_size_ = number<uint32_t>(header_size + free_table_at);
        if (page_size_ < 512 || page_size_ > 65536 || !std::has_single_bit(page_size_) ||
            file_.size() / page_size_ < 2)
            return StoreCode::corrupt;
        const bool second = transaction_of(1) > transaction_of(0);
        for (size_t meta : {size_t{0}, page_size_})
            if (number<uint32_t>(meta + header_size) != meta_magic ||
                (number<uint16_t>(meta + flags_at) & meta_flag) == 0)
                return StoreCode::corrupt;
            else if ((number<uint32_t>(meta + header_size + version_at) & 0xffff) != 2)
                return StoreCode::version_mismatch;
        if (!are_consecutive(transaction_of(0), transaction_of(1)) ||
            number<uint32_t>(page_size_ + header_size + free_table_at) != page_size_)
            return StoreCode::corrupt;
        const size_t meta = (second ? page_size_ : 0) + header_size;
        page_count_ = number<uint64_t>(meta + last_page_at) + 1;
        last_transaction_ = transaction_of(second ? 1 : 0);
        if (page_count_ < 2 || page_count_ > file_.size() / page_size_)
            return StoreCode::corrupt;
        // A page belongs to one place: nothing is walked twice, however the file was made.
        seen_.assign(tops_only_ ? 0 : page_count_, false);
        // The free list last: nothing in it may be in use.
        return table(meta + main_table_at, false) && table(meta + free_table_at, true)
                   ? Status{}
                   : Status{StoreCode::corrupt};
    }

  private:
    template <typename Number>
    [[nodiscard]] Number number(size_t at) const noexcept {
        Number value{};
        std::memcpy(&value, file_.data() + at, sizeof(value));
        return value;
    }
    [[nodiscard]] uint64_t transaction_of(size_t page) const noexcept {
        return number<uint64_t>(page * page_size_ + header_size + transaction_at);
    }

    /// Transactions take turns with the meta pages: even ones write the first, odd ones the second.
    /// A file that is new has none, a copy one.
    [[nodiscard]] static bool are_consecutive(uint64_t even, uint64_t odd) noexcept {
        if (even == 0)
            return odd == 0 || odd % 2 == 1;
        return even % 2 == 0 && (odd == even + 1 || odd == even - 1);
    }

    /// Whether a table, described at a place within the file, is in order.
    bool table(size_t at, bool is_free_list) {
        const uint64_t root = number<uint64_t>(at + root_at);
        const unsigned depth = number<uint16_t>(at + depth_at);
        const uint64_t entries = number<uint64_t>(at + entries_at);
        if (number<uint16_t>(at + table_flags_at) != (is_free_list ? integer_keys : 0))
            return false;
        if (root == no_page)
            return depth == 0 && entries == 0;
        const Counts before = std::exchange(counts_, {});
        BytesView last;
        const bool is_whole =
            depth != 0 && depth <= max_depth && page(root, depth, is_free_list, {}, {}, last);
        const Counts found = std::exchange(counts_, before);
        if (!is_whole || tops_only_)
            return is_whole && (depth != 1 || found.entries == entries);
        return found.entries == entries && found.branches == number<uint64_t>(at + pages_at) &&
               found.leaves == number<uint64_t>(at + pages_at + 8) &&
               found.overflows == number<uint64_t>(at + pages_at + 16);
    }

    [[nodiscard]] bool take(uint64_t first, uint64_t count) {
        if (first < 2 || count == 0 || count > page_count_ || first > page_count_ - count)
            return false;
        for (uint64_t i = first; i < first + count && !tops_only_; ++i) {
            if (seen_[i])
                return false;
            seen_[i] = true;
        }
        return true;
    }

    /// Walks a page at a height above its leaves; all keys in it are at least `low` and less than
    /// `high`, where those are given.
    bool page(uint64_t place, unsigned height, bool is_free_list, BytesView low, BytesView high,
              BytesView& last) {
        if (!take(place, 1))
            return false;
        const size_t begin = place * page_size_;
        const unsigned flags = number<uint16_t>(begin + flags_at);
        const size_t lower = header_size + number<uint16_t>(begin + lower_at);
        const size_t upper = header_size + number<uint16_t>(begin + upper_at);
        if (!is_numbered(begin, place) || flags != (height == 1 ? leaf_flag : branch_flag) ||
            lower > upper || upper > page_size_ || lower % 2 != 0)
            return false;
        const size_t count = (lower - header_size) / 2;
        if (count == 0 || (height != 1 && count < 2))
            return false;
        ++(height == 1 ? counts_.leaves : counts_.branches);
        if (!is_filled(begin, count, upper, height == 1))
            return false;
        for (size_t i = 0; i < count; ++i) {
            BytesView key;
            size_t node = 0;
            if (!read_node(begin, i, upper, node, key))
                return false;
            const bool has_key = height == 1 || i != 0; // a branch's first key is not used
            if (has_key && !is_free_list &&
                ((!low.empty() && is_lower(key, low)) || (!high.empty() && !is_lower(key, high)) ||
                 (!last.empty() && !is_lower(last, key) && height == 1)))
                return false;
            if (height == 1) {
                last = key;
                ++counts_.entries;
                if (!leaf(begin, node, key.size(), is_free_list))
                    return false;
                continue;
            }
            if (tops_only_ && i != 0 && i + 1 != count)
                continue;
            BytesView next = high;
            size_t ignored = 0;
            if (i + 1 < count && !read_node(begin, i + 1, upper, ignored, next))
                return false;
            if (!page(child(node), height - 1, is_free_list, has_key ? key : low, next, last))
                return false;
        }
        return true;
    }

    /// Whether a page says its own number, and a transaction that has been: LMDB takes a page of a
    /// later one for its own copy, which it may write to.
    [[nodiscard]] bool is_numbered(size_t begin, uint64_t place) const noexcept {
        return number<uint64_t>(begin) == place &&
               number<uint64_t>(begin + page_transaction_at) <= last_transaction_;
    }

    /// Whether nodes lie one behind the other from the free space to the page's end: LMDB moves
    /// them by their sizes.
    bool is_filled(size_t begin, size_t count, size_t upper, bool is_leaf) {
        spans_.clear();
        for (size_t i = 0; i < count; ++i) {
            BytesView key;
            size_t node = 0;
            if (!read_node(begin, i, upper, node, key))
                return false;
            const size_t held = is_leaf ? held_by(node) : 0;
            const size_t offset = node - begin;
            spans_.emplace_back(offset, offset + (node_header + key.size() + held + 1) / 2 * 2);
        }
        std::ranges::sort(spans_);
        size_t end = upper;
        for (const auto& [from, to] : spans_) {
            if (from != end)
                return false;
            end = to;
        }
        return end == page_size_;
    }

    /// Bytes of data in a leaf's node.
    [[nodiscard]] size_t held_by(size_t node) const noexcept {
        const size_t size = number<uint16_t>(node) | size_t{number<uint16_t>(node + 2)} << 16;
        return (number<uint16_t>(node + 4) & big_data) != 0 ? big_size : size;
    }

    bool read_node(size_t begin, size_t index, size_t upper, size_t& node, BytesView& key) const {
        const size_t offset = header_size + number<uint16_t>(begin + header_size + 2 * index);
        if (offset < upper || offset + node_header > page_size_)
            return false;
        node = begin + offset;
        const size_t key_size = number<uint16_t>(node + 6);
        if (offset + node_header + key_size > page_size_)
            return false;
        key = file_.subspan(node + node_header, key_size);
        return true;
    }

    [[nodiscard]] uint64_t child(size_t node) const noexcept {
        return number<uint16_t>(node) | uint64_t{number<uint16_t>(node + 2)} << 16 |
               uint64_t{number<uint16_t>(node + 4)} << 32;
    }

    bool leaf(size_t begin, size_t node, size_t key_size, bool is_free_list) {
        const size_t size = number<uint16_t>(node) | size_t{number<uint16_t>(node + 2)} << 16;
        const unsigned flags = number<uint16_t>(node + 4);
        const size_t data = node + node_header + key_size;
        if (key_size == 0 || flags > sub_data || held_by(node) > begin + page_size_ - data)
            return false;
        if ((flags & sub_data) != 0)
            return size == table_size && !is_free_list && table(data, false);
        if ((flags & big_data) == 0)
            return !is_free_list || free_pages({file_.data() + data, size}, key_size);
        const uint64_t first = number<uint64_t>(data);
        if (first < 2 || first >= page_count_)
            return false;
        const size_t at = first * page_size_;
        const uint64_t pages = number<uint32_t>(at + lower_at);
        counts_.overflows += pages;
        if (pages != number<uint64_t>(data + big_pages_at))
            return false;
        return is_numbered(at, first) && number<uint16_t>(at + flags_at) == overflow_flag &&
               (header_size + size + page_size_ - 1) / page_size_ == pages && take(first, pages) &&
               (!is_free_list || free_pages({file_.data() + at + header_size, size}, key_size));
    }

    /// A record of the free list: how many numbers follow, then pages, each by its number, or many
    /// in a row by their negative count and the first; zeros fill it up. None may be in use.
    bool free_pages(BytesView record, size_t key_size) {
        const auto at = [&](uint64_t place) {
            int64_t value = 0;
            std::memcpy(&value, record.data() + 8 * place, sizeof(value));
            return value;
        };
        if (key_size != 8 || record.size() < 8 ||
            static_cast<uint64_t>(at(0)) > record.size() / 8 - 1)
            return false;
        const auto count = static_cast<uint64_t>(at(0));
        for (uint64_t i = 1; i <= count && !tops_only_; ++i) {
            const int64_t entry = at(i);
            if (entry == 0)
                continue;
            const bool is_row = entry < 0;
            if (is_row && i == count)
                return false;
            const auto first = static_cast<uint64_t>(is_row ? at(++i) : entry);
            if (!take(first, is_row ? ~static_cast<uint64_t>(entry) + 1 : 1))
                return false;
        }
        return true;
    }

    [[nodiscard]] static bool is_lower(BytesView a, BytesView b) noexcept {
        const int order = std::memcmp(a.data(), b.data(), std::min(a.size(), b.size()));
        return order != 0 ? order < 0 : a.size() < b.size();
    }

    const BytesView file_;
    const bool tops_only_;
    size_t page_size_ = 0;
    uint64_t page_count_ = 0;
    uint64_t last_transaction_ = 0;
    std::vector<std::pair<size_t, size_t>> spans_; ///< of the nodes of a page
    /// Of the table that is walked.
    struct Counts {
        uint64_t entries = 0;
        uint64_t branches = 0;
        uint64_t leaves = 0;
        uint64_t overflows = 0;
    } counts_;
    std::vector<bool> seen_;
};

} // namespace

Status check_pages(const std::string& folder) {
    FileLock lock; // nobody writes meanwhile
    if (Status status = lock.acquire(folder, false); status.failed())
        return status;
    return check_pages_unlocked(folder, PageDepth::all);
}

Status check_pages_unlocked(const std::string& folder, PageDepth depth) {
    const int file = ::open((folder + "/data.mdb").c_str(), O_RDONLY | O_CLOEXEC);
    struct stat about {};
    if (file < 0 || ::fstat(file, &about) != 0) {
        const int error = errno;
        if (file >= 0)
            ::close(file);
        return status_of_errno(error);
    }
    const auto size = static_cast<size_t>(about.st_size);
    void* const map =
        size == 0 ? MAP_FAILED : ::mmap(nullptr, size, PROT_READ, MAP_SHARED, file, 0);
    const int error = errno;
    ::close(file);
    if (map == MAP_FAILED)
        return size == 0 ? Status{StoreCode::corrupt} : status_of_errno(error);
    const Status status = PageCheck{{static_cast<const uint8_t*>(map), size}, depth}.run();
    ::munmap(map, size);
    return status;
}

} // namespace braid::store
