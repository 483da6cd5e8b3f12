#include "addon/state_argument.hpp"

#include "addon/arguments.hpp"
#include "addon/native_partial_state.hpp"
#include "addon/native_snapshot.hpp"
#include "addon/native_state.hpp"

namespace braid::addon {

std::shared_ptr<state::StateView> state_argument(const Napi::CallbackInfo& info, size_t index) {
    const Napi::Value argument = info[index];
    std::shared_ptr<state::StateView> view;
    if (NativePartialView::is(argument)) {
        view = NativePartialView::Unwrap(argument.As<Napi::Object>())->view();
    } else if (NativeSnapshot::is(argument)) {
        view = NativeSnapshot::Unwrap(argument.As<Napi::Object>())->view();
    } else {
        const NativeState* const state = NativeState::from(info.Env(), argument);
        return state == nullptr ? nullptr : state->view();
    }
    if (view == nullptr)
        throw_type_error(info.Env(), "the view of the state is closed");
    return view;
}

} // namespace braid::addon
