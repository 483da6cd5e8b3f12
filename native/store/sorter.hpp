/// Sorting of more records than memory holds.
#pragma once

#include "base/bytes.hpp"
#include "store/status.hpp"

#include <memory>
#include <string>
#include <vector>

namespace braid::store {

/// Takes records in any order and gives them in the order of their keys. What is beyond so many
/// bytes waits in files of sorted runs. One thread.
class Sorter {
  public:
    /// `what` names its files in the folder.
    Sorter(std::string folder, const char* what, size_t memory);
    ~Sorter();
    Sorter(const Sorter&) = delete;
    Sorter& operator=(const Sorter&) = delete;

    /// Adds a record. The key has at most 255 bytes; of two keys of which one begins with the other
    /// the shorter comes first.
    Status add(BytesView key, BytesView value);

    /// Ends the adding; read with next().
    Status finish();

    /// Moves to the next record, the first one at first. False at the end, and after an error.
    [[nodiscard]] bool next(Status& status);
    /// The record at which it stands; valid until next().
    [[nodiscard]] BytesView key() const noexcept { return key_; }
    [[nodiscard]] BytesView value() const noexcept { return value_; }

    /// How many records were added.
    [[nodiscard]] uint64_t count() const noexcept { return count_; }

    /// Frees memory and files before the end of the object.
    void clear() noexcept;

  private:
    /// A record in the buffer: the first bytes of its key, zeros behind a shorter one, and where it
    /// is.
    struct Item {
        uint64_t prefix;
        size_t begin;
    };
    class Run;

    void sort() noexcept;
    Status write_run();
    [[nodiscard]] bool next_of_runs(Status& status);
    void sift(size_t place) noexcept;

    const std::string folder_;
    const char* const what_;
    const size_t memory_;
    uint64_t count_ = 0;
    std::vector<uint8_t> buffer_; ///< records: size of the key, of the value (4 bytes), key, value
    std::vector<Item> items_;
    size_t place_ = 0; ///< of the next item, where all are in memory
    unsigned run_count_ = 0;
    std::vector<std::unique_ptr<Run>> runs_; ///< a heap by their keys, the lowest one first
    bool has_begun_ = false;
    BytesView key_;
    BytesView value_;
};

} // namespace braid::store
