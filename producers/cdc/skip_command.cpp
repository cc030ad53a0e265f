// weir cdc skip: the operator chooses to leave out a change that the stream cannot get past in any other way.
#include "common/cli/table.hpp"
#include "producers/cdc/component.hpp"
#include "producers/cdc/settings.hpp"

#include <fmt/format.h>
#include <simdjson.h>

namespace weir::cdc {

namespace {

constexpr Milliseconds kPatience{30'000};
// Reason and name must both fit into a record of the smallest size that may be configured.
constexpr std::size_t kMostWhyBytes = 2'000;
constexpr std::size_t kMostByBytes = 200;
constexpr std::int64_t kMostRows = UINT32_MAX;

/// A text of the operator, in the form in which it is kept and published.
Result<std::string> words_of(const cli::Invocation& invocation, const std::string& option, std::size_t most) {
  const std::string words = invocation.option(option).value_or("");
  if (words.empty()) return fail(FaultKind::kUsage, fmt::format("{}: must not be empty", option));
  if (words.size() > most) return fail(FaultKind::kUsage, fmt::format("{}: is longer than {} bytes", option, most));
  if (!simdjson::validate_utf8(words.data(), words.size())) return fail(FaultKind::kUsage, fmt::format("{}: is no UTF-8", option));
  return words;
}

Result<std::optional<Lsn>> place_of(const cli::Invocation& invocation) {
  const auto text = invocation.option("--lsn");
  if (text.has_value() == invocation.flag("--snapshot")) {
    return fail(FaultKind::kUsage, "say which: --lsn LSN, a change of the stream, or --snapshot, the rows of a snapshot",
                "the line with which weir cdc ended says the command");
  }
  if (!text) return std::nullopt;
  const auto lsn = Lsn::parse(*text);
  if (!lsn) return fail(FaultKind::kUsage, fmt::format("--lsn {}: is no LSN, such as 0/16B3748", *text));
  return lsn;
}

Result<Skip> skip_of(const cli::Invocation& invocation, const TableSettings& tables) {
  Skip skip;
  const TableName table = TableName::parse(invocation.option("--table").value_or(""));
  if (!is_wanted(tables, table)) {
    return fail(FaultKind::kUsage, fmt::format("--table {}: is not published by this configuration", table.text()),
                "cdc.tables names those that are");
  }
  skip.schema = table.schema;
  skip.table = table.table;
  skip.lsn = WEIR_TRY(place_of(invocation));
  skip.row = static_cast<std::uint32_t>(WEIR_TRY(invocation.whole_number("--row", 1, 1, kMostRows)));
  skip.why = WEIR_TRY(words_of(invocation, "--why", kMostWhyBytes));
  skip.by = WEIR_TRY(words_of(invocation, "--by", kMostByBytes));
  return skip;
}

Result<void> store(const Settings& settings, const std::string& position_key, const Skip& skip, Instant now) {
  const auto producer = WEIR_TRY(kafka::Producer::open(settings.publisher.kafka, {}));
  const std::string key = skip_key(position_key, skip);
  const std::string value = skip_value(skip, now);
  kafka::Message message;
  message.topic = settings.publisher.position_topic;
  message.partition = 0;
  message.key = key;
  message.value = value;
  WEIR_TRY(producer->send(message));
  return producer->flush(kPatience);
}

Result<void> run_skip(process::Context& context, const cli::Invocation& invocation) {
  const Settings settings = WEIR_TRY(read_settings(context.configuration));
  Skip skip = WEIR_TRY(skip_of(invocation, settings.tables));
  auto replication = WEIR_TRY(Replication::open(settings.postgres));
  const SystemIdentity source = WEIR_TRY(replication.identify());
  skip.system_identifier = source.system_identifier;
  const std::string key = position_key(settings.source_name, source.database, settings.stream.slot);
  const auto admin = WEIR_TRY(kafka::Admin::open(settings.publisher.kafka));
  const Stored stored = WEIR_TRY(read_stored(*admin, settings.publisher.position_topic, key, source.system_identifier));
  if (!stored.position) {
    return fail(FaultKind::kData,
                fmt::format("topic {} has no position of slot {}: there is no change to leave out", settings.publisher.position_topic,
                            settings.stream.slot),
                "is this the configuration of the weir cdc that ended?");
  }
  WEIR_TRY(store(settings, key, skip, context.clock.now()));
  const std::string table = TableName{skip.schema, skip.table}.text();
  const std::string what = skip.lsn ? fmt::format("the change of {} at {}", table, skip.lsn->text())
                                    : fmt::format("the rows of {} that no record can hold", table);
  cli::print(fmt::format("stored: from its next start on weir cdc leaves out {}, and tells readers by a message\n", what));
  return {};
}

}  // namespace

std::vector<cli::Command> commands() {
  cli::Command skip;
  skip.path = "cdc skip";
  skip.help =
      "Leave out a change that weir cdc cannot publish and ended with. A message on PREFIX.message takes its place, so that readers of the "
      "table learn that they miss a change. Kept in the topic of positions, with who chose it and why.";
  skip.examples = {"weir cdc skip --lsn 0/16B3748 --table public.orders --why 'its key has 9 MB, see INC-7' --by jane.doe",
                   "weir cdc skip --snapshot --table public.orders --why 'test data of 2019' --by jane.doe"};
  skip.options = {
      {.name = "--lsn", .placeholder = "LSN", .help = "The place of the change in the source's log, as weir cdc printed it."},
      {.name = "--table", .placeholder = "TABLE", .help = "The change's table, as schema.table.", .required = true},
      {.name = "--row", .placeholder = "NUMBER", .help = "Which of the changes that share this place; without it the first."},
      {.name = "--snapshot", .help = "Instead of --lsn: every row of the table that no record can hold, until a snapshot is complete."},
      {.name = "--why", .placeholder = "TEXT", .help = "Why it is left out; readers are told.", .required = true},
      {.name = "--by", .placeholder = "NAME", .help = "Who chose it; readers are told.", .required = true}};
  skip.required = {"cdc.dsn"};
  skip.run = run_skip;
  return {skip};
}

}  // namespace weir::cdc
