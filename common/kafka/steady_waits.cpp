// librdkafka waits for its condition variables until a time of day. If the clock is set back by an hour during such a wait, the wait
// becomes an hour longer: nothing is polled and no heartbeat is sent, while the process looks well. Therefore the function by which
// librdkafka waits is defined here, before the C library's, and waits by the monotonic clock. Every wait of C11 threads in the process uses
// it.
#include "common/core/waiting.hpp"

#include <pthread.h>
#include <threads.h>

#include <cerrno>
#include <ctime>

namespace {

using std::chrono::nanoseconds;

constexpr nanoseconds::rep kSecond = 1'000'000'000;

}  // namespace

// In glibc cnd_t and mtx_t are pthread_cond_t and pthread_mutex_t, and glibc casts them in the same way.
extern "C" int cnd_timedwait(cnd_t* condition, mtx_t* mutex, const timespec* until) {
  static_assert(sizeof(cnd_t) == sizeof(pthread_cond_t) && sizeof(mtx_t) <= sizeof(pthread_mutex_t));
  const nanoseconds due = weir::steady_at(std::chrono::seconds{until->tv_sec} + nanoseconds{until->tv_nsec}).time_since_epoch();
  const timespec steady{static_cast<time_t>(due.count() / kSecond), static_cast<long>(due.count() % kSecond)};
  const int ended = pthread_cond_clockwait(reinterpret_cast<pthread_cond_t*>(condition), reinterpret_cast<pthread_mutex_t*>(mutex),
                                           CLOCK_MONOTONIC, &steady);
  if (ended == 0) return thrd_success;
  return ended == ETIMEDOUT ? thrd_timedout : thrd_error;
}
