#include "consumers/insights/zone_names.hpp"

namespace weir::insights {

namespace {

constexpr const char* kZoneNames = R"(
  SELECT name, counted_as
    FROM weir.time_zones((SELECT array_agg(name) FROM pg_timezone_names))
)";

}  // namespace

Result<void> ZoneNames::read_once(postgres::Statements& connection) {
  if (!names_.empty()) return {};
  const auto rows = WEIR_TRY(connection.query("insights_zone_names", kZoneNames));
  for (std::size_t i = 0; i < rows.size(); ++i) names_.emplace(rows[i].get<std::string>(0), rows[i].get<std::string>(1));
  return {};
}

std::string ZoneNames::counted_as(std::string_view name) const {
  const auto found = names_.find(name);
  return found == names_.end() ? "UTC" : found->second;
}

}  // namespace weir::insights
