#include "parallel/processor_count.hpp"
#include "tests/harness.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

namespace braid::test {
namespace {

using parallel::processors_granted;

/// A folder with files as the kernel has them, removed in the end.
class SampleGroups {
  public:
    SampleGroups() {
        char name[] = "/tmp/braid-cgroup-XXXXXX";
        const char* made = mkdtemp(name);
        CHECK(made != nullptr);
        root_ = made == nullptr ? "/nonexistent" : made;
    }
    SampleGroups(const SampleGroups&) = delete;
    SampleGroups& operator=(const SampleGroups&) = delete;
    ~SampleGroups() {
        std::error_code ignored;
        std::filesystem::remove_all(root_, ignored);
    }

    void write(const std::string& path, const char* text) {
        const std::filesystem::path file{root_ + "/" + path};
        std::error_code ignored;
        std::filesystem::create_directories(file.parent_path(), ignored);
        std::ofstream{file} << text;
    }
    [[nodiscard]] const std::string& root() const { return root_; }

  private:
    std::string root_;
};

} // namespace

TEST("processors: a quota is rounded up to whole ones") {
    CHECK_EQ(processors_granted(200'000, 100'000), size_t{2});
    CHECK_EQ(processors_granted(150'000, 100'000), size_t{2});
    CHECK_EQ(processors_granted(10'000, 100'000), size_t{1});
    CHECK_EQ(processors_granted(-1, 100'000), size_t{0});
    CHECK_EQ(processors_granted(100'000, 0), size_t{0});
}

TEST("processors: the file of version 2 is read") {
    CHECK_EQ(processors_granted("max 100000\n"), size_t{0});
    CHECK_EQ(processors_granted("250000 100000\n"), size_t{3});
    CHECK_EQ(processors_granted("50000 100000"), size_t{1});
    for (const char* bad : {"", "\n", "many", "100000", "100000 ", "100000 x", "-5 100000"})
        CHECK_EQ(processors_granted(bad), size_t{0});
}

TEST("processors: of nested groups the least counts") {
    SampleGroups groups;
    groups.write("cpu.max", "max 100000\n");
    groups.write("a/cpu.max", "800000 100000\n");
    groups.write("a/b/cpu.max", "max 100000\n");
    groups.write("a/b/c/cpu.max", "1600000 100000\n");
    CHECK_EQ(processors_granted("0::/a/b/c\n", groups.root()), size_t{8});
    CHECK_EQ(processors_granted("0::/a/b\n", groups.root()), size_t{8});
    CHECK_EQ(processors_granted("0::/\n", groups.root()), size_t{0});
    groups.write("a/b/cpu.max", "300000 100000\n");
    CHECK_EQ(processors_granted("0::/a/b/c\n", groups.root()), size_t{3});
    // A path of the host's, seen from inside a container: its own group is the root.
    groups.write("cpu.max", "200000 100000\n");
    CHECK_EQ(processors_granted("0::/docker/0123\n", groups.root()), size_t{2});
    CHECK_EQ(processors_granted("0::/../../elsewhere\n", groups.root()), size_t{2});
}

TEST("processors: groups of version 1 are found by their controller") {
    SampleGroups groups;
    groups.write("cpu,cpuacct/cpu.cfs_quota_us", "-1\n");
    groups.write("cpu,cpuacct/cpu.cfs_period_us", "100000\n");
    groups.write("cpu,cpuacct/docker/0123/cpu.cfs_quota_us", "400000\n");
    groups.write("cpu,cpuacct/docker/0123/cpu.cfs_period_us", "100000\n");
    const std::string memberships = "12:memory:/docker/0123\n"
                                    "5:cpuset:/docker/0123\n"
                                    "4:cpu,cpuacct:/docker/0123\n"
                                    "1:name=systemd:/docker/0123\n"
                                    "0::/system.slice\n";
    CHECK_EQ(processors_granted(memberships, groups.root()), size_t{4});
    CHECK_EQ(processors_granted("4:cpu,cpuacct:/other\n", groups.root()), size_t{0});
    CHECK_EQ(processors_granted("", groups.root()), size_t{0});
    CHECK_EQ(processors_granted("nonsense\n::\n:::", groups.root()), size_t{0});
}

TEST("processors: there is at least one, and no more than the machine has") {
    const size_t count = parallel::processor_count();
    CHECK(count >= 1);
    const size_t machine = std::thread::hardware_concurrency();
    CHECK(machine == 0 || count <= machine);
}

} // namespace braid::test
