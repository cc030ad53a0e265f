// weir audit retain | erase: the only ways in which the log may lose rows or values. Both are functions of the database, which log what
// they did.
#include "common/cli/decision.hpp"
#include "common/cli/view.hpp"
#include "operations/audit/component.hpp"
#include "operations/audit/store.hpp"

#include <fmt/format.h>

#include <charconv>

namespace weir::audit {

namespace {

using cli::Invocation;

Result<Microseconds> age_of(const Invocation& invocation) {
  const std::string text = invocation.option("--older-than").value_or("");
  const auto age = parse_duration(text);
  if (age && *age > Microseconds{0}) return *age;
  return fail(FaultKind::kUsage, fmt::format("--older-than {}: is no duration above 0", text), "give for example 730d");
}

Result<std::vector<std::int64_t>> rows_of(const Invocation& invocation) {
  const std::string text = invocation.option("--rows").value_or("");
  std::vector<std::int64_t> rows;
  for (const char *at = text.data(), *end = at + text.size(); at <= end; ++at) {
    std::int64_t row = 0;
    const auto [next, error] = std::from_chars(at, end, row);
    if (error != std::errc{} || row <= 0 || (next != end && *next != ',')) {
      return fail(FaultKind::kUsage, fmt::format("--rows {}: ids of rows, separated by commas, are needed", text),
                  "SELECT id FROM audit_log WHERE record_id = '…' finds them");
    }
    rows.push_back(row);
    at = next;
  }
  return rows;
}

/// Runs `work` in a transaction, which --dry-run rolls back: the operator is told what would go, and nothing goes.
template <class Work>
auto tried(postgres::Connection& connection, const Invocation& invocation, Work work) -> decltype(work()) {
  WEIR_TRY(connection.begin());
  auto done = work();
  if (!done || invocation.flag("--dry-run")) {
    const auto rolled_back = connection.rollback();
    if (done && !rolled_back) return fail(rolled_back.error());
    return done;
  }
  WEIR_TRY(connection.commit());
  return done;
}

Result<void> retain(process::Context& context, const Invocation& invocation) {
  const Instant before = context.clock.now() - WEIR_TRY(age_of(invocation));
  const std::string why = WEIR_TRY(cli::decision_of(invocation)).why;
  const auto only = WEIR_TRY(invocation.uuid("--organization"));
  auto connection = WEIR_TRY(cli::connect_to_read(context, "weir audit", {{"public", "organizations"}, {"public", "audit_log"}}));
  cli::Table table({"organization", "removed", "kept_by"});
  auto all = only ? Result<std::vector<Uuid>>({*only}) : chains(connection);
  if (!all) return fail(cli::explained(all.error()));
  for (const Uuid& organization : *all) {
    if (WEIR_TRY(under_legal_hold(connection, organization))) {
      if (only)
        return fail(FaultKind::kPgRefused, fmt::format("organization {} is under a legal hold", organization.text()),
                    "organizations.legal_hold ends it");
      table.add({organization.text(), std::int64_t{0}, std::string("legal hold")});
      continue;
    }
    const auto removed = tried(connection, invocation, [&] { return audit::retain(connection, organization, before, why); });
    if (!removed) return fail(removed.error().in("organization " + organization.text()));
    table.add({organization.text(), *removed, cli::Cell()});
  }
  cli::show(table, invocation);
  return {};
}

Result<void> erase(process::Context& context, const Invocation& invocation) {
  const auto rows = WEIR_TRY(rows_of(invocation));
  const std::string why = WEIR_TRY(cli::decision_of(invocation)).why;
  const Uuid organization = *WEIR_TRY(invocation.uuid("--organization"));
  auto connection = WEIR_TRY(cli::connect_to_read(context, "weir audit", {{"public", "organizations"}, {"public", "audit_log"}}));
  const std::int64_t erased = WEIR_TRY(tried(connection, invocation, [&] { return audit::erase(connection, organization, rows, why); }));
  cli::print(fmt::format("{} of {} payloads {}", erased, rows.size(), invocation.flag("--dry-run") ? "can be erased" : "are erased"));
  if (erased == static_cast<std::int64_t>(rows.size())) return {};
  return fail(FaultKind::kData, fmt::format("{} rows were left as they are", static_cast<std::int64_t>(rows.size()) - erased),
              "they are another organization's, not sealed yet, erased before, or not there");
}

cli::Command base(std::string path, std::string help, Result<void> (*run)(process::Context&, const Invocation&)) {
  cli::Command command;
  command.path = std::move(path);
  command.help = std::move(help);
  command.options = {cli::why_option("Why; it stays in the log."), {.name = "--dry-run", .help = "Only say what would be removed."}};
  command.required = {"postgres.dsn"};
  command.run = run;
  return command;
}

}  // namespace

std::vector<cli::Command> retention_commands() {
  constexpr std::string_view kNil = "00000000-0000-0000-0000-000000000000";
  const std::string of_none = fmt::format("; {} for the rows of none.", kNil);
  cli::Command by_age =
      base("audit retain", "Remove rows of the audit log that are older than a time, and log that; the last hash stays.", retain);
  by_age.examples = {"weir audit retain --older-than 730d --why 'two years are enough' --dry-run",
                     "weir audit retain --organization $ORG --older-than 90d --why 'contract ended'"};
  by_age.options.push_back({.name = "--older-than", .placeholder = "DURATION", .help = "What is older goes.", .required = true});
  by_age.options.push_back({.name = "--organization",
                            .placeholder = "UUID",
                            .help = "This organization's only" + of_none + " Without it all, but for legal holds."});
  by_age.options.push_back(cli::json_option());
  cli::Command by_row =
      base("audit erase", "Erase values, address and program of rows of the audit log, and log that; their digests stay.", erase);
  by_row.examples = {"weir audit erase --organization $ORG --rows 4711,4712 --why 'asked for by the person'"};
  by_row.options.push_back({.name = "--organization", .placeholder = "UUID", .help = "Whose rows they are" + of_none, .required = true});
  by_row.options.push_back({.name = "--rows", .placeholder = "ID,…", .help = "Their ids in audit_log.", .required = true});
  return {std::move(by_age), std::move(by_row)};
}

}  // namespace weir::audit
