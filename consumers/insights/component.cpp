// States the configuration of insights; the code that runs a consumer is common to all.
#include "consumers/insights/component.hpp"

#include "common/host/consumer_host.hpp"
#include "consumers/insights/delivery.hpp"
#include "consumers/insights/providers/registry.hpp"
#include "consumers/insights/result_checks.hpp"
#include "consumers/insights/traces.hpp"

namespace weir::insights {

namespace {

using config::Field;
using config::Type;
using process::TableUse;

std::vector<process::TableRow> tables() {
  return {{"public.assessment_scores",
           TableUse::kFollows,
           "",
           {"organization_id", "response_id", "dimension", "user_id", "assessment_id", "instrument_version", "submitted_at", "created_at",
            "updated_at"}},
          {"public.attachment_profiles", TableUse::kFollows, "", {"organization_id", "response_id", "user_id", "created_at", "updated_at"}},
          {"public.growth_scores",
           TableUse::kFollows,
           "",
           {"organization_id", "response_id", "dimension", "user_id", "previous_response_id", "submitted_at", "created_at", "updated_at"}},
          {"public.achievements_unlocked",
           TableUse::kFollows,
           "user_id",
           {"organization_id", "user_id", "achievement_id", "unlocked_at", "created_at", "updated_at"}},
          {"public.activity_completions", TableUse::kFollowsWhole, "user_id"},
          {"public.consents", TableUse::kFollowsWhole, "user_id"},
          {"public.insights", TableUse::kWrites},
          {"weir.insight_intents", TableUse::kWrites},
          {"weir.insight_drafts", TableUse::kWrites},
          {"weir.insight_calls", TableUse::kWrites},
          {"weir.insight_spending", TableUse::kWrites},
          {"weir.insight_buckets", TableUse::kWrites}};
}

std::vector<Field> fields() {
  std::vector<Field> rows = delivery_fields();
  const std::vector<Field> own{
      {.key = "consumers.insights.topic_prefix",
       .type = Type::kText,
       .help = "Changes are read from PREFIX.public.assessment_scores, attachment_profiles, growth_scores, achievements_unlocked, "
               "activity_completions and consents.",
       .fallback = "weir.cdc"},
      {.key = "consumers.insights.actions_topic",
       .type = Type::kText,
       .help = "The topic of users' actions.",
       .fallback = "weir.actions.v1"},
      {.key = "consumers.insights.finals_topic",
       .type = Type::kText,
       .help =
           "The topic of windows of agents that became final, which weir rollups tells of where consumers.rollups.publish_finals is set.",
       .fallback = "weir.outbox.agent_metrics"},
      {.key = "consumers.insights.intent_delay",
       .type = Type::kDuration,
       .help = "How long after the first news of a user its insights are looked for, however much news follows.",
       .fallback = "60s",
       .minimum = "0s",
       .maximum = "1d"}};
  rows.insert(rows.begin(), own.begin(), own.end());
  return rows;
}

/// Templates word insights where no model does, so that a missing key is no fault.
process::Findings check_providers(const config::Configuration& configuration) {
  const auto accounts = model_accounts(configuration);
  if (!accounts) return {process::failed("providers of models", accounts.error())};
  if (!accounts->empty()) return {process::fine("providers of models", "have keys")};
  return {process::warn("providers of models", "have no key: templates word all insights",
                        "set consumers.insights.anthropic.key or consumers.insights.openai.key")};
}

}  // namespace

Options options_from(const config::Configuration& configuration) {
  Options options;
  const std::string prefix = configuration.text("consumers.insights.topic_prefix") + ".public.";
  for (const char* table : {"assessment_scores", "attachment_profiles", "growth_scores", "achievements_unlocked"})
    options.user_rows.push_back(prefix + table);
  options.completions = prefix + "activity_completions";
  options.consents = prefix + "consents";
  options.actions = configuration.text("consumers.insights.actions_topic");
  options.finals = configuration.text("consumers.insights.finals_topic");
  options.intent_delay = configuration.duration("consumers.insights.intent_delay");
  options.flush = host::flush_limits(configuration, "insights");
  return options;
}

process::Component insights_component() {
  process::Component component = host::consumer_component(
      {.name = "insights",
       .help = "Find patterns in what users and agents do, and word them by models within budgets, or by templates.",
       .fields = fields(),
       .max_records = "5000",
       .tables = tables(),
       .rereading = {.instead = "insights are found from the tables, so nothing has to be read again: weir insights preview USER --no-send "
                                "shows what is found for a user; a week's actions would be counted twice"},
       .results = result_checks(),
       .describe = [](const config::Configuration& configuration) { return description_of(options_from(configuration)); },
       .make = [](const config::Configuration& configuration) -> Result<host::MakeConsumer> {
         return [options = options_from(configuration)] { return std::make_unique<InsightsConsumer>(options); };
       },
       .beside =
           [](const process::Context& context) {
             return parts_of(context.configuration).delivery ? delivery_loops() : std::vector<process::Loop>();
           },
       .check = check_providers,
       .has_made = [](const config::Configuration&, postgres::Statements& connection,
                      const runtime::Event& event) { return results_of(connection, event); },
       .origin = [](const config::Configuration& configuration, postgres::Statements& connection,
                    const process::RowToTrace& asked) { return origin_of(options_from(configuration), connection, asked); }});
  component.run = [both = component.run](process::Context& context) -> Result<void> {
    return parts_of(context.configuration).intake ? both(context) : process::run_side_by_side(context, delivery_loops());
  };
  component.examples.emplace_back("weir insights --deliver");
  return component;
}

}  // namespace weir::insights
