// The exit codes are those of common/core/fault.hpp.
#include "common/supervise/restart_policy.hpp"

namespace weir::supervise {

bool restart_may_help(const ExitStatus& ended) {
  if (ended.signal != 0) return true;
  switch (static_cast<ExitCode>(ended.code)) {
    case ExitCode::kUsage:
    case ExitCode::kRefused:
    case ExitCode::kConfiguration:
      return false;
    case ExitCode::kOk:
    case ExitCode::kData:
    case ExitCode::kUnavailable:
    case ExitCode::kBug:
    case ExitCode::kTryAgain:
      return true;
  }
  return true;  // a code of somebody else's: 127 where the program could not be run
}

int failures_after(const RestartPolicy& policy, int failures_before, Milliseconds lived) {
  return lived >= policy.forgiven_after ? 1 : failures_before + 1;
}

}  // namespace weir::supervise
