// weir export rollups: the rows of agents in a range of time, for a spreadsheet or another program. They are read piece by piece in one
// snapshot, so that neither the length of the range nor a write meanwhile shows in them.
#include "common/cli/table.hpp"
#include "common/cli/time_range.hpp"
#include "common/cli/view.hpp"
#include "common/postgres/visibility.hpp"
#include "operations/commands/commands.hpp"
#include "operations/commands/place_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace weir::operations {

namespace {

/// A level of the rollups, its table, and how long a range of it is read at once: for 1,000 agents some ten thousand rows.
struct Level {
  std::string_view name;
  std::string_view table;
  Microseconds piece;
};
constexpr std::array kLevels{Level{"5m", "agent_metrics", std::chrono::hours{1}}, Level{"1h", "agent_metrics_1h", std::chrono::hours{12}},
                             Level{"1d", "agent_metrics_1d", std::chrono::days{10}}};

/// The columns of agent_series_5m, which a test compares. The tables are read, because operators and processes may read these but not the
/// series, which are made for analysts.
constexpr std::string_view kRows = R"(
SELECT {0}
  FROM (SELECT window_start AS time, organization_id, agent_id, total_tasks, completed_tasks, failed_tasks, cancelled_tasks, success_rate,
               error_rate, throughput_per_minute, throughput_per_hour, avg_execution_time_ms, median_execution_time_ms, p95_execution_time_ms,
               p99_execution_time_ms, avg_memory_mb, peak_memory_mb, avg_cpu_percent, peak_cpu_percent, avg_quality_score,
               avg_confidence_score, avg_user_rating, uptime_percent, availability_percent, is_final, is_complete, corrected_at,
               updated_at AS computed_at
          FROM public.{1}
         WHERE window_start >= $1 AND window_start < $2) s
 ORDER BY s.time, s.organization_id, s.agent_id)";

Result<Level> level_of(const cli::Invocation& invocation) {
  const std::string name = invocation.option("--level").value_or("1h");
  const auto* const found = std::find_if(kLevels.begin(), kLevels.end(), [&](const Level& level) { return level.name == name; });
  if (found == kLevels.end()) return fail(FaultKind::kUsage, fmt::format("--level {}: is none of 5m, 1h, 1d", name));
  return *found;
}

Result<bool> wants_csv(const cli::Invocation& invocation) {
  const std::string format = invocation.option("--format").value_or("csv");
  if (format == "csv" || format == "jsonl") return format == "csv";
  return fail(FaultKind::kUsage, fmt::format("--format {}: is neither csv nor jsonl", format));
}

/// The lines of an answer. No value of these columns needs quotes: they are ids, numbers, times and truth values.
std::string lines_of(const postgres::Rows& rows, bool header) {
  const int columns = PQnfields(rows.raw());
  std::string out;
  for (int column = 0; header && column < columns; ++column) out.append(column == 0 ? "" : ",").append(PQfname(rows.raw(), column));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!out.empty()) out += '\n';
    for (int column = 0; column < columns; ++column) {
      out.append(column == 0 ? "" : ",").append(rows[i].is_null(column) ? std::string_view() : rows[i].text(column));
    }
  }
  return out;
}

Result<void> export_rollups(process::Context& context, const cli::Invocation& invocation) {
  const cli::TimeRange range = WEIR_TRY(cli::time_range(invocation));
  const Level level = WEIR_TRY(level_of(invocation));
  const bool csv = WEIR_TRY(wants_csv(invocation));
  auto connection = WEIR_TRY(cli::connect_to_look(context, "weir export"));
  // An analyst exports the rows of one organization; the owner of the tables, to whom no policy shows a row, would export none.
  WEIR_TRY(postgres::require_visible(connection, {{"public", std::string(level.table)}}, postgres::Sight::kSome));
  WEIR_TRY(connection.begin("ISOLATION LEVEL REPEATABLE READ READ ONLY"));
  const std::string sql = fmt::format(kRows, csv ? "s.*" : "to_json(s)", level.table);
  bool header = csv;
  for (Instant from = range.from; from < range.to; from += level.piece) {
    const Instant to = std::min(range.to, from + level.piece);
    const auto rows = connection.query("export_rollups", sql, postgres::Params{}.add(from).add(to));
    if (!rows) return fail(cli::explained(rows.error()));
    if (header || !rows->empty()) cli::print(lines_of(*rows, header));
    header = false;
  }
  return connection.rollback();
}

}  // namespace

cli::Command export_rollups_command() {
  cli::Command command;
  command.path = "export rollups";
  command.help =
      "Write the rows of agents in [from, to) to stdout, by 5 minutes, hour or day: those that the login of postgres.dsn may read.";
  command.examples = {"weir export rollups --from 2026-11-01 --to 2026-12-01 --format csv > november.csv",
                      "weir export rollups --from 2026-11-28T09:00:00Z --to 2026-11-28T10:00:00Z --level 5m --format jsonl"};
  command.options = {required({.name = "--from", .placeholder = "TIME", .help = "The first time, or a day in UTC."}),
                     required({.name = "--to", .placeholder = "TIME", .help = "The time before which it ends, or a day in UTC."}),
                     {.name = "--format", .placeholder = "FORMAT", .help = "csv (the default) or jsonl, one JSON object a line."},
                     {.name = "--level", .placeholder = "LEVEL", .help = "5m, 1h (the default) or 1d."}};
  command.required = {"postgres.dsn"};
  command.run = export_rollups;
  return command;
}

}  // namespace weir::operations
