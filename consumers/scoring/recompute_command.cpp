#include "consumers/scoring/recompute_command.hpp"

#include "common/cli/view.hpp"
#include "common/postgres/visibility.hpp"
#include "common/process/services.hpp"
#include "consumers/scoring/component.hpp"
#include "consumers/scoring/recompute.hpp"

#include <fmt/format.h>

namespace weir::scoring {

namespace {

using cli::Invocation;

Result<void> run(process::Context& context, const Invocation& invocation) {
  const auto user = WEIR_TRY(invocation.uuid("--user"));
  if (user.has_value() == invocation.flag("--all")) {
    return fail(FaultKind::kUsage, "say whose: --user UUID or --all", "weir scoring recompute --help has examples");
  }
  Options configured = WEIR_TRY(options_from(context.configuration));
  auto connection = WEIR_TRY(
      postgres::Connection::open(process::postgres_settings(context.configuration, "weir scoring recompute", "consumers.scoring.dsn")));
  ScoringConsumer consumer(configured);
  WEIR_TRY(consumer.prepare(connection));
  RecomputeOptions options{configured.rules, configured.masters, configured.group};
  if (user) options.user = UserId{*user};
  options.stopped = [&] { return context.stop.stopped(); };
  const auto done = recompute(connection, options, context.clock);
  if (!done) return fail(cli::explained(done.error()));
  cli::Table table({"users", "responses", "written", "refused", "waiting for a key", "learners"});
  table.add({done->users, done->responses, done->written, done->refused, done->waiting, done->learners});
  cli::show(table, invocation);
  if (!options.stopped()) return {};
  return fail(FaultKind::kCancelled, "stopped: the rest is unchanged", "run it again: rows that are right already are not written");
}

}  // namespace

std::vector<cli::Command> scoring_commands() {
  cli::Command command;
  command.path = "scoring recompute";
  command.help =
      "Compute scores, growth, attachment profiles, alignments, progress, learners and achievements anew from submissions, consents, "
      "completions and what is taught, as they stand, beside the running group. Only rows that differ are written.";
  command.examples = {"weir scoring recompute --user 7f1c0a52-1f7e-4c2e-9a55-0d0c9b1e2f3a", "weir scoring recompute --all"};
  command.options = {{.name = "--user", .placeholder = "UUID", .help = "What this user submitted and completed."},
                     {.name = "--all", .help = "What all users of all organizations submitted and completed."},
                     cli::json_option()};
  command.required = {"consumers.scoring.dsn"};
  command.drains = true;
  command.run = run;
  return {std::move(command)};
}

}  // namespace weir::scoring
