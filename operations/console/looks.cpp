#include "operations/console/looks.hpp"

#include "operations/console/answers.hpp"

namespace weir::console {

namespace {

constexpr std::int64_t kPage = 100;
constexpr std::int64_t kMostOfPage = 500;

// Each statement gives its answer's JSON as it is sent.
const std::string kAlerts = R"(
SELECT json_build_object('alerts', coalesce(json_agg(a), '[]'))
  FROM (SELECT a.id, o.name AS organization, a.kind, a.agent_id, a.severity, a.value, a.threshold, a.message,
               a.opened_at, a.last_seen_at, a.escalated_at, a.resolved_at, a.corrected_at
          FROM public.alerts a
          LEFT JOIN public.organizations o ON o.id = a.organization_id
         WHERE $1 OR a.resolved_at IS NULL
         ORDER BY a.resolved_at IS NOT NULL, a.severity, a.opened_at DESC
         LIMIT $2) a)";

const std::string kOrganizations = R"(
SELECT json_build_object('organizations', coalesce(json_agg(o), '[]'))
  FROM (SELECT id, name FROM public.organizations ORDER BY name, id LIMIT 1000) o)";

const std::string kDone = R"(
SELECT json_build_object('actions', coalesce(json_agg(d), '[]'))
  FROM (SELECT id, acted_at AS at, acted_by AS by, command, filter, counts, why
          FROM weir.operator_actions
         ORDER BY id DESC
         LIMIT $1) d)";

Questions::Question document(std::string name, const std::string& sql, postgres::Params params) {
  return [name = std::move(name), &sql, params = std::move(params)](postgres::Connection& connection) -> Result<http::Response> {
    return json_answer(WEIR_TRY(connection.query(name, sql, params))[0].get<std::string>(0));
  };
}

}  // namespace

Result<Questions::Question> alerts_question(const Parameters& parameters) {
  const bool all = WEIR_TRY(parameters.number("all", 0, 1)).value_or(0) == 1;
  const std::int64_t most = WEIR_TRY(parameters.number("limit", 1, kMostOfPage)).value_or(kPage);
  return document("console_alerts", kAlerts, postgres::Params().add(all).add(most));
}

Questions::Question organizations_question() { return document("console_organizations", kOrganizations, {}); }

Result<Questions::Question> done_question(const Parameters& parameters) {
  const std::int64_t most = WEIR_TRY(parameters.number("limit", 1, kMostOfPage)).value_or(kPage / 2);
  return document("console_done", kDone, postgres::Params().add(most));
}

}  // namespace weir::console
