#include "consumers/scoring/instruments_commands.hpp"

#include "common/cli/view.hpp"
#include "consumers/scoring/document_files.hpp"
#include "consumers/scoring/instruments_store.hpp"
#include "consumers/scoring/pure/instrument_reader.hpp"
#include "embedded/weir_scoring.hpp"

#include <fmt/format.h>

namespace weir::scoring {

namespace {

using cli::Invocation;

using File = DocumentFile;

/// Fault kData where any file has a fault; prints each fault with its file and place.
Result<void> judge(const std::vector<File>& files) {
  std::string lines;
  std::size_t count = 0;
  for (const File& file : files) {
    for (const DocumentFault& fault : read_instrument(file.text).faults) {
      lines += fmt::format("{}:{}: {} ({})\n", file.name, fault.pointer, fault.message, fault.reason);
      ++count;
    }
  }
  if (count == 0) return {};
  fmt::print(stderr, "{}", lines);
  return fail(FaultKind::kData,
              fmt::format("{} {} in {} {}", count, count == 1 ? "fault" : "faults", files.size(), files.size() == 1 ? "file" : "files"));
}

Result<void> check(process::Context&, const Invocation& invocation) {
  const std::vector<File> files = WEIR_TRY(named_or_shipped(invocation.arguments, embedded::weir_scoring()));
  WEIR_TRY(judge(files));
  for (const File& file : files) cli::print(file.name + ": no fault");
  return {};
}

Result<void> load_all(postgres::Connection& connection, const std::vector<File>& files, const std::optional<Uuid>& organization) {
  for (const File& file : files) {
    const auto loaded = load_instrument(connection, file.text, organization);
    if (!loaded) return fail(loaded.error().in(file.name));
    cli::print(fmt::format("{}: {}", file.name, *loaded == Loading::kPublished ? "published" : "unchanged"));
  }
  return {};
}

/// Fault kPgRefused where row security would hide the existing rows.
Result<postgres::Connection> connect(const process::Context& context) {
  return cli::connect_to_read(context, "weir instruments",
                              {{"public", "assessments"}, {"public", "assessment_items"}, {"public", "assessment_norms"}});
}

Result<void> load(process::Context& context, const Invocation& invocation) {
  const auto organization = WEIR_TRY(invocation.uuid("--organization"));
  const std::vector<File> files = WEIR_TRY(named_or_shipped(invocation.arguments, embedded::weir_scoring()));
  WEIR_TRY(judge(files));
  auto connection = WEIR_TRY(connect(context));
  return connection.within_transaction([&]() -> Result<void> {
    const auto loaded = load_all(connection, files, organization);
    if (!loaded) return fail(cli::explained(loaded.error()));
    return {};
  });
}

Result<void> list(process::Context& context, const Invocation& invocation) {
  auto connection = WEIR_TRY(connect(context));
  const auto found = list_instruments(connection);
  if (!found) return fail(cli::explained(found.error()));
  cli::Table table({"id", "organization", "key", "version", "status", "published_at", "dimensions", "items", "faults"});
  for (const StoredInstrument& stored : *found) {
    const InstrumentReading reading = read_instrument(stored.document);
    const auto count = [&](auto size) {
      return cli::cell_of(reading.instrument ? std::optional(static_cast<std::int64_t>(size(*reading.instrument))) : std::nullopt);
    };
    table.add({stored.id.text(), cli::cell_of(stored.organization ? std::optional(stored.organization->text()) : std::nullopt), stored.key,
               std::int64_t{stored.version}, stored.status, cli::time_cell(stored.published_at),
               count([](const Instrument& instrument) { return instrument.dimensions.size(); }),
               count([](const Instrument& instrument) { return instrument.items.size(); }),
               static_cast<std::int64_t>(reading.faults.size())});
  }
  cli::show(table, invocation);
  return {};
}

}  // namespace

std::vector<cli::Command> instruments_commands() {
  cli::Command judge_files;
  judge_files.path = "instruments check";
  judge_files.help =
      "Check instruments in files, and print every fault at once, with its file and JSON Pointer. Without FILE those that ship with weir.";
  judge_files.examples = {"weir instruments check schemas/instruments/*.json"};
  judge_files.arguments = "[FILE…]";
  judge_files.run = check;

  cli::Command publish;
  publish.path = "instruments load";
  publish.help =
      "Publish instruments, all or none. A version that is published already is left alone; one that is published with another content is "
      "refused.";
  publish.examples = {"weir instruments load", "weir instruments load mine.json --organization $ORG"};
  publish.arguments = "[FILE…]";
  publish.options = {{.name = "--organization", .placeholder = "UUID", .help = "For this organization alone; else for every one."}};
  publish.required = {"postgres.dsn"};
  publish.run = load;

  cli::Command show;
  show.path = "instruments list";
  show.help = "List the instruments of the database, one row a version, with the number of faults that instruments check finds.";
  show.examples = {"weir instruments list", "weir instruments list --json"};
  show.options = {cli::json_option()};
  show.required = {"postgres.dsn"};
  show.run = list;
  return {std::move(judge_files), std::move(publish), std::move(show)};
}

cli::Group instruments_group() { return {"instruments", "Assessments as data: those in files, and those in the database."}; }

}  // namespace weir::scoring
