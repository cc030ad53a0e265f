// Which ends are followed by another start, and how soon.
#include "common/supervise/restart_policy.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::supervise;

TEST_CASE("what stays wrong is not started again") {
  for (const int code : {64, 77, 78}) CHECK_FALSE(restart_may_help(supervise::ExitStatus{code, 0}));
}

TEST_CASE("a crash, a service that is away and a gap are tried again") {
  for (const int code : {0, 1, 65, 69, 70, 75, 127}) CHECK(restart_may_help(supervise::ExitStatus{code, 0}));
  CHECK(restart_may_help(supervise::ExitStatus{0, SIGKILL}));
  CHECK(restart_may_help(supervise::ExitStatus{78, SIGSEGV}));
}

TEST_CASE("who lived long enough starts with a clean record") {
  const RestartPolicy policy;
  CHECK(failures_after(policy, 7, policy.forgiven_after) == 1);
  CHECK(failures_after(policy, 7, policy.forgiven_after - Milliseconds{1}) == 8);
}
