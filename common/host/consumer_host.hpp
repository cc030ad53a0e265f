// Brings a consumer to life as a component: configuration, Kafka source, Postgres ledger and the runtime, put together in one place.
#pragma once

#include "common/process/component.hpp"
#include "common/process/side_by_side.hpp"
#include "common/runtime/consumer.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace weir::host {

/// The rows of configuration that every consumer has: under consumers.NAME start, idle_timeout, session_timeout, group_protocol, lanes,
/// when a unit of work is written, and what may be parked; and dead_letters.retention, which all consumers share. A consumer's own rows
/// stand under consumers.NAME too. `max_records`: of a unit of work, where nothing else is said.
[[nodiscard]] std::vector<config::Field> consumer_fields(const std::string& name, const std::string& max_records = "20000");
/// When a unit of work is written, by those rows.
[[nodiscard]] runtime::FlushLimits flush_limits(const config::Configuration& configuration, const std::string& name);
/// Those without which a consumer does not start: its first position is a choice, never a default.
[[nodiscard]] std::vector<std::string> consumer_required(const std::string& name);

using MakeConsumer = std::function<std::unique_ptr<runtime::Consumer>()>;

/// The line of the shipped configuration that every consumer needs: where it begins.
[[nodiscard]] std::vector<process::ExampleRow> consumer_example(const std::string& name);

/// Runs a consumer a lane until stopped. Kafka or Postgres away at start is waited for up to startup_timeout.
[[nodiscard]] Result<void> run_consumer(process::Context& context, const MakeConsumer& make_consumer);
/// The same with other loops beside it in one process (common/process/side_by_side.hpp), where the consumer is the loop "consumer".
[[nodiscard]] Result<void> run_consumer(process::Context& context, const MakeConsumer& make_consumer, std::vector<process::Loop> beside);

/// Where the events are of which a row of results was made.
struct RowOrigin {
  std::vector<std::string> topics;  // of those that the consumer reads
  Instant from{};                   // of the records' times
  Instant to{};
  std::function<bool(const runtime::Event&)> has_made{};  // asked of events that have a payload
};

/// What a consumer says of itself; all else is common to consumers.
struct ConsumerRow {
  std::string name;  // "rollups": works as the role weir_rollups, in the group weir.rollups
  std::string help;
  std::vector<config::Field> fields{};  // its own, beside those that every consumer has; each under consumers.NAME
  std::string max_records = "20000";    // of a unit of work, where nothing else is said
  std::vector<process::TableRow> tables{};
  std::vector<process::ExampleRow> example{};  // its lines of the shipped configuration, beside that of every consumer
  std::optional<process::EventTimes> takes{};
  process::Rereading rereading{};   // whether weir offsets reset may move its group back
  process::ResultChecks results{};  // what its results have to be, as the demo checks it
  std::function<runtime::Description(const config::Configuration&)> describe;
  std::function<Result<MakeConsumer>(const config::Configuration&)> make;
  std::function<std::vector<process::Loop>(process::Context&)> beside{};   // what works beside it in its process; none: nothing
  std::function<process::Findings(const config::Configuration&)> check{};  // what weir check asks of its configuration; none: nothing
  /// As of a component. The event has a payload.
  std::function<Result<std::vector<process::ResultRow>>(const config::Configuration&, postgres::Statements&, const runtime::Event&)>
      has_made{};
  /// None: the table holds no results of the consumer's, or the row is not there.
  std::function<Result<std::optional<RowOrigin>>(const config::Configuration&, postgres::Statements&, const process::RowToTrace&)> origin{};
  /// As of a component; none: nothing is compared.
  std::function<Result<void>(process::Context&, postgres::Statements&, const process::Period&, process::ResultDifferences&)> verifies{};
};
[[nodiscard]] process::Component consumer_component(ConsumerRow row);

}  // namespace weir::host
