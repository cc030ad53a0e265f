#include "common/operations/views.hpp"

#include "common/process/services.hpp"

namespace weir::operations {

Result<postgres::Connection> connect_to_look(const process::Context& context, const char* who, std::string_view dsn_key) {
  auto connection = postgres::Connection::open(process::postgres_settings(context.configuration, who, dsn_key));
  if (!connection && connection.error().kind == FaultKind::kPgConnection && connection.error().hint.empty()) {
    connection.error().hint = std::string("check ") + std::string(dsn_key) + " and that the server is up";
  }
  return connection;
}

std::string_view source_key(const config::Configuration& configuration) {
  const bool own = configuration.schema().find("cdc.dsn") != nullptr && configuration.text("cdc.dsn") != configuration.text("postgres.dsn");
  return own ? "cdc.dsn" : "postgres.dsn";
}

void show(const Table& table, const cli::Invocation& invocation) { print(invocation.flag("--json") ? table.json() : table.text()); }

Cell time_cell(const std::optional<Instant>& instant) { return instant ? Cell(format_instant(*instant)) : Cell(); }

Table gap_table(const std::vector<GapRow>& gaps) {
  Table table({"group", "topic", "partition", "kind", "next_offset", "log_begin", "log_end", "lost", "found_at", "accepted_at",
               "accepted_by", "reason"});
  for (const GapRow& gap : gaps) {
    table.add({gap.group, gap.topic, std::int64_t{gap.partition}, gap.kind, gap.next_offset, gap.log_begin, gap.log_end, gap.lost(),
               format_instant(gap.found_at), time_cell(gap.accepted_at), cell_of(gap.accepted_by), cell_of(gap.reason)});
  }
  return table;
}

Fault explained(Fault fault) {
  const bool lacks_tables = fault.sqlstate == "42P01" || fault.sqlstate == "3F000";
  if (lacks_tables) fault.hint = "run weir migrate up";
  return fault;
}

}  // namespace weir::operations
