#include "common/process/result_rows.hpp"

#include <fmt/format.h>

namespace weir::process {

Result<std::vector<ResultRow>> read_result_rows(postgres::Statements& connection, std::string_view name, const std::string& sql,
                                                const postgres::Params& params) {
  const auto answer = WEIR_TRY(connection.query(name, sql, params));
  std::vector<ResultRow> rows;
  for (std::size_t i = 0; i < answer.size(); ++i) {
    const auto row = answer[i];
    rows.push_back({row.get<std::string>(0), row.maybe<std::string>(1).value_or(""), row.get<std::string>(2), row.maybe<Instant>(3),
                    row.get<std::int32_t>(4)});
  }
  return rows;
}

Result<Uuid> RowToTrace::uuid(std::string_view name) const {
  if (const auto value = Uuid::parse(column(name))) return *value;
  return fail(FaultKind::kUsage, fmt::format("--key: a key of {} has a uuid in {}", table, name),
              fmt::format(R"(for example --key '{{"{}":"7d0f8f2a-55f5-4fd6-8f4c-0a1b2c3d4e5f"}}')", name));
}

Result<Instant> RowToTrace::time(std::string_view name) const {
  if (const auto value = parse_instant(column(name))) return *value;
  return fail(FaultKind::kUsage, fmt::format("--key: a key of {} has a time in {}", table, name),
              fmt::format(R"(for example --key '{{"{}":"2026-11-28T09:05:00Z"}}')", name));
}

}  // namespace weir::process
