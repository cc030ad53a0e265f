#include "tests/bench/notifications/history.hpp"

#include "tests/bench/support/bench.hpp"

#include <fmt/format.h>

#include <string>

namespace weir::bench {

namespace {

/// Triggers and foreign keys would look at each row, which are right as they are made.
constexpr const char* kBegin = R"(
SET session_replication_role = replica;
SET synchronous_commit = off;
SET maintenance_work_mem = '512MB';
SET work_mem = '256MB';
SELECT weir.ensure_partition(parent, now() - months * interval '1 month')
  FROM unnest('{public.notifications,public.notification_attempts}'::regclass[]) parent, generate_series(0, 1) months)";

/// Indexes that no constraint stands on: they are dropped, and made again over all rows at once.
constexpr const char* kIndexes = R"(
SELECT indexrelid::regclass::text, replace(pg_get_indexdef(indexrelid), ' ON ONLY ', ' ON ')
  FROM pg_index
 WHERE indrelid = ANY ('{public.notifications,public.notification_attempts,weir.notification_keys}'::regclass[])
   AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid))";

/// Rows come in the order of the primary key of their table.
constexpr const char* kRows = R"(
INSERT INTO public.notifications (organization_id, created_at, id, user_id, template_key, channel, destination, status, body, expires_at,
                                  updated_at, updated_minute)
SELECT ('00000000-0000-4000-9000-' || lpad(to_hex(n % {1}), 12, '0'))::uuid, at, md5('history ' || n)::uuid,
       ('00000000-0000-4000-8000-' || lpad(to_hex(n % {0}), 12, '0'))::uuid, 'bench.message', 'pusher', 'private-user-' || n % {0}, 'sent',
       '{{"message":"Your report on the last week is ready"}}', now(), at, date_bin('1 minute', at, 'epoch')
  FROM generate_series(1, {2}) n, LATERAL (SELECT now() - interval '30 days' * ({2} - n) / {2} AS at) t;
INSERT INTO public.notification_attempts (organization_id, started_at, notification_id, attempt, provider, outcome, finished_at)
SELECT organization_id, created_at, id, 1, 'pusher', 'accepted', created_at FROM public.notifications;
INSERT INTO weir.notification_keys (notification_id, organization_id, message_created_at, cause, created_at)
SELECT id, organization_id, created_at, id::text, created_at FROM public.notifications ORDER BY 1)";

}  // namespace

void make_history(postgres::Connection& owner, const Site& site) {
  if (site.history == 0) return;
  const Stopwatch watch;
  must(owner.script(kBegin));
  const auto indexes = must(owner.script(kIndexes));
  for (std::size_t i = 0; i < indexes.size(); ++i) must(owner.script("DROP INDEX " + indexes[i].get<std::string>(0)));
  must(owner.script(fmt::format(kRows, site.users, site.organizations, site.history)));
  for (std::size_t i = 0; i < indexes.size(); ++i) must(owner.script(indexes[i].get<std::string>(1)));
  must(owner.script("RESET ALL"));
  std::fprintf(stderr, "bench: %lld older messages in %.0f s\n", static_cast<long long>(site.history), watch.seconds());
}

}  // namespace weir::bench
