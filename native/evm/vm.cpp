#include "evm/vm.hpp"

#include "evm/stepper.hpp"
#include "evm/vm_state.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace braid::evm {
namespace {

constexpr const char* vm_name = "braidvm";
constexpr const char* vm_version = "0.1.0";

/// Larger codes are refused: their positions and cells could not be counted in 32 bits.
constexpr size_t largest_code = size_t{1} << 28;

/// What the outermost frame of a VM does for all within it: analyses that they find stay.
class OutermostScope {
  public:
    explicit OutermostScope(VmState& vm) noexcept : vm_{vm}, is_outermost_{vm.active_frames == 0} {
        if (is_outermost_)
            AnalysisCache::instance().enter(vm.pin);
    }
    OutermostScope(const OutermostScope&) = delete;
    OutermostScope& operator=(const OutermostScope&) = delete;
    ~OutermostScope() {
        if (is_outermost_)
            AnalysisCache::instance().leave(vm_.pin);
    }

  private:
    VmState& vm_;
    const bool is_outermost_;
};

/// Gives a frame its place in the VM's storage and takes it back at the end.
class FrameScope {
  public:
    FrameScope(VmState& vm, Frame& frame) noexcept
        : vm_{vm}, stack_position_{vm.stack_position}, memory_position_{vm.memory_position} {
        if (vm.active_frames == vm.frames.size())
            vm.frames.push_back(std::make_unique<FrameStorage>());
        frame.storage = vm.frames[vm.active_frames++].get();
        frame.storage->analysis = frame.analysis;
        frame.storage->return_data.clear();
        frame.storage->has_tx_context = false;
        frame.bottom = vm.stacks.enter(vm.stack_position);
        frame.memory_position = vm.memory_position;
        size_t capacity = 0;
        frame.memory = vm.memories.at(frame.memory_position, capacity);
        frame.memory_capacity = capacity;
    }
    FrameScope(const FrameScope&) = delete;
    FrameScope& operator=(const FrameScope&) = delete;
    ~FrameScope() {
        --vm_.active_frames;
        vm_.stack_position = stack_position_;
        vm_.memory_position = memory_position_;
    }

  private:
    VmState& vm_;
    StackArena::Position stack_position_;
    MemoryArena::Position memory_position_;
};

evmc_result run_frame(VmState& vm, const evmc_host_interface& host, evmc_host_context* context,
                      evmc_revision revision, const evmc_message& message, BytesView code,
                      Analysis& analysis) noexcept {
    Frame frame;
    frame.analysis = &analysis;
    frame.code = code;
    frame.gas = message.gas;
    frame.message = &message;
    frame.host = &host;
    frame.context = context;
    frame.revision = revision;
    frame.rules = &all_rules[static_cast<size_t>(revision)];
    frame.vm = &vm;
    frame.gas_slice = vm.cancellation == nullptr ? INT64_MAX : vm.gas_slice;
    if (vm.active_frames == 0)
        vm.memories.trim_large();
    const FrameScope scope{vm, frame};

    evmc_result result{};
    result.status_code = vm.step_host == nullptr ? interpret(frame) : step_through(frame);
    if (std::exchange(vm.memory_exhausted, false))
        result.status_code = EVMC_OUT_OF_MEMORY;
    const bool kept = result.status_code == EVMC_SUCCESS || result.status_code == EVMC_REVERT;
    result.gas_left = kept ? frame.gas : 0;
    result.gas_refund = result.status_code == EVMC_SUCCESS ? frame.gas_refund : 0;
    if (kept && frame.output_size != 0) {
        result.output_data = frame.memory + frame.output_offset;
        result.output_size = frame.output_size;
    }
    return result;
}

bool is_supported(evmc_revision revision) noexcept {
    return revision >= EVMC_FRONTIER && revision <= EVMC_MAX_REVISION;
}

evmc_result failure(evmc_status_code status) noexcept {
    evmc_result result{};
    result.status_code = status;
    return result;
}

// The EVMC functions. A result that leaves the VM owns its output.

evmc_result evmc_execute(evmc_vm* vm, const evmc_host_interface* host, evmc_host_context* context,
                         evmc_revision revision, const evmc_message* message, const uint8_t* code,
                         size_t code_size) noexcept {
    evmc_result result =
        static_cast<Vm*>(vm)->execute_bytes(*host, context, revision, *message, {code, code_size});
    if (result.output_size == 0)
        return result;
    auto* output = static_cast<uint8_t*>(std::malloc(result.output_size));
    if (output == nullptr)
        return failure(EVMC_OUT_OF_MEMORY);
    std::memcpy(output, result.output_data, result.output_size);
    result.output_data = output;
    result.release = [](const evmc_result* owner) {
        std::free(const_cast<uint8_t*>(owner->output_data));
    };
    return result;
}

evmc_result execute_and_trim(evmc_vm* vm, const evmc_host_interface* host,
                             evmc_host_context* context, evmc_revision revision,
                             const evmc_message* message, const uint8_t* code,
                             size_t code_size) noexcept {
    const evmc_result result = evmc_execute(vm, host, context, revision, message, code, code_size);
    if (message->depth == 0) // such a host knows no blocks
        static_cast<Vm*>(vm)->trim();
    return result;
}

evmc_capabilities_flagset evmc_get_capabilities(evmc_vm*) noexcept { return EVMC_CAPABILITY_EVM1; }

evmc_set_option_result evmc_set_option(evmc_vm*, const char*, const char*) noexcept {
    return EVMC_SET_OPTION_INVALID_NAME;
}

void evmc_destroy(evmc_vm* vm) noexcept { delete static_cast<Vm*>(vm); }

} // namespace

void VmState::make_room() noexcept {
    std::vector<const Analysis*> running;
    running.reserve(active_frames);
    for (size_t i = 0; i < active_frames; ++i)
        running.push_back(frames[i]->analysis);
    AnalysisCache::instance().make_room(pin, running);
}

void VmState::trim() noexcept {
    if (active_frames != 0)
        return;
    stacks.trim();
    memories.trim();
    constexpr size_t kept_return_data = size_t{1} << 22;
    size_t total = 0;
    for (const std::unique_ptr<FrameStorage>& frame : frames) {
        total += frame->return_data.capacity();
        if (total > kept_return_data) {
            total -= frame->return_data.capacity();
            frame->return_data.release();
        }
    }
}

size_t VmState::held() const noexcept {
    size_t total = stacks.held() + memories.held();
    for (const std::unique_ptr<FrameStorage>& frame : frames)
        total += frame->return_data.capacity();
    return total;
}

Vm::Vm(HostKind host) noexcept
    : evmc_vm{EVMC_ABI_VERSION,      vm_name,        vm_version, evmc_destroy, execute_and_trim,
              evmc_get_capabilities, evmc_set_option},
      state_{std::make_unique<VmState>()} {
    state_->host = host;
}

Vm::~Vm() = default;

void Vm::set_cancellation(const Cancellation* cancellation) noexcept {
    state_->cancellation = cancellation;
}

void Vm::set_gas_slice(int64_t gas) noexcept { state_->gas_slice = gas; }

void Vm::watch(StepHost& host, StepObserver* observer, int64_t refund) noexcept {
    state_->step_host = &host;
    state_->step_observer = observer;
    state_->refund_below = refund;
    state_->frame_failure = {};
}

void Vm::unwatch() noexcept {
    state_->step_host = nullptr;
    state_->step_observer = nullptr;
    state_->frame_failure = {};
}

void Vm::set_prices(const PricedRules* prices) noexcept { state_->prices = prices; }

const FrameFailure& Vm::frame_failure() const noexcept { return state_->frame_failure; }

void Vm::set_touch_observer(TouchObserver* observer) noexcept { state_->touch_observer = observer; }

void Vm::trim() noexcept { state_->trim(); }

size_t Vm::held() const noexcept { return state_->held(); }

evmc_result Vm::execute_code(const evmc_host_interface& host, evmc_host_context* context,
                             evmc_revision revision, const evmc_message& message,
                             const Code& code) noexcept {
    if (!is_supported(revision) || code.bytes().size() > largest_code)
        return failure(EVMC_REJECTED);
    const OutermostScope scope{*state_};
    Analysis& analysis = AnalysisCache::instance().find_or_add(code, revision);
    return run_frame(*state_, host, context, revision, message, code.bytes(), analysis);
}

evmc_result Vm::execute_bytes(const evmc_host_interface& host, evmc_host_context* context,
                              evmc_revision revision, const evmc_message& message,
                              BytesView code) noexcept {
    if (!is_supported(revision) || code.size() > largest_code)
        return failure(EVMC_REJECTED);
    const OutermostScope scope{*state_};
    if (const auto loose = state_->loose_code.find_or_add(code, revision))
        return run_frame(*state_, host, context, revision, message, code, loose->analysis);
    Analysis analysis{revision};
    const evmc_result result = run_frame(*state_, host, context, revision, message, code, analysis);
    analysis.reset(revision, state_->translator.chunks());
    return result;
}

} // namespace braid::evm
