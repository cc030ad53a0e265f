#include "consumers/notifications/verification_store.hpp"

#include "common/postgres/columns.hpp"

#include <fmt/format.h>

namespace weir::notifications {

namespace {

using postgres::Params;
using postgres::Rows;
using postgres::Statements;

constexpr int kRowsAtOnce = 500;  // of a cursor

const std::string kMessages = R"(
DECLARE notifications_messages NO SCROLL CURSOR FOR
SELECT n.organization_id, n.created_at, n.id, n.user_id, n.rule_id, n.channel, n.destination, n.status, n.cause, n.attempts,
       CASE WHEN r.updated_at <= n.created_at THEN r.room END, k.notification_id IS NOT NULL, k.message_created_at,
       q.notification_id IS NOT NULL, a.kept, a.is_accepted, n.reason, n.template_key, n.digest_id,
       d.organization_id, d.user_id, d.template_group, d.channel
  FROM public.notifications n
  LEFT JOIN public.notification_rules r ON r.id = n.rule_id
  LEFT JOIN weir.notification_keys k ON k.notification_id = n.id
  LEFT JOIN weir.delivery_queue q ON q.notification_id = n.id
  LEFT JOIN weir.notification_digests d ON d.id = n.digest_id
 CROSS JOIN LATERAL (
   SELECT count(*) AS kept, coalesce(bool_or(t.outcome = 'accepted'), false) AS is_accepted
     FROM public.notification_attempts t
    WHERE t.organization_id = n.organization_id AND t.notification_id = n.id) a
 WHERE n.created_at >= $1 AND n.created_at < $2)";
const std::string kNextMessages = fmt::format("FETCH {} FROM notifications_messages", kRowsAtOnce);

/// A day is left for the removal of old ids.
const std::string kKeptFrom = "SELECT now() - interval '34 days'";

/// A user's messages go with the user, and their ids stay.
const std::string kMissing = R"(
SELECT k.notification_id
  FROM weir.notification_keys k
 WHERE k.message_created_at >= $1 AND k.message_created_at < $2
   AND NOT EXISTS (SELECT FROM public.notifications n
                    WHERE n.organization_id = k.organization_id AND n.created_at = k.message_created_at AND n.id = k.notification_id)
   AND NOT EXISTS (SELECT FROM public.audit_log a
                    WHERE a.organization_id = k.organization_id AND a.table_name = 'public.users' AND a.operation = 'DELETE'
                      AND a."timestamp" >= k.message_created_at)
 ORDER BY k.notification_id
 LIMIT $3)";

const std::string kStrayed = R"(
SELECT q.notification_id
  FROM weir.delivery_queue q
 WHERE q.created_at >= $1 AND q.created_at < $2
   AND NOT EXISTS (SELECT FROM public.notifications n
                    WHERE n.organization_id = q.organization_id AND n.created_at = q.created_at AND n.id = q.notification_id)
 ORDER BY q.notification_id
 LIMIT $3)";

/// A digest that gathered something has a message when it is closed, suppressed or not, unless its user is gone.
const std::string kDigests = R"(
SELECT count(*) FROM weir.notification_digests WHERE closed_at >= $1 AND closed_at < $2)";
const std::string kUntoldDigests = R"(
SELECT d.id
  FROM weir.notification_digests d
 WHERE d.closed_at >= $1 AND d.closed_at < $2
   AND EXISTS (SELECT FROM public.notifications n WHERE n.digest_id = d.id AND n.rule_id IS NOT NULL AND n.status = 'suppressed')
   AND NOT EXISTS (SELECT FROM public.notifications n WHERE n.digest_id = d.id AND n.rule_id IS NULL)
   AND EXISTS (SELECT FROM public.users u WHERE u.organization_id = d.organization_id AND u.id = d.user_id AND u.deleted_at IS NULL)
 ORDER BY d.id
 LIMIT $3)";

/// Tables whose rows make messages by being inserted, with a key under which the shipped rules take events for the same. Only published
/// columns are read.
struct SourceTable {
  std::string_view name;
  std::string_view key;  // its columns beside the organization
  std::string_view columns;
  std::string_view id;
};
constexpr SourceTable kSourceTables[] = {
    {"public.assessment_scores", "response_id, dimension",
     "organization_id, response_id, dimension, user_id, assessment_id, instrument_version, submitted_at, created_at", "response_id"},
    {"public.achievements_unlocked", "user_id, achievement_id", "organization_id, user_id, achievement_id, unlocked_at, created_at",
     "achievement_id"},
};

const SourceTable& source_table(std::string_view name) {
  for (const SourceTable& table : kSourceTables) {
    if (table.name == name) return table;
  }
  WEIR_ASSERT(false);
  return kSourceTables[0];
}

constexpr std::string_view kSources = R"(
DECLARE notifications_sources NO SCROLL CURSOR FOR
SELECT to_jsonb(k)::text, jsonb_build_object('before', NULL, 'after', to_jsonb(v))::text, t.organization_id, t.{3}::text,
       EXISTS (SELECT FROM public.users u WHERE u.organization_id = t.organization_id AND u.id = t.user_id AND u.deleted_at IS NULL)
  FROM {0} t
 CROSS JOIN LATERAL (SELECT t.organization_id, {1}) k
 CROSS JOIN LATERAL (SELECT {2}) v
 WHERE t.created_at >= greatest($1, (SELECT min(marked_at) FROM weir.position_marks WHERE group_id = $3 AND topic = $4))
   AND t.created_at < $2
   AND EXISTS (SELECT FROM weir.position_marks WHERE group_id = $3 AND topic = $4))";

const std::string kNextSources = fmt::format("FETCH {} FROM notifications_sources", kRowsAtOnce);

/// "a, b" as "t.a, t.b".
std::string of_row(std::string_view columns) {
  std::string out = "t.";
  for (const char c : columns) {
    out += c;
    if (c == ' ') out += "t.";
  }
  return out;
}

const std::string kKnownCauses = R"(
SELECT c.organization_id, c.cause
  FROM unnest($1, $2) AS c (organization_id, cause)
 WHERE EXISTS (SELECT FROM weir.notification_keys k
                WHERE hashtextextended(k.cause, 0) = hashtextextended(c.cause, 0) AND k.cause = c.cause AND k.cause <> ''
                  AND k.organization_id = c.organization_id))";

const std::string kChangedRules = "SELECT id FROM public.notification_rules WHERE updated_at >= $1";

const std::string kPresent = R"(
SELECT organization_id, id FROM public.users WHERE id = ANY ($1) AND deleted_at IS NULL)";

const std::string kLetterPlaces = R"(
SELECT DISTINCT p.topic, p.partition, p.record_offset
  FROM unnest($2, $3, $4) AS p (topic, partition, record_offset)
  JOIN weir.dead_letters l ON l.group_id = $1 AND l.topic = p.topic AND l.partition = p.partition AND l.record_offset = p.record_offset
 WHERE l.status <> 'resolved')";

std::vector<Uuid> ids_of(const Rows& rows) {
  std::vector<Uuid> ids;
  for (std::size_t i = 0; i < rows.size(); ++i) ids.push_back(rows[i].get<Uuid>(0));
  return ids;
}

Params within(const process::Period& period) { return Params{}.add(period.from).add(period.to); }

}  // namespace

Result<void> begin_messages(Statements& connection, const process::Period& period) {
  WEIR_TRY(connection.execute("notifications_messages", kMessages, within(period)));
  return {};
}

Result<std::vector<LedgerMessage>> next_messages(Statements& connection) {
  const Rows rows = WEIR_TRY(connection.query("notifications_next_messages", kNextMessages));
  std::vector<LedgerMessage> messages;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto row = rows[i];
    LedgerMessage message;
    message.organization = row.get<OrganizationId>(0);
    message.created_at = row.get<Instant>(1);
    message.id = row.get<Uuid>(2);
    message.user = row.maybe<UserId>(3);
    message.rule = row.maybe<Uuid>(4);
    message.channel = row.get<std::string>(5);
    message.destination = row.maybe<std::string>(6).value_or("");
    message.status = row.get<std::string>(7);
    message.cause = row.get<std::string>(8);
    message.attempts = row.get<std::int64_t>(9);
    message.room = row.maybe<std::string>(10);
    message.has_key = row.get<bool>(11);
    message.keyed_at = row.maybe<Instant>(12);
    message.is_queued = row.get<bool>(13);
    message.attempts_kept = row.get<std::int64_t>(14);
    message.is_accepted = row.get<bool>(15);
    message.reason = row.maybe<std::string>(16).value_or("");
    message.template_key = row.get<std::string>(17);
    message.digest = row.maybe<Uuid>(18);
    if (!row.is_null(19)) {
      message.gathered = DigestPlace{row.get<OrganizationId>(19), row.get<UserId>(20), row.get<std::string>(21), row.get<std::string>(22)};
    }
    messages.push_back(std::move(message));
  }
  return messages;
}

Result<Instant> keys_kept_from(Statements& connection) {
  return WEIR_TRY(connection.query("notifications_keys_kept", kKeptFrom))[0].get<Instant>(0);
}

Result<std::vector<Uuid>> missing_messages(Statements& connection, const process::Period& period, std::size_t most) {
  return ids_of(WEIR_TRY(connection.query("notifications_missing", kMissing, within(period).add(most))));
}

Result<std::vector<Uuid>> queued_without_message(Statements& connection, const process::Period& period, std::size_t most) {
  return ids_of(WEIR_TRY(connection.query("notifications_strayed", kStrayed, within(period).add(most))));
}

Result<std::int64_t> digests_closed(Statements& connection, const process::Period& period) {
  return WEIR_TRY(connection.query("notifications_digests_closed", kDigests, within(period)))[0].get<std::int64_t>(0);
}

Result<std::vector<Uuid>> digests_untold(Statements& connection, const process::Period& period, std::size_t most) {
  return ids_of(WEIR_TRY(connection.query("notifications_digests_untold", kUntoldDigests, within(period).add(most))));
}

Result<void> begin_sources(Statements& connection, const std::string& table, const std::string& group, const std::string& topic,
                           const process::Period& period) {
  const SourceTable& of = source_table(table);
  const std::string sql = fmt::format(kSources, of.name, of_row(of.key), of_row(of.columns), of.id);
  WEIR_TRY(connection.execute("notifications_sources " + table, sql, within(period).add(group).add(topic)));
  return {};
}

Result<std::vector<SourceRow>> next_sources(Statements& connection, const std::string& table) {
  const Rows rows = WEIR_TRY(connection.query("notifications_next_sources " + table, kNextSources));
  std::vector<SourceRow> sources;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto row = rows[i];
    sources.push_back(
        {row.get<std::string>(0), row.get<std::string>(1), row.get<OrganizationId>(2), row.get<std::string>(3), row.get<bool>(4)});
  }
  return sources;
}

Result<void> end_sources(Statements& connection, const std::string& table) {
  WEIR_TRY(connection.execute("notifications_end_sources " + table, "CLOSE notifications_sources"));
  return {};
}

Result<std::set<std::pair<OrganizationId, std::string>>> known_causes(Statements& connection,
                                                                      const std::vector<std::pair<OrganizationId, std::string>>& causes) {
  std::set<std::pair<OrganizationId, std::string>> known;
  if (causes.empty()) return known;
  const auto organization = [](const auto& each) { return each.first; };
  const auto cause = [](const auto& each) { return each.second; };
  const Rows rows =
      WEIR_TRY(connection.query("notifications_known_causes", kKnownCauses, postgres::columns_of(causes, organization, cause)));
  for (std::size_t i = 0; i < rows.size(); ++i) known.emplace(rows[i].get<OrganizationId>(0), rows[i].get<std::string>(1));
  return known;
}

Result<std::set<Uuid>> rules_changed_since(Statements& connection, Instant from) {
  const auto ids = ids_of(WEIR_TRY(connection.query("notifications_changed_rules", kChangedRules, Params{}.add(from))));
  return std::set<Uuid>(ids.begin(), ids.end());
}

Result<std::set<std::pair<OrganizationId, UserId>>> users_present(Statements& connection, const std::set<UserId>& users) {
  std::vector<Uuid> ids;
  for (const UserId& user : users) ids.push_back(user.value);
  const Rows rows = WEIR_TRY(connection.query("notifications_users_present", kPresent, Params{}.add_array(ids)));
  std::set<std::pair<OrganizationId, UserId>> present;
  for (std::size_t i = 0; i < rows.size(); ++i) present.emplace(rows[i].get<OrganizationId>(0), rows[i].get<UserId>(1));
  return present;
}

Result<std::set<RecordPlace>> places_with_letters(Statements& connection, const std::string& group,
                                                  const std::vector<RecordPlace>& places) {
  std::vector<std::string> topics;
  std::vector<std::int64_t> partitions;
  std::vector<std::int64_t> offsets;
  for (const RecordPlace& place : places) {
    topics.push_back(place.topic);
    partitions.push_back(place.partition);
    offsets.push_back(place.offset);
  }
  Params params;
  params.add(group).add_array(topics).add_array(partitions).add_array(offsets);
  const Rows rows = WEIR_TRY(connection.query("notifications_letter_places", kLetterPlaces, params));
  std::set<RecordPlace> found;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    found.insert({rows[i].get<std::string>(0), rows[i].get<std::int32_t>(1), rows[i].get<std::int64_t>(2)});
  }
  return found;
}

}  // namespace weir::notifications
