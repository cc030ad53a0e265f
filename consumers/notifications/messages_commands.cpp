#include "consumers/notifications/messages_commands.hpp"

#include "common/cli/decision.hpp"
#include "common/cli/operator_action.hpp"
#include "common/cli/view.hpp"
#include "common/core/json.hpp"
#include "consumers/notifications/pure/channel.hpp"

#include <fmt/format.h>

#include <array>

namespace weir::notifications {

namespace {

using cli::Invocation;
using postgres::Params;
using postgres::Rows;

constexpr std::int64_t kMost = 100'000;
/// As the check of public.notifications has them.
constexpr std::array<std::string_view, 13> kStatuses{"queued",     "deferred", "sending",   "sent",     "delivered", "failed",    "dead",
                                                     "suppressed", "expired",  "cancelled", "in_doubt", "bounced",   "complained"};

constexpr const char* kList = R"(
  SELECT n.id, n.created_at, n.user_id, n.template_key, n.channel, n.status, n.reason, n.attempts, q.due_at
    FROM public.notifications n
    LEFT JOIN weir.delivery_queue q ON q.notification_id = n.id
   WHERE ($1::uuid IS NULL OR n.user_id = $1) AND ($2::text IS NULL OR n.status = $2) AND ($3::text IS NULL OR n.template_key = $3)
   ORDER BY n.created_at DESC, n.id
   LIMIT $4
)";

/// An event is named by its identity, a message or a user by its id.
constexpr const char* kWhy = R"(
  SELECT n.id, n.created_at, n.user_id, coalesce(r.name, ''), n.template_key, n.channel, n.status, n.reason, n.cause,
         coalesce(q.waits_for, ''), q.due_at
    FROM public.notifications n
    LEFT JOIN public.notification_rules r ON r.id = n.rule_id
    LEFT JOIN weir.delivery_queue q ON q.notification_id = n.id
   WHERE (n.organization_id, n.created_at, n.id) IN (
           SELECT k.organization_id, k.message_created_at, k.notification_id
             FROM weir.notification_keys k
            WHERE (hashtextextended(k.cause, 0) = hashtextextended($1, 0) AND k.cause = $1) OR k.notification_id = $2
            UNION ALL  -- of a message that waits no key is needed
           SELECT w.organization_id, w.created_at, w.notification_id FROM weir.delivery_queue w WHERE w.notification_id = $2)
      OR n.user_id = $2
   ORDER BY n.created_at DESC, n.id
   LIMIT 100
)";

constexpr const char* kAttempts = R"(
  SELECT a.attempt, a.started_at, a.provider, a.account, a.outcome, coalesce(a.status_code, 0), coalesce(a.latency_ms, 0), a.error,
         a.provider_message_id, a.finished_at
    FROM weir.notification_keys k
    JOIN public.notification_attempts a ON a.organization_id = k.organization_id AND a.notification_id = k.notification_id
   WHERE k.notification_id = $1
   ORDER BY a.started_at
)";

/// A message whose call is under way, or may have arrived, is not cancelled.
constexpr const char* kCancel = R"(
  WITH gone AS (
    DELETE FROM weir.delivery_queue q
     WHERE q.notification_id = ANY ($1) AND NOT q.is_unanswered AND q.leased_until IS NULL
    RETURNING q.created_at, q.notification_id
  )
  UPDATE public.notifications n
     SET status = 'cancelled', reason = 'operator'
    FROM gone g
   WHERE n.created_at = g.created_at AND n.id = g.notification_id
)";

/// Which messages are sent again: those that are named, or those that the filter finds. Those of a filter are spaced.
constexpr const char* kChosen = R"(
  SELECT n.id
    FROM public.notifications n
   WHERE n.status IN ('dead', 'in_doubt', 'expired', 'cancelled')
     AND NOT EXISTS (SELECT FROM weir.delivery_queue q WHERE q.notification_id = n.id)
     AND CASE WHEN cardinality($1) > 0 THEN n.id = ANY ($1)
              ELSE n.status = 'dead' AND n.template_key = coalesce(nullif($2, ''), n.template_key)
                                      AND n.channel = coalesce(nullif($3, ''), n.channel) END
   ORDER BY n.created_at, n.id
   LIMIT $4
)";

constexpr const char* kResend = R"(
  WITH chosen AS (
    SELECT id, place
      FROM unnest($1) WITH ORDINALITY AS c (id, place)
  ), sent AS (
    UPDATE public.notifications n
       SET status = 'queued', reason = 'resent', due_at = now() + (c.place - 1) * interval '1 second' / $2,
           expires_at = greatest(n.expires_at, now() + (c.place - 1) * interval '1 second' / $2 + interval '1 day')
      FROM chosen c
     WHERE n.id = c.id
    RETURNING n.id, n.organization_id, n.created_at, n.user_id, n.channel, n.destination, n.destination_id, n.template_key, n.priority,
              n.due_at, n.expires_at
  ), queued AS (
    INSERT INTO weir.delivery_queue (notification_id, organization_id, created_at, user_id, channel, account, destination, destination_id,
                                     template_key, rank, due_at, expires_at)
    SELECT s.id, s.organization_id, s.created_at, s.user_id, s.channel,
           coalesce((SELECT providers[1] || ':' || organization_id FROM public.notification_channels
                      WHERE organization_id = s.organization_id AND channel = s.channel AND providers <> '{}'),
                    (SELECT providers[1] || ':default' FROM public.notification_channels
                      WHERE organization_id IS NULL AND channel = s.channel AND providers <> '{}'), s.channel),
           s.destination, s.destination_id, s.template_key,
           array_position('{critical,high,normal,low}', s.priority) - 1, s.due_at, s.expires_at
      FROM sent s
    RETURNING 1
  )
  SELECT count(*), pg_notify('weir_delivery', '') FROM queued
)";

Result<std::vector<Uuid>> ids_of(const Invocation& invocation) {
  std::vector<Uuid> ids;
  for (const std::string& argument : invocation.arguments) {
    const auto id = Uuid::parse(argument);
    if (!id) return fail(FaultKind::kUsage, argument + ": is no uuid of a message");
    ids.push_back(*id);
  }
  return ids;
}

cli::Table table_of(const Rows& rows, std::vector<std::string> columns) {
  const auto width = static_cast<int>(columns.size());
  cli::Table table(std::move(columns));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::vector<cli::Cell> cells;
    for (int column = 0; column < width; ++column) {
      cells.push_back(rows[i].is_null(column) ? cli::Cell() : cli::Cell(std::string(rows[i].text(column))));
    }
    table.add(std::move(cells));
  }
  return table;
}

Result<postgres::Connection> connect(const process::Context& context) {
  return cli::connect_to_read(context, "weir notifications", {{"public", "notifications"}, {"public", "notification_attempts"}});
}

Result<void> list(process::Context& context, const Invocation& invocation) {
  const auto user = WEIR_TRY(invocation.uuid("--user"));
  const auto most = WEIR_TRY(invocation.whole_number("--limit", 50, 1, kMost));
  const auto status = WEIR_TRY(invocation.one_of("--status", kStatuses));
  auto connection = WEIR_TRY(connect(context));
  const auto rows = connection.query("messages_list", kList, Params{}.add(user).add(status).add(invocation.option("--template")).add(most));
  if (!rows) return fail(cli::explained(rows.error()));
  cli::show(table_of(*rows, {"message", "created_at", "user", "template", "channel", "status", "reason", "attempts", "due_at"}),
            invocation);
  return {};
}

Result<void> why(process::Context& context, const Invocation& invocation) {
  if (invocation.arguments.size() != 1)
    return fail(FaultKind::kUsage, "name an event, a message or a user: weir notifications why 7f1c0a52-1f7e-4c2e-9a55-0d0c9b1e2f3a");
  const std::string& subject = invocation.arguments[0];
  auto connection = WEIR_TRY(connect(context));
  const auto rows = connection.query("messages_why", kWhy, Params{}.add(subject).add(Uuid::parse(subject).value_or(Uuid{})));
  if (!rows) return fail(cli::explained(rows.error()));
  if (rows->empty()) {
    return fail(
        FaultKind::kData,
        fmt::format("{}: no message of the last 35 days or of the queue, and no event or user that a message was made for", subject),
        "weir trace --event says what became of an event");
  }
  cli::show(
      table_of(*rows, {"message", "created_at", "user", "rule", "template", "channel", "status", "reason", "cause", "waits_for", "due_at"}),
      invocation);
  return {};
}

Result<void> show(process::Context& context, const Invocation& invocation) {
  const std::vector<Uuid> ids = WEIR_TRY(ids_of(invocation));
  if (ids.size() != 1) return fail(FaultKind::kUsage, "name a message by its id: weir notifications show MESSAGE");
  auto connection = WEIR_TRY(connect(context));
  const auto message = connection.query("messages_why", kWhy, Params{}.add(ids[0].text()).add(ids[0]));
  if (!message) return fail(cli::explained(message.error()));
  if (message->empty()) return fail(FaultKind::kData, "there is no message " + ids[0].text());
  const auto attempts = WEIR_TRY(connection.query("messages_attempts", kAttempts, Params{}.add(ids[0])));
  const cli::Table of_message = table_of(
      *message, {"message", "created_at", "user", "rule", "template", "channel", "status", "reason", "cause", "waits_for", "due_at"});
  const cli::Table of_attempts = table_of(attempts, {"attempt", "started_at", "provider", "account", "outcome", "status_code", "latency_ms",
                                                     "error", "provider_message_id", "finished_at"});
  if (invocation.flag("--json")) {
    std::string out;
    JsonWriter(out).begin_object().name("message").json(of_message.json()).name("attempts").json(of_attempts.json()).end_object();
    cli::print(out);
  } else {
    cli::print(of_message.text() + "\nAttempts:\n" + of_attempts.text());
  }
  return {};
}

Result<void> note(postgres::Connection& connection, const cli::Decision& decision, const std::string& command, const std::string& filter,
                  std::int64_t messages) {
  WEIR_TRY(cli::note_action(
      connection,
      {.command = command, .filter = filter, .counts = cli::counts_of("messages", messages), .by = decision.by, .why = decision.why}));
  return {};
}

Result<void> cancel(process::Context& context, const Invocation& invocation) {
  const std::vector<Uuid> ids = WEIR_TRY(ids_of(invocation));
  if (ids.empty()) return fail(FaultKind::kUsage, "name messages by their ids: weir notifications cancel MESSAGE…");
  const cli::Decision decision = WEIR_TRY(cli::decision_of(invocation));
  auto connection = WEIR_TRY(connect(context));
  const auto done = connection.within_transaction([&]() -> Result<std::uint64_t> {
    const auto cancelled = WEIR_TRY(connection.execute("messages_cancel", kCancel, Params{}.add_array(ids)));
    std::string filter;
    JsonWriter(filter).begin_object().member("messages", fmt::format("{}", fmt::join(invocation.arguments, " "))).end_object();
    WEIR_TRY(note(connection, decision, "notifications cancel", filter, static_cast<std::int64_t>(cancelled)));
    return cancelled;
  });
  if (!done) return fail(cli::explained(done.error()));
  cli::print(fmt::format("{} of {} cancelled; the others have ended, are being sent, or may have arrived", *done, ids.size()));
  return {};
}

Result<void> resend(process::Context& context, const Invocation& invocation) {
  const std::vector<Uuid> named = WEIR_TRY(ids_of(invocation));
  const auto most = WEIR_TRY(invocation.whole_number("--limit", 1'000, 1, kMost));
  const auto rate = WEIR_TRY(invocation.whole_number("--rate", 100, 1, kMost));
  const auto of_template = invocation.option("--template");
  const auto of_channel = invocation.option("--channel");
  if (of_channel && !channel_named(*of_channel)) return fail(FaultKind::kUsage, "--channel " + *of_channel + ": is no channel");
  if (named.empty() && !invocation.flag("--dead"))
    return fail(FaultKind::kUsage, "name messages by their ids, or say --dead, with --template or --channel");
  auto connection = WEIR_TRY(connect(context));
  const Params filter = Params{}.add_array(named).add(of_template.value_or("")).add(of_channel.value_or("")).add(most);
  const auto rows = connection.query("messages_chosen", kChosen, filter);
  if (!rows) return fail(cli::explained(rows.error()));
  std::vector<Uuid> chosen;
  for (std::size_t i = 0; i < rows->size(); ++i) chosen.push_back((*rows)[i].get<Uuid>(0));
  if (invocation.flag("--dry-run")) {
    cli::print(fmt::format("{} would be sent again", chosen.size()));
    return {};
  }
  const cli::Decision decision = WEIR_TRY(cli::decision_of(invocation));
  const auto done = connection.within_transaction([&]() -> Result<void> {
    WEIR_TRY(connection.query("messages_resend", kResend, Params{}.add_array(chosen).add(static_cast<double>(rate))));
    std::string text;
    JsonWriter(text)
        .begin_object()
        .member("messages", fmt::format("{}", fmt::join(invocation.arguments, " ")))
        .member("template", of_template.value_or(""))
        .member("channel", of_channel.value_or(""))
        .end_object();
    return note(connection, decision, "notifications resend", text, static_cast<std::int64_t>(chosen.size()));
  });
  if (!done) return fail(cli::explained(done.error()));
  cli::print(fmt::format("{} are sent again, {} a second", chosen.size(), rate));
  return {};
}

cli::Command command_of(std::string path, std::string help, std::string arguments,
                        Result<void> (*run)(process::Context&, const Invocation&)) {
  cli::Command command;
  command.path = std::move(path);
  command.help = std::move(help);
  command.arguments = std::move(arguments);
  command.required = {"postgres.dsn"};
  command.run = run;
  return command;
}

}  // namespace

std::vector<cli::Command> messages_commands() {
  cli::Command lists = command_of("notifications list", "List messages, the newest first.", "", list);
  lists.examples = {"weir notifications list --status dead", "weir notifications list --user $USER --limit 10 --json"};
  lists.options = {{.name = "--user", .placeholder = "UUID", .help = "Of this user alone."},
                   {.name = "--status", .placeholder = "STATUS", .help = "In this status alone."},
                   {.name = "--template", .placeholder = "TEMPLATE", .help = "Of this template alone."},
                   {.name = "--limit", .placeholder = "N", .help = "At most so many; 50 unless told."},
                   cli::json_option()};

  cli::Command shows = command_of("notifications show", "Show a message and each attempt to deliver it.", "MESSAGE", show);
  shows.examples = {"weir notifications show $MESSAGE"};
  shows.options = {cli::json_option()};

  cli::Command asks =
      command_of("notifications why",
                 "Say which rule made a message, what decided about it, what it waits for, and when it goes: of an event, a "
                 "message or a user.",
                 "EVENT|MESSAGE|USER", why);
  asks.examples = {"weir notifications why $MESSAGE", "weir notifications why $USER --json"};
  asks.options = {cli::json_option()};

  cli::Command cancels =
      command_of("notifications cancel", "Cancel messages that wait. Who did it, when and why is kept.", "MESSAGE…", cancel);
  cancels.examples = {"weir notifications cancel $MESSAGE --why 'sent to the wrong class'"};
  cancels.options = {cli::why_option("Why they are cancelled."), cli::by_option()};

  cli::Command resends = command_of("notifications resend",
                                    "Send messages again that have ended otherwise than sent: by their ids, or all that are dead. Who did "
                                    "it, when and why is kept.",
                                    "[MESSAGE…]", resend);
  resends.examples = {"weir notifications resend $MESSAGE --why 'the key was wrong'",
                      "weir notifications resend --dead --channel email --dry-run",
                      "weir notifications resend --dead --channel email --rate 10 --why 'the server was down'"};
  resends.options = {{.name = "--dead", .help = "All that are dead, as the filters say."},
                     {.name = "--template", .placeholder = "TEMPLATE", .help = "Dead ones of this template alone."},
                     {.name = "--channel", .placeholder = "CHANNEL", .help = "Dead ones of this channel alone."},
                     {.name = "--limit", .placeholder = "N", .help = "At most so many; 1,000 unless told."},
                     {.name = "--rate", .placeholder = "N", .help = "So many a second; 100 unless told."},
                     {.name = "--dry-run", .help = "Only say how many."},
                     cli::why_option("Why they are sent again.", false),
                     cli::by_option()};
  return {std::move(lists), std::move(shows), std::move(asks), std::move(cancels), std::move(resends)};
}

}  // namespace weir::notifications
