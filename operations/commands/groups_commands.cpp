// weir groups pause | resume.
#include "common/cli/decision.hpp"
#include "common/cli/view.hpp"
#include "operations/commands/commands.hpp"
#include "operations/commands/pauses_store.hpp"
#include "operations/commands/place_options.hpp"

#include <fmt/format.h>

namespace weir::operations {

namespace {

constexpr std::int64_t kMostPartitions = 1'000'000;

Result<PausedPlace> place_of(const cli::Invocation& invocation) {
  if (invocation.arguments.size() != 1) return fail(FaultKind::kUsage, "GROUP: one group must be named, for example weir.rollups");
  PausedPlace place{invocation.arguments.front(), invocation.option("--topic"), std::nullopt};
  if (invocation.option("--partition")) {
    place.partition = static_cast<std::int32_t>(WEIR_TRY(invocation.whole_number("--partition", 0, 0, kMostPartitions)));
    if (!place.topic) return fail(FaultKind::kUsage, "--partition: --topic must say of which topic");
  }
  return place;
}

void tell(const PausedPlace& place, const char* counted, std::int64_t count, const std::string& text, const cli::Invocation& invocation) {
  if (!invocation.flag("--json")) return cli::print(text);
  cli::Table table({"group", "topic", "partition", counted});
  table.add({place.group, cli::cell_of(place.topic), place.partition ? cli::Cell(std::int64_t{*place.partition}) : cli::Cell(), count});
  cli::print(table.json());
}

Result<void> pause_group(process::Context& context, const cli::Invocation& invocation) {
  const PausedPlace place = WEIR_TRY(place_of(invocation));
  const cli::Decision decision = WEIR_TRY(cli::decision_of(invocation));
  auto connection = WEIR_TRY(cli::connect_to_look(context, "weir groups"));
  const auto partitions = pause(connection, place, decision.by, decision.why);
  if (!partitions) return fail(cli::explained(partitions.error()));
  tell(place, "partitions", *partitions,
       fmt::format("paused: {}, {} partitions; running instances obey within 2 seconds", place.text(), *partitions), invocation);
  return {};
}

Result<void> resume_group(process::Context& context, const cli::Invocation& invocation) {
  const PausedPlace place = WEIR_TRY(place_of(invocation));
  const cli::Decision decision = WEIR_TRY(cli::decision_of(invocation));
  auto connection = WEIR_TRY(cli::connect_to_look(context, "weir groups"));
  const auto ended = resume(connection, place, decision.by, decision.why);
  if (!ended) return fail(cli::explained(ended.error()));
  tell(place, "pauses", *ended, fmt::format("resumed: {}, {} pauses ended; running instances obey within 2 seconds", place.text(), *ended),
       invocation);
  return {};
}

cli::Command deciding_command() {
  cli::Command command;
  command.arguments = "GROUP";
  command.options = {topic_option("Only this topic of the group."), partition_option("Only this partition of the topic."),
                     cli::why_option("Why; kept in weir.operator_actions."), cli::by_option(), cli::json_option()};
  command.required = {"postgres.dsn"};
  return command;
}

}  // namespace

cli::Command groups_pause_command() {
  cli::Command command = deciding_command();
  command.path = "groups pause";
  command.help = "Let a group read nothing more, or nothing of a topic or partition, until it is resumed. Its positions stay.";
  command.examples = {"weir groups pause weir.rollups --why 'the disk of the database is full'",
                      "weir groups pause weir.scoring --topic weir.actions.v1 --partition 3 --why 'INC-12'"};
  command.run = pause_group;
  return command;
}

cli::Command groups_resume_command() {
  cli::Command command = deciding_command();
  command.path = "groups resume";
  command.help = "Let a paused group, topic or partition go on from its position.";
  command.examples = {"weir groups resume weir.rollups --why 'the disk has room again'"};
  command.run = resume_group;
  return command;
}

}  // namespace weir::operations
