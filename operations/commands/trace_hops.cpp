#include "operations/commands/trace_hops.hpp"

#include "common/process/services.hpp"
#include "common/process/told_record.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace weir::operations {

namespace {

constexpr Milliseconds kPatience{10'000};
constexpr std::size_t kDeepest = 3;           // a score, its insight, and the message about it
constexpr Seconds kClocks{1};                 // by which the clocks of the database and the broker may differ
constexpr std::chrono::minutes kCapture{10};  // within which the change of a row is looked for in Kafka

std::string words_of(const TracedLetter& letter) {
  const std::string why = letter.path.empty() ? letter.reason : letter.reason + " at " + letter.path;
  if (letter.status == "resolved") return fmt::format("letter {} was resolved: {}", letter.id, letter.resolved_as);
  return fmt::format("letter {} is {}: {} ({})", letter.id, letter.status, why, letter.kind);
}

std::string words_of(const process::Explanation& judged) {
  if (judged.verdict == "taken") return "done, skipped or sent again: its rules take it, and the rows decide";
  if (judged.verdict == "skipped") return "skipped: " + judged.reason;
  return fmt::format("dead: {}{}; its letter is no more", judged.reason, judged.path.empty() ? "" : " at " + judged.path);
}

Hop hop_of(const GroupTrace& trace, const std::optional<process::Explanation>& judged, Instant recorded) {
  Hop hop{trace.group, {}, std::nullopt, std::nullopt};
  if (trace.letter) {
    hop.state = words_of(*trace.letter);
    hop.at = trace.letter->resolved_at ? trace.letter->resolved_at : trace.letter->kept_at;
    hop.seconds = latency(recorded, *hop.at);
  } else if (!trace.passed) {
    hop.state = trace.paused ? "waits: an operator has paused the group here" : "waits for its turn";
  } else {
    hop.state = judged ? words_of(*judged) : "it has ended, and is counted";
    hop.between = bounds_since(recorded, {trace.after, trace.before});
  }
  return hop;
}

/// Whether the group may have made rows of the record: it has passed it, and no letter keeps it.
bool may_have_made(const GroupTrace& trace, const std::optional<process::Explanation>& judged) {
  if (trace.letter) return trace.letter->status == "resolved";
  return trace.passed && judged && judged->verdict == "taken";
}

/// From what the record itself tells: when its source recorded it, and when Kafka took it.
std::vector<Hop> first_hops(const FoundRecord& found, const std::vector<std::optional<process::Explanation>>& judged) {
  const Instant recorded = from_unix_ms(found.record.timestamp_ms);
  std::vector<Hop> hops;
  const auto told_of =
      std::find_if(judged.begin(), judged.end(), [](const auto& one) { return one && (one->event_time || one->recorded_at); });
  if (told_of != judged.end()) {
    const process::Explanation& tells = **told_of;
    if (tells.event_time) hops.push_back({"event", "it happened, as it says itself", tells.event_time, std::nullopt});
    if (tells.recorded_at && *tells.recorded_at < recorded)
      hops.push_back({"source", "its source recorded it", tells.recorded_at, std::nullopt});
  }
  hops.push_back({"record", fmt::format("{} partition {} offset {}", found.topic, found.record.partition, found.record.offset), recorded,
                  std::nullopt});
  for (std::size_t i = 1; i < hops.size(); ++i) hops[i].seconds = latency(*hops[i - 1].at, *hops[i].at);
  return hops;
}

/// A row's latency counts from what it was made of: the record, or the last row of the level above.
std::vector<Hop> hops_of(const std::vector<process::ResultRow>& rows, const std::string& group, Instant recorded) {
  std::vector<Hop> hops;
  std::vector<std::optional<Instant>> made_of{recorded};
  for (const process::ResultRow& row : rows) {
    const auto level = std::min(static_cast<std::size_t>(row.level), made_of.size() - 1);
    made_of.resize(level + 1);
    Hop hop{row.table.empty() ? group : row.table, row.state, row.at, std::nullopt, {}, row.key};
    if (row.at && made_of.back()) hop.seconds = latency(*made_of.back(), *row.at);
    made_of.push_back(row.at);
    hops.push_back(std::move(hop));
  }
  return hops;
}

}  // namespace

Result<Tracer> Tracer::open(const config::Configuration& configuration, std::span<const process::Component> components,
                            postgres::Connection connection, std::size_t limit) {
  kafka::Settings settings = process::kafka_settings(configuration, "weir-trace");
  auto admin = WEIR_TRY(kafka::Admin::open(settings));
  WEIR_TRY(admin->ping(kPatience));
  Tracer tracer(configuration, components, std::move(connection), std::move(admin), std::move(settings), limit);
  tracer.read_ = WEIR_TRY(read_topics(tracer.connection_));
  return tracer;
}

Tracer::Tracer(const config::Configuration& configuration, std::span<const process::Component> components, postgres::Connection connection,
               std::unique_ptr<kafka::Admin> admin, kafka::Settings settings, std::size_t limit)
    : configuration_(&configuration),
      components_(components.begin(), components.end()),
      connection_(std::move(connection)),
      admin_(std::move(admin)),
      settings_(std::move(settings)),
      limit_(limit),
      prefix_(configuration.text("cdc.topic_prefix") + ".") {}

Result<std::vector<FoundRecord>> Tracer::search(const TraceTarget& target, const std::optional<std::string>& topic, Instant from,
                                                Instant to) {
  std::vector<FoundRecord> found;
  const auto chooses = [&target](const kafka::StoredRecord& record) { return target.matches(record); };
  for (const std::string& each : topic ? std::vector{*topic} : read_) {
    auto of_topic = search_topic(*admin_, settings_, each, chooses, from, to, limit_ - found.size());
    // A topic that a group once read may be gone.
    if (!of_topic && (topic || of_topic.error().kind != FaultKind::kKafkaUnknownTopic)) return fail(std::move(of_topic).error());
    if (of_topic) std::move(of_topic->begin(), of_topic->end(), std::back_inserter(found));
    if (found.size() >= limit_) break;
  }
  std::sort(found.begin(), found.end(),
            [](const FoundRecord& a, const FoundRecord& b) { return a.record.timestamp_ms < b.record.timestamp_ms; });
  return found;
}

Result<FoundRecord> Tracer::at(const RecordPlace& place) {
  return record_at(*admin_, settings_, place.topic, place.partition, place.offset);
}

Result<std::vector<std::optional<FoundRecord>>> Tracer::at_all(const std::vector<RecordPlace>& places) {
  std::map<std::string, std::set<std::pair<std::int32_t, std::int64_t>>> by_topic;
  for (const RecordPlace& place : places) by_topic[place.topic].emplace(place.partition, place.offset);
  std::map<std::tuple<std::string, std::int32_t, std::int64_t>, FoundRecord> found;
  for (const auto& [topic, of_topic] : by_topic) {
    auto records = records_at(*admin_, settings_, topic, of_topic);
    // A list that was made earlier may name a topic that is gone.
    if (!records && records.error().kind == FaultKind::kKafkaUnknownTopic) continue;
    for (FoundRecord& one : WEIR_TRY(std::move(records))) {
      found.try_emplace({topic, one.record.partition, one.record.offset}, std::move(one));
    }
  }
  std::vector<std::optional<FoundRecord>> in_order;
  for (const RecordPlace& place : places) {
    const auto one = found.find({place.topic, place.partition, place.offset});
    in_order.push_back(one == found.end() ? std::nullopt : std::optional(one->second));
  }
  return in_order;
}

bool Tracer::is_result(const std::string& table) const {
  return std::any_of(components_.begin(), components_.end(), [&table](const process::Component& component) {
    const auto& tables = component.declaration.tables;
    return std::any_of(tables.begin(), tables.end(),
                       [&table](const process::TableRow& row) { return row.name == table && row.use == process::TableUse::kWrites; });
  });
}

Result<std::vector<FoundRecord>> Tracer::origins_of(const process::RowToTrace& row, const std::optional<Instant>& from,
                                                    const std::optional<Instant>& to) {
  std::vector<FoundRecord> found;
  for (const process::Component& component : components_) {
    if (!component.origins) continue;
    for (const process::Origin& origin : WEIR_TRY(component.origins(*configuration_, connection_, row))) {
      const auto chooses = [&origin](const kafka::StoredRecord& record) { return origin.has_made(process::told(origin.topic, record)); };
      auto of_topic = search_topic(*admin_, settings_, origin.topic, chooses, from.value_or(origin.from), to.value_or(origin.to),
                                   limit_ - found.size());
      // A topic that the component reads as soon as it is there may not be there yet.
      if (!of_topic && of_topic.error().kind != FaultKind::kKafkaUnknownTopic) return fail(std::move(of_topic).error());
      if (of_topic) std::move(of_topic->begin(), of_topic->end(), std::back_inserter(found));
      if (found.size() >= limit_) return found;
    }
  }
  return found;
}

const process::Component* Tracer::component_of(const std::string& group) const {
  const auto component = std::find_if(components_.begin(), components_.end(),
                                      [&group](const process::Component& one) { return one.declaration.group == group && one.explains; });
  return component == components_.end() ? nullptr : &*component;
}

Result<std::vector<Hop>> Tracer::rows_of(const process::Component& component, const FoundRecord& found) {
  if (!component.has_made) return std::vector<Hop>();
  const auto rows = WEIR_TRY(component.has_made(*configuration_, connection_, process::told(found.topic, found.record)));
  return hops_of(rows, component.declaration.group, from_unix_ms(found.record.timestamp_ms));
}

Result<TracedRecord> Tracer::trace(FoundRecord found) {
  const auto groups = WEIR_TRY(group_traces(connection_, {found.topic, found.record.partition, found.record.offset}));
  std::vector<std::optional<process::Explanation>> judged;
  for (const GroupTrace& group : groups) {
    const process::Component* component = component_of(group.group);
    judged.push_back(component == nullptr ? std::nullopt : component->explains(*configuration_, process::told(found.topic, found.record)));
  }
  TracedRecord traced{std::move(found), {}, 0};
  traced.hops = first_hops(traced.found, judged);
  for (std::size_t i = 0; i < groups.size(); ++i) {
    traced.hops.push_back(hop_of(groups[i], judged[i], from_unix_ms(traced.found.record.timestamp_ms)));
    const process::Component* component = component_of(groups[i].group);
    if (component == nullptr || !may_have_made(groups[i], judged[i])) continue;
    for (Hop& row : WEIR_TRY(rows_of(*component, traced.found))) traced.hops.push_back(std::move(row));
  }
  return traced;
}

/// Of each row whose table's changes a group reads, the first change after the row was written.
Result<std::vector<FoundRecord>> Tracer::changes_of(const std::vector<Hop>& hops, const std::string& own_topic) {
  std::map<std::string, std::vector<const Hop*>> by_topic;
  for (const Hop& hop : hops) {
    const std::string topic = prefix_ + hop.what;
    if (hop.key.empty() || !hop.at || topic == own_topic || std::find(read_.begin(), read_.end(), topic) == read_.end()) continue;
    by_topic[topic].push_back(&hop);
  }
  std::vector<FoundRecord> changes;
  for (const auto& [topic, rows] : by_topic) {
    std::vector<std::map<std::string, std::string, std::less<>>> left;
    Instant from = *rows.front()->at;
    Instant to = from;
    for (const Hop* row : rows) {
      left.push_back(WEIR_TRY(columns_of(connection_, row->key)));
      from = std::min(from, *row->at);
      to = std::max(to, *row->at);
    }
    const auto is_next = [&left](const kafka::StoredRecord& record) {
      return std::erase_if(left, [&record](const auto& columns) { return leaves_row(record, columns); }) > 0;
    };
    auto found = search_topic(*admin_, settings_, topic, is_next, from - kClocks, to + kCapture, left.size());
    if (!found && found.error().kind != FaultKind::kKafkaUnknownTopic) return fail(std::move(found).error());
    if (found) std::move(found->begin(), found->end(), std::back_inserter(changes));
  }
  return changes;
}

Result<std::vector<TracedRecord>> Tracer::follow(FoundRecord found) {
  std::set<std::tuple<std::string, std::int32_t, std::int64_t>> seen{{found.topic, found.record.partition, found.record.offset}};
  std::vector<TracedRecord> way;
  way.push_back(WEIR_TRY(trace(std::move(found))));
  for (std::size_t i = 0; i < way.size() && way.size() < limit_; ++i) {
    if (way[i].depth == kDeepest) continue;
    const std::size_t depth = way[i].depth + 1;
    for (FoundRecord& change : WEIR_TRY(changes_of(way[i].hops, way[i].found.topic))) {
      if (!seen.emplace(change.topic, change.record.partition, change.record.offset).second) continue;
      TracedRecord next = WEIR_TRY(trace(std::move(change)));
      next.depth = depth;
      way.push_back(std::move(next));
    }
  }
  return way;
}

}  // namespace weir::operations
