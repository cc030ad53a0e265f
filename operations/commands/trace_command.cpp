// weir trace: follows a record from its source through Kafka to what each group has made of it, and a row of results back to its records.
#include "common/process/explanation.hpp"

#include "common/cli/view.hpp"
#include "common/core/json_optional.hpp"
#include "operations/commands/commands.hpp"
#include "operations/commands/place_options.hpp"
#include "operations/commands/trace_hops.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iostream>
#include <limits>
#include <sstream>

namespace weir::operations {

namespace {

constexpr std::chrono::hours kLookBack{1};
constexpr std::int64_t kShown = 100;
constexpr std::size_t kPage = 1'000;  // of places from standard input, whose records are held at once

struct Wanted {
  TraceTarget target;
  std::optional<RecordPlace> place;
  std::optional<std::string> table;  // of results, or of the source
  std::optional<std::string> topic;
  std::optional<Instant> from;
  std::optional<Instant> to;
};

/// The options that name a record, of which some name it together.
Result<void> check_names(const cli::Invocation& invocation) {
  const auto has = [&invocation](std::string_view name) { return invocation.option(name).has_value(); };
  if (invocation.arguments.size() > 1) return fail(FaultKind::kUsage, "TRACE: one trace id at most");
  if (has("--source") && !has("--event")) return fail(FaultKind::kUsage, "--source: --event must say which event of it");
  if (has("--key") && !has("--table") && !has("--topic")) return fail(FaultKind::kUsage, "--key: --table or --topic must say of what");
  if (has("--table") && has("--topic")) return fail(FaultKind::kUsage, "--table: has a topic of its own, so that --topic cannot be given");
  if ((has("--partition") || has("--offset")) && !(has("--topic") && has("--partition") && has("--offset"))) {
    return fail(FaultKind::kUsage, "--topic, --partition and --offset name a record together");
  }
  return {};
}

bool names_a_record(const cli::Invocation& invocation) {
  constexpr std::array kNames{"--event", "--source", "--table", "--key", "--lsn", "--topic", "--partition", "--offset", "--from", "--to"};
  return std::ranges::any_of(kNames, [&invocation](const char* name) { return invocation.option(name).has_value(); });
}

/// The record that topic, partition and offset name.
Result<std::optional<RecordPlace>> place_of(const cli::Invocation& invocation) {
  if (!invocation.option("--offset")) return std::optional<RecordPlace>();
  const std::int64_t partition = WEIR_TRY(invocation.whole_number("--partition", 0, 0, std::numeric_limits<std::int32_t>::max()));
  const std::int64_t offset = WEIR_TRY(invocation.whole_number("--offset", 0, 0, std::numeric_limits<std::int64_t>::max()));
  return std::optional(RecordPlace{*invocation.option("--topic"), static_cast<std::int32_t>(partition), offset});
}

Result<Wanted> wanted_of(const process::Context& context, const cli::Invocation& invocation) {
  WEIR_TRY(check_names(invocation));
  Wanted wanted;
  if (!invocation.arguments.empty()) {
    wanted.target.trace_id = trace_id_of(invocation.arguments.front());
    if (!wanted.target.trace_id) return fail(FaultKind::kUsage, "TRACE: is no trace id of 32 hexadecimal digits, and no traceparent");
  }
  wanted.target.event_id = invocation.option("--event");
  wanted.target.event_source = invocation.option("--source");
  wanted.target.row_key = invocation.option("--key");
  wanted.topic = invocation.option("--topic");
  if (const auto lsn = invocation.option("--lsn")) {
    wanted.target.lsn = lsn_of(*lsn);
    if (!wanted.target.lsn) return fail(FaultKind::kUsage, "--lsn: is no place in a log such as 1/A7966D10");
  }
  wanted.table = invocation.option("--table");
  if (wanted.table) wanted.topic = context.configuration.text("cdc.topic_prefix") + "." + *wanted.table;
  wanted.place = WEIR_TRY(place_of(invocation));
  const int named = int{wanted.target.trace_id.has_value()} + int{wanted.target.event_id.has_value()} +
                    int{wanted.target.row_key && wanted.topic} + int{wanted.place.has_value()} + int{wanted.target.lsn.has_value()};
  if (named != 1) {
    return fail(FaultKind::kUsage,
                "say one of: a trace id; --event ID; --table T --key K; --lsn LSN; --topic T --partition N --offset N; --stdin",
                "weir trace --help has examples");
  }
  wanted.from = WEIR_TRY(invocation.time_or_day("--from"));
  wanted.to = WEIR_TRY(invocation.time_or_day("--to"));
  if (wanted.from && wanted.to && *wanted.from >= *wanted.to) return fail(FaultKind::kUsage, "--to: must be after --from");
  return wanted;
}

/// The records of which a row of results was made.
Result<std::vector<FoundRecord>> find_origins(Tracer& tracer, const Wanted& wanted) {
  process::RowToTrace row{*wanted.table, {{"", *wanted.target.row_key}}};
  if (wanted.target.row_key->starts_with('{')) row.key = WEIR_TRY(columns_of(tracer.connection(), *wanted.target.row_key));
  auto found = WEIR_TRY(tracer.origins_of(row, wanted.from, wanted.to));
  if (!found.empty()) return found;
  return fail(FaultKind::kData, fmt::format("no record of this row of {} is found", *wanted.table),
              "see that the row is there; --from and --to search another time; --topic with --key finds changes of the row itself");
}

Result<std::vector<FoundRecord>> find(const process::Context& context, Tracer& tracer, const Wanted& wanted) {
  if (wanted.place) return std::vector<FoundRecord>{WEIR_TRY(tracer.at(*wanted.place))};
  if (wanted.table && tracer.is_result(*wanted.table)) return find_origins(tracer, wanted);
  const Instant to = wanted.to.value_or(context.clock.now() + Seconds{1});
  const Instant from = wanted.from.value_or(to - kLookBack);
  if (from >= to) return fail(FaultKind::kUsage, "--to: must be after --from");
  return tracer.search(wanted.target, wanted.topic, from, to);
}

// ---- What is printed ----

cli::Table table_of(const std::vector<Hop>& hops) {
  cli::Table table({"hop", "state", "at", "seconds", "after", "before", "key"});
  for (const Hop& hop : hops) {
    table.add({hop.what, hop.state, cli::time_cell(hop.at), cli::cell_of(hop.seconds), cli::time_cell(hop.between.after),
               cli::time_cell(hop.between.before), hop.key});
  }
  return table;
}

void add_to(JsonWriter& json, const TracedRecord& traced) {
  const kafka::StoredRecord& record = traced.found.record;
  json.begin_object().member("topic", traced.found.topic).member("partition", record.partition).member("offset", record.offset);
  json.member("depth", traced.depth);
  member_or_null(json, "trace_id", trace_of(record)).name("hops").json(table_of(traced.hops).json()).end_object();
}

void print_text(const TracedRecord& traced) {
  if (traced.depth > 0) cli::print("\nwhat a row above has led to:");
  if (const std::string id = trace_of(traced.found.record); !id.empty()) cli::print("trace " + id);
  cli::print(table_of(traced.hops).text());
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

Result<void> print_found(Tracer& tracer, std::vector<FoundRecord> found, const std::vector<RecordPlace>& letters, bool as_json) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().name("records").begin_array();
  for (FoundRecord& one : found) {
    for (const TracedRecord& traced : WEIR_TRY(tracer.follow(std::move(one)))) {
      add_to(json, traced);
      if (!as_json) print_text(traced);
    }
  }
  cli::Table kept({"topic", "partition", "offset"});
  for (const RecordPlace& place : letters) kept.add({place.topic, std::int64_t{place.partition}, place.offset});
  json.end_array().name("letters").json(kept.json()).end_object();
  if (as_json) cli::print(out);
  if (!letters.empty() && !as_json) cli::print("Letters of records that were not found (weir dlq list shows them):\n" + kept.text());
  return {};
}

// ---- Many places ----

/// A line names a topic, a partition and an offset: three words, or members of an object, as weir tail --json prints it.
Result<std::optional<RecordPlace>> read_place(postgres::Connection& connection, std::string line) {
  if (line.starts_with('{')) {
    auto members = WEIR_TRY(columns_of(connection, line));
    line = fmt::format("{} {} {}", members["topic"], members["partition"], members["offset"]);
  }
  RecordPlace place;
  std::istringstream words(line);
  std::string more;
  if (!(words >> place.topic)) return std::nullopt;
  if (!(words >> place.partition >> place.offset) || place.partition < 0 || place.offset < 0 || words >> more) {
    return fail(FaultKind::kUsage, "--stdin: is no topic, partition and offset: " + line);
  }
  return place;
}

/// The next places, at most a page of them; none: the input has ended.
Result<std::vector<RecordPlace>> read_page(postgres::Connection& connection, std::istream& in) {
  std::vector<RecordPlace> places;
  for (std::string line; places.size() < kPage && std::getline(in, line);) {
    auto place = WEIR_TRY(read_place(connection, std::move(line)));
    if (place) places.push_back(std::move(*place));
  }
  return places;
}

/// Prints the way of the record that was found at a place: an object on a line of its own with --json.
Result<void> print_place(Tracer& tracer, const RecordPlace& place, std::optional<FoundRecord> found, bool as_json) {
  if (!found) {
    cli::print(as_json ? fmt::format(R"({{"topic":{},"partition":{},"offset":{},"hops":[]}})", json_string(place.topic), place.partition,
                                     place.offset)
                       : fmt::format("{} partition {} offset {}: the log has no record there", place.topic, place.partition, place.offset));
    return {};
  }
  const TracedRecord traced = WEIR_TRY(tracer.trace(std::move(*found)));
  std::string out;
  JsonWriter json(out);
  add_to(json, traced);
  if (as_json) {
    cli::print(out);
  } else {
    print_text(traced);
  }
  return {};
}

/// The way of each record, but not of those that followed from it. A page is answered before the next is read, so that memory does not grow
/// with the input.
Result<void> trace_places(const process::Context& context, Tracer& tracer, bool as_json) {
  std::size_t missing = 0;
  std::size_t asked = 0;
  while (!context.stop.stopped()) {
    const auto places = WEIR_TRY(read_page(tracer.connection(), std::cin));
    if (places.empty()) break;
    auto found = WEIR_TRY(tracer.at_all(places));
    for (std::size_t i = 0; i < places.size() && !context.stop.stopped(); ++i) {
      ++asked;
      if (!found[i]) ++missing;
      WEIR_TRY(print_place(tracer, places[i], std::move(found[i]), as_json));
    }
  }
  if (missing == 0) return {};
  return fail(FaultKind::kData, fmt::format("{} of {} places have no record", missing, asked));
}

Result<void> trace(process::Context& context, const Components& components, const cli::Invocation& invocation) {
  const auto most = static_cast<std::size_t>(WEIR_TRY(invocation.whole_number("--limit", kShown, 1, 1'000'000)));
  const bool of_places = invocation.flag("--stdin");
  if (of_places && (!invocation.arguments.empty() || names_a_record(invocation))) {
    return fail(FaultKind::kUsage, "--stdin: the places come from standard input, so that nothing else can name a record");
  }
  const Wanted wanted = of_places ? Wanted{} : WEIR_TRY(wanted_of(context, invocation));
  auto connection = WEIR_TRY(cli::connect_to_look(context, "weir trace"));
  auto opened = Tracer::open(context.configuration, components, std::move(connection), most);
  if (!opened) return fail(cli::explained(opened.error()));
  Tracer tracer = std::move(*opened);
  if (of_places) return trace_places(context, tracer, invocation.flag("--json"));
  auto found = WEIR_TRY(find(context, tracer, wanted));
  std::vector<RecordPlace> letters;
  if (wanted.target.trace_id) letters = only_letters(WEIR_TRY(letters_of_trace(tracer.connection(), *wanted.target.trace_id)), found);
  if (found.empty() && letters.empty()) {
    return fail(FaultKind::kData, "no record of the time that was searched matches",
                "--from and --to search another time than the last hour");
  }
  return print_found(tracer, std::move(found), letters, invocation.flag("--json"));
}

}  // namespace

cli::Command trace_command(std::span<const process::Component> components) {
  cli::Command command;
  command.path = "trace";
  command.help =
      "Follow records from their source through Kafka to what each group made of them, with times, and rows of results back to their "
      "records.";
  command.examples = {"weir trace 4bf92f3577b34da6a3ce929d0e0e4736",
                      "weir trace --event 01J9ZK3 --source //shop/web --from 2026-11-28T09:00:00Z",
                      "weir trace --table public.agent_executions --key 7d0f8f2a-55f5-4fd6-8f4c-0a1b2c3d4e5f",
                      "weir trace --table public.notifications --key 7f1c0a52-1f7e-4c2e-9a55-0d0c9b1e2f3a",
                      "weir trace --lsn 1/A7966D10",
                      "weir trace --topic weir.actions.v1 --partition 3 --offset 17 --json",
                      "weir tail weir.actions.v1 --json | weir trace --stdin"};
  command.arguments = "[TRACE]";
  command.options = {
      {.name = "--event", .placeholder = "ID", .help = "The id of an action or of an event of the outbox."},
      {.name = "--source", .placeholder = "SOURCE", .help = "The source of the action."},
      {.name = "--table",
       .placeholder = "TABLE",
       .help = "With --key: changes of this table, or the records of which this row of results was made."},
      {.name = "--key",
       .placeholder = "KEY",
       .help = "The record's key, or a text in it; of a row of results its primary key as JSON, or its id."},
      {.name = "--lsn", .placeholder = "LSN", .help = "The change at this place in the log of its source database."},
      topic_option("Only this topic."),
      partition_option("With --topic and --offset: this record."),
      {.name = "--offset", .placeholder = "NUMBER", .help = "With --topic and --partition: this record."},
      {.name = "--stdin", .help = "Read places from standard input, a line each: TOPIC PARTITION OFFSET, or what weir tail --json prints."},
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
