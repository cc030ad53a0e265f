// The way of a record: what its source and Kafka tell of it, how each group has ended it, the rows that the groups made of it, and the
// records that followed from these rows. Knows no consumer's tables: each component says itself what it has made.
#pragma once

#include "common/process/component.hpp"
#include "operations/commands/trace_search.hpp"
#include "operations/commands/trace_store.hpp"
#include "operations/commands/trace_times.hpp"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace weir::operations {

struct Hop {
  std::string what;   // source, event, record, a group's name, or the table of a row
  std::string state;  // in words
  std::optional<Instant> at;
  std::optional<double> seconds;  // since the hop before it; of a group: since the record; of a row: since what it was made of
  Bounds between{};               // of a group whose `at` nobody has kept
  std::string key{};              // of a row: its primary key as JSON
};

struct TracedRecord {
  FoundRecord found;
  std::vector<Hop> hops;
  std::size_t depth = 0;  // 0: the record that was asked for; n: the change of a row that was made of a record of depth n - 1
};

using Components = std::vector<process::Component>;

/// Follows records. Holds a session of Postgres and one of Kafka's administration for as long as it lives.
class Tracer {
 public:
  /// `components`: those whose rules and rows are asked. `limit`: of records that a search gives.
  [[nodiscard]] static Result<Tracer> open(const config::Configuration& configuration, std::span<const process::Component> components,
                                           postgres::Connection connection, std::size_t limit);

  /// The records that match, of one topic or of all that groups read, in the order of their times.
  [[nodiscard]] Result<std::vector<FoundRecord>> search(const TraceTarget& target, const std::optional<std::string>& topic, Instant from,
                                                        Instant to);
  [[nodiscard]] Result<FoundRecord> at(const RecordPlace& place);
  /// The records at these places, in their order, with one reading of each partition; none where the log has no record.
  [[nodiscard]] Result<std::vector<std::optional<FoundRecord>>> at_all(const std::vector<RecordPlace>& places);
  /// The records of which a row was made, of the times that its component tells, or of those that are given. None: no component made it.
  [[nodiscard]] Result<std::vector<FoundRecord>> origins_of(const process::RowToTrace& row, const std::optional<Instant>& from,
                                                            const std::optional<Instant>& to);
  /// Whether a component writes the table.
  [[nodiscard]] bool is_result(const std::string& table) const;

  [[nodiscard]] Result<TracedRecord> trace(FoundRecord found);
  /// The record, then the changes of the rows that were made of it, of the rows that were made of those, and so on.
  [[nodiscard]] Result<std::vector<TracedRecord>> follow(FoundRecord found);

  [[nodiscard]] postgres::Connection& connection() { return connection_; }

 private:
  Tracer(const config::Configuration& configuration, std::span<const process::Component> components, postgres::Connection connection,
         std::unique_ptr<kafka::Admin> admin, kafka::Settings settings, std::size_t limit);

  [[nodiscard]] const process::Component* component_of(const std::string& group) const;
  [[nodiscard]] Result<std::vector<Hop>> rows_of(const process::Component& component, const FoundRecord& found);
  [[nodiscard]] Result<std::vector<FoundRecord>> changes_of(const std::vector<Hop>& hops, const std::string& own_topic);

  const config::Configuration* configuration_;
  Components components_;
  postgres::Connection connection_;
  std::unique_ptr<kafka::Admin> admin_;
  kafka::Settings settings_;
  std::size_t limit_;
  std::string prefix_;             // of topics of changes
  std::vector<std::string> read_;  // topics that groups read
};

}  // namespace weir::operations
