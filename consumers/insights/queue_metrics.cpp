#include "consumers/insights/queue_metrics.hpp"

namespace weir::insights {

namespace {

constexpr const char* kDepth = R"(
  SELECT (SELECT count(*)
            FROM (SELECT
                    FROM weir.insight_intents
                   LIMIT 100000) i),
         (SELECT greatest(extract(epoch FROM clock_timestamp() - min(due_at)), 0)::double precision
            FROM weir.insight_intents),
         (SELECT count(*)
            FROM (SELECT
                    FROM weir.insight_drafts
                   LIMIT 100000) d)
)";

}  // namespace

void show_calls(telemetry::Metrics& metrics, std::span<const EndedCall> ended) {
  for (const EndedCall& call : ended) {
    metrics.of(kCalls, {call.provider, call.outcome}).add();
    metrics.of(kTokens, {call.provider, "in"}).add(static_cast<double>(call.charged.in));
    metrics.of(kTokens, {call.provider, "out"}).add(static_cast<double>(call.charged.out));
    metrics.of(kCost, {call.provider}).add(static_cast<double>(call.micro_usd) / 1e6);
    if (call.outcome == "kept") metrics.of(kTexts, {call.provider}).add();
  }
}

void show_templates(telemetry::Metrics& metrics, std::span<const WrittenTemplate> written) {
  for (const WrittenTemplate& each : written) {
    metrics.of(kTexts, {"template"}).add();
    metrics.of(kTemplateSeconds).observe(each.after);
  }
}

Result<void> show_depth(postgres::Statements& connection, telemetry::Metrics& metrics) {
  const auto rows = WEIR_TRY(connection.query("insights_depth", kDepth));
  metrics.of(kIntents).set(static_cast<double>(rows[0].get<std::int64_t>(0)));
  metrics.of(kIntentAge).set(rows[0].maybe<double>(1).value_or(0));
  metrics.of(kDrafts).set(static_cast<double>(rows[0].get<std::int64_t>(2)));
  return {};
}

}  // namespace weir::insights
