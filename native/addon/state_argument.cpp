#include "addon/state_argument.hpp"

#include "addon/arguments.hpp"
#include "addon/native_partial_state.hpp"
#include "addon/native_state.hpp"
#include "state/delayed_state.hpp"

namespace braid::addon {

namespace {

/// A state as a block that runs is to see it, slowed down where that was asked for.
std::shared_ptr<state::StateView> view_of(const NativeState& handle) {
    if (handle.read_delay().count() == 0)
        return handle.snapshot();
    struct Delayed {
        explicit Delayed(const NativeState& handle)
            : state{handle.snapshot()}, view{*state, handle.read_delay()} {}
        std::shared_ptr<state::MemoryState> state;
        state::DelayedState view;
    };
    const auto delayed = std::make_shared<Delayed>(handle);
    return {delayed, &delayed->view};
}

} // namespace

std::shared_ptr<state::StateView> state_argument(const Napi::CallbackInfo& info, size_t index) {
    if (!NativePartialView::is(info[index])) {
        const NativeState* const state = NativeState::from(info.Env(), info[index]);
        return state == nullptr ? nullptr : view_of(*state);
    }
    std::shared_ptr<state::StateView> view =
        NativePartialView::Unwrap(info[index].As<Napi::Object>())->view();
    if (view == nullptr)
        throw_type_error(info.Env(), "the view of the state is closed");
    return view;
}

} // namespace braid::addon
