#include "consumers/insights/tables.hpp"

#include "common/postgres/visibility.hpp"

namespace weir::insights {

namespace {

/// The tables with row security that are read or written.
const std::vector<postgres::TableName>& guarded() {
  static const std::vector<postgres::TableName> names{{"public", "insights"},         {"public", "users"},
                                                      {"public", "consents"},         {"public", "assessment_scores"},
                                                      {"public", "growth_scores"},    {"public", "activity_completions"},
                                                      {"public", "learner_states"},   {"public", "module_progress"},
                                                      {"public", "learning_modules"}, {"public", "module_prerequisites"},
                                                      {"public", "agent_metrics"}};
  return names;
}

}  // namespace

Result<void> require_tables(postgres::Statements& connection) {
  std::vector<std::string> needed{"weir.insight_intents",  "weir.insight_drafts",  "weir.insight_calls",
                                  "weir.insight_spending", "weir.insight_budgets", "weir.insight_buckets"};
  for (const postgres::TableName& table : guarded()) needed.push_back(table.text());
  const auto rows = WEIR_TRY(connection.query("insights_tables", "SELECT name FROM unnest($1) AS name WHERE to_regclass(name) IS NULL",
                                              postgres::Params{}.add_array(needed)));
  if (!rows.empty()) return fail(FaultKind::kPgSchema, "the database lacks " + rows[0].get<std::string>(0), "run: weir migrate up");
  return postgres::require_visible(connection, guarded());
}

}  // namespace weir::insights
