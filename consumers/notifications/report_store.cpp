#include "consumers/notifications/report_store.hpp"

#include "common/postgres/columns.hpp"
#include "consumers/notifications/claim_store.hpp"
#include "consumers/notifications/dead_addresses_store.hpp"
#include "consumers/notifications/outgoing.hpp"
#include "consumers/notifications/providers/registry.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <iterator>

namespace weir::notifications {

namespace {

using delivery::Report;
using postgres::columns_of;
using postgres::Params;
using postgres::Statements;

/// Rows are locked in the order of their ids, so that two processes that report the same messages do not wait for each other.
constexpr const char* kStanding = R"(
  SELECT{}, r.place - 1
    FROM (SELECT * FROM unnest($1, $2) WITH ORDINALITY AS u (notification_id, claim, place) ORDER BY notification_id) r
   CROSS JOIN LATERAL (
     SELECT d.*
       FROM weir.delivery_queue d
      WHERE d.notification_id = r.notification_id AND d.claim = r.claim AND d.leased_until IS NOT NULL
        FOR UPDATE) q
)";

constexpr const char* kEndAttempts = R"(
  UPDATE public.notification_attempts a
     SET outcome = e.outcome,
         status_code = nullif(e.status_code, 0),
         latency_ms = e.latency / 1000.0,
         error = e.error,
         provider_message_id = e.provider_id,
         is_spent = e.is_spent <> 0,
         finished_at = clock_timestamp()
    FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9)
         AS e (started_at, notification_id, attempt, outcome, status_code, latency, error, provider_id, is_spent)
   WHERE a.notification_id = e.notification_id AND a.attempt = e.attempt AND a.started_at = e.started_at
)";

constexpr const char* kTakeBack = R"(
  DELETE FROM public.notification_attempts a
   USING unnest($1, $2, $3) AS t (started_at, notification_id, attempt)
   WHERE a.notification_id = t.notification_id AND a.attempt = t.attempt AND a.started_at = t.started_at
)";

constexpr const char* kLedger = R"(
  UPDATE public.notifications n
     SET status = CASE WHEN n.status NOT IN ('queued', 'deferred', 'failed', 'sending', 'in_doubt') THEN n.status
                       WHEN n.status = 'in_doubt' AND s.status <> 'sent' THEN n.status
                       ELSE s.status END,
         reason = s.reason,
         due_at = clock_timestamp() + ($7 + s.again_in) * interval '1 microsecond',
         attempts = s.attempts
    FROM unnest($1, $2, $3, $4, $5, $6) AS s (created_at, id, status, reason, again_in, attempts)
   WHERE n.id = s.id AND n.created_at = s.created_at
)";

constexpr const char* kFinal = R"(
  DELETE FROM weir.delivery_queue
   WHERE notification_id = ANY ($1)
)";

/// A retry that would come too late comes when the message expires, and is told then that it did.
constexpr const char* kAgain = R"(
  UPDATE weir.delivery_queue q
     SET leased_until = NULL,
         due_at = least(clock_timestamp() + ($9 + a.again_in) * interval '1 microsecond', q.expires_at),
         attempt = a.attempt,
         tries = a.tries,
         account = a.account,
         provider = a.provider::smallint,
         is_alone = a.is_alone <> 0,
         is_unanswered = a.is_unanswered <> 0
    FROM unnest($1, $2, $3, $4, $5, $6, $7, $8)
         AS a (notification_id, again_in, attempt, tries, account, provider, is_alone, is_unanswered)
   WHERE q.notification_id = ANY ($1) AND q.notification_id = a.notification_id
)";

/// Over another channel a message goes to the same user's destination there.
constexpr const char* kFallBack = R"(
  UPDATE weir.delivery_queue q
     SET channel = f.channel,
         destination_id = d.id,
         destination = coalesce(d.id::text, CASE f.channel WHEN 'pusher' THEN 'private-user-' ELSE '' END || o.user_id, ''),
         account = f.account || CASE WHEN f.account LIKE '%:' THEN coalesce(d.id::text, '') ELSE '' END
    FROM unnest($1, $2, $3) AS f (notification_id, channel, account)
    JOIN weir.delivery_queue o ON o.notification_id = ANY ($1) AND o.notification_id = f.notification_id
    LEFT JOIN LATERAL (
      SELECT id
        FROM public.notification_destinations
       WHERE organization_id = o.organization_id AND user_id IS NOT DISTINCT FROM o.user_id AND channel = f.channel
         AND verified_at IS NOT NULL AND disabled_at IS NULL
       ORDER BY created_at DESC, id
       LIMIT 1) d ON true
   WHERE q.notification_id = ANY ($1) AND q.notification_id = f.notification_id
)";

constexpr const char* kRefund = R"(
  WITH given_back AS (
    UPDATE public.notification_attempts a
       SET is_spent = false
      FROM unnest($1, $2) AS r (notification_id, attempt)
      JOIN weir.delivery_queue q ON q.notification_id = ANY ($1) AND q.notification_id = r.notification_id
     WHERE a.notification_id = r.notification_id AND a.attempt = r.attempt AND a.is_spent
    RETURNING a.notification_id, a.account
  )
  UPDATE weir.delivery_queue q
     SET tries = greatest(q.tries - g.tries, 0)
    FROM (SELECT notification_id, account, count(*) AS tries FROM given_back GROUP BY notification_id, account) g
   WHERE q.notification_id = ANY ($1) AND q.notification_id = g.notification_id AND q.account IS NOT DISTINCT FROM g.account
)";

constexpr const char* kVerify = R"(
  UPDATE public.notification_destinations
     SET verified_at = clock_timestamp()
   WHERE id = ANY ($1) AND verified_at IS NULL
)";

/// A column of the messages' rows.
template <class T>
auto queued(T QueuedMessage::*member) {
  return [member](const StandingMessage& each) -> const T& { return each.message.*member; };
}

/// A column of the messages' settlements.
template <class T>
auto settled(T Settlement::*member) {
  return [member](const StandingMessage& each) -> const T& { return each.settlement.*member; };
}

/// How many attempts a message has had, without a call that was not made.
int attempts(const StandingMessage& each) { return each.message.attempt - (each.settlement.attempt.is_taken_back ? 1 : 0); }

using Chosen = std::vector<std::reference_wrapper<const StandingMessage>>;

template <class Condition>
Chosen choose(std::span<const StandingMessage> standing, Condition holds) {
  Chosen chosen;
  std::ranges::copy_if(standing, std::back_inserter(chosen), holds);
  return chosen;
}

Result<void> fall_back(Statements& connection, const Chosen& waiting) {
  Chosen fallen;
  std::ranges::copy_if(waiting, std::back_inserter(fallen),
                       [](const StandingMessage& each) { return each.settlement.channel != each.message.channel; });
  if (fallen.empty()) return {};
  // Where each destination is an account of its own, only the statement finds the destination, and adds its id.
  const auto account = [](const StandingMessage& each) {
    const ProviderRow* row = find_provider(provider_of(each.settlement.account));
    return row != nullptr && row->is_destination_its_account ? row->name + ":" : each.settlement.account;
  };
  WEIR_TRY(connection.execute("notifications_fall_back", kFallBack,
                              columns_of(fallen, queued(&QueuedMessage::id), settled(&Settlement::channel), account)));
  return {};
}

bool is_accepted(const delivery::Verdict& verdict) { return std::holds_alternative<delivery::Accepted>(verdict); }

/// Whether a call failed at its endpoint. An endpoint that asks to wait is at work.
bool has_failed(const delivery::Verdict& verdict) {
  return std::holds_alternative<delivery::Postponed>(verdict) || std::holds_alternative<delivery::Unknown>(verdict);
}

/// The endpoints of webhooks whose calls ended by such a verdict.
std::vector<Uuid> destinations_of(std::span<const StandingMessage> standing, std::span<const Report> reports,
                                  bool (*ended)(const delivery::Verdict&)) {
  std::vector<Uuid> ids;
  for (const StandingMessage& each : standing) {
    const bool is_endpoint = each.message.channel == "webhook" && each.message.destination_id;
    if (is_endpoint && ended(reports[each.report].verdict)) ids.push_back(*each.message.destination_id);
  }
  return ids;
}

}  // namespace

Result<std::vector<StandingMessage>> standing_messages(Statements& connection, std::span<const Report> reports) {
  static const std::string standing_sql = fmt::format(fmt::runtime(kStanding), kQueuedColumns);
  const auto id = [](const Report& each) { return each.job.id; };
  const auto claim = [](const Report& each) { return each.job.claim; };
  const auto rows = WEIR_TRY(connection.query("notifications_standing", standing_sql, columns_of(reports, id, claim)));
  constexpr int kPlace = 23;
  std::vector<StandingMessage> standing;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    StandingMessage each{.report = rows[i].get<std::size_t>(kPlace), .message = queued_message(rows[i])};
    each.message.is_unanswered = reports[each.report].job.is_unanswered;  // before the attempt that is reported
    standing.push_back(std::move(each));
  }
  return standing;
}

Result<void> write_attempts(Statements& connection, std::span<const StandingMessage> standing, std::span<const Report> reports) {
  const auto is_taken_back = [](const StandingMessage& each) { return each.settlement.attempt.is_taken_back; };
  const auto write = [&](std::string_view name, const char* sql, const Chosen& chosen, const auto&... more) -> Result<void> {
    if (chosen.empty()) return {};
    WEIR_TRY(connection.execute(
        name, sql,
        columns_of(chosen, queued(&QueuedMessage::started_at), queued(&QueuedMessage::id), queued(&QueuedMessage::attempt), more...)));
    return {};
  };
  const auto ended = [](std::string AttemptEnd::*member) {
    return [member](const StandingMessage& each) -> const std::string& { return each.settlement.attempt.*member; };
  };
  const auto status = [&](const StandingMessage& each) { return reports[each.report].status; };
  const auto took = [&](const StandingMessage& each) { return reports[each.report].took; };
  const auto is_spent = [&](const StandingMessage& each) {
    const std::string& outcome = each.settlement.attempt.outcome;
    return reports[each.report].is_spent && outcome != "accepted" && outcome != "refused";
  };
  WEIR_TRY(write("notifications_end_attempts", kEndAttempts, choose(standing, std::not_fn(is_taken_back)), ended(&AttemptEnd::outcome),
                 status, took, ended(&AttemptEnd::error), ended(&AttemptEnd::provider_id), is_spent));
  return write("notifications_take_back", kTakeBack, choose(standing, is_taken_back));
}

Result<void> write_ledger(Statements& connection, std::span<const StandingMessage> standing, Microseconds clock_step) {
  if (standing.empty()) return {};
  WEIR_TRY(
      connection.execute("notifications_ledger", kLedger,
                         columns_of(standing, queued(&QueuedMessage::created_at), queued(&QueuedMessage::id), settled(&Settlement::status),
                                    settled(&Settlement::reason), settled(&Settlement::again_in), attempts)
                             .add(clock_step.count())));
  return {};
}

Result<void> write_queue(Statements& connection, std::span<const StandingMessage> standing, Microseconds clock_step) {
  const auto is_final = settled(&Settlement::is_final);
  const Chosen ended = choose(standing, is_final);
  if (!ended.empty()) WEIR_TRY(connection.execute("notifications_final", kFinal, columns_of(ended, queued(&QueuedMessage::id))));
  const Chosen waiting = choose(standing, std::not_fn(is_final));
  if (waiting.empty()) return {};
  WEIR_TRY(connection.execute("notifications_again", kAgain,
                              columns_of(waiting, queued(&QueuedMessage::id), settled(&Settlement::again_in), attempts,
                                         settled(&Settlement::tries), settled(&Settlement::account), settled(&Settlement::provider),
                                         settled(&Settlement::is_alone), settled(&Settlement::is_unanswered))
                                  .add(clock_step.count())));
  return fall_back(connection, waiting);
}

Result<void> refund_tries(Statements& connection, std::span<const delivery::Refund> refunds) {
  if (refunds.empty()) return {};
  WEIR_TRY(connection.execute("notifications_refund", kRefund, columns_of(refunds, &delivery::Refund::id, &delivery::Refund::attempt)));
  return {};
}

Result<void> write_destinations(Statements& connection, std::span<const StandingMessage> standing, std::span<const Report> reports) {
  std::vector<Uuid> verified;
  std::vector<DeadAddress> gone;
  for (const StandingMessage& each : standing) {
    const QueuedMessage& message = each.message;
    const delivery::Verdict& verdict = reports[each.report].verdict;
    if (message.destination_id && std::holds_alternative<delivery::Accepted>(verdict) && message.template_key == kChallengeTemplate)
      verified.push_back(*message.destination_id);
    const auto* refused = std::get_if<delivery::Refused>(&verdict);
    if (refused == nullptr || !refused->is_receiver_gone) continue;
    gone.push_back({.organization = message.organization,
                    .destination = message.destination_id,
                    .user = message.channel == "email" ? message.user : std::nullopt,
                    .reason = "gone",
                    .sent_at = message.created_at});
  }
  WEIR_TRY(mark_endpoints(connection, destinations_of(standing, reports, has_failed), destinations_of(standing, reports, is_accepted)));
  if (!verified.empty()) WEIR_TRY(connection.execute("notifications_verify", kVerify, Params{}.add_array(verified)));
  return disable_addresses(connection, gone);
}

}  // namespace weir::notifications
