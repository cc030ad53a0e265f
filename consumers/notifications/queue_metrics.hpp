// The metrics of the queue and of the limits, one row each, and how they are taken.
#pragma once

#include "common/postgres/statements.hpp"
#include "common/telemetry/metrics.hpp"
#include "consumers/notifications/pure/claim_plan.hpp"

namespace weir::notifications {

inline constexpr telemetry::Metric<telemetry::Counter> kTokens{
    "weir_notifications_tokens_total",
    "Tokens that were asked for, by limit (user, channel, organization, template, provider): granted, or deferred, which means that the "
    "message waits for it.",
    {"limit", "outcome"}};
inline constexpr telemetry::Metric<telemetry::Gauge> kQueueMessages{
    "weir_notifications_queue_messages", "Messages that wait or are being sent, by channel; counted up to 100,000.", {"channel"}};
inline constexpr telemetry::Metric<telemetry::Gauge> kQueueAge{
    "weir_notifications_queue_age_seconds", "For how long the oldest message is due that nobody has claimed, by channel.", {"channel"}};

void show_tokens(telemetry::Metrics& metrics, const ClaimPlan& plan);
/// Shows how many messages wait, and for how long.
[[nodiscard]] Result<void> show_queue(postgres::Statements& connection, telemetry::Metrics& metrics);

}  // namespace weir::notifications
