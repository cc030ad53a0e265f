#include "operations/commands/views.hpp"

namespace weir::operations {

std::string_view source_key(const config::Configuration& configuration) {
  const bool own = configuration.schema().find("cdc.dsn") != nullptr && configuration.text("cdc.dsn") != configuration.text("postgres.dsn");
  return own ? "cdc.dsn" : "postgres.dsn";
}

std::string nothing_of(const std::optional<std::string>& group) {
  if (!group) return "no group has a position yet";
  return *group + " has no position: weir offsets show lists the groups that have one";
}

cli::Table gap_table(const std::vector<GapRow>& gaps) {
  cli::Table table({"group", "topic", "partition", "kind", "next_offset", "log_begin", "log_end", "lost", "found_at", "accepted_at",
                    "accepted_by", "reason"});
  for (const GapRow& gap : gaps) {
    table.add({gap.group, gap.topic, std::int64_t{gap.partition}, gap.kind, gap.next_offset, gap.log_begin, gap.log_end, gap.lost(),
               format_instant(gap.found_at), cli::time_cell(gap.accepted_at), cli::cell_of(gap.accepted_by), cli::cell_of(gap.reason)});
  }
  return table;
}

}  // namespace weir::operations
