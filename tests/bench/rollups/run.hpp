// weir rollups as a process, exactly once, over a backlog.
#pragma once

#include "common/kafka/client.hpp"
#include "common/postgres/connection.hpp"
#include "tests/bench/rollups/events.hpp"
#include "tests/bench/rollups/floors.hpp"
#include "tests/bench/support/component.hpp"

#include <cstdint>
#include <string>

namespace weir::bench {

/// The environment of weir rollups that reads the topics under `prefix`.
[[nodiscard]] std::map<std::string, std::string> rollups_environment(const kafka::Settings& broker, const std::string& dsn,
                                                                     const std::string& prefix);
/// Ends the bench where the rows do not hold each of so many events once.
void require_exact(postgres::Connection& connection, std::int64_t events);
/// A new database with weir's schema: its connection string.
[[nodiscard]] std::string migrated_database();

/// weir cdc on a slot of this database, streaming: every change of it goes through logical decoding.
class Slot {
 public:
  Slot(const kafka::Settings& broker, const std::string& dsn, const std::string& prefix);
  /// Waits until the slot has taken in all that was written; gives the seconds that took.
  [[nodiscard]] double drained();
  /// Ends cdc and removes the slot.
  void drop();

 private:
  std::string dsn_;
  Component component_;
};

struct Outcome {
  Cost cost;                      // from the first claim to the last commit
  double slot_drained = 0;        // seconds after that until the slot has taken everything in
  double process_total = 0;       // CPU seconds of weir, start and end included
  double peak_memory = 0;         // bytes, of all instances
  double peak_of_one = 0;         // bytes, of the one that held most
  std::int64_t rows = 0;          // in agent_metrics
  std::int64_t rows_written = 0;  // by inserts and updates
  Cost settled;                   // from the first claim until every window is closed, and derived where that is asked for
  double late_cpu = 0;            // CPU seconds of a late correction, with all that is derived of it
  double late_wall = 0;           // seconds until that is derived
};

struct BacklogRun {
  std::string prefix;          // of the topics
  Load load;                   // of the topics
  std::int64_t instances = 1;  // of weir rollups, started together; what they cost is added up
  std::int64_t lanes = 1;      // of each
  std::int64_t unit = 20'000;  // records of a unit of work
  bool with_slot = false;
  Milliseconds patience{300'000};  // from the first claim to the last commit
  enum class Derives : std::uint8_t { kUnmeasured, kNo, kYes } derives = Derives::kUnmeasured;
  std::int64_t late = 0;  // corrections of windows that are final and derived, one after the other
};
[[nodiscard]] Outcome run_backlog(const kafka::Settings& broker, const BacklogRun& run);

}  // namespace weir::bench
