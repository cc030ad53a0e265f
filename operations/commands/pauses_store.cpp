#include "operations/commands/pauses_store.hpp"

#include "common/cli/operator_action.hpp"
#include "common/core/json.hpp"

#include <fmt/format.h>

namespace weir::operations {

namespace {

const std::string kPauses = R"(
SELECT p.group_id, nullif(p.topic, ''), nullif(p.partition, -1), p.paused_at, a.acted_by, a.why
  FROM weir.group_pauses p
  JOIN weir.operator_actions a ON a.id = p.action_id
 ORDER BY p.group_id, p.topic, p.partition)";

const std::string kPartitions = R"(
SELECT count(*)
  FROM weir.consumer_offsets
 WHERE group_id = $1 AND ($2 = '' OR topic = $2) AND ($3 = -1 OR partition = $3))";

const std::string kPause = R"(
INSERT INTO weir.group_pauses (group_id, topic, partition, action_id)
VALUES ($1, $2, $3, $4)
ON CONFLICT DO NOTHING)";

const std::string kResume = R"(
DELETE FROM weir.group_pauses
 WHERE group_id = $1 AND ($2 = '' OR topic = $2) AND ($3 = -1 OR partition = $3))";

// The widest pause that holds a place and is wider than it.
const std::string kWider = R"(
SELECT nullif(topic, '')
  FROM weir.group_pauses
 WHERE group_id = $1 AND topic IN ('', $2) AND partition = -1 AND (topic <> $2 OR $3 <> -1)
 ORDER BY topic
 LIMIT 1)";

postgres::Params params_of(const PausedPlace& place) {
  return postgres::Params().add(place.group).add(place.topic.value_or("")).add(place.partition.value_or(-1));
}

std::string options_of(const PausedPlace& place) {
  std::string text = place.group;
  if (place.topic) text += " --topic " + *place.topic;
  if (place.partition) text += fmt::format(" --partition {}", *place.partition);
  return text;
}

Result<std::int64_t> note(postgres::Connection& connection, const char* command, const PausedPlace& place, std::string counts,
                          const std::string& by, const std::string& why) {
  cli::OperatorAction action{.command = command, .filter = {}, .counts = std::move(counts), .by = by, .why = why};
  JsonWriter filter(action.filter);
  filter.begin_object().member("group", place.group);
  if (place.topic) filter.member("topic", *place.topic);
  if (place.partition) filter.member("partition", *place.partition);
  filter.end_object();
  return cli::note_action(connection, action);
}

Result<std::int64_t> pause_within(postgres::Connection& connection, const PausedPlace& place, const std::string& by,
                                  const std::string& why) {
  const auto partitions = WEIR_TRY(connection.query("pauses_partitions", kPartitions, params_of(place)))[0].get<std::int64_t>(0);
  if (partitions == 0) {
    return fail(FaultKind::kData, fmt::format("{}: there is no position there", place.text()),
                "weir offsets show lists the groups and their topics");
  }
  postgres::Params params = params_of(place);
  params.add(WEIR_TRY(note(connection, "groups pause", place, cli::counts_of("partitions", partitions), by, why)));
  if (WEIR_TRY(connection.execute("pauses_pause", kPause, params)) == 0) {
    return fail(FaultKind::kData, fmt::format("{} is paused already", place.text()), "weir status tells by whom and why");
  }
  return partitions;
}

Result<std::int64_t> resume_within(postgres::Connection& connection, const PausedPlace& place, const std::string& by,
                                   const std::string& why) {
  const std::int64_t ended = WEIR_TRY(connection.execute("pauses_resume", kResume, params_of(place)));
  const auto wider = WEIR_TRY(connection.query("pauses_wider", kWider, params_of(place)));
  if (!wider.empty()) {
    const PausedPlace holds{place.group, wider[0].maybe<std::string>(0), std::nullopt};
    return fail(FaultKind::kData, fmt::format("{} is held by the pause of {}", place.text(), holds.text()),
                fmt::format("weir groups resume {}", options_of(holds)));
  }
  if (ended == 0) return fail(FaultKind::kData, fmt::format("{} is not paused", place.text()), "weir status lists what is paused");
  WEIR_TRY(note(connection, "groups resume", place, cli::counts_of("pauses", ended), by, why));
  return ended;
}

constexpr const char* kTrial = "a dry run";

/// The work as it is done, and then undone: nobody has seen it.
template <class Work>
Result<std::int64_t> tried(postgres::Connection& connection, Work work) {
  WEIR_TRY(connection.begin());
  auto done = work();
  WEIR_TRY(connection.rollback());
  return done;
}

}  // namespace

std::string PausedPlace::text() const {
  std::string text = group;
  if (topic) text += " in " + *topic;
  if (partition) text += fmt::format(" partition {}", *partition);
  return text;
}

bool PauseRow::covers(const std::string& group, const std::string& topic, std::int32_t partition) const {
  return place.group == group && (!place.topic || *place.topic == topic) && (!place.partition || *place.partition == partition);
}

Result<std::vector<PauseRow>> pauses(postgres::Connection& connection) {
  const auto answer = WEIR_TRY(connection.query("pauses", kPauses));
  std::vector<PauseRow> rows;
  for (std::size_t i = 0; i < answer.size(); ++i) {
    const auto row = answer[i];
    rows.push_back({{row.get<std::string>(0), row.maybe<std::string>(1), row.maybe<std::int32_t>(2)},
                    row.get<Instant>(3),
                    row.get<std::string>(4),
                    row.get<std::string>(5)});
  }
  return rows;
}

Result<std::int64_t> would_pause(postgres::Connection& connection, const PausedPlace& place) {
  return tried(connection, [&] { return pause_within(connection, place, kTrial, kTrial); });
}

Result<std::int64_t> would_resume(postgres::Connection& connection, const PausedPlace& place) {
  return tried(connection, [&] { return resume_within(connection, place, kTrial, kTrial); });
}

Result<std::int64_t> pause(postgres::Connection& connection, const PausedPlace& place, const std::string& by, const std::string& why) {
  return connection.within_transaction([&] { return pause_within(connection, place, by, why); });
}

Result<std::int64_t> resume(postgres::Connection& connection, const PausedPlace& place, const std::string& by, const std::string& why) {
  return connection.within_transaction([&] { return resume_within(connection, place, by, why); });
}

}  // namespace weir::operations
