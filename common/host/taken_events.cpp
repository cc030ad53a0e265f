#include "common/host/taken_events.hpp"

#include "common/host/told_event.hpp"
#include "common/kafka/log_reader.hpp"
#include "common/process/services.hpp"
#include "common/process/told_record.hpp"

#include <algorithm>
#include <map>

namespace weir::host {

namespace {

constexpr std::size_t kEventsAtOnce = 500;
constexpr Milliseconds kPatience{10'000};

const std::string kTaken = R"(
SELECT o.topic, o.partition, o.topic_uuid, m.next_offset, o.next_offset
  FROM weir.consumer_offsets o
 CROSS JOIN LATERAL (
   SELECT k.topic_uuid, k.next_offset
     FROM weir.position_marks k
    WHERE k.group_id = o.group_id AND k.topic = o.topic AND k.partition = o.partition
    ORDER BY k.marked_at
    LIMIT 1) m
 WHERE o.group_id = $1 AND o.topic = ANY ($2) AND o.next_offset IS NOT NULL AND m.topic_uuid = o.topic_uuid
 ORDER BY o.topic, o.partition)";

/// The transaction is idle while the log is read.
const std::string kIdle = "SELECT set_config('idle_in_transaction_session_timeout', '60s', true)";

struct Taken {
  Uuid topic_id;
  kafka::LogPart part;
};
using TakenByTopic = std::map<std::string, std::vector<Taken>>;

Result<TakenByTopic> taken_by(postgres::Statements& connection, const std::string& group, const std::set<std::string>& topics) {
  const std::vector<std::string> names(topics.begin(), topics.end());
  const auto rows = WEIR_TRY(connection.query("host_taken", kTaken, postgres::Params{}.add(group).add_array(names)));
  TakenByTopic taken;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto row = rows[i];
    taken[row.get<std::string>(0)].push_back(
        {row.get<Uuid>(2), {row.get<std::int32_t>(1), row.get<std::int64_t>(3), row.get<std::int64_t>(4)}});
  }
  return taken;
}

/// The parts of the log that are still there of what was taken, with records of the period.
Result<std::vector<kafka::LogPart>> parts_of(const kafka::Settings& settings, kafka::Admin& admin, const std::string& topic,
                                             const std::vector<Taken>& taken, const process::Period& period) {
  std::vector<kafka::LogPart> parts;
  const auto found = WEIR_TRY(admin.describe_topics({topic}));
  if (found.empty()) return parts;
  const auto logs = WEIR_TRY(kafka::log_ranges(admin, topic));
  const auto begins = WEIR_TRY(kafka::offsets_at(settings, topic, logs.size(), period.from, kPatience));
  const auto ends = WEIR_TRY(kafka::offsets_at(settings, topic, logs.size(), period.to, kPatience));
  for (const Taken& one : taken) {
    const auto partition = static_cast<std::size_t>(one.part.partition);
    if (one.topic_id != found.front().id || partition >= logs.size() || !begins[partition]) continue;
    kafka::LogPart part = one.part;
    part.from = std::max({part.from, logs[partition].begin, *begins[partition]});
    part.to = std::min({part.to, logs[partition].end, ends[partition].value_or(logs[partition].end)});
    if (part.from < part.to) parts.push_back(part);
  }
  return parts;
}

/// Adds the event of a record, unless the record ended without the consumer.
void add(TakenEvents& events, runtime::Decoder& decoder, const std::string& topic, kafka::StoredRecord record) {
  TakenEvent& added = events.emplace_back(TakenEvent{process::told(topic, std::move(record))});
  auto event = event_of(decoder, added.record);
  if (event) {
    added.event = std::move(*event);
  } else {
    events.pop_back();
  }
}

}  // namespace

Result<void> read_taken(const process::Context& context, postgres::Statements& connection, const runtime::Description& description,
                        const std::set<std::string>& topics, const process::Period& period,
                        const std::function<Result<void>(const TakenEvents&)>& take) {
  WEIR_TRY(connection.query("host_idle", kIdle));
  const TakenByTopic taken = WEIR_TRY(taken_by(connection, description.group, topics));
  if (taken.empty()) return {};
  const auto settings = process::kafka_settings(context.configuration, "weir-verify");
  const auto admin = WEIR_TRY(kafka::Admin::open(settings));
  for (const runtime::TopicBinding& binding : description.topics) {
    const auto of = taken.find(binding.topic);
    if (of == taken.end()) continue;
    const auto parts = WEIR_TRY(parts_of(settings, *admin, binding.topic, of->second, period));
    if (parts.empty()) continue;
    const auto decoder = binding.make_decoder();
    TakenEvents events;
    Result<void> done;
    const auto hand_over = [&] {
      done = take(events);
      events.clear();
      return done.has_value();
    };
    const auto each = [&](kafka::StoredRecord record) {
      add(events, *decoder, binding.topic, std::move(record));
      return events.size() < kEventsAtOnce || hand_over();
    };
    WEIR_TRY(kafka::read_parts(settings, binding.topic, parts, each, kPatience));
    WEIR_TRY(done);
    if (!events.empty()) hand_over();
    WEIR_TRY(done);
  }
  return {};
}

}  // namespace weir::host
