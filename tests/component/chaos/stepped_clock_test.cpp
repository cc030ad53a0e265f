// A clock that is set for a process: what the process sees of it, and that its client of Kafka waits as long as it should all the same.
#include "tests/chaos/harness/stepped_clock.hpp"

#include "common/core/await.hpp"
#include "common/local/scratch.hpp"
#include "common/supervise/process.hpp"

#include <doctest/doctest.h>
#include <threads.h>

#include <array>
#include <cstdlib>

using namespace weir;
using namespace weir::chaos;

namespace {

constexpr const char* kTruth = "WEIR_TEST_TRUTH";    // microseconds since the epoch when the process was asked for
constexpr const char* kOffset = "WEIR_TEST_OFFSET";  // milliseconds by which its clock is set
constexpr const char* kInside = "a process whose clock was set";
constexpr Milliseconds kPatience{60'000};
constexpr Milliseconds kWait{200};

std::int64_t number_of(const char* variable) {
  const char* text = std::getenv(variable);
  REQUIRE(text != nullptr);
  return std::stoll(text);
}

}  // namespace

TEST_CASE("a process whose clock was set" * doctest::skip()) {
  const SystemClock clock;
  const Microseconds off = clock.now().time_since_epoch() - Microseconds{number_of(kTruth)} - Milliseconds{number_of(kOffset)};
  CHECK(off >= Milliseconds{-2});
  CHECK(off < kPatience);

  mtx_t mutex;
  cnd_t condition;
  REQUIRE(mtx_init(&mutex, mtx_plain) == thrd_success);
  REQUIRE(cnd_init(&condition) == thrd_success);
  REQUIRE(mtx_lock(&mutex) == thrd_success);
  const SteadyInstant begin = clock.steady();
  const std::int64_t until = (clock.now().time_since_epoch() + kWait).count();
  const timespec deadline{static_cast<time_t>(until / 1'000'000), static_cast<long>(until % 1'000'000 * 1'000)};
  int ended = thrd_success;
  while (ended == thrd_success) ended = cnd_timedwait(&condition, &mutex, &deadline);
  CHECK(ended == thrd_timedout);
  CHECK(clock.steady() - begin >= kWait - Milliseconds{2});
  mtx_unlock(&mutex);
  cnd_destroy(&condition);
  mtx_destroy(&mutex);
}

TEST_CASE("a process sees the clock that was set for it, and a wait for Kafka is neither longer nor shorter by that") {
  if (!SteppedClock::possible()) {
    MESSAGE("not run under a sanitizer");
    return;
  }
  const auto guardian = supervise::Guardian::start().value();
  const local::Scratch scratch = local::Scratch::create(guardian).value();
  const SteppedClock clock(scratch.path() / "clock");
  const std::array<Milliseconds, 4> offsets{Milliseconds{0}, Milliseconds{std::chrono::days{1}}, Milliseconds{-std::chrono::days{1}},
                                            Milliseconds{-500}};
  for (const Milliseconds offset : offsets) {
    clock.set(offset);
    supervise::Command command;
    command.arguments = {std::filesystem::read_symlink("/proc/self/exe"), "--no-skip", std::string("--test-case=") + kInside};
    command.environment = clock.environment();
    command.environment[kTruth] = std::to_string(SystemClock().now().time_since_epoch().count());
    command.environment[kOffset] = std::to_string(offset.count());
    command.output = scratch.path() / "log";
    const auto ended = supervise::run(guardian, command, kPatience);
    CHECK_MESSAGE(ended, (ended ? std::string() : ended.error().line()));
  }
}
