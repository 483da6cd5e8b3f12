#include "state/delayed_state.hpp"

#include <thread>

#if defined(__linux__)
#include <sys/prctl.h>
#endif
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace braid::state {

namespace {

using Clock = std::chrono::steady_clock;

/// What waking up takes at most, mostly: shorter waits, and the rest of longer ones, are spun.
constexpr std::chrono::microseconds wake_up_time{20};

/// Lets the kernel end this thread's sleeps on time: by default it adds up to 50 us.
class PunctualSleep {
  public:
#if defined(__linux__)
    PunctualSleep() noexcept : slack_{prctl(PR_GET_TIMERSLACK)} { prctl(PR_SET_TIMERSLACK, 1); }
    ~PunctualSleep() { prctl(PR_SET_TIMERSLACK, slack_); }
#else
    PunctualSleep() noexcept = default;
#endif
    PunctualSleep(const PunctualSleep&) = delete;
    PunctualSleep& operator=(const PunctualSleep&) = delete;

  private:
#if defined(__linux__)
    const int slack_;
#endif
};

void pause() noexcept {
#if defined(__x86_64__)
    _mm_pause();
#endif
}

/// Waits as a thread waits for a device: long waits leave the processor to others.
void wait(std::chrono::nanoseconds delay) noexcept {
    const Clock::time_point end = Clock::now() + delay;
    if (delay > wake_up_time) {
        const PunctualSleep punctual;
        std::this_thread::sleep_for(delay - wake_up_time);
    }
    while (Clock::now() < end)
        pause();
}

} // namespace

ReadStatus DelayedState::load_account(const Address& address, AccountState& account,
                                      bool& exists) noexcept {
    wait(delay_);
    return base_.load_account(address, account, exists);
}

ReadStatus DelayedState::load_storage(const Address& address, const Bytes32& key,
                                      Bytes32& value) noexcept {
    wait(delay_);
    return base_.load_storage(address, key, value);
}

ReadStatus DelayedState::load_code(const Address& address, const Bytes32& code_hash,
                                   const Code*& code) noexcept {
    return base_.load_code(address, code_hash, code);
}

} // namespace braid::state
