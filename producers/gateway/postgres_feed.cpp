// The statements of the feed. The condition on the user stands beside row security, whose policies show a teacher the students' rows too.
#include "producers/gateway/postgres_feed.hpp"

#include "common/core/json.hpp"

#include <utility>

namespace weir::gateway {

namespace {

constexpr std::string_view kColumns =
    "id, created_at, updated_at, template_key, channel, priority, status, subject, body, variables::text, read_at";

/// A page shows the messages of its channels once they are due, unless something kept them from the user.
constexpr std::string_view kShown =
    "organization_id = $1 AND user_id = $2 AND channel IN ('in_app', 'dashboard') "
    "AND status NOT IN ('deferred', 'suppressed', 'expired', 'cancelled', 'dead')";

constexpr std::string_view kBecome = R"(
SELECT set_config('role', 'authenticated', true), set_config('request.jwt.claims', $1, true)
)";

/// The index has the minute of updated_at instead of updated_at itself. The rows of one minute are few, and are sorted as they are read.
constexpr std::string_view kAfter = R"(
  FROM public.notifications
 WHERE organization_id = $1
   AND user_id = $2
   AND updated_minute >= date_bin('1 minute', $3::timestamptz, 'epoch')
   AND (updated_at, id) > ($3, $4)
 ORDER BY updated_minute, updated_at, id
 LIMIT $5
)";

constexpr std::string_view kMarkRead = R"(
UPDATE public.notifications
   SET read_at = coalesce(read_at, clock_timestamp())
 WHERE organization_id = $1
   AND user_id = $2
   AND id = $3
)";

constexpr std::string_view kRing = "SELECT pg_notify('weir_feed', $1::text)";

std::vector<FeedMessage> messages_of(const postgres::Rows& rows) {
  std::vector<FeedMessage> messages;
  for (std::size_t index = 0; index < rows.size(); ++index) {
    const postgres::Row row = rows[index];
    messages.push_back({.id = row.get<Uuid>(0),
                        .created_at = row.get<Instant>(1),
                        .updated_at = row.get<Instant>(2),
                        .template_key = row.get<std::string>(3),
                        .channel = row.get<std::string>(4),
                        .priority = row.get<std::string>(5),
                        .status = row.get<std::string>(6),
                        .subject = row.get<std::string>(7),
                        .body = row.get<std::string>(8),
                        .variables = row.get<std::string>(9),
                        .read_at = row.maybe<Instant>(10)});
  }
  return messages;
}

postgres::Params params_of(const Identity& caller) {
  postgres::Params params;
  params.add(caller.organization).add(caller.user);
  return params;
}

}  // namespace

std::string claims_json(const Identity& caller) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().member("sub", caller.user.text()).member("organization_id", caller.organization.text());
  json.member("user_role", caller.role).member("role", "authenticated").end_object();
  return out;
}

template <class Ask>
auto PostgresFeed::ask_as(const Identity& caller, Ask ask) -> decltype(ask(std::declval<postgres::Connection&>())) {
  return pool_.ask([&](postgres::Connection& connection) {
    return connection.within_transaction([&]() -> decltype(ask(connection)) {
      WEIR_TRY(connection.query("feed_become", std::string(kBecome), postgres::Params().add(claims_json(caller))));
      return ask(connection);
    });
  });
}

Result<Instant> PostgresFeed::now() {
  const auto rows =
      WEIR_TRY(pool_.ask([](postgres::Connection& connection) { return connection.query("feed_now", "SELECT clock_timestamp()"); }));
  return rows[0].get<Instant>(0);
}

Result<std::vector<FeedMessage>> PostgresFeed::after(const Identity& caller, const FeedPlace& place, std::size_t limit) {
  return ask_as(caller, [&](postgres::Connection& connection) -> Result<std::vector<FeedMessage>> {
    auto params = params_of(caller);
    params.add(place.updated_at).add(place.id).add(limit);
    const std::string sql = "SELECT " + std::string(kColumns) + std::string(kAfter);
    return messages_of(WEIR_TRY(connection.query("feed_after", sql, params)));
  });
}

Result<FeedPage> PostgresFeed::page(const Identity& caller, const std::optional<PagePlace>& before, std::size_t limit) {
  return ask_as(caller, [&](postgres::Connection& connection) -> Result<FeedPage> {
    FeedPage page;
    const std::string shown(kShown);
    auto params = params_of(caller);
    params.add(before ? std::optional(before->created_at) : std::nullopt).add(before ? std::optional(before->id) : std::nullopt).add(limit);
    page.messages = messages_of(WEIR_TRY(connection.query(
        "feed_page",
        "SELECT " + std::string(kColumns) + " FROM public.notifications WHERE " + shown +
            " AND ($3::timestamptz IS NULL OR (created_at, id) < ($3::timestamptz, $4::uuid)) ORDER BY created_at DESC, id DESC LIMIT $5",
        params)));
    const auto unread = WEIR_TRY(connection.query(
        "feed_unread", "SELECT count(*) FROM public.notifications WHERE " + shown + " AND read_at IS NULL", params_of(caller)));
    page.unread = unread[0].get<std::int64_t>(0);
    return page;
  });
}

Result<bool> PostgresFeed::mark_read(const Identity& caller, const Uuid& id) {
  return ask_as(caller, [&](postgres::Connection& connection) -> Result<bool> {
    auto params = params_of(caller);
    params.add(id);
    const std::uint64_t rows = WEIR_TRY(connection.execute("feed_mark_read", std::string(kMarkRead), params));
    if (rows > 0) WEIR_TRY(connection.query("feed_ring", std::string(kRing), postgres::Params().add(caller.user.text())));
    return rows > 0;
  });
}

Result<std::int64_t> PostgresFeed::mark_all_read(const Identity& caller) {
  return ask_as(caller, [&](postgres::Connection& connection) -> Result<std::int64_t> {
    const std::uint64_t rows = WEIR_TRY(connection.execute(
        "feed_mark_all_read",
        "UPDATE public.notifications SET read_at = clock_timestamp() WHERE " + std::string(kShown) + " AND read_at IS NULL",
        params_of(caller)));
    if (rows > 0) WEIR_TRY(connection.query("feed_ring", std::string(kRing), postgres::Params().add(caller.user.text())));
    return static_cast<std::int64_t>(rows);
  });
}

}  // namespace weir::gateway
