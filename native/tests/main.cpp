/// Runs every test linked in, or those whose name contains the first argument.
#include "tests/harness.hpp"

#include <cstring>

int main(int argc, char** argv) {
    const char* filter = argc > 1 ? argv[1] : "";
    int passed = 0;
    int failed = 0;
    for (const auto& test : braid::test::registry()) {
        if (std::strstr(test.name, filter) == nullptr)
            continue;
        const int before = braid::test::failure_count();
        test.run();
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
