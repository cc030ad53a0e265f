// weir topics apply | diff.
#include "common/cli/view.hpp"
#include "common/core/file_text.hpp"
#include "common/process/services.hpp"
#include "common/process/start_retry.hpp"
#include "common/topics/plan.hpp"
#include "operations/commands/commands.hpp"
#include "operations/commands/letters_store.hpp"

#include <fmt/format.h>

#include <map>
#include <optional>

namespace weir::operations {

namespace {

using topics::TopicDifference;

constexpr Milliseconds kPatience{2'000};

Result<std::vector<topics::TopicEntry>> catalog_of(const cli::Invocation& invocation) {
  const auto path = invocation.option("--file");
  if (!path) return topics::shipped_topics();
  const auto text = file_text(*path);
  if (!text)
    return fail(FaultKind::kUsage, fmt::format("--file {}: cannot be read", *path), "name a file in the form of schemas/topics.yaml");
  return topics::read_topic_catalog(*text, *path);
}

Result<std::unique_ptr<kafka::Admin>> connect(process::Context& context) {
  auto admin = WEIR_TRY(kafka::Admin::open(process::kafka_settings(context.configuration, "weir-topics")));
  WEIR_TRY(process::retry_at_start(context, "Kafka", [&] { return admin->ping(kPatience); }));
  return admin;
}

/// ": 3 of them are parked letters of weir.rollups", by group; empty: none is.
Result<std::string> parked_note(Result<postgres::Connection>& connection, const std::string& topic) {
  if (!connection) return fail(connection.error());
  LetterFilter filter;
  filter.topic = topic;
  filter.status = "parked";
  std::map<std::string, std::int64_t> parked;
  for (const LetterReason& row : WEIR_TRY(letter_reasons(*connection, filter))) parked[row.group] += row.letters;
  std::string note;
  for (const auto& [group, letters] : parked) {
    note += fmt::format("{}{} of them {} parked {} of {}", note.empty() ? ": " : ", ", letters, letters == 1 ? "is a" : "are",
                        letters == 1 ? "letter" : "letters", group);
  }
  return note;
}

/// A parked letter is a record that waits: it stays in the partition which its key is about to leave.
void note_parked(process::Context& context, std::vector<TopicDifference>& differences) {
  if (!context.configuration.has("postgres.dsn")) return;
  std::optional<Result<postgres::Connection>> connection;  // opened where there is a question, and once
  for (TopicDifference& difference : differences) {
    if (difference.step != topics::TopicStep::kRaise) continue;
    if (!connection) connection.emplace(cli::connect_to_look(context, "weir topics"));
    const auto note = parked_note(*connection, difference.topic);
    difference.note += note ? *note : ": how many of them are parked letters is not known, " + cli::explained(note.error()).line();
  }
}

/// `done`: apply has run, so that each line says what it did; without it, what it would do.
void report(const std::vector<TopicDifference>& differences, const cli::Invocation& invocation, const topics::ApplyOptions& options,
            bool done) {
  cli::Table table({"topic", "setting", "is", "wanted", "step", done ? "done" : "without_flags", "note"});
  for (const auto& difference : differences) {
    const cli::Cell is = difference.is.empty() ? cli::Cell() : cli::Cell(difference.is);
    const cli::Cell note = difference.note.empty() ? cli::Cell() : cli::Cell(difference.note);
    table.add({difference.topic, difference.setting, is, difference.wanted, std::string(topics::step_name(difference.step)),
               topics::is_applied(difference, options), note});
  }
  if (invocation.flag("--json")) {
    cli::print(table.json());
  } else {
    cli::print(differences.empty() ? "nothing differs: the topics are as declared" : table.text());
  }
}

cli::Command base(const char* path, const char* help) {
  cli::Command command;
  command.path = path;
  command.help = help;
  command.options = {
      cli::json_option(),
      {.name = "--file", .placeholder = "PATH", .help = "Another catalog than the one that weir carries (schemas/topics.yaml)."}};
  command.required = {"kafka.brokers"};
  return command;
}

}  // namespace

cli::Command topics_apply_command() {
  cli::Command command = base("topics apply", "Make the broker's topics match their declaration. Deletes nothing.");
  command.examples = {"weir topics apply", "weir topics apply --raise", "weir topics apply --file topics.yaml --json"};
  command.options.push_back(
      {.name = "--raise",
       .help = "Also raise partitions; groups that rely on key order are named, and how many parked letters they have."});
  command.options.push_back(
      {.name = "--shrink", .help = "Also change settings that throw records away (shorter retention, cleanup policy)."});
  command.run = [](process::Context& context, const cli::Invocation& invocation) -> Result<void> {
    const auto catalog = WEIR_TRY(catalog_of(invocation));
    const auto admin = WEIR_TRY(connect(context));
    const topics::ApplyOptions options{.raise = invocation.flag("--raise"), .shrink = invocation.flag("--shrink")};
    auto differences = WEIR_TRY(topics::apply_topics(*admin, catalog, options));
    note_parked(context, differences);
    report(differences, invocation, options, true);
    return {};
  };
  return command;
}

cli::Command topics_diff_command() {
  cli::Command command = base("topics diff", "Show how the broker's topics differ from their declaration; exit 65 where apply would act.");
  command.examples = {"weir topics diff", "weir topics diff --json"};
  command.run = [](process::Context& context, const cli::Invocation& invocation) -> Result<void> {
    const auto catalog = WEIR_TRY(catalog_of(invocation));
    const auto admin = WEIR_TRY(kafka::Admin::open(process::kafka_settings(context.configuration, "weir-topics")));
    WEIR_TRY(admin->ping(kPatience));
    auto differences = WEIR_TRY(topics::diff_topics(*admin, catalog));
    note_parked(context, differences);
    report(differences, invocation, {}, false);
    std::size_t open = 0;
    for (const auto& difference : differences) open += topics::is_applied(difference, {.raise = true, .shrink = true}) ? 1 : 0;
    if (open == 0) return {};
    return fail(FaultKind::kData, fmt::format("topics: {} {} from the declaration", open, open == 1 ? "difference" : "differences"),
                "weir topics apply");
  };
  return command;
}

}  // namespace weir::operations
