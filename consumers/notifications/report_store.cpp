#include "consumers/notifications/report_store.hpp"

#include "consumers/notifications/claim_store.hpp"
#include "consumers/notifications/outgoing.hpp"

#include <fmt/format.h>

namespace weir::notifications {

namespace {

using delivery::Report;
using postgres::Params;
using postgres::Statements;

/// Rows are locked in the order of their ids, so that two processes that report the same messages do not wait for each other.
constexpr const char* kStanding = R"(
  SELECT{}, r.place
    FROM unnest($1, $2, $3) AS r (notification_id, claim, place)
    JOIN weir.delivery_queue q ON q.notification_id = r.notification_id AND q.claim = r.claim AND q.leased_until IS NOT NULL
   ORDER BY q.notification_id
     FOR UPDATE OF q
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
    FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         AS e (organization_id, started_at, notification_id, attempt, outcome, status_code, latency, error, provider_id, is_spent)
   WHERE a.organization_id = e.organization_id AND a.started_at = e.started_at AND a.notification_id = e.notification_id
     AND a.attempt = e.attempt
)";

constexpr const char* kTakeBack = R"(
  DELETE FROM public.notification_attempts a
   USING unnest($1, $2, $3, $4) AS t (organization_id, started_at, notification_id, attempt)
   WHERE a.organization_id = t.organization_id AND a.started_at = t.started_at AND a.notification_id = t.notification_id
     AND a.attempt = t.attempt
)";

constexpr const char* kLedger = R"(
  UPDATE public.notifications n
     SET status = CASE WHEN n.status NOT IN ('queued', 'deferred', 'failed', 'sending', 'in_doubt') THEN n.status
                       WHEN n.status = 'in_doubt' AND s.status <> 'sent' THEN n.status
                       ELSE s.status END,
         reason = s.reason,
         due_at = clock_timestamp() + ($8 + s.again_in) * interval '1 microsecond',
         attempts = s.attempts
    FROM unnest($1, $2, $3, $4, $5, $6, $7) AS s (organization_id, created_at, id, status, reason, again_in, attempts)
   WHERE n.organization_id = s.organization_id AND n.created_at = s.created_at AND n.id = s.id
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
   WHERE q.notification_id = a.notification_id
)";

/// Over another channel a message goes to the same user's destination there.
constexpr const char* kFallBack = R"(
  UPDATE weir.delivery_queue q
     SET channel = f.channel,
         destination_id = d.id,
         destination = coalesce(d.id::text, CASE f.channel WHEN 'pusher' THEN 'private-user-' ELSE '' END || o.user_id, ''),
         account = CASE f.account WHEN 'webhook' THEN 'webhook:' || coalesce(d.id::text, '') ELSE f.account END
    FROM unnest($1, $2, $3) AS f (notification_id, channel, account)
    JOIN weir.delivery_queue o ON o.notification_id = f.notification_id
    LEFT JOIN LATERAL (
      SELECT id
        FROM public.notification_destinations
       WHERE organization_id = o.organization_id AND user_id IS NOT DISTINCT FROM o.user_id AND channel = f.channel
         AND verified_at IS NOT NULL AND disabled_at IS NULL
       ORDER BY created_at DESC, id
       LIMIT 1) d ON true
   WHERE q.notification_id = f.notification_id
)";

constexpr const char* kRefund = R"(
  WITH given_back AS (
    UPDATE public.notification_attempts a
       SET is_spent = false
      FROM unnest($1, $2) AS r (notification_id, attempt)
      JOIN weir.delivery_queue q ON q.notification_id = r.notification_id
     WHERE a.organization_id = q.organization_id AND a.notification_id = r.notification_id AND a.attempt = r.attempt AND a.is_spent
    RETURNING a.notification_id, a.account
  )
  UPDATE weir.delivery_queue q
     SET tries = greatest(q.tries - g.tries, 0)
    FROM (SELECT notification_id, account, count(*) AS tries FROM given_back GROUP BY notification_id, account) g
   WHERE q.notification_id = g.notification_id AND q.account = g.account
)";

constexpr const char* kDisable = R"(
  UPDATE public.notification_destinations
     SET disabled_at = clock_timestamp()
   WHERE id = ANY ($1) AND disabled_at IS NULL
)";

constexpr const char* kVerify = R"(
  UPDATE public.notification_destinations
     SET verified_at = clock_timestamp()
   WHERE id = ANY ($1) AND verified_at IS NULL
)";

std::int64_t as_number(bool value) { return value ? 1 : 0; }

/// The columns that name attempts.
struct AttemptKeys {
  void add(const QueuedMessage& message) {
    organizations.push_back(message.organization.value);
    started.push_back(message.started_at);
    ids.push_back(message.id);
    attempts.push_back(message.attempt);
  }
  [[nodiscard]] Params params() const { return Params{}.add_array(organizations).add_array(started).add_array(ids).add_array(attempts); }
  std::vector<Uuid> organizations;
  std::vector<Instant> started;
  std::vector<Uuid> ids;
  std::vector<std::int64_t> attempts;
};

/// A message's attempts, once a call that was not made is taken back.
int attempts_of(const StandingMessage& each) { return each.message.attempt - (each.settlement.attempt.is_taken_back ? 1 : 0); }

Result<void> fall_back(Statements& connection, std::span<const StandingMessage> standing) {
  std::vector<Uuid> ids;
  std::vector<std::string> channels;
  std::vector<std::string> accounts;
  for (const StandingMessage& each : standing) {
    if (each.settlement.is_final || each.settlement.channel == each.message.channel) continue;
    ids.push_back(each.message.id);
    channels.push_back(each.settlement.channel);
    const bool is_webhook = provider_of(each.settlement.account) == "webhook";
    accounts.push_back(is_webhook ? "webhook" : each.settlement.account);
  }
  if (ids.empty()) return {};
  WEIR_TRY(connection.execute("notifications_fall_back", kFallBack, Params{}.add_array(ids).add_array(channels).add_array(accounts)));
  return {};
}

Result<void> set_destinations(Statements& connection, std::string_view name, const char* sql, const std::vector<Uuid>& ids) {
  if (!ids.empty()) WEIR_TRY(connection.execute(name, sql, Params{}.add_array(ids)));
  return {};
}

}  // namespace

Result<std::vector<StandingMessage>> standing_messages(Statements& connection, std::span<const Report> reports) {
  static const std::string standing_sql = fmt::format(fmt::runtime(kStanding), kQueuedColumns);
  std::vector<Uuid> ids;
  std::vector<std::int64_t> claims;
  std::vector<std::int64_t> places;
  for (std::size_t i = 0; i < reports.size(); ++i) {
    ids.push_back(reports[i].job.id);
    claims.push_back(reports[i].job.claim);
    places.push_back(static_cast<std::int64_t>(i));
  }
  const auto rows =
      WEIR_TRY(connection.query("notifications_standing", standing_sql, Params{}.add_array(ids).add_array(claims).add_array(places)));
  constexpr int kPlace = 22;
  std::vector<StandingMessage> standing;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    StandingMessage each{.report = rows[i].get<std::size_t>(kPlace), .message = queued_message(rows[i])};
    each.message.is_unanswered = reports[each.report].job.is_unanswered;  // before the attempt that is reported
    standing.push_back(std::move(each));
  }
  return standing;
}

Result<void> write_attempts(Statements& connection, std::span<const StandingMessage> standing, std::span<const Report> reports) {
  AttemptKeys ended;
  AttemptKeys taken_back;
  std::vector<std::string> outcomes;
  std::vector<std::int64_t> statuses;
  std::vector<std::int64_t> latencies;
  std::vector<std::string> errors;
  std::vector<std::string> provider_ids;
  std::vector<std::int64_t> spent;
  for (const StandingMessage& each : standing) {
    if (each.settlement.attempt.is_taken_back) {
      taken_back.add(each.message);
      continue;
    }
    const Report& report = reports[each.report];
    const AttemptEnd& attempt = each.settlement.attempt;
    ended.add(each.message);
    outcomes.push_back(attempt.outcome);
    statuses.push_back(report.status);
    latencies.push_back(report.took.count());
    errors.push_back(attempt.error);
    provider_ids.push_back(attempt.provider_id);
    spent.push_back(as_number(report.is_spent && attempt.outcome != "accepted" && attempt.outcome != "refused"));
  }
  if (!ended.ids.empty()) {
    WEIR_TRY(connection.execute("notifications_end_attempts", kEndAttempts,
                                ended.params()
                                    .add_array(outcomes)
                                    .add_array(statuses)
                                    .add_array(latencies)
                                    .add_array(errors)
                                    .add_array(provider_ids)
                                    .add_array(spent)));
  }
  if (!taken_back.ids.empty()) WEIR_TRY(connection.execute("notifications_take_back", kTakeBack, taken_back.params()));
  return {};
}

Result<void> write_ledger(Statements& connection, std::span<const StandingMessage> standing, Microseconds clock_step) {
  if (standing.empty()) return {};
  std::vector<Uuid> organizations;
  std::vector<Instant> created;
  std::vector<Uuid> ids;
  std::vector<std::string> statuses;
  std::vector<std::string> reasons;
  std::vector<std::int64_t> again_in;
  std::vector<std::int64_t> attempts;
  for (const StandingMessage& each : standing) {
    organizations.push_back(each.message.organization.value);
    created.push_back(each.message.created_at);
    ids.push_back(each.message.id);
    statuses.push_back(each.settlement.status);
    reasons.push_back(each.settlement.reason);
    again_in.push_back(each.settlement.again_in.count());
    attempts.push_back(attempts_of(each));
  }
  WEIR_TRY(connection.execute("notifications_ledger", kLedger,
                              Params{}
                                  .add_array(organizations)
                                  .add_array(created)
                                  .add_array(ids)
                                  .add_array(statuses)
                                  .add_array(reasons)
                                  .add_array(again_in)
                                  .add_array(attempts)
                                  .add(clock_step.count())));
  return {};
}

Result<void> write_queue(Statements& connection, std::span<const StandingMessage> standing, Microseconds clock_step) {
  std::vector<Uuid> ended;
  std::vector<Uuid> ids;
  std::vector<std::int64_t> again_in;
  std::vector<std::int64_t> attempts;
  std::vector<std::int64_t> tries;
  std::vector<std::string> accounts;
  std::vector<std::int64_t> providers;
  std::vector<std::int64_t> alone;
  std::vector<std::int64_t> unanswered;
  for (const StandingMessage& each : standing) {
    if (each.settlement.is_final) {
      ended.push_back(each.message.id);
      continue;
    }
    ids.push_back(each.message.id);
    again_in.push_back(each.settlement.again_in.count());
    attempts.push_back(attempts_of(each));
    tries.push_back(each.settlement.tries);
    accounts.push_back(each.settlement.account);
    providers.push_back(each.settlement.provider);
    alone.push_back(as_number(each.settlement.is_alone));
    unanswered.push_back(as_number(each.settlement.is_unanswered));
  }
  if (!ended.empty()) WEIR_TRY(connection.execute("notifications_final", kFinal, Params{}.add_array(ended)));
  if (ids.empty()) return {};
  WEIR_TRY(connection.execute("notifications_again", kAgain,
                              Params{}
                                  .add_array(ids)
                                  .add_array(again_in)
                                  .add_array(attempts)
                                  .add_array(tries)
                                  .add_array(accounts)
                                  .add_array(providers)
                                  .add_array(alone)
                                  .add_array(unanswered)
                                  .add(clock_step.count())));
  return fall_back(connection, standing);
}

Result<void> refund_tries(Statements& connection, std::span<const delivery::Refund> refunds) {
  if (refunds.empty()) return {};
  std::vector<Uuid> ids;
  std::vector<std::int64_t> attempts;
  for (const delivery::Refund& each : refunds) {
    ids.push_back(each.id);
    attempts.push_back(each.attempt);
  }
  WEIR_TRY(connection.execute("notifications_refund", kRefund, Params{}.add_array(ids).add_array(attempts)));
  return {};
}

Result<void> write_destinations(Statements& connection, std::span<const StandingMessage> standing, std::span<const Report> reports) {
  std::vector<Uuid> verified;
  std::vector<Uuid> gone;
  for (const StandingMessage& each : standing) {
    if (!each.message.destination_id) continue;
    const delivery::Verdict& verdict = reports[each.report].verdict;
    if (std::holds_alternative<delivery::Accepted>(verdict) && each.message.template_key == kChallengeTemplate)
      verified.push_back(*each.message.destination_id);
    const auto* refused = std::get_if<delivery::Refused>(&verdict);
    if (refused != nullptr && refused->is_receiver_gone) gone.push_back(*each.message.destination_id);
  }
  WEIR_TRY(set_destinations(connection, "notifications_verify", kVerify, verified));
  return set_destinations(connection, "notifications_disable", kDisable, gone);
}

}  // namespace weir::notifications
