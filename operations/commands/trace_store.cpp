#include "operations/commands/trace_store.hpp"

#include <fmt/format.h>

namespace weir::operations {

namespace {

// A letter of a topic that was made again since is of another record at the same place.
const std::string kGroups = R"(
SELECT o.group_id, coalesce(o.next_offset > $3, false),
       EXISTS (SELECT 1 FROM weir.group_pauses p
                WHERE p.group_id = o.group_id AND p.topic IN ('', o.topic) AND p.partition IN (-1, o.partition)),
       l.id, l.status, l.kind, l.reason, l.fault_path, l.resolved_as, l.created_at, l.resolved_at, m.after, m.before
  FROM weir.consumer_offsets o
  LEFT JOIN weir.dead_letters l
         ON l.group_id = o.group_id AND l.topic_uuid = o.topic_uuid AND l.partition = o.partition AND l.record_offset = $3
 CROSS JOIN LATERAL (
       SELECT max(k.marked_at) FILTER (WHERE k.next_offset <= $3) AS after, min(k.marked_at) FILTER (WHERE k.next_offset > $3) AS before
         FROM weir.position_marks k
        WHERE k.group_id = o.group_id AND k.topic = o.topic AND k.partition = o.partition AND k.topic_uuid = o.topic_uuid) m
 WHERE o.topic = $1 AND o.partition = $2
 ORDER BY o.group_id)";

const std::string kLetters = R"(
SELECT DISTINCT topic, partition, record_offset FROM weir.dead_letters WHERE trace_id = $1 ORDER BY topic, partition, record_offset)";

const std::string kTopics = R"(
SELECT DISTINCT topic FROM weir.consumer_offsets ORDER BY topic)";

const std::string kColumns = "SELECT key, value FROM jsonb_each_text($1::jsonb)";

}  // namespace

Result<std::vector<GroupTrace>> group_traces(postgres::Connection& connection, const RecordPlace& place) {
  const auto answer =
      WEIR_TRY(connection.query("trace_groups", kGroups, postgres::Params().add(place.topic).add(place.partition).add(place.offset)));
  std::vector<GroupTrace> traces;
  for (std::size_t i = 0; i < answer.size(); ++i) {
    const auto row = answer[i];
    GroupTrace& trace = traces.emplace_back();
    trace.group = row.get<std::string>(0);
    trace.passed = row.get<bool>(1);
    trace.paused = row.get<bool>(2);
    if (!row.is_null(3)) {
      trace.letter = TracedLetter{row.get<std::int64_t>(3), row.get<std::string>(4), row.get<std::string>(5),
                                  row.get<std::string>(6),  row.get<std::string>(7), row.maybe<std::string>(8).value_or(""),
                                  row.get<Instant>(9),      row.maybe<Instant>(10)};
    }
    trace.after = row.maybe<Instant>(11);
    trace.before = row.maybe<Instant>(12);
  }
  return traces;
}

Result<std::vector<RecordPlace>> letters_of_trace(postgres::Connection& connection, const std::string& trace_id) {
  const auto answer = WEIR_TRY(connection.query("trace_letters", kLetters, postgres::Params().add(trace_id)));
  std::vector<RecordPlace> places;
  for (std::size_t i = 0; i < answer.size(); ++i) {
    places.push_back({answer[i].get<std::string>(0), answer[i].get<std::int32_t>(1), answer[i].get<std::int64_t>(2)});
  }
  return places;
}

Result<std::vector<std::string>> read_topics(postgres::Connection& connection) {
  const auto answer = WEIR_TRY(connection.query("trace_topics", kTopics));
  std::vector<std::string> topics;
  for (std::size_t i = 0; i < answer.size(); ++i) topics.push_back(answer[i].get<std::string>(0));
  return topics;
}

Result<std::map<std::string, std::string, std::less<>>> columns_of(postgres::Connection& connection, const std::string& key) {
  const auto answer = connection.query("trace_columns", kColumns, postgres::Params().add(key));
  if (!answer && answer.error().sqlstate.starts_with("22")) {
    return fail(FaultKind::kUsage, fmt::format("{} is no JSON object", key));
  }
  if (!answer) return fail(answer.error());
  std::map<std::string, std::string, std::less<>> columns;
  for (std::size_t i = 0; i < answer->size(); ++i)
    columns.emplace((*answer)[i].get<std::string>(0), (*answer)[i].maybe<std::string>(1).value_or(""));
  return columns;
}

}  // namespace weir::operations
