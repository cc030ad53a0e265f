// Keeps several components of one machine running as child processes: started in order, started again with backoff when they crash,
// stopped in reverse order. Owns no thread: whoever has it calls tend().
#pragma once

#include "common/core/result.hpp"
#include "common/core/time.hpp"
#include "common/supervise/process.hpp"
#include "common/supervise/restart_policy.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace weir::supervise {

struct Child {
  std::string name;  // unique: "rollups-2"
  Command command;
};

/// What happened to a child, for logs.
struct Transition {
  enum class Kind : std::uint8_t { kStarted, kEnded, kStopped };
  Kind kind = Kind::kStarted;
  std::string name;
  pid_t id = -1;
  ExitStatus status;                        // not with kStarted
  std::optional<Milliseconds> restarts_in;  // kEnded only; none: it is not started again
};

class Supervisor {
 public:
  Supervisor(std::shared_ptr<Guardian> guardian, const Clock& clock, RestartPolicy policy, std::function<void(const Transition&)> told);
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;
  /// Stops what still runs, without patience.
  ~Supervisor();

  Result<void> start(Child child);
  /// Reaps who ended and starts who is due. The Fault names a child that no restart helps, with that child's exit code: then stop().
  Result<void> tend();
  /// SIGTERM in reverse order of the starts, each waited for up to `patience`, then SIGKILL. Ok: all ended with exit code 0.
  Result<void> stop(Milliseconds patience);

  /// -1 where it does not run just now.
  [[nodiscard]] pid_t id_of(const std::string& name);
  /// kill(2) by name, for tests that hurt it.
  void signal(const std::string& name, int number);
  [[nodiscard]] int restarts() const { return restarts_; }

 private:
  struct Kept {
    Child child;
    Process process;
    SteadyInstant since{};
    int failures = 0;
    std::optional<SteadyInstant> due;  // ended, and to be started then
  };
  Result<void> launch(Kept& kept);
  Result<void> tend_one(Kept& kept);
  Kept* find(const std::string& name);

  std::shared_ptr<Guardian> guardian_;
  const Clock& clock_;
  RestartPolicy policy_;
  std::function<void(const Transition&)> told_;
  std::vector<std::unique_ptr<Kept>> kept_;
  int restarts_ = 0;
};

}  // namespace weir::supervise
