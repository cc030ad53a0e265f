// Changes of an application's table through cdc and actions through the gateway, both into two tapes: a steady load over every part of the
// pipeline, and what must come of it.
#pragma once

#include "tests/chaos/harness/generator.hpp"
#include "tests/chaos/harness/ground.hpp"
#include "tests/chaos/harness/journal.hpp"

#include <optional>
#include <string>
#include <vector>

namespace weir::chaos {

class TwoRoads {
 public:
  /// `linked`: each part goes through proxies of its own, "cdc", "gateway" and "consumers", to both services.
  TwoRoads(const Report& report, GroundOptions options, bool linked);

  [[nodiscard]] Ground& ground() { return ground_; }
  [[nodiscard]] const std::vector<Instance*>& instances() const { return instances_; }
  /// Starts every part and the load.
  void start(const Parameters& asked);
  /// Starts parts again that have ended by themselves, as a supervisor does. Gives how many that were.
  std::int64_t revive();
  /// Waits until an event of each kind that is acknowledged from now on is in the tape, and all before it: how long that took.
  [[nodiscard]] Milliseconds progress(const std::string& after);
  /// Ends the load and the parts once everything has ended, and verifies the tape.
  void end();

 private:
  void add(const std::string& name, const std::string& component, const std::string& link);
  [[nodiscard]] bool taken(std::int64_t end_of_actions, std::int64_t changes);

  const Report& report_;
  const SystemClock clock_;
  bool linked_;
  Ground ground_;
  Journal actions_journal_;
  Journal changes_journal_;
  std::vector<Instance*> instances_;
  std::optional<Generator> actions_;
  std::optional<Generator> changes_;
};

}  // namespace weir::chaos
