#include "consumers/notifications/queue_metrics.hpp"

namespace weir::notifications {

namespace {

/// A message that is being sent is due when its lease ends, so that it makes no age. Both questions read only the channel's entries of an
/// index.
constexpr const char* kDepths = R"(
  SELECT c.channel,
         (SELECT count(*)
            FROM (SELECT
                    FROM weir.delivery_queue
                   WHERE channel = c.channel
                   LIMIT 100000) m),
         (SELECT greatest(extract(epoch FROM clock_timestamp() - min(due_at)), 0)::double precision
            FROM weir.delivery_queue
           WHERE channel = c.channel AND due_at > '-infinity')
    FROM unnest('{pusher,email,push,slack,webhook,in_app,dashboard}'::text[]) AS c (channel)
)";

}  // namespace

void show_tokens(telemetry::Metrics& metrics, const ClaimPlan& plan) {
  for (std::size_t scope = 0; scope < plan.granted.size(); ++scope) {
    if (plan.granted.at(scope) > 0)
      metrics.of(kTokens, {name_of(static_cast<LimitScope>(scope)), "granted"}).add(static_cast<double>(plan.granted.at(scope)));
  }
  for (const Deferred& each : plan.deferred) metrics.of(kTokens, {name_of(each.scope), "deferred"}).add();
}

Result<void> show_queue(postgres::Statements& connection, telemetry::Metrics& metrics) {
  const auto rows = WEIR_TRY(connection.query("notifications_depths", kDepths));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    metrics.of(kQueueMessages, {rows[i].text(0)}).set(static_cast<double>(rows[i].get<std::int64_t>(1)));
    metrics.of(kQueueAge, {rows[i].text(0)}).set(rows[i].maybe<double>(2).value_or(0));
  }
  return {};
}

}  // namespace weir::notifications
