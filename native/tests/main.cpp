/// Runs every test linked in, or those whose name contains one of the arguments. BRAID_HASH_SEED
/// names another key for the tables than the usual one. Tells what takes its time.
#include "tests/harness.hpp"
#include "tests/hash_keys.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>

namespace {

/// Tests that take longer than this are told with their times.
constexpr std::chrono::seconds long_time{10};

} // namespace

int main(int argc, char** argv) {
    const char* seed = std::getenv("BRAID_HASH_SEED");
    braid::test::own_hash_key() = braid::hash_key;
    braid::set_hash_key(braid::hash_key_of(seed == nullptr ? 0 : std::strtoull(seed, nullptr, 10)));
    const auto is_wanted = [argc, argv](const char* name) {
        return argc == 1 || std::any_of(argv + 1, argv + argc, [name](const char* filter) {
                   return std::strstr(name, filter) != nullptr;
               });
    };
    int passed = 0;
    int failed = 0;
    for (const auto& test : braid::test::registry()) {
        if (!is_wanted(test.name))
            continue;
        const int before = braid::test::failure_count();
        const auto start = std::chrono::steady_clock::now();
        test.run();
        const auto taken = std::chrono::steady_clock::now() - start;
        if (taken > long_time)
            std::printf("%.0f s: %s\n", std::chrono::duration<double>(taken).count(), test.name);
        if (braid::test::failure_count() == before) {
            ++passed;
        } else {
            ++failed;
            std::fprintf(stderr, "FAILED: %s\n", test.name);
        }
    }
    for (const std::string& name : braid::test::lacking())
        std::printf("left out what needs %s: this processor lacks it\n", name.c_str());
    std::printf("%d passed, %d failed\n", passed, failed);
    return failed == 0 && passed > 0 ? 0 : 1;
}
