// What `weir` runs: each subcommand is a row. A component (cdc, gateway, rollups) is a command that runs until told to stop; any other
// command (common/cli/command.hpp) does its work and ends.
#pragma once

#include "common/config/config.hpp"
#include "common/core/result.hpp"
#include "common/core/time.hpp"
#include "common/process/declaration.hpp"
#include "common/process/explanation.hpp"
#include "common/process/finding.hpp"
#include "common/process/result_differences.hpp"
#include "common/process/result_rows.hpp"
#include "common/process/stop_signal.hpp"
#include "common/telemetry/health.hpp"
#include "common/telemetry/log.hpp"
#include "common/telemetry/metrics.hpp"

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace weir::postgres {
class Connection;
}

namespace weir::process {

/// What every component is handed.
struct Context {
  const config::Configuration& configuration;
  const Clock& clock;
  telemetry::Log& log;
  telemetry::Metrics& metrics;
  telemetry::Health& health;
  const StopSignal& stop;
  std::vector<std::string> arguments;  // the words behind a command's own options; for a component its mode, and the words behind that
  /// A component calls it at each turn of its main loop: once called, /healthz fails when 60 s pass without.
  std::function<void()> beat = [] {};
};

/// How far an event's time may lie before and after its record's, as keys of the component's configuration.
struct EventTimes {
  std::string topic;  // the key of the topic's name
  std::string max_age;
  std::string max_future;
};

struct ReadTopic {
  std::string name;
  bool may_be_missing = false;  // read as soon as it is there; else the component does not start without it
};

/// Another way to start a component than its plain one, named by a word behind its name: "weir cdc resnapshot". The word is the first of
/// Context::arguments.
struct Mode {
  std::string name;
  std::string help;
  std::string arguments{};  // placeholder of what stands behind the word ("[SYSTEM]"); empty: nothing may
  std::vector<std::string> examples{};
};

/// A long-running component. `run` returns when stopped (Ok) or with the fault that stopped it: its exit code is the process's.
struct Component {
  std::string name;  // the subcommand
  std::string help;
  std::vector<config::Field> fields;  // its rows of configuration, beside the common ones
  std::vector<std::string> required;  // keys without which it does not start (exit 78)
  std::function<Result<void>(Context&)> run;
  std::vector<std::string> examples{};  // for --help: "weir cdc --dsn 'host=db dbname=app'"
  std::vector<Mode> modes{};
  std::optional<EventTimes> admits{};  // a producer: any other event is refused
  std::optional<EventTimes> takes{};   // a consumer: any other event is a dead letter
  /// The topics that it reads, by its configuration.
  std::function<std::vector<ReadTopic>(const config::Configuration&)> reads{};
  /// How its rules judge a record by itself; none: it does not read the topic.
  std::function<std::optional<Explanation>(const config::Configuration&, const RecordToExplain&)> explains{};
  /// What it has made of a record that its rules take: at least one row, or the reason why there is none. None: it does not say.
  std::function<Result<std::vector<ResultRow>>(const config::Configuration&, postgres::Statements&, const RecordToExplain&)> has_made{};
  /// Where the records are of which it made a row; empty: the table holds no results of its, or the row is not there.
  std::function<Result<std::vector<Origin>>(const config::Configuration&, postgres::Statements&, const RowToTrace&)> origins{};
  /// Compares its results of a period with their source rows, as `weir verify` asks, in the operator's session and one snapshot.
  std::function<Result<void>(Context&, postgres::Statements&, const Period&, ResultDifferences&)> verifies{};
  /// What `weir check` asks for it of the configuration alone.
  std::function<Findings(const config::Configuration&)> check{};
  /// What `weir check` asks for it of the database whose changes are published, given the tables that components say have to be.
  std::function<Result<Findings>(const config::Configuration&, postgres::Connection&, std::span<const TableRow>)> check_source{};
  Declaration declaration{};  // what the rest of weir has to know of it
};

}  // namespace weir::process
