// weir offsets reset.
#include "common/cli/decision.hpp"
#include "common/kafka/group_offsets.hpp"
#include "common/kafka/log_reader.hpp"
#include "common/process/services.hpp"
#include "operations/commands/commands.hpp"
#include "operations/commands/place_options.hpp"
#include "operations/commands/reset_store.hpp"
#include "operations/commands/views.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

namespace weir::operations {

namespace {

constexpr Milliseconds kPatience{10'000};
constexpr std::int64_t kMostPartitions = 1'000'000;

/// Where the group is to go: a time, the beginning of the logs, or an offset of one partition.
struct Wanted {
  std::optional<Instant> time;
  std::optional<std::int64_t> offset;  // neither: the beginning
  std::string text;                    // as it was asked for
};

struct Targets {
  std::map<std::pair<std::string, std::int32_t>, ResetTarget> of;  // by topic and partition, as far as Kafka has them
  std::set<std::string> topics;                                    // that are there
};

Result<Wanted> wanted_of(const cli::Invocation& invocation) {
  Wanted wanted;
  wanted.time = WEIR_TRY(invocation.time_or_day("--to-time"));
  const auto place = invocation.option("--to");
  if (wanted.time.has_value() == place.has_value()) return fail(FaultKind::kUsage, "--to-time or --to: one of them says where to go");
  wanted.text = wanted.time ? "--to-time " + format_instant(*wanted.time) : "--to " + *place;
  if (wanted.time || *place == "begin") return wanted;
  wanted.offset = WEIR_TRY(number_of(invocation, "--to"));
  if (!invocation.option("--partition")) return fail(FaultKind::kUsage, "--to OFFSET: --topic and --partition must say of which log");
  return wanted;
}

Result<ResetFilter> filter_of(const cli::Invocation& invocation) {
  if (invocation.arguments.size() != 1) return fail(FaultKind::kUsage, "GROUP: one group must be named, for example weir.scoring");
  ResetFilter filter;
  filter.group = invocation.arguments.front();
  filter.topic = invocation.option("--topic");
  if (invocation.option("--partition")) {
    filter.partition = static_cast<std::int32_t>(WEIR_TRY(invocation.whole_number("--partition", 0, 0, kMostPartitions)));
    if (!filter.topic) return fail(FaultKind::kUsage, "--partition: --topic must say of which topic");
  }
  return filter;
}

/// What the group's component says of reading again. Fault kUsage: no component has the group; kData: it must not.
Result<process::Rereading> rereading_of(std::span<const process::Component> components, const std::string& group) {
  for (const process::Component& component : components) {
    if (component.declaration.group != group) continue;
    const process::Rereading& rereading = component.declaration.rereading;
    if (rereading.is_exact) return rereading;
    return fail(FaultKind::kData, group + " must not read records again", std::string(rereading.instead));
  }
  return fail(FaultKind::kUsage, group + ": no component has this group", "weir offsets show lists the groups");
}

/// Topics that the group never reads again are left out; where the operator names one of them, that is refused.
Result<void> leave_out(const process::Context& context, const process::Rereading& rereading, ResetFilter& filter) {
  for (const std::string& key : rereading.without) filter.without.push_back(context.configuration.text(key));
  if (!filter.topic || std::ranges::find(filter.without, *filter.topic) == filter.without.end()) return {};
  return fail(FaultKind::kData, fmt::format("{} must not read {} again", filter.group, *filter.topic),
              "repetitions of its events can be told for a day only");
}

/// Adds the targets in one topic. Fault kKafkaUnknownTopic: it is gone.
Result<void> find_targets(const kafka::Settings& settings, kafka::Admin& admin, const std::string& topic, const Wanted& wanted,
                          const std::vector<ResetPlace>& places, Targets& targets) {
  const auto ranges = WEIR_TRY(kafka::log_ranges(admin, topic));
  const auto described = WEIR_TRY(admin.describe_topics({topic}));
  if (described.empty()) return fail(FaultKind::kKafkaUnknownTopic, fmt::format("topic {} does not exist", topic));
  const Uuid id = described.front().id;
  std::vector<std::optional<std::int64_t>> at(ranges.size());
  if (wanted.time) at = WEIR_TRY(kafka::offsets_at(settings, topic, ranges.size(), *wanted.time, kPatience));
  std::map<std::int32_t, std::int64_t> moving;
  for (const ResetPlace& place : places) {
    const auto number = static_cast<std::size_t>(place.partition);
    if (place.topic != topic || number >= ranges.size()) continue;
    const kafka::PartitionRange& log = ranges[number];
    ResetTarget target{id, log.begin, log.end, wanted.offset.value_or(log.begin), std::nullopt, wanted.time};
    if (wanted.time) target.offset = at[number].value_or(log.end);
    if (target.offset >= log.begin && target.offset < std::min(place.next_offset, log.end)) moving[place.partition] = target.offset;
    targets.of[{topic, place.partition}] = target;
  }
  targets.topics.insert(topic);
  for (const auto& record : WEIR_TRY(kafka::first_records(settings, topic, moving, kPatience))) {
    targets.of.at({topic, record.partition}).first_at = from_unix_ms(record.timestamp_ms);
  }
  return {};
}

/// A topic that is gone has no targets. Fault kKafkaUnknownTopic: all of them are gone.
Result<Targets> targets_of(const kafka::Settings& settings, const Wanted& wanted, const std::vector<ResetPlace>& places) {
  const auto admin = WEIR_TRY(kafka::Admin::open(settings));
  WEIR_TRY(admin->ping(kPatience));
  Targets targets;
  std::optional<Fault> gone;
  for (auto place = places.begin(); place != places.end(); ++place) {
    if (place != places.begin() && std::prev(place)->topic == place->topic) continue;
    const auto found = find_targets(settings, *admin, place->topic, wanted, places, targets);
    if (!found && found.error().kind != FaultKind::kKafkaUnknownTopic) return fail(found.error());
    if (!found) gone = found.error();
  }
  if (targets.of.empty() && gone) return fail(std::move(*gone));
  return targets;
}

cli::Table table_of(const std::string& group, const std::vector<ResetStep>& steps) {
  cli::Table table({"group", "topic", "partition", "next_offset", "to", "records", "first_at", "hindrance"});
  for (const ResetStep& step : steps) {
    const bool is_gone = !step.gone.empty();
    cli::Cell hindrance = is_gone ? cli::Cell("Kafka no longer has " + step.gone) : cli::Cell(step.hindrance);
    table.add({group, step.place.topic, std::int64_t{step.place.partition}, step.place.next_offset,
               is_gone ? cli::Cell() : cli::Cell(step.to), is_gone ? cli::Cell() : cli::Cell(step.records()), cli::time_cell(step.first_at),
               std::move(hindrance)});
  }
  return table;
}

/// Kafka's own offsets follow, for lag tools. Members that are there (of a paused group) commit them themselves, as soon as they have
/// claimed their partitions anew.
Result<void> tell_kafka(const kafka::Settings& settings, const std::string& group, const std::vector<ResetStep>& steps) {
  std::vector<kafka::GroupOffset> offsets;
  for (const ResetStep& step : steps) {
    if (step.moves()) offsets.push_back({step.place.topic, step.place.partition, step.to});
  }
  if (offsets.empty()) return {};
  const auto told = kafka::commit_group_offsets(settings, group, offsets);
  if (!told) return fail(told.error().in("the group was moved, but Kafka's own offsets, which lag tools read, were not"));
  return {};
}

Result<void> reset_offsets(std::span<const process::Component> components, process::Context& context, const cli::Invocation& invocation) {
  ResetFilter filter = WEIR_TRY(filter_of(invocation));
  const Wanted wanted = WEIR_TRY(wanted_of(invocation));
  const process::Rereading rereading = WEIR_TRY(rereading_of(components, filter.group));
  WEIR_TRY(leave_out(context, rereading, filter));
  const bool is_rehearsal = invocation.flag("--dry-run");
  const cli::Decision decision = is_rehearsal ? cli::Decision{} : WEIR_TRY(cli::decision_of(invocation));
  auto connection = WEIR_TRY(cli::connect_to_look(context, "weir offsets"));
  const auto places = reset_places(connection, filter);
  if (!places) return fail(cli::explained(places.error()));
  if (places->empty()) return fail(FaultKind::kData, filter.group + ": there is no position there", "weir offsets show lists them");
  const auto settings = process::kafka_settings(context.configuration, "weir-offsets");
  const Targets targets = WEIR_TRY(targets_of(settings, wanted, *places));
  std::optional<Instant> oldest;
  if (rereading.within) oldest = context.clock.now() - *rereading.within;
  const auto plan = [&](const std::vector<ResetPlace>& of) -> Result<std::vector<ResetStep>> {
    std::vector<ResetStep> steps;
    for (const ResetPlace& place : of) {
      const auto target = targets.of.find({place.topic, place.partition});
      steps.push_back(target == targets.of.end() ? gone_step(place, targets.topics.contains(place.topic))
                                                 : planned_step(filter.group, place, target->second, oldest));
    }
    return steps;
  };
  const auto steps = is_rehearsal ? plan(*places) : reset(connection, filter, plan, {wanted.text, decision.by, decision.why});
  if (!steps) return fail(cli::explained(steps.error()));
  cli::show(table_of(filter.group, *steps), invocation);
  if (!is_rehearsal && std::ranges::none_of(*steps, &ResetStep::moves) && !invocation.flag("--json")) {
    cli::print("\nnothing to move: the group has not read further than that");
  }
  if (!is_rehearsal) WEIR_TRY(tell_kafka(settings, filter.group, *steps));
  if (auto gone = fault_of_gone(filter.group, *steps)) return fail(std::move(*gone));
  return {};
}

}  // namespace

cli::Command offsets_reset_command(std::span<const process::Component> components) {
  cli::Command command;
  command.path = "offsets reset";
  command.arguments = "GROUP";
  command.help =
      "Move a group back, so that it reads records again. Only for groups whose results are the same afterwards; for others the right "
      "command is named. The group must be paused or stopped. Who did it, when and why is kept.";
  command.examples = {"weir offsets reset weir.scoring --to-time 2026-11-28T09:00:00Z --dry-run",
                      "weir offsets reset weir.scoring --to-time 2026-11-28T09:00:00Z --why 'release 2.3.0 skipped corrections'",
                      "weir offsets reset weir.scoring --topic weir.cdc.public.consents --partition 3 --to 4711 --why 'INC-14'"};
  command.options = {
      {.name = "--to-time", .placeholder = "TIME", .help = "To the first record that Kafka took at this time or day, or later."},
      {.name = "--to", .placeholder = "PLACE", .help = "To begin, the first record that the log has, or to an offset of one partition."},
      topic_option("Only this topic of the group."),
      partition_option("Only this partition of the topic."),
      {.name = "--dry-run", .help = "Show what would be moved, and what hinders it."},
      cli::why_option("Why; kept in weir.operator_actions. Needed without --dry-run.", false),
      cli::by_option(),
      cli::json_option()};
  command.required = {"postgres.dsn", "kafka.brokers"};
  std::vector<process::Component> known(components.begin(), components.end());
  command.run = [known = std::move(known)](process::Context& context, const cli::Invocation& invocation) {
    return reset_offsets(known, context, invocation);
  };
  return command;
}

}  // namespace weir::operations
