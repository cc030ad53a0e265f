// The metrics of insights, one row each, and how they are shown.
#pragma once

#include "common/postgres/statements.hpp"
#include "common/telemetry/metrics.hpp"
#include "consumers/insights/keeping.hpp"

#include <span>

namespace weir::insights {

using telemetry::Counter;
using telemetry::Gauge;
using telemetry::Histogram;
using telemetry::Metric;

inline constexpr Metric<Counter> kCalls{
    "weir_insight_calls_total", "Calls of models that have ended, by provider and outcome.", {"provider", "outcome"}};
inline constexpr Metric<Counter> kTokens{
    "weir_insight_tokens_total", "Tokens that calls of models were charged, by provider and direction.", {"provider", "direction"}};
inline constexpr Metric<Counter> kCost{"weir_insight_cost_usd_total", "What calls of models were charged, in dollars.", {"provider"}};
inline constexpr Metric<Counter> kTexts{
    "weir_insight_texts_total", "Texts that insights got from calls and templates, by who worded them.", {"provider"}};
inline constexpr Metric<Histogram> kTemplateSeconds{"weir_insight_template_seconds",
                                                    "From the claim of an insight to its template's text, where no model's came before.",
                                                    {},
                                                    telemetry::kUpToAMinute};
inline constexpr Metric<Gauge> kIntents{"weir_insight_intents", "Intents that are open (counted up to 100,000).", {}};
inline constexpr Metric<Gauge> kIntentAge{"weir_insight_intent_age_seconds", "How long the oldest intent that is due has waited.", {}};
inline constexpr Metric<Gauge> kDrafts{"weir_insight_drafts", "Insights that may still get a text (counted up to 100,000).", {}};

void show_calls(telemetry::Metrics& metrics, std::span<const EndedCall> ended);
void show_templates(telemetry::Metrics& metrics, std::span<const WrittenTemplate> written);
[[nodiscard]] Result<void> show_depth(postgres::Statements& connection, telemetry::Metrics& metrics);

}  // namespace weir::insights
