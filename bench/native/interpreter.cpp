/// Times an EVMC VM alone on compute-heavy code, through the ABI, as another host would use it:
///
///   interpreter_bench VM.so CODE.hex NAME:CALLDATA.hex...
///
/// Prints, per calldata, gas per run, nanoseconds per run and Mgas/s (median of the runs of about
/// one second, CPU time). The code analysis is part of what is timed, as far as the VM repeats it.
#include "base/bytes.hpp"
#include "evmc/evmc.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <dlfcn.h>
#include <fstream>
#include <string>
#include <vector>

namespace {

std::vector<uint8_t> from_hex(const std::string& text) {
    std::vector<uint8_t> bytes;
    for (size_t i = text.starts_with("0x") ? 2 : 0; i + 1 < text.size(); i += 2)
        bytes.push_back(static_cast<uint8_t>(std::stoul(text.substr(i, 2), nullptr, 16)));
    return bytes;
}

double cpu_seconds() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// A host without state: the benchmarked code only computes.
const evmc_host_interface stateless_host{
    [](evmc_host_context*, const evmc_address*) { return false; },
    [](evmc_host_context*, const evmc_address*, const evmc_bytes32*) { return evmc_bytes32{}; },
    [](evmc_host_context*, const evmc_address*, const evmc_bytes32*, const evmc_bytes32*) {
        return EVMC_STORAGE_ASSIGNED;
    },
    [](evmc_host_context*, const evmc_address*) { return evmc_uint256be{}; },
    [](evmc_host_context*, const evmc_address*) { return size_t{0}; },
    [](evmc_host_context*, const evmc_address*) { return evmc_bytes32{}; },
    [](evmc_host_context*, const evmc_address*, size_t, uint8_t*, size_t) { return size_t{0}; },
    [](evmc_host_context*, const evmc_address*, const evmc_address*) { return false; },
    [](evmc_host_context*, const evmc_message*) { return evmc_result{}; },
    [](evmc_host_context*) {
        evmc_tx_context context{};
        context.block_timestamp = 1;
        return context;
    },
    [](evmc_host_context*, int64_t) { return evmc_bytes32{}; },
    [](evmc_host_context*, const evmc_address*, const uint8_t*, size_t, const evmc_bytes32*,
       size_t) {},
    [](evmc_host_context*, const evmc_address*) { return EVMC_ACCESS_WARM; },
    [](evmc_host_context*, const evmc_address*, const evmc_bytes32*) { return EVMC_ACCESS_WARM; },
    [](evmc_host_context*, const evmc_address*, const evmc_bytes32*) { return evmc_bytes32{}; },
    [](evmc_host_context*, const evmc_address*, const evmc_bytes32*, const evmc_bytes32*) {},
};

evmc_vm* load(const std::string& path) {
    void* handle = dlopen(path.c_str(), RTLD_NOW);
    if (handle == nullptr) {
        std::fprintf(stderr, "%s\n", dlerror());
        return nullptr;
    }
    std::string name = path.substr(path.rfind('/') + 1);
    name = name.substr(name.starts_with("lib") ? 3 : 0);
    name = name.substr(0, name.find('.'));
    std::replace(name.begin(), name.end(), '-', '_');
    using Create = evmc_vm* (*)();
    auto create = reinterpret_cast<Create>(dlsym(handle, ("evmc_create_" + name).c_str()));
    return create == nullptr ? nullptr : create();
}

} // namespace

int main(int argc, char** argv) {
    if (argc < 4) {
        std::fprintf(stderr, "usage: interpreter_bench VM.so CODE.hex NAME:CALLDATA...\n");
        return 2;
    }
    evmc_vm* vm = load(argv[1]);
    if (vm == nullptr || vm->abi_version != EVMC_ABI_VERSION) {
        std::fprintf(stderr, "%s is no EVMC %d VM\n", argv[1], EVMC_ABI_VERSION);
        return 2;
    }
    std::ifstream file{argv[2]};
    std::string text;
    file >> text;
    const std::vector<uint8_t> code = from_hex(text);

    std::printf("%-14s %14s %14s %10s\n", "case", "gas", "ns", "Mgas/s");
    for (int i = 3; i < argc; ++i) {
        const std::string argument = argv[i];
        const size_t colon = argument.find(':');
        const std::vector<uint8_t> calldata = from_hex(argument.substr(colon + 1));
        evmc_message message{};
        message.gas = int64_t{1} << 50;
        message.input_data = calldata.data();
        message.input_size = calldata.size();

        std::vector<double> seconds;
        int64_t gas = 0;
        const double begin = cpu_seconds();
        while (seconds.size() < 3 || cpu_seconds() - begin < 1.0) {
            const double start = cpu_seconds();
            const evmc_result result = vm->execute(vm, &stateless_host, nullptr, EVMC_SHANGHAI,
                                                   &message, code.data(), code.size());
            seconds.push_back(cpu_seconds() - start);
            gas = message.gas - result.gas_left;
            if (result.status_code != EVMC_SUCCESS) {
                std::fprintf(stderr, "%s ended with status %d\n", argv[i], result.status_code);
                return 1;
            }
            if (result.release != nullptr)
                result.release(&result);
        }
        std::sort(seconds.begin(), seconds.end());
        const double median = seconds[seconds.size() / 2];
        std::printf("%-14s %14lld %14.0f %10.0f\n", argument.substr(0, colon).c_str(),
                    static_cast<long long>(gas), median * 1e9,
                    static_cast<double>(gas) / median * 1e-6);
    }
    vm->destroy(vm);
    return 0;
}
