#include "store/sorter.hpp"

#include "store/failpoints.hpp"
#include "store/folder.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace braid::store {
namespace {

constexpr size_t header_size = 5;
/// What is read or written at once.
constexpr size_t chunk_size = size_t{1} << 19;

struct Record {
    BytesView key;
    BytesView value;
    size_t size;
};

Record record_at(const uint8_t* data) noexcept {
    uint32_t value_size;
    std::memcpy(&value_size, data + 1, 4);
    const size_t key_size = data[0];
    return {{data + header_size, key_size},
            {data + header_size + key_size, value_size},
            header_size + key_size + value_size};
}

bool is_lower(BytesView a, BytesView b) noexcept {
    const int order = std::memcmp(a.data(), b.data(), std::min(a.size(), b.size()));
    return order != 0 ? order < 0 : a.size() < b.size();
}

Status write_all(int file, BytesView bytes) noexcept {
    while (!bytes.empty()) {
        if (const int error = failpoint("run-write"))
            return status_of_errno(error);
        const ssize_t written = ::write(file, bytes.data(), std::min(bytes.size(), chunk_size));
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return status_of_errno(errno);
        bytes = bytes.subspan(static_cast<size_t>(written));
    }
    return {};
}

} // namespace

/// One sorted file that is read from its start to its end.
class Sorter::Run {
  public:
    ~Run() {
        if (file_ >= 0)
            ::close(file_);
    }

    Status open(const std::string& path) {
        file_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
        return file_ < 0 ? status_of_errno(errno) : Status{};
    }

    /// Moves to the next record; false at the end.
    [[nodiscard]] bool next(Status& status) {
        begin_ += record_size_;
        record_size_ = 0;
        if (!has(header_size, status))
            return false;
        const size_t size = record_at(bytes_.data() + begin_).size;
        if (!has(size, status))
            return false;
        const Record record = record_at(bytes_.data() + begin_);
        key = record.key;
        value = record.value;
        record_size_ = size;
        return true;
    }

    BytesView key;
    BytesView value;

  private:
    /// Whether so many bytes are left; they are in memory then.
    bool has(size_t size, Status& status) {
        while (bytes_.size() - begin_ < size) {
            bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<ptrdiff_t>(begin_));
            begin_ = 0;
            const size_t held = bytes_.size();
            bytes_.resize(held + chunk_size);
            const ssize_t got = ::read(file_, bytes_.data() + held, chunk_size);
            bytes_.resize(held + static_cast<size_t>(std::max<ssize_t>(got, 0)));
            if (got < 0 && errno != EINTR)
                status = status_of_errno(errno);
            if (got == 0 && (held != 0 || size != header_size))
                status = StoreCode::corrupt;
            if (got == 0 || status.failed())
                return false;
        }
        return true;
    }

    int file_ = -1;
    std::vector<uint8_t> bytes_;
    size_t begin_ = 0;
    size_t record_size_ = 0;
};

Sorter::Sorter(std::string folder, const char* what, size_t memory)
    : folder_{std::move(folder)}, what_{what}, memory_{memory} {}

Sorter::~Sorter() { clear(); }

void Sorter::clear() noexcept {
    runs_.clear();
    for (; run_count_ != 0; --run_count_)
        ::unlink(run_path(folder_, what_, run_count_ - 1).c_str());
    std::vector<uint8_t>{}.swap(buffer_);
    std::vector<Item>{}.swap(items_);
}

Status Sorter::add(BytesView key, BytesView value) {
    const size_t size = header_size + key.size() + value.size();
    if (!items_.empty() && buffer_.size() + size + (items_.size() + 1) * sizeof(Item) > memory_) {
        if (Status status = write_run(); status.failed())
            return status;
    }
    if (buffer_.capacity() == 0) { // growing would need twice the memory
        buffer_.reserve(memory_ / 6 * 5);
        items_.reserve(memory_ / 6 / sizeof(Item));
    }
    std::array<uint8_t, 8> prefix{};
    std::memcpy(prefix.data(), key.data(), std::min(key.size(), prefix.size()));
    items_.push_back({load_be64(prefix.data()), buffer_.size()});
    const auto value_size = static_cast<uint32_t>(value.size());
    std::array<uint8_t, header_size> header{static_cast<uint8_t>(key.size())};
    std::memcpy(header.data() + 1, &value_size, 4);
    buffer_.insert(buffer_.end(), header.begin(), header.end());
    buffer_.insert(buffer_.end(), key.begin(), key.end());
    buffer_.insert(buffer_.end(), value.begin(), value.end());
    ++count_;
    return {};
}

void Sorter::sort() noexcept {
    std::ranges::sort(items_, [this](const Item& a, const Item& b) {
        return a.prefix != b.prefix ? a.prefix < b.prefix
                                    : is_lower(record_at(buffer_.data() + a.begin).key,
                                               record_at(buffer_.data() + b.begin).key);
    });
}

Status Sorter::write_run() {
    sort();
    const std::string path = run_path(folder_, what_, run_count_++);
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (file < 0)
        return status_of_errno(errno);
    std::vector<uint8_t> chunk;
    chunk.reserve(chunk_size);
    Status status;
    for (const Item& item : items_) {
        const uint8_t* const from = buffer_.data() + item.begin;
        const size_t size = record_at(from).size;
        if (chunk.size() + size > chunk_size && !chunk.empty()) {
            if (status = write_all(file, chunk); status.failed())
                break;
            chunk.clear();
        }
        chunk.insert(chunk.end(), from, from + size);
    }
    if (!status.failed())
        status = write_all(file, chunk);
    ::close(file);
    items_.clear();
    buffer_.clear();
    return status;
}

Status Sorter::finish() {
    if (run_count_ == 0) {
        sort();
        return {};
    }
    if (Status status = write_run(); status.failed())
        return status;
    std::vector<uint8_t>{}.swap(buffer_);
    std::vector<Item>{}.swap(items_);
    for (unsigned i = 0; i < run_count_; ++i) {
        auto run = std::make_unique<Run>();
        Status status = run->open(run_path(folder_, what_, i));
        if (!status.failed() && run->next(status))
            runs_.push_back(std::move(run));
        if (status.failed())
            return status;
    }
    for (size_t place = runs_.size(); place-- != 0;)
        sift(place);
    return {};
}

void Sorter::sift(size_t place) noexcept {
    for (;;) {
        size_t lowest = place;
        for (size_t child = 2 * place + 1; child <= 2 * place + 2 && child < runs_.size(); ++child)
            if (is_lower(runs_[child]->key, runs_[lowest]->key))
                lowest = child;
        if (lowest == place)
            return;
        std::swap(runs_[place], runs_[lowest]);
        place = lowest;
    }
}

bool Sorter::next(Status& status) {
    if (run_count_ != 0)
        return next_of_runs(status);
    if (place_ == items_.size())
        return false;
    const Record record = record_at(buffer_.data() + items_[place_++].begin);
    key_ = record.key;
    value_ = record.value;
    return true;
}

bool Sorter::next_of_runs(Status& status) {
    if (has_begun_ && !runs_.empty()) {
        if (!runs_[0]->next(status)) {
            if (status.failed())
                return false;
            std::swap(runs_.front(), runs_.back());
            runs_.pop_back();
        }
        sift(0);
    }
    has_begun_ = true;
    if (runs_.empty())
        return false;
    key_ = runs_[0]->key;
    value_ = runs_[0]->value;
    return true;
}

} // namespace braid::store
