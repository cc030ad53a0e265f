#include "operations/commands/accepted_deaths.hpp"

#include "common/cli/operator_action.hpp"
#include "common/core/json.hpp"

#include <fmt/format.h>

namespace weir::operations {

namespace {

const std::string kToCome = R"(
SELECT count(*), coalesce(sum(greatest($3 - next_offset, 0)), 0)::bigint
  FROM weir.consumer_offsets
 WHERE group_id = $1 AND topic = $2 AND next_offset IS NOT NULL)";

}  // namespace

Result<std::int64_t> accept_deaths(postgres::Connection& connection, const AcceptedDeaths& deaths, const std::string& by,
                                   const std::string& why) {
  const auto answer =
      WEIR_TRY(connection.query("deaths_to_come", kToCome, postgres::Params().add(deaths.group).add(deaths.topic).add(deaths.until)));
  if (answer[0].get<std::int64_t>(0) == 0) {
    return fail(FaultKind::kData, fmt::format("{} has no position in topic {}", deaths.group, deaths.topic),
                "weir offsets show lists the groups and their topics");
  }
  const auto records = answer[0].get<std::int64_t>(1);
  if (records == 0) {
    return fail(FaultKind::kUsage,
                fmt::format("--until {}: {} has passed it in every partition of {}", deaths.until, deaths.group, deaths.topic),
                "weir lag shows the positions and the ends of the logs");
  }
  cli::OperatorAction action{
      .command = "offsets accept-deaths", .filter = {}, .counts = cli::counts_of("records", records), .by = by, .why = why};
  JsonWriter filter(action.filter);
  filter.begin_object().member("group", deaths.group).member("topic", deaths.topic).member("reason", deaths.reason);
  filter.member("path", deaths.path).member("until", deaths.until).end_object();
  WEIR_TRY(cli::note_action(connection, action));
  return records;
}

}  // namespace weir::operations
