/// Runs a fuzz target where the compiler has no libFuzzer: on the inputs of a corpus, then on
/// random changes of them. It understands the options of libFuzzer that scripts/fuzz.mjs gives,
/// keeps the input that ends the process, and knows nothing of coverage: the corpus does not grow.
///
///   braid_fuzz_<name> [-max_total_time=S] [-runs=N] [-seed=N] [-max_len=N] [-timeout=S]
///                     [-artifact_prefix=PATH] [FOLDER or FILE]...
///
/// With files alone it runs those and nothing else.
#include "fuzz/target.hpp"
#include "tests/evm/random.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <unistd.h>
#include <vector>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#include <sanitizer/common_interface_defs.h>
#define BRAID_HAS_SANITIZER 1
#endif

#pragma weak LLVMFuzzerCustomMutator

namespace braid::fuzz {
namespace {

namespace filesystem = std::filesystem;
using Input = std::vector<uint8_t>;

struct Options {
    uint64_t max_total_time = 0; ///< seconds; 0: no limit
    uint64_t runs = 0;           ///< 0: no limit
    uint64_t seed = 0;
    uint64_t max_len = 64 * 1024;
    uint64_t timeout = 60; ///< seconds for one input
    std::string artifact_prefix = "./";
    std::vector<std::string> paths;
};

/// Numbers that something may be compared with.
constexpr uint64_t edges[] = {
    0,       1,          2,          7,          8,          16,         31,     32,     64,
    127,     128,        255,        256,        1023,       1024,       0x7fff, 0x8000, 0xffff,
    0x10000, 0x7fffffff, 1ull << 31, 0xffffffff, 1ull << 32, ~0ull >> 1, ~0ull};

test::Random& randomness() {
    static test::Random random{0};
    return random;
}

/// The input under way, for whoever ends the process.
const Input* current_input = nullptr;
std::string artifact_prefix;

/// Writes the input under way to a file named after its hash (FNV-1a).
void keep_input(const char* kind) {
    if (current_input == nullptr)
        return;
    uint64_t hash = 0xcbf29ce484222325;
    for (const uint8_t byte : *current_input)
        hash = (hash ^ byte) * 0x100000001b3;
    char name[32];
    std::snprintf(name, sizeof(name), "-%016llx", static_cast<unsigned long long>(hash));
    const std::string path = artifact_prefix + kind + name;
    if (std::FILE* file = std::fopen(path.c_str(), "wb")) {
        std::fwrite(current_input->data(), 1, current_input->size(), file);
        std::fclose(file);
        std::fprintf(stderr, "the input is in %s\n", path.c_str());
    }
    current_input = nullptr;
}

/// The process ends anyway: what a handler may not do matters no more.
void on_signal(int signal) {
    if (signal == SIGALRM)
        std::fprintf(stderr, "finding: an input takes too long\n");
    keep_input(signal == SIGALRM ? "timeout" : "crash");
    std::signal(signal, SIG_DFL);
    std::raise(signal == SIGALRM ? SIGKILL : signal);
}

void watch() {
    std::signal(SIGALRM, on_signal);
    std::signal(SIGABRT, on_signal);
#ifdef BRAID_HAS_SANITIZER
    __sanitizer_set_death_callback([] { keep_input("crash"); });
#else
    for (const int signal : {SIGSEGV, SIGBUS, SIGILL, SIGFPE})
        std::signal(signal, on_signal);
#endif
}

bool read_file(const std::string& path, Input& input) {
    std::FILE* file = std::fopen(path.c_str(), "rb");
    if (file == nullptr)
        return false;
    input.clear();
    uint8_t buffer[4096];
    while (const size_t size = std::fread(buffer, 1, sizeof(buffer), file))
        input.insert(input.end(), buffer, buffer + size);
    std::fclose(file);
    return true;
}

bool read_corpus(const Options& options, std::vector<Input>& corpus, bool& only_files) {
    only_files = !options.paths.empty();
    std::vector<std::string> files;
    for (const std::string& path : options.paths) {
        std::error_code error;
        if (!filesystem::is_directory(path, error)) {
            files.push_back(path);
            continue;
        }
        only_files = false;
        for (const auto& entry : filesystem::recursive_directory_iterator(path, error))
            if (entry.is_regular_file(error))
                files.push_back(entry.path().string());
    }
    std::ranges::sort(files); // the system's order is nobody's
    for (const std::string& file : files) {
        Input input;
        if (!read_file(file, input)) {
            std::fprintf(stderr, "cannot read %s\n", file.c_str());
            return false;
        }
        if (only_files || input.size() <= options.max_len)
            corpus.push_back(std::move(input));
    }
    return true;
}

bool read_options(int argc, char** argv, Options& options) {
    for (int i = 1; i < argc; ++i) {
        const std::string_view argument = argv[i];
        if (!argument.starts_with('-')) {
            options.paths.emplace_back(argument);
            continue;
        }
        const size_t equals = argument.find('=');
        const std::string_view name = argument.substr(0, equals);
        const char* value = equals == argument.npos ? "" : argv[i] + equals + 1;
        if (name == "-artifact_prefix") {
            options.artifact_prefix = value;
            continue;
        }
        uint64_t* const number = name == "-max_total_time" ? &options.max_total_time
                                 : name == "-runs"         ? &options.runs
                                 : name == "-seed"         ? &options.seed
                                 : name == "-max_len"      ? &options.max_len
                                 : name == "-timeout"      ? &options.timeout
                                                           : nullptr;
        if (number == nullptr) {
            std::fprintf(stderr, "unknown option %s\n", argv[i]);
            return false;
        }
        *number = std::strtoull(value, nullptr, 10);
    }
    return true;
}

void run(const Input& input, const Options& options) {
    // Of just its size: what is read beyond it is noticed.
    const Input exact{input.begin(), input.end()};
    current_input = &exact;
    alarm(static_cast<unsigned>(options.timeout));
    LLVMFuzzerTestOneInput(exact.data(), exact.size());
    current_input = nullptr;
}

/// Another input out of the corpus.
Input next_input(const std::vector<Input>& corpus, const Options& options) {
    test::Random& random = randomness();
    Input input = corpus.empty() ? Input{} : corpus[random.below(corpus.size())];
    if (!corpus.empty() && random.chance(15)) { // the head of one, the tail of another
        const Input& other = corpus[random.below(corpus.size())];
        input.resize(random.below(input.size() + 1));
        const size_t from = random.below(other.size() + 1);
        input.insert(input.end(), other.begin() + static_cast<ptrdiff_t>(from), other.end());
    }
    size_t size = std::min<size_t>(input.size(), options.max_len);
    input.resize(options.max_len);
    for (uint64_t edits = 1 + random.below(4); edits > 0; --edits)
        size = &LLVMFuzzerCustomMutator != nullptr
                   ? LLVMFuzzerCustomMutator(input.data(), size, input.size(),
                                             static_cast<unsigned>(random.next()))
                   : LLVMFuzzerMutate(input.data(), size, input.size());
    input.resize(size);
    return input;
}

} // namespace
} // namespace braid::fuzz

size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size) {
    using namespace braid::fuzz;
    braid::test::Random& random = randomness();
    const size_t at = random.below(size + 1);
    const size_t length = std::min<size_t>(1 + random.below(random.chance(70) ? 8 : 64), size - at);
    switch (size == 0 ? 0 : random.below(7)) {
    case 0: { // put in
        const size_t added = std::min<size_t>(1 + random.below(16), max_size - size);
        std::memmove(data + at + added, data + at, size - at);
        for (size_t i = 0; i < added; ++i)
            data[at + i] = static_cast<uint8_t>(random.next());
        return size + added;
    }
    case 1: // cut out
        std::memmove(data + at, data + at + length, size - at - length);
        return size - length;
    case 2: // copy over
        std::memmove(data + random.below(size - length + 1), data + at, length);
        return size;
    case 3: { // a number, in either order
        const size_t bytes = size_t{1} << random.below(4);
        uint64_t number = edges[random.below(std::size(edges))];
        if (random.chance(50))
            number = __builtin_bswap64(number << (64 - 8 * bytes));
        if (bytes <= size)
            std::memcpy(data + random.below(size - bytes + 1), &number, bytes);
        return size;
    }
    case 4: // a bit
        data[random.below(size)] ^= static_cast<uint8_t>(1u << random.below(8));
        return size;
    case 5: // a small step
        data[random.below(size)] += static_cast<uint8_t>(random.below(9)) - 4;
        return size;
    default:
        data[random.below(size)] = static_cast<uint8_t>(random.next());
        return size;
    }
}

int main(int argc, char** argv) {
    using namespace braid::fuzz;
    using Clock = std::chrono::steady_clock;
    Options options;
    std::vector<Input> corpus;
    bool only_files = false;
    if (!read_options(argc, argv, options) || !read_corpus(options, corpus, only_files))
        return 2;
    artifact_prefix = options.artifact_prefix;
    if (options.seed == 0)
        options.seed = static_cast<uint64_t>(Clock::now().time_since_epoch().count());
    randomness() = braid::test::Random{options.seed};
    std::fprintf(stderr, "seed %llu, %zu inputs\n", static_cast<unsigned long long>(options.seed),
                 corpus.size());
    watch();
    const auto start = Clock::now();
    const auto seconds = [&] {
        return static_cast<uint64_t>(
            std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - start).count());
    };
    uint64_t runs = 0;
    const auto may_go_on = [&] {
        return (options.max_total_time == 0 || seconds() < options.max_total_time) &&
               (options.runs == 0 || runs < options.runs);
    };
    for (size_t i = 0; i < corpus.size() && (only_files || may_go_on()); ++i, ++runs)
        run(corpus[i], options);
    for (; !only_files && may_go_on(); ++runs)
        run(next_input(corpus, options), options);
    alarm(0);
    std::fprintf(stderr, "Done %llu runs in %llu second(s)\n",
                 static_cast<unsigned long long>(runs), static_cast<unsigned long long>(seconds()));
    return 0;
}
