// weir trace: follows a record from its source through Kafka to what each group has made of it.
#include "common/process/explanation.hpp"

#include "common/cli/view.hpp"
#include "common/core/json.hpp"
#include "common/process/services.hpp"
#include "operations/commands/commands.hpp"
#include "operations/commands/place_options.hpp"
#include "operations/commands/trace_search.hpp"
#include "operations/commands/trace_store.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace weir::operations {

namespace {

constexpr Milliseconds kPatience{10'000};
constexpr std::chrono::hours kLookBack{1};
constexpr std::int64_t kShown = 100;

struct Hop {
  std::string what;   // source, event, record, or the group's name
  std::string state;  // in words
  std::optional<Instant> at;
  std::optional<double> seconds;  // since the hop before it; of a group: since the record
  std::optional<Instant> before;  // of a group: it had ended by then
};

using Components = std::vector<process::Component>;

/// How the rules of the group's component judge the record; none: there is no such component here, or it does not read the topic.
std::optional<process::Explanation> explained_by(const process::Context& context, const Components& components, const std::string& group,
                                                 const FoundRecord& found) {
  const auto component = std::find_if(components.begin(), components.end(),
                                      [&group](const process::Component& one) { return one.declaration.group == group && one.explains; });
  if (component == components.end()) return std::nullopt;
  const kafka::StoredRecord& record = found.record;
  return component->explains(context.configuration, {found.topic, record.partition, record.offset, from_unix_ms(record.timestamp_ms),
                                                     record.key, record.value, record.headers});
}

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
  Hop hop{trace.group, {}, std::nullopt, std::nullopt, std::nullopt};
  if (trace.letter) {
    hop.state = words_of(*trace.letter);
    hop.at = trace.letter->resolved_at ? trace.letter->resolved_at : trace.letter->kept_at;
    hop.seconds = std::chrono::duration<double>(*hop.at - recorded).count();
  } else if (!trace.passed) {
    hop.state = trace.paused ? "waits: an operator has paused the group here" : "waits for its turn";
  } else {
    hop.state = judged ? words_of(*judged) : "it has ended, and is counted";
    hop.at = trace.after;
    hop.before = trace.before;
  }
  return hop;
}

/// From what the record itself tells: when its source recorded it, and when Kafka took it.
std::vector<Hop> first_hops(const FoundRecord& found, const std::vector<std::optional<process::Explanation>>& judged) {
  const Instant recorded = from_unix_ms(found.record.timestamp_ms);
  std::vector<Hop> hops;
  const auto told =
      std::find_if(judged.begin(), judged.end(), [](const auto& one) { return one && (one->event_time || one->recorded_at); });
  if (told != judged.end()) {
    const process::Explanation& tells = **told;
    if (tells.event_time) hops.push_back({"event", "it happened, as it says itself", tells.event_time, std::nullopt, std::nullopt});
    if (tells.recorded_at && *tells.recorded_at < recorded)
      hops.push_back({"source", "its source recorded it", tells.recorded_at, std::nullopt, std::nullopt});
  }
  hops.push_back({"record", fmt::format("{} partition {} offset {}", found.topic, found.record.partition, found.record.offset), recorded,
                  std::nullopt, std::nullopt});
  for (std::size_t i = 1; i < hops.size(); ++i) hops[i].seconds = std::chrono::duration<double>(*hops[i].at - *hops[i - 1].at).count();
  return hops;
}

cli::Table table_of(const std::vector<Hop>& hops) {
  cli::Table table({"hop", "state", "at", "seconds", "before"});
  for (const Hop& hop : hops)
    table.add({hop.what, hop.state, cli::time_cell(hop.at), cli::cell_of(hop.seconds), cli::time_cell(hop.before)});
  return table;
}

struct Wanted {
  TraceTarget target;
  std::optional<RecordPlace> place;
  std::optional<std::string> topic;
  Instant from{};
  Instant to{};
  std::size_t most = 0;
};

Result<Wanted> wanted_of(const process::Context& context, const cli::Invocation& invocation) {
  Wanted wanted;
  if (invocation.arguments.size() > 1) return fail(FaultKind::kUsage, "TRACE: one trace id at most");
  if (!invocation.arguments.empty()) wanted.target.trace_id = invocation.arguments.front();
  wanted.target.event_id = invocation.option("--event");
  wanted.target.event_source = invocation.option("--source");
  wanted.target.row_key = invocation.option("--key");
  wanted.topic = invocation.option("--topic");
  const auto partition = WEIR_TRY(number_of(invocation, "--partition"));
  const auto offset = WEIR_TRY(number_of(invocation, "--offset"));
  if (const auto table = invocation.option("--table")) wanted.topic = context.configuration.text("cdc.topic_prefix") + "." + *table;
  if (partition && offset && wanted.topic) wanted.place = RecordPlace{*wanted.topic, static_cast<std::int32_t>(*partition), *offset};
  const int named = int{wanted.target.trace_id.has_value()} + int{wanted.target.event_id.has_value()} +
                    int{wanted.target.row_key && wanted.topic} + int{wanted.place.has_value()};
  if (named != 1) {
    return fail(FaultKind::kUsage, "say one of: a trace id; --event ID; --table T --key K; --topic T --partition N --offset N",
                "weir trace --help has examples");
  }
  wanted.to = WEIR_TRY(invocation.time_or_day("--to")).value_or(context.clock.now() + Seconds{1});
  wanted.from = WEIR_TRY(invocation.time_or_day("--from")).value_or(wanted.to - kLookBack);
  if (wanted.from >= wanted.to) return fail(FaultKind::kUsage, "--to: must be after --from");
  wanted.most = static_cast<std::size_t>(WEIR_TRY(invocation.whole_number("--limit", kShown, 1, 1'000'000)));
  return wanted;
}

Result<std::vector<FoundRecord>> find(const kafka::Settings& settings, postgres::Connection& connection, const Wanted& wanted) {
  const auto admin = WEIR_TRY(kafka::Admin::open(settings));
  WEIR_TRY(admin->ping(kPatience));
  std::vector<FoundRecord> found;
  if (wanted.place) {
    found.push_back(WEIR_TRY(record_at(*admin, settings, wanted.place->topic, wanted.place->partition, wanted.place->offset)));
    return found;
  }
  const auto topics = wanted.topic ? std::vector{*wanted.topic} : WEIR_TRY(read_topics(connection));
  for (const std::string& topic : topics) {
    auto of_topic = search_topic(*admin, settings, topic, wanted.target, wanted.from, wanted.to, wanted.most - found.size());
    // A topic that a group once read may be gone.
    if (!of_topic && (wanted.topic || of_topic.error().kind != FaultKind::kKafkaUnknownTopic)) return fail(std::move(of_topic).error());
    if (of_topic) std::move(of_topic->begin(), of_topic->end(), std::back_inserter(found));
    if (found.size() >= wanted.most) break;
  }
  std::sort(found.begin(), found.end(),
            [](const FoundRecord& a, const FoundRecord& b) { return a.record.timestamp_ms < b.record.timestamp_ms; });
  return found;
}

Result<std::vector<Hop>> hops_of(const process::Context& context, const Components& components, postgres::Connection& connection,
                                 const FoundRecord& found) {
  const auto groups = WEIR_TRY(group_traces(connection, {found.topic, found.record.partition, found.record.offset}));
  std::vector<std::optional<process::Explanation>> judged;
  for (const GroupTrace& group : groups) judged.push_back(explained_by(context, components, group.group, found));
  std::vector<Hop> hops = first_hops(found, judged);
  for (std::size_t i = 0; i < groups.size(); ++i) hops.push_back(hop_of(groups[i], judged[i], from_unix_ms(found.record.timestamp_ms)));
  return hops;
}

/// Letters whose records the log has lost, or that lie outside of the time that was searched.
std::vector<RecordPlace> only_letters(const std::vector<RecordPlace>& letters, const std::vector<FoundRecord>& found) {
  std::vector<RecordPlace> left;
  for (const RecordPlace& place : letters) {
    const bool is_found = std::any_of(found.begin(), found.end(), [&place](const FoundRecord& one) {
      return one.topic == place.topic && one.record.partition == place.partition && one.record.offset == place.offset;
    });
    if (!is_found) left.push_back(place);
  }
  return left;
}

Result<void> trace(process::Context& context, const Components& components, const cli::Invocation& invocation) {
  const Wanted wanted = WEIR_TRY(wanted_of(context, invocation));
  auto connection = WEIR_TRY(cli::connect_to_look(context, "weir trace"));
  const auto found = find(process::kafka_settings(context.configuration, "weir-trace"), connection, wanted);
  if (!found) return fail(cli::explained(found.error()));
  std::vector<RecordPlace> letters;
  if (wanted.target.trace_id) letters = only_letters(WEIR_TRY(letters_of_trace(connection, *wanted.target.trace_id)), *found);
  if (found->empty() && letters.empty()) {
    return fail(FaultKind::kData,
                fmt::format("no record between {} and {} matches", format_instant(wanted.from), format_instant(wanted.to)),
                "--from and --to search another time");
  }
  std::string out;
  JsonWriter json(out);
  json.begin_object().name("records").begin_array();
  for (const FoundRecord& one : *found) {
    const cli::Table hops = table_of(WEIR_TRY(hops_of(context, components, connection, one)));
    json.begin_object().member("topic", one.topic).member("partition", one.record.partition).member("offset", one.record.offset);
    json.member("trace_id", trace_of(one.record)).name("hops").json(hops.json()).end_object();
    if (invocation.flag("--json")) continue;
    if (const std::string id = trace_of(one.record); !id.empty()) cli::print("trace " + id);
    cli::print(hops.text());
  }
  cli::Table kept({"topic", "partition", "offset"});
  for (const RecordPlace& place : letters) kept.add({place.topic, std::int64_t{place.partition}, place.offset});
  json.end_array().name("letters").json(kept.json()).end_object();
  if (invocation.flag("--json")) cli::print(out);
  if (!letters.empty() && !invocation.flag("--json"))
    cli::print("Letters of records that were not found (weir dlq list shows them):\n" + kept.text());
  return {};
}

}  // namespace

cli::Command trace_command(std::span<const process::Component> components) {
  cli::Command command;
  command.path = "trace";
  command.help = "Follow records from their source through Kafka to what each group made of them, with times.";
  command.examples = {"weir trace 4bf92f3577b34da6a3ce929d0e0e4736",
                      "weir trace --event 01J9ZK3 --source //shop/web --from 2026-11-28T09:00:00Z",
                      "weir trace --table public.agent_executions --key 7d0f8f2a-55f5-4fd6-8f4c-0a1b2c3d4e5f",
                      "weir trace --topic weir.actions.v1 --partition 3 --offset 17 --json"};
  command.arguments = "[TRACE]";
  command.options = {{.name = "--event", .placeholder = "ID", .help = "The id of an action or of an event of the outbox."},
                     {.name = "--source", .placeholder = "SOURCE", .help = "The source of the action."},
                     {.name = "--table", .placeholder = "TABLE", .help = "Changes of this table, with --key: public.agent_executions."},
                     {.name = "--key", .placeholder = "KEY", .help = "The record's key, or a text in it."},
                     topic_option("Only this topic."),
                     partition_option("With --topic and --offset: this record."),
                     {.name = "--offset", .placeholder = "NUMBER", .help = "With --topic and --partition: this record."},
                     {.name = "--from", .placeholder = "TIME", .help = "Search from this time or day on; without it one hour."},
                     {.name = "--to", .placeholder = "TIME", .help = "Search before this time or day; without it until now."},
                     {.name = "--limit", .placeholder = "NUMBER", .help = "How many records at most; 100 without it."},
                     cli::json_option()};
  command.required = {"postgres.dsn", "kafka.brokers"};
  command.run = [own = Components(components.begin(), components.end())](process::Context& context, const cli::Invocation& invocation) {
    return trace(context, own, invocation);
  };
  return command;
}

}  // namespace weir::operations
