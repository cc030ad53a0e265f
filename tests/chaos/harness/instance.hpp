// One process of weir, or of the tape, that a scenario starts, hurts and looks at.
#pragma once

#include "common/supervise/process.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>

namespace weir::chaos {

class Instance {
 public:
  /// `command` without output and ops port; the log is below `folder`.
  Instance(std::string name, supervise::Command command, std::shared_ptr<supervise::Guardian> guardian,
           const std::filesystem::path& folder);

  /// Where the process does not start, the test ends.
  void start();
  /// SIGKILL, and waits for its end.
  void kill();
  /// SIGSTOP; answers once every thread of it has stopped.
  void pause();
  void resume() { process_.signal(SIGCONT); }
  /// SIGTERM, then SIGKILL after `patience`: how it ended.
  supervise::ExitStatus stop(Milliseconds patience = Milliseconds{30'000}) { return process_.stop(patience); }
  /// Stops it, and checks that it ends in good order; else its end and the last of its log are shown.
  void stop_well();
  [[nodiscard]] std::optional<supervise::ExitStatus> wait_for(Milliseconds patience) { return process_.wait_for(patience); }
  [[nodiscard]] bool running() { return process_.running(); }
  [[nodiscard]] int starts() const { return starts_; }

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] pid_t id() const { return process_.id(); }
  [[nodiscard]] std::filesystem::path log() const { return command_.output; }
  [[nodiscard]] std::string log_tail() const;
  /// GET on its ops port: status and body; none where it does not answer within `patience`.
  [[nodiscard]] std::optional<std::pair<int, std::string>> get(const std::string& path, Milliseconds patience = Milliseconds{2'000}) const;
  [[nodiscard]] bool ready() const;
  /// A sample of /metrics by its whole name: `weir_retries_total{fault="pg_connection"}`. None: not there.
  [[nodiscard]] std::optional<double> metric(const std::string& sample) const;
  /// All samples of a metric, summed.
  [[nodiscard]] double metric_sum(const std::string& name) const;
  /// Kilobytes, as /proc says; 0 where it does not run.
  [[nodiscard]] std::int64_t resident_kib() const;

 private:
  std::string name_;
  supervise::Command command_;
  std::shared_ptr<supervise::Guardian> guardian_;
  int ops_port_;
  supervise::Process process_;
  int starts_ = 0;
};

}  // namespace weir::chaos
