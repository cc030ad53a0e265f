// A component of weir as a bench runs it: the real executable, told by the environment, its log kept for the case that it ends.
#pragma once

#include "common/supervise/process.hpp"
#include "tests/bench/support/bench.hpp"
#include "tests/bench/support/report.hpp"

#include <filesystem>
#include <functional>
#include <map>
#include <string>

namespace weir::bench {

class Component {
 public:
  /// `name`: the subcommand. The operations port is chosen; everything else comes from `environment`.
  Component(std::string name, std::map<std::string, std::string> environment);

  [[nodiscard]] pid_t id() const { return process_.id(); }
  [[nodiscard]] int ops_port() const { return ops_port_; }
  /// Waits until `holds`, looking every `step`; ends the bench with the component's log where the process ends or patience does.
  void await(const std::string& what, Milliseconds patience, const std::function<bool()>& holds, Milliseconds step = Milliseconds{10});
  /// SIGTERM, and the end of the bench where it does not end in good order.
  void stop();
  /// SIGKILL, at once; it is gone when this returns.
  void kill() { process_.kill(); }

 private:
  [[noreturn]] void give_up(const std::string& why) const;

  std::string name_;
  std::filesystem::path log_;
  int ops_port_;
  supervise::Process process_;
};

/// Counts what a component and Postgres cost, from the moment at which the object is made.
class Costs {
 public:
  explicit Costs(const Component& component);
  [[nodiscard]] double seconds() const { return watch_.seconds(); }
  /// Adds the CPU seconds of both, and the most memory that the component ever held.
  void add_to(Report& report, const std::string& name) const;

 private:
  const Component& component_;
  double weir_;
  double postgres_;
  Stopwatch watch_;
};

}  // namespace weir::bench
