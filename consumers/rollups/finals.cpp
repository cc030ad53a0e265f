#include "consumers/rollups/finals.hpp"

#include "common/postgres/columns.hpp"

#include <fmt/format.h>

#include <string>
#include <vector>

namespace weir::rollups {

namespace {

using postgres::columns_of;
using postgres::Params;

constexpr const char* kRows = "SELECT * FROM unnest($1, $2, $3, $4) AS r(organization_id, agent_id, window_start, version)";

constexpr const char* kRange = R"(
SELECT organization_id, agent_id, window_start, version
  FROM public.agent_metrics
 WHERE organization_id = ANY ($1) AND window_start >= $2 AND window_start < $3 AND is_final AND updated_at = $4)";

constexpr const char* kFirstOpen = "SELECT min(window_start) FROM public.agent_metrics WHERE NOT is_final AND organization_id = ANY ($1)";

}  // namespace

std::string telling_of(std::string_view rows) {
  return fmt::format(R"(
INSERT INTO weir.outbox (aggregate_type, aggregate_id, type, payload)
SELECT 'agent_metrics', organization_id::text, 'agent_metrics.final',
       jsonb_build_object('rows', jsonb_agg(jsonb_build_object('agent_id', agent_id, 'window_start', window_start, 'version', version)
                                            ORDER BY window_start, agent_id))
  FROM (SELECT f.*, (row_number() OVER (PARTITION BY organization_id ORDER BY window_start, agent_id) - 1) / 1000 AS thousand
          FROM ({}) f) numbered
 GROUP BY organization_id, thousand)",
                     rows);
}

Result<void> tell_corrections(postgres::Statements& connection, std::initializer_list<std::span<const MetricsRow>> written) {
  std::vector<const MetricsRow*> corrected;
  for (const std::span<const MetricsRow> rows : written) {
    for (const MetricsRow& row : rows) {
      if (row.writing.is_final) corrected.push_back(&row);
    }
  }
  if (corrected.empty()) return {};
  static const std::string sql = telling_of(kRows);
  const Params rows = columns_of(
      corrected, [](const MetricsRow* row) { return row->key.organization; }, [](const MetricsRow* row) { return row->key.agent; },
      [](const MetricsRow* row) { return row->key.start; }, [](const MetricsRow* row) { return row->writing.version; });
  WEIR_TRY(connection.execute("rollups_tell_corrections", sql, rows));
  return {};
}

Result<std::optional<Instant>> first_open_row(postgres::Statements& connection, std::span<const OrganizationId> organizations) {
  const auto rows = WEIR_TRY(connection.query("rollups_first_open_row", kFirstOpen, columns_of(organizations, &OrganizationId::value)));
  return rows[0].maybe<Instant>(0);
}

Result<void> tell_finals(postgres::Statements& connection, std::span<const OrganizationId> organizations, Instant from, Instant to,
                         Instant now) {
  static const std::string sql = telling_of(kRange);
  WEIR_TRY(connection.execute("rollups_tell_finals", sql, columns_of(organizations, &OrganizationId::value).add(from).add(to).add(now)));
  return {};
}

}  // namespace weir::rollups
