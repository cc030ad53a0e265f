#include "consumers/insights/preview_command.hpp"

#include "common/cli/view.hpp"
#include "common/process/services.hpp"
#include "consumers/insights/drafting.hpp"
#include "consumers/insights/names_store.hpp"
#include "consumers/insights/providers/preview.hpp"
#include "consumers/insights/providers/registry.hpp"
#include "consumers/insights/tables.hpp"

#include <fmt/format.h>

namespace weir::insights {

namespace {

using cli::Invocation;
using postgres::Params;

constexpr const char* kDsn = "consumers.insights.dsn";

constexpr const char* kOrganization = R"(
  SELECT organization_id
    FROM public.users
   WHERE id = $1 AND deleted_at IS NULL
)";

/// The first account that has a key; where none has one, the first provider as it would be asked.
Result<std::shared_ptr<const ModelAccount>> first_account(const config::Configuration& configuration) {
  const Chain chain = WEIR_TRY(model_accounts(configuration));
  if (!chain.empty()) return chain.front();
  const ModelRow& row = model_rows().front();
  return std::make_shared<const ModelAccount>(
      ModelAccount{.name = row.name + ":default", .provider = row.name, .url = row.url, .key = "", .model = row.model});
}

Result<void> print_prompts(postgres::Statements& connection, const process::Context& context, const UserId& user) {
  const auto owners = WEIR_TRY(connection.query("insights_preview_user", kOrganization, Params{}.add(user)));
  if (owners.empty()) return fail(FaultKind::kData, "there is no user " + user.text());
  const Subject subject{owners[0].get<OrganizationId>(0), user};
  FindingsReader reader;
  const auto found = WEIR_TRY(reader.find_for(connection, std::span(&subject, 1), context.clock.now()));
  Names names(context.clock);
  WEIR_TRY(names.refresh(connection, {subject.organization}));
  const auto account = WEIR_TRY(first_account(context.configuration));
  for (const Telling& telling : found.front().tellings) {
    const Outgoing outgoing(account, Prompt(telling.finding, found.front().locale, names.of(subject.organization)), make_nonce());
    cli::print(fmt::format("--- {}\n{}", name_of(telling.finding), preview(subject.organization, outgoing)));
  }
  if (found.front().tellings.empty()) cli::print("there is nothing that the user would be told now");
  return {};
}

Result<void> run(process::Context& context, const Invocation& invocation) {
  const auto user = invocation.arguments.size() == 1 ? Uuid::parse(invocation.arguments[0]) : std::nullopt;
  if (!user) return fail(FaultKind::kUsage, "name a user by its uuid: weir insights preview USER --no-send");
  if (!invocation.flag("--no-send")) return fail(FaultKind::kUsage, "a preview sends nothing: say --no-send");
  auto connection = WEIR_TRY(cli::connect_to_look(context, "weir insights preview", kDsn));
  WEIR_TRY(require_tables(connection));
  const auto done = connection.within_transaction([&] { return print_prompts(connection, context, UserId{*user}); });
  if (!done) return fail(cli::explained(done.error()));
  return {};
}

}  // namespace

cli::Command preview_command() {
  cli::Command command;
  command.path = "insights preview";
  command.help =
      "Print what a model would be told of a user now, as it would be sent: names and identifiers are placeholders. Nothing is sent and "
      "nothing is written.";
  command.examples = {"weir insights preview 7f1c0a52-1f7e-4c2e-9a55-0d0c9b1e2f3a --no-send"};
  command.arguments = "USER";
  command.options = {{.name = "--no-send", .help = "Said aloud, so that nobody takes this for a way to send."}};
  command.required = {kDsn};
  command.run = run;
  return command;
}

}  // namespace weir::insights
