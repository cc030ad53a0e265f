#include "consumers/notifications/traces.hpp"

#include "consumers/notifications/callback_decoder.hpp"
#include "consumers/notifications/facts.hpp"

#include <algorithm>
#include <set>

namespace weir::notifications {

namespace {

using postgres::Params;
using process::ResultRow;
using Rows = std::vector<ResultRow>;

constexpr std::chrono::hours kBehind{1};  // how far the group may have been behind when it made the message
constexpr Seconds kAtOnce{1};             // a message has the time of its transaction, which began a moment after the record came

/// Messages that `chosen` names, each with its attempts and its digest below it. An event of another organization may have the same cause.
const std::string kMessages = R"(, message AS (
  SELECT n.id, n.created_at, n.template_key, n.channel, n.status, n.reason, n.digest_id, q.waits_for, q.due_at
    FROM chosen k
    JOIN public.notifications n ON n.organization_id = k.organization_id AND n.created_at = k.message_created_at AND n.id = k.notification_id
    LEFT JOIN weir.delivery_queue q ON q.notification_id = n.id
), result (id, made_at, part, name, key, state, at, level) AS (
  SELECT id, created_at, 0, 'public.notifications', jsonb_build_object('id', id),
         concat(template_key, ' over ', channel, ': ', status, ', ' || nullif(reason, ''), ', waits for ' || waits_for,
                CASE WHEN due_at > now() THEN ', due ' || to_char(due_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') END),
         created_at, 0
    FROM message
  UNION ALL
  SELECT m.id, m.created_at, 1, 'public.notification_attempts', jsonb_build_object('notification_id', m.id, 'attempt', a.attempt),
         concat('attempt ', a.attempt, ' over ', a.provider, ': ', a.outcome, ' ' || a.status_code, ', ' || nullif(a.error, '')),
         coalesce(a.finished_at, a.started_at), 1
    FROM message m
    JOIN chosen k ON k.notification_id = m.id
    JOIN public.notification_attempts a ON a.organization_id = k.organization_id AND a.notification_id = m.id
  UNION ALL
  SELECT m.id, m.created_at, 2, 'weir.notification_digests', jsonb_build_object('id', d.id),
         CASE WHEN d.closed_at IS NULL THEN 'waits for its digest to close' ELSE 'goes with its digest' END, coalesce(d.closed_at, d.opened_at), 1
    FROM message m
    JOIN weir.notification_digests d ON d.id = m.digest_id
)
SELECT name, key::text, state, at, level
  FROM result
 ORDER BY made_at, id, part, at
 LIMIT 500)";

const std::string kOfCauses = R"(
WITH chosen AS (
  SELECT k.organization_id, k.message_created_at, k.notification_id
    FROM unnest($2) AS c (cause)
    JOIN weir.notification_keys k ON hashtextextended(k.cause, 0) = hashtextextended(c.cause, 0) AND k.cause = c.cause
   WHERE k.cause <> '' AND k.organization_id = $1
))" + kMessages;

const std::string kOfId = R"(
WITH chosen AS (
  SELECT organization_id, message_created_at, notification_id FROM weir.notification_keys WHERE notification_id = $1
))" + kMessages;

/// The rules that an event is for.
std::vector<const Rule*> rules_of(const MessageSettings& settings, const Occurrence& event) {
  std::vector<const Rule*> rules;
  settings.rules.for_each(event.organization, event.source, event.topic, event.row, [&](const Rule& rule) {
    if (rule.template_key.empty() == event.request.has_value()) rules.push_back(&rule);
  });
  return rules;
}

Rows reason(const char* words) { return {{.table = "", .state = words}}; }

Result<Rows> results_of_callback(postgres::Statements& connection, const Callback& callback) {
  const auto* report = std::get_if<MailReport>(&callback.what);
  if (report == nullptr) {
    const bool confirms = std::holds_alternative<events::Confirmation>(callback.what);
    return reason(confirms ? "it confirms an address" : "it ends messages of a group over a channel");
  }
  Rows rows = WEIR_TRY(process::read_result_rows(connection, "notifications_trace_id", kOfId, Params{}.add(report->message)));
  return rows.empty() ? reason("the message that it reports of is no more") : rows;
}

// ---- The way back ----

struct Caused {
  OrganizationId organization;
  std::set<std::string> causes;
  std::optional<Uuid> rule;
  std::string source;
  Instant made_at{};
};

/// A digest was made for what its members were made for.
const std::string kCauses = R"(
SELECT n.organization_id, n.created_at, n.rule_id, coalesce(r.source_topic, ''),
       CASE WHEN n.template_key = 'digest' AND n.digest_id IS NOT NULL
            THEN ARRAY(SELECT m.cause
                         FROM weir.notification_digests d
                         JOIN public.notifications m ON m.organization_id = n.organization_id AND m.user_id = n.user_id
                                                    AND m.created_at BETWEEN d.opened_at AND n.created_at AND m.digest_id = d.id
                        WHERE d.id = n.digest_id AND m.id <> n.id)
            ELSE ARRAY[n.cause] END
  FROM weir.notification_keys k
  JOIN public.notifications n ON n.organization_id = k.organization_id AND n.created_at = k.message_created_at AND n.id = k.notification_id
  LEFT JOIN public.notification_rules r ON r.id = n.rule_id
 WHERE k.notification_id = $1)";

Result<std::optional<Caused>> caused(postgres::Statements& connection, const Uuid& message) {
  const auto answer = WEIR_TRY(connection.query("notifications_origin", kCauses, Params{}.add(message)));
  if (answer.empty()) return std::nullopt;
  const auto causes = answer[0].get<std::vector<std::string>>(4);
  return Caused{answer[0].get<OrganizationId>(0),
                {causes.begin(), causes.end()},
                answer[0].maybe<Uuid>(2),
                answer[0].get<std::string>(3),
                answer[0].get<Instant>(1)};
}

/// The topics that a rule's source may mean: a table, an action, or a topic by its full name; without a rule all.
std::vector<std::string> topics_of(const Options& options, const std::string& source) {
  std::vector<std::string> chosen;
  for (const std::string& topic : options.changes) {
    if (!source.empty() && (topic == source || topic.ends_with("." + source))) chosen.push_back(topic);
  }
  if (!chosen.empty()) return chosen;
  if (!source.empty()) return {options.actions};
  chosen = options.changes;
  chosen.push_back(options.actions);
  return chosen;
}

bool has_caused(const MessageSettings* settings, const Caused& message, const Occurrence& event) {
  if (event.organization != message.organization) return false;
  if (message.causes.contains(event.id.text())) return true;
  if (settings == nullptr) return false;
  const auto rules = rules_of(*settings, event);
  return std::any_of(rules.begin(), rules.end(), [&](const Rule* rule) {
    return (!message.rule || rule->id == *message.rule) && message.causes.contains(cause_of(event, *rule));
  });
}

}  // namespace

Result<Rows> results_of(SettingsCache& settings, postgres::Statements& connection, const runtime::Event& event) {
  if (const auto* callback = dynamic_cast<const Callback*>(event.decoded.payload.get())) return results_of_callback(connection, *callback);
  const Occurrence& occurrence = event.as<Fact>().event;
  const auto rules = rules_of(*WEIR_TRY(settings.current(connection)), occurrence);
  std::vector<std::string> causes{occurrence.id.text()};
  for (const Rule* rule : rules) causes.push_back(cause_of(occurrence, *rule));
  std::sort(causes.begin(), causes.end());
  causes.erase(std::unique(causes.begin(), causes.end()), causes.end());
  Rows rows = WEIR_TRY(process::read_result_rows(connection, "notifications_trace_causes", kOfCauses,
                                                 Params{}.add(occurrence.organization).add_array(causes)));
  if (!rows.empty()) return rows;
  if (rules.empty()) return reason("skipped: no_rule");
  if (occurrence.request) return reason("no message: its template or its user is not known, or the message is older than 35 days");
  return reason("skipped: no_receiver, or the message is older than 35 days");
}

Result<std::optional<host::RowOrigin>> origin_of(const std::shared_ptr<SettingsCache>& settings, const Options& options,
                                                 postgres::Statements& connection, const process::RowToTrace& asked) {
  const bool is_attempt = asked.table == "public.notification_attempts";
  if (!is_attempt && asked.table != "public.notifications") return std::nullopt;
  const auto message = WEIR_TRY(caused(connection, WEIR_TRY(asked.uuid(is_attempt ? "notification_id" : "id"))));
  if (!message) return std::nullopt;
  const MessageSettings* known = WEIR_TRY(settings->current(connection));
  return host::RowOrigin{topics_of(options, message->source), message->made_at - kBehind, message->made_at + kAtOnce,
                         [settings, known, message = *message](const runtime::Event& event) {
                           const auto* fact = dynamic_cast<const Fact*>(event.decoded.payload.get());
                           return fact != nullptr && has_caused(known, message, fact->event);
                         }};
}

}  // namespace weir::notifications
