#include "consumers/notifications/limits_commands.hpp"

#include "common/cli/decision.hpp"
#include "common/cli/operator_action.hpp"
#include "common/cli/view.hpp"
#include "common/core/json.hpp"
#include "consumers/notifications/buckets_store.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace weir::notifications {

namespace {

using cli::Invocation;
using postgres::Params;

constexpr std::int64_t kMost = 1'000'000;

constexpr const char* kShow = R"(
  SELECT scope, subject, minute_rate, minute_burst, hour_rate, hour_burst, updated_at
    FROM weir.rate_limits
   ORDER BY scope, subject
)";

constexpr const char* kSet = R"(
  INSERT INTO weir.rate_limits (scope, subject, minute_rate, minute_burst, hour_rate, hour_burst)
  VALUES ($1, $2, $3, $4, $5, $6)
  ON CONFLICT (scope, subject) DO UPDATE
    SET minute_rate = excluded.minute_rate, minute_burst = excluded.minute_burst, hour_rate = excluded.hour_rate,
        hour_burst = excluded.hour_burst
)";

/// The buckets of the user's own and of the destinations of its waiting messages, and who waits for each.
constexpr const char* kExplain = R"(
  WITH its AS (
    SELECT u.id, u.organization_id, format('user:%s:%s', u.organization_id, u.id) AS bucket
      FROM public.users u
     WHERE u.id = $1
  ), named AS (
    SELECT 'user' AS scope, u.id::text AS subject, u.bucket AS key
      FROM its u
     UNION
    SELECT 'channel', q.channel, format('channel:%s:%s:%s', q.organization_id, q.channel, q.destination)
      FROM its u
      JOIN weir.delivery_queue q ON q.organization_id = u.organization_id AND q.user_id = u.id
  )
  SELECT n.scope, n.subject, n.key, coalesce(b.minute_full_at, 'epoch'), coalesce(b.hour_full_at, 'epoch'), clock_timestamp(),
         count(q.notification_id), max(q.due_at)
    FROM named n
    LEFT JOIN weir.rate_limit_buckets b ON b.key = n.key
    LEFT JOIN weir.delivery_queue q ON q.waits_for = n.key
   GROUP BY n.scope, n.subject, n.key, b.minute_full_at, b.hour_full_at
   ORDER BY n.scope DESC, n.key
)";

Result<void> show(process::Context& context, const Invocation& invocation) {
  auto connection = WEIR_TRY(cli::connect_to_look(context, "weir limits"));
  const auto rows = connection.query("limits_show", kShow);
  if (!rows) return fail(cli::explained(rows.error()));
  cli::Table table({"scope", "subject", "minute_rate", "minute_burst", "hour_rate", "hour_burst", "updated_at"});
  for (std::size_t i = 0; i < rows->size(); ++i) {
    const auto row = (*rows)[i];
    table.add({row.get<std::string>(0), row.get<std::string>(1), row.get<std::int64_t>(2), row.get<std::int64_t>(3),
               row.get<std::int64_t>(4), row.get<std::int64_t>(5), format_instant(row.get<Instant>(6))});
  }
  cli::show(table, invocation);
  return {};
}

Result<void> set(process::Context& context, const Invocation& invocation) {
  if (invocation.arguments.size() != 1 || !limit_scope(invocation.arguments[0]))
    return fail(FaultKind::kUsage, "name what is limited: user, channel, organization, template or provider");
  const std::string& scope = invocation.arguments[0];
  const std::string subject = invocation.option("--subject").value_or("");
  const cli::Decision decision = WEIR_TRY(cli::decision_of(invocation));
  std::vector<std::int64_t> numbers;
  std::string filter;
  JsonWriter json(filter);
  json.begin_object().member("scope", scope).member("subject", subject);
  for (const char* name : {"--minute", "--minute-burst", "--hour", "--hour-burst"}) {
    numbers.push_back(WEIR_TRY(invocation.whole_number(name, 0, 0, kMost)));
    json.member(std::string_view(name).substr(2), numbers.back());
  }
  json.end_object();
  auto connection = WEIR_TRY(cli::connect_to_look(context, "weir limits"));
  const auto done = connection.within_transaction([&]() -> Result<void> {
    WEIR_TRY(connection.execute("limits_set", kSet,
                                Params{}.add(scope).add(subject).add(numbers[0]).add(numbers[1]).add(numbers[2]).add(numbers[3])));
    WEIR_TRY(cli::note_action(
        connection,
        {.command = "limits set", .filter = filter, .counts = cli::counts_of("limits", 1), .by = decision.by, .why = decision.why}));
    return {};
  });
  if (!done) return fail(cli::explained(done.error()));
  cli::print(fmt::format("{}{}: {} a minute ({} at once), {} an hour ({} at once); 0 is no limit", scope,
                         subject.empty() ? ", every one" : " " + subject, numbers[0], numbers[1], numbers[2], numbers[3]));
  return {};
}

/// Tokens that a rate has left; none where it does not limit.
std::optional<std::int64_t> tokens_left(const Rate& rate, Instant full_at, Instant now) {
  if (!rate.limits()) return std::nullopt;
  const auto interval = rate.interval<Microseconds>();
  const Microseconds owed = std::max(full_at - now, Microseconds{0});
  return (interval * rate.at_once() - owed) / interval;
}

Result<void> explain(process::Context& context, const Invocation& invocation) {
  const auto user = invocation.arguments.size() == 1 ? Uuid::parse(invocation.arguments[0]) : std::nullopt;
  if (!user) return fail(FaultKind::kUsage, "name a user by its uuid: weir limits explain USER");
  auto connection = WEIR_TRY(cli::connect_to_read(context, "weir limits", {{"public", "users"}}));
  const auto limits = load_limits(connection);
  if (!limits) return fail(cli::explained(limits.error()));
  const auto rows = WEIR_TRY(connection.query("limits_explain", kExplain, Params{}.add(*user)));
  if (rows.empty()) return fail(FaultKind::kData, "there is no user " + user->text());
  cli::Table table({"bucket", "minute_tokens", "hour_tokens", "next_token_at", "waiting", "last_goes_at"});
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Limit limit = limits->of(*limit_scope(rows[i].text(0)), rows[i].text(1));
    const Instant now = rows[i].get<Instant>(5);
    TokenBucket bucket{.minute = limit.minute, .hour = limit.hour};
    bucket.minute_full_at = rows[i].get<Instant>(3);
    bucket.hour_full_at = rows[i].get<Instant>(4);
    const auto minute = tokens_left(limit.minute, bucket.minute_full_at, now);
    const auto hour = tokens_left(limit.hour, bucket.hour_full_at, now);
    const TokenRequest request{.buckets = {0}};
    const TokenGrant next = grant_tokens(std::span(&bucket, 1), std::span(&request, 1), now).front();
    table.add({rows[i].get<std::string>(2), cli::cell_of(minute), cli::cell_of(hour), format_instant(next.due),
               rows[i].get<std::int64_t>(6), cli::time_cell(rows[i].maybe<Instant>(7))});
  }
  cli::show(table, invocation);
  return {};
}

}  // namespace

std::vector<cli::Command> limits_commands() {
  cli::Command shows;
  shows.path = "limits show";
  shows.help = "List the limits of messages.";
  shows.examples = {"weir limits show", "weir limits show --json"};
  shows.options = {cli::json_option()};
  shows.required = {"postgres.dsn"};
  shows.run = show;

  cli::Command sets;
  sets.path = "limits set";
  sets.help = "Set a limit of messages; it holds within 5 s. Who did it, when and why is kept. A number that is not told is 0, no limit.";
  sets.examples = {"weir limits set user --minute 60 --minute-burst 10 --hour 750 --hour-burst 250 --why 'the default'",
                   "weir limits set provider --subject pusher:default --minute 6000 --why 'our plan at Pusher'"};
  sets.arguments = "SCOPE";
  sets.options = {{.name = "--subject",
                   .placeholder = "SUBJECT",
                   .help = "Which user, channel, organization, template or account; every one unless told."},
                  {.name = "--minute", .placeholder = "N", .help = "Messages a minute."},
                  {.name = "--minute-burst", .placeholder = "N", .help = "How many of them may go at once; 0: all."},
                  {.name = "--hour", .placeholder = "N", .help = "Messages an hour."},
                  {.name = "--hour-burst", .placeholder = "N", .help = "How many of them may go at once; 0: all."},
                  cli::why_option("Why it is set."),
                  cli::by_option()};
  sets.required = {"postgres.dsn"};
  sets.run = set;

  cli::Command explains;
  explains.path = "limits explain";
  explains.help = "Say how many tokens the buckets of a user and of its destinations have now, who waits for them, and until when.";
  explains.examples = {"weir limits explain 7f1c0a52-1f7e-4c2e-9a55-0d0c9b1e2f3a"};
  explains.arguments = "USER";
  explains.options = {cli::json_option()};
  explains.required = {"postgres.dsn"};
  explains.run = explain;
  return {std::move(shows), std::move(sets), std::move(explains)};
}

cli::Group limits_group() {
  return {"limits", "How many messages may go to a user, a destination, of an organization or template, or over an account."};
}

}  // namespace weir::notifications
