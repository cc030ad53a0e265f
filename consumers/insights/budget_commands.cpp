#include "consumers/insights/budget_commands.hpp"

#include "common/cli/decision.hpp"
#include "common/cli/operator_action.hpp"
#include "common/cli/view.hpp"
#include "common/core/json.hpp"
#include "consumers/insights/providers/registry.hpp"
#include "consumers/insights/spending_store.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <string>
#include <vector>

namespace weir::insights {

namespace {

using cli::Invocation;
using postgres::Params;

constexpr std::int64_t kMost = 1'000'000'000'000;
constexpr std::array<const char*, 3> kLimits{"requests", "tokens", "micro_usd"};

/// The budgets, and every spender of this day and this minute beside the budget that holds for it.
constexpr const char* kShow = R"(
  WITH spent AS (
    SELECT spender, period_start, requests, reserved_tokens + charged_tokens AS tokens, reserved_micro_usd + charged_micro_usd AS micro_usd
      FROM weir.insight_spending
     WHERE (spender LIKE 'organization:%' AND period_start = date_trunc('day', now(), 'UTC'))
        OR (spender LIKE 'provider:%' AND period_start = date_trunc('minute', now(), 'UTC'))
  ), names AS (
    SELECT spender FROM weir.insight_budgets
     UNION
    SELECT spender FROM spent
  )
  SELECT n.spender, CASE WHEN n.spender LIKE 'organization%' THEN 'day' ELSE 'minute' END, b.requests, b.tokens, b.micro_usd, s.requests,
         s.tokens, s.micro_usd
    FROM names n
   CROSS JOIN LATERAL (
     SELECT requests, tokens, micro_usd
       FROM weir.insight_budgets
      WHERE spender IN (n.spender, split_part(n.spender, ':', 1))
      ORDER BY length(spender) DESC
      LIMIT 1) b
    LEFT JOIN spent s USING (spender)
   ORDER BY n.spender
)";

/// A limit that is not told stays; of a spender that has none of its own, it is that of all of its kind.
constexpr const char* kSet = R"(
  INSERT INTO weir.insight_budgets (spender, requests, tokens, micro_usd)
  SELECT $1, CASE WHEN $2 = -2 THEN b.requests ELSE nullif($2, -1) END, CASE WHEN $3 = -2 THEN b.tokens ELSE nullif($3, -1) END,
         CASE WHEN $4 = -2 THEN b.micro_usd ELSE nullif($4, -1) END
    FROM weir.insight_budgets b
   WHERE b.spender IN ($1, split_part($1, ':', 1))
   ORDER BY length(b.spender) DESC
   LIMIT 1
  ON CONFLICT (spender) DO UPDATE
    SET requests = excluded.requests, tokens = excluded.tokens, micro_usd = excluded.micro_usd
  RETURNING requests, tokens, micro_usd
)";

constexpr std::int64_t kNoLimit = -1;
constexpr std::int64_t kAsItIs = -2;

Result<void> show(process::Context& context, const Invocation& invocation) {
  auto connection = WEIR_TRY(cli::connect_to_look(context, "weir insights budget"));
  const auto rows = connection.query("insights_budget_show", kShow);
  if (!rows) return fail(cli::explained(rows.error()));
  cli::Table table({"spender", "period", "requests", "tokens", "micro_usd", "spent_requests", "spent_tokens", "spent_micro_usd"});
  for (std::size_t i = 0; i < rows->size(); ++i) {
    const auto row = (*rows)[i];
    std::vector<cli::Cell> cells{row.get<std::string>(0), row.get<std::string>(1)};
    for (int column = 2; column < 8; ++column) cells.push_back(cli::cell_of(row.maybe<std::int64_t>(column)));
    table.add(std::move(cells));
  }
  cli::show(table, invocation);
  return {};
}

Result<std::string> spender_from(const Invocation& invocation) {
  const std::string spender = invocation.arguments.size() == 1 ? invocation.arguments[0] : "";
  const std::string name = spender.find(':') == std::string::npos ? "" : spender.substr(spender.find(':') + 1);
  const bool is_organization = spender == "organization" || (spender.starts_with("organization:") && Uuid::parse(name).has_value());
  const bool is_provider = spender == "provider" || (spender.starts_with("provider:") && find_model_row(name) != nullptr);
  if (is_organization || is_provider) return spender;
  std::vector<std::string> providers;
  for (const ModelRow& row : model_rows()) providers.push_back(spender_of_provider(row.name));
  return fail(FaultKind::kUsage,
              fmt::format("name whose budget it is: organization, organization:UUID, provider, {}", fmt::join(providers, " or ")));
}

Result<std::int64_t> limit_from(const Invocation& invocation, const std::string& option) {
  if (invocation.option(option) == "none") return kNoLimit;
  return invocation.whole_number(option, kAsItIs, 0, kMost);
}

std::string limit_text(const std::optional<std::int64_t>& limit) { return limit ? std::to_string(*limit) : "no limit of"; }

Result<void> set(process::Context& context, const Invocation& invocation) {
  const std::string spender = WEIR_TRY(spender_from(invocation));
  const cli::Decision decision = WEIR_TRY(cli::decision_of(invocation));
  const std::int64_t requests = WEIR_TRY(limit_from(invocation, "--requests"));
  const std::int64_t tokens = WEIR_TRY(limit_from(invocation, "--tokens"));
  const std::int64_t money = WEIR_TRY(limit_from(invocation, "--micro-usd"));
  auto connection = WEIR_TRY(cli::connect_to_look(context, "weir insights budget"));
  std::array<std::optional<std::int64_t>, 3> limits;
  const auto done = connection.within_transaction([&]() -> Result<void> {
    const auto rows = WEIR_TRY(connection.query("insights_budget_set", kSet, Params{}.add(spender).add(requests).add(tokens).add(money)));
    std::string filter;
    JsonWriter json(filter);
    json.begin_object().member("spender", spender);
    for (std::size_t i = 0; i < limits.size(); ++i) {
      limits.at(i) = rows[0].maybe<std::int64_t>(static_cast<int>(i));
      if (limits.at(i)) json.member(kLimits.at(i), *limits.at(i));
    }
    json.end_object();
    WEIR_TRY(cli::note_action(connection, {.command = "insights budget set",
                                           .filter = filter,
                                           .counts = cli::counts_of("budgets", 1),
                                           .by = decision.by,
                                           .why = decision.why}));
    return {};
  });
  if (!done) return fail(cli::explained(done.error()));
  cli::print(fmt::format("{}: {} calls, {} tokens and {} millionths of a dollar a {}", spender, limit_text(limits[0]),
                         limit_text(limits[1]), limit_text(limits[2]), spender.starts_with("organization") ? "UTC day" : "minute"));
  return {};
}

}  // namespace

std::vector<cli::Command> budget_commands() {
  cli::Command shows;
  shows.path = "insights budget show";
  shows.help = "List what calls of models may cost and have cost: organizations today (UTC), providers this minute.";
  shows.examples = {"weir insights budget show", "weir insights budget show --json"};
  shows.options = {cli::json_option()};
  shows.required = {"postgres.dsn"};
  shows.run = show;

  cli::Command sets;
  sets.path = "insights budget set";
  sets.help =
      "Set what calls of models may cost, from the next reservation on. Who did it, when and why is kept. A limit that is not told stays "
      "as "
      "it is.";
  sets.examples = {"weir insights budget set organization --tokens 2000000 --micro-usd 10000000 --why 'a larger plan'",
                   "weir insights budget set provider:openai --requests 500 --tokens none --why 'our tier'"};
  sets.arguments = "SPENDER";
  sets.options = {{.name = "--requests", .placeholder = "N", .help = "Calls a period; none: no limit."},
                  {.name = "--tokens", .placeholder = "N", .help = "Tokens a period, in and out; none: no limit."},
                  {.name = "--micro-usd", .placeholder = "N", .help = "Cost a period, in millionths of a dollar; none: no limit."},
                  cli::why_option("Why it is set."),
                  cli::by_option()};
  sets.required = {"postgres.dsn"};
  sets.run = set;
  return {std::move(shows), std::move(sets)};
}

}  // namespace weir::insights
