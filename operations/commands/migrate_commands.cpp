// weir migrate up | down | status.
#include "common/cli/view.hpp"
#include "common/migrations/migrator.hpp"
#include "common/migrations/roles.hpp"
#include "common/process/services.hpp"
#include "common/process/start_retry.hpp"
#include "operations/commands/commands.hpp"

#include <fmt/format.h>

namespace weir::operations {

namespace {

constexpr std::int64_t kHighestVersion = 9'999;

Result<postgres::Connection> connect(process::Context& context) {
  const auto settings = migrations::patient(process::postgres_settings(context.configuration, "weir migrate"));
  return process::retry_at_start(context, "Postgres", [&] { return postgres::Connection::open(settings); });
}

Result<std::optional<int>> target_of(const cli::Invocation& invocation) {
  if (!invocation.option("--to")) return std::optional<int>();
  return std::optional<int>(static_cast<int>(WEIR_TRY(invocation.whole_number("--to", 0, 0, kHighestVersion))));
}

void report(const std::vector<migrations::Migration>& done, const cli::Invocation& invocation, const char* nothing) {
  if (invocation.flag("--json")) {
    cli::Table table({"version", "name"});
    for (const auto& migration : done) table.add({std::int64_t{migration.version}, migration.name});
    cli::print(table.json());
  } else if (done.empty()) {
    cli::print(nothing);
  }
}

/// Whose work it is, where the database refuses it.
Fault explained(Fault fault) {
  if (fault.kind == FaultKind::kPgRefused)
    fault.hint = "the owner of the database makes its tables: postgres.dsn must name the owner for this";
  return fault;
}

migrations::Progress tell(const cli::Invocation& invocation, const char* verb) {
  if (invocation.flag("--json")) return {};
  return
      [verb](const migrations::Migration& migration) { cli::print(fmt::format("{} {:04}_{}", verb, migration.version, migration.name)); };
}

cli::Command base(const char* path, const char* help) {
  cli::Command command;
  command.path = path;
  command.help = help;
  command.options = {cli::json_option()};
  command.required = {"postgres.dsn"};
  return command;
}

}  // namespace

cli::Command migrate_up_command() {
  cli::Command command = base("migrate up", "Apply the migrations that the database lacks, each in one transaction.");
  command.examples = {"weir migrate up", "weir migrate up --to 2", "WEIR_POSTGRES_DSN='host=db dbname=app' weir migrate up"};
  command.options.push_back({.name = "--to", .placeholder = "VERSION", .help = "Stop after this migration."});
  command.run = [](process::Context& context, const cli::Invocation& invocation) -> Result<void> {
    const auto to = WEIR_TRY(target_of(invocation));
    auto connection = WEIR_TRY(connect(context));
    const auto done = migrations::up(connection, to, tell(invocation, "applied"));
    if (!done) return fail(explained(done.error()));
    report(*done, invocation, "nothing to apply: the database is up to date");
    // On stderr, so that a program's --json stays JSON.
    if (const auto step = WEIR_TRY(migrations::provider_step(connection))) {
      fmt::print(stderr, "weir cdc reads the database's log. What a superuser, or the provider of the server, still has to do: {}\n",
                 *step);
    }
    return {};
  };
  return command;
}

cli::Command migrate_down_command() {
  cli::Command command = base("migrate down", "Take back the migrations above a version. What their tables hold is lost.");
  command.examples = {"weir migrate down --to 3", "weir migrate down --to 0"};
  command.options.push_back(
      {.name = "--to", .placeholder = "VERSION", .help = "Keep this migration and those below it.", .required = true});
  command.run = [](process::Context& context, const cli::Invocation& invocation) -> Result<void> {
    const auto to = WEIR_TRY(target_of(invocation));
    auto connection = WEIR_TRY(connect(context));
    const auto done = migrations::down(connection, to.value_or(0), tell(invocation, "took back"));
    if (!done) return fail(explained(done.error()));
    report(*done, invocation, "nothing to take back");
    return {};
  };
  return command;
}

cli::Command migrate_status_command() {
  cli::Command command = base("migrate status", "List the migrations: applied, pending, changed since, or unknown to this weir.");
  command.examples = {"weir migrate status", "weir migrate status --json"};
  command.run = [](process::Context& context, const cli::Invocation& invocation) -> Result<void> {
    auto connection = WEIR_TRY(cli::connect_to_look(context, "weir migrate"));
    const auto rows = WEIR_TRY(migrations::status(connection));
    cli::Table table({"version", "name", "state", "applied_at"});
    for (const auto& row : rows) {
      const cli::Cell applied_at = row.applied_at ? cli::Cell(format_instant(*row.applied_at)) : cli::Cell();
      table.add({std::int64_t{row.version}, row.name, std::string(migrations::state_name(row.state)), applied_at});
    }
    cli::print(invocation.flag("--json") ? table.json() : table.text());
    return {};
  };
  return command;
}

}  // namespace weir::operations
