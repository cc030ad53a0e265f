#include "consumers/notifications/messages_store.hpp"

#include "common/postgres/columns.hpp"

#include <fmt/format.h>

namespace weir::notifications {

namespace {

using postgres::columns_of;
using postgres::Params;
using postgres::RowArray;
using postgres::Rows;
using postgres::Statements;

constexpr const char* kRowType = "weir.notification_intake_row";
constexpr int kColumns = 24;
constexpr std::size_t kUsersInANotice = 200;  // 37 bytes each, of the 8,000 that a notice may have

constexpr const char* kPartitions = R"(
SELECT weir.ensure_partition(ledger, at)
  FROM unnest('{public.notifications,public.notification_attempts}'::regclass[]) ledger,
       unnest(ARRAY[now(), now() + interval '1 month']) at
 ORDER BY ledger, at)";

constexpr const char* kClaim = R"(
INSERT INTO weir.notification_keys (notification_id, organization_id, message_created_at, cause)
SELECT id, organization_id, now(), cause
  FROM unnest($1, $2, $3) AS k(id, organization_id, cause)
 ORDER BY id
ON CONFLICT (notification_id) DO NOTHING
RETURNING notification_id)";

/// The update changes nothing: it locks a digest that is open, so that it is not closed before this transaction ends.
constexpr const char* kOpenDigests = R"(
INSERT INTO weir.notification_digests AS d (organization_id, user_id, template_group, channel, opened_at, closes_at)
SELECT organization_id, user_id, template_group, channel, $6, closes_at
  FROM unnest($1, $2, $3, $4, $5) AS w(organization_id, user_id, template_group, channel, closes_at)
 ORDER BY organization_id, user_id, template_group, channel
ON CONFLICT (organization_id, user_id, template_group, channel) WHERE closed_at IS NULL DO UPDATE
   SET opened_at = d.opened_at
RETURNING id, organization_id, user_id, template_group, channel)";

constexpr const char* kWrite = R"(
WITH made AS MATERIALIZED (
  SELECT * FROM unnest($1)
), ledger AS (
  INSERT INTO public.notifications (organization_id, created_at, id, user_id, rule_id, template_key, template_version, locale, channel,
         destination, destination_id, priority, status, reason, subject, body, variables, due_at, expires_at, digest_id, cause, trace_id)
  SELECT organization_id, now(), id, user_id, rule_id, template_key, nullif(template_version, 0), locale, channel,
         destination, destination_id, priority, status, reason, subject, body, variables, due_at, expires_at, digest_id, cause, trace_id
    FROM made
)
INSERT INTO weir.delivery_queue (notification_id, organization_id, created_at, user_id, channel, account, destination, destination_id,
       template_key, rank, due_at, expires_at, holds_in_doubt)
SELECT id, organization_id, now(), user_id, channel, account, destination, destination_id, template_key, rank, due_at, expires_at,
       holds_in_doubt
  FROM made
 WHERE status IN ('queued', 'deferred'))";

/// A message whose call is under way is marked: if the call fails, the next claim ends the message.
constexpr const char* kCancel = R"(
WITH needless AS (
  SELECT n.id
    FROM unnest($1, $2, $3, $4, $5) AS c(organization_id, user_id, template_key, variable, value)
    JOIN public.notifications n USING (organization_id, user_id)
   WHERE n.channel IN ('push', 'email') AND n.status IN ('queued', 'deferred', 'failed', 'sending') AND n.template_key <> c.template_key
     AND split_part(n.template_key, '.', 1) = split_part(c.template_key, '.', 1) AND n.variables ->> c.variable = c.value
), marked AS (
  UPDATE weir.delivery_queue q
     SET unwanted = 'needless'
   WHERE q.notification_id = ANY (ARRAY(SELECT id FROM needless)) AND NOT q.is_unanswered AND q.leased_until IS NOT NULL
), gone AS (
  DELETE FROM weir.delivery_queue q
   WHERE q.notification_id = ANY (ARRAY(SELECT id FROM needless)) AND NOT q.is_unanswered AND q.leased_until IS NULL
  RETURNING q.created_at, q.notification_id
)
UPDATE public.notifications n
   SET status = 'cancelled', reason = 'needless'
  FROM gone g
 WHERE n.id = g.notification_id AND n.created_at = g.created_at)";

void put(RowArray& out, const MessageRow& row) {
  const PlannedMessage& message = *row.planned;
  const TemplateRow* const text = message.text == nullptr ? nullptr : &message.text->row();
  out.begin_row(kColumns);
  out.uuid(message.id);
  out.uuid(message.organization.value);
  out.uuid(message.user ? std::optional(message.user->value) : std::nullopt);
  out.uuid(message.rule);
  out.text(message.template_key);
  out.int4(text == nullptr ? 0 : text->version);
  out.text(text == nullptr ? std::string_view() : std::string_view(text->locale));
  out.text(name_of(message.channel));
  out.text(message.destination);
  out.uuid(message.address);
  out.text(name_of(message.priority));
  out.int2(rank_of(message.priority));
  out.text(message.status);
  out.text(message.reason);
  out.text(row.texts.subject);
  out.text(row.texts.body);
  out.jsonb(row.texts.variables.empty() ? std::string_view("{}") : std::string_view(row.texts.variables));
  out.instant(message.due_at);
  out.instant(message.expires_at);
  out.uuid(row.digest);
  out.text(message.cause);
  out.text(row.trace_id);
  // A row without provider waits in the queue only for its time.
  out.text(message.account.empty() ? name_of(message.channel) : std::string_view(message.account));
  out.boolean(text != nullptr && text->holds_in_doubt);
}

}  // namespace

Result<void> ensure_partitions(Statements& connection) {
  WEIR_TRY(connection.query("notifications_ensure_partitions", kPartitions));
  return {};
}

Result<std::unordered_set<Uuid>> claim_keys(Statements& connection, std::span<const PlannedMessage* const> messages) {
  if (messages.empty()) return std::unordered_set<Uuid>{};
  const Rows rows =
      WEIR_TRY(connection.query("notifications_claim_keys", kClaim,
                                columns_of(messages, &PlannedMessage::id, &PlannedMessage::organization, &PlannedMessage::cause)));
  std::unordered_set<Uuid> fresh;
  for (std::size_t i = 0; i < rows.size(); ++i) fresh.insert(rows[i].get<Uuid>(0));
  return fresh;
}

Result<std::map<DigestKey, Uuid>> open_digests(Statements& connection, const std::map<DigestKey, Instant>& wanted, Instant now) {
  std::map<DigestKey, Uuid> open;
  if (wanted.empty()) return open;
  const auto organization = [](const auto& each) { return each.first.organization; };
  const auto user = [](const auto& each) { return each.first.user; };
  const auto group = [](const auto& each) { return each.first.group; };
  const auto channel = [](const auto& each) { return name_of(each.first.channel); };
  const auto closes_at = [](const auto& each) { return each.second; };
  const Rows rows = WEIR_TRY(connection.query("notifications_open_digests", kOpenDigests,
                                              columns_of(wanted, organization, user, group, channel, closes_at).add(now)));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const DigestKey key{rows[i].get<OrganizationId>(1), rows[i].get<UserId>(2), rows[i].get<std::string>(3),
                        *channel_named(rows[i].text(4))};
    open[key] = rows[i].get<Uuid>(0);
  }
  return open;
}

Result<void> write_messages(Statements& connection, std::span<const MessageRow> rows) {
  WEIR_TRY(connection.execute_over("notifications_write", kWrite, kRowType, rows, put));
  return {};
}

Result<void> ring_feeds(Statements& connection, const std::set<UserId>& users) {
  std::vector<std::string> notices;
  std::size_t n = 0;
  for (const UserId& user : users) {
    if (n++ % kUsersInANotice == 0) notices.emplace_back();
    if (!notices.back().empty()) notices.back() += ',';
    notices.back() += user.text();
  }
  if (notices.empty()) return {};
  WEIR_TRY(connection.query("notifications_ring_feeds", "SELECT pg_notify('weir_feed', notice) FROM unnest($1) AS notice",
                            Params{}.add_array(notices)));
  return {};
}

void News::add(std::span<const MessageRow> rows) {
  for (const MessageRow& row : rows) {
    if (row.planned->status == "queued") queued_.emplace(name_of(row.planned->channel));
    if (row.planned->status == "delivered" && row.planned->user) users_.insert(*row.planned->user);
  }
}

Result<void> News::ring(Statements& connection) const {
  if (!queued_.empty()) {
    WEIR_TRY(connection.query("notifications_ring_deliverers", "SELECT pg_notify('weir_delivery', $1)",
                              Params{}.add(fmt::format("{}", fmt::join(queued_, ",")))));
  }
  return ring_feeds(connection, users_);
}

Result<void> cancel_messages(Statements& connection, const std::set<Cancellation>& cancellations) {
  if (cancellations.empty()) return {};
  WEIR_TRY(connection.execute("notifications_cancel", kCancel,
                              columns_of(cancellations, &Cancellation::organization, &Cancellation::user, &Cancellation::template_key,
                                         &Cancellation::variable, &Cancellation::value)));
  return {};
}

}  // namespace weir::notifications
