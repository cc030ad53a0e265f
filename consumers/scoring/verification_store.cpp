#include "consumers/scoring/verification_store.hpp"

#include <fmt/format.h>

namespace weir::scoring {

namespace {

using postgres::Params;

constexpr const char* kPeople = R"(
DECLARE scoring_people NO SCROLL CURSOR FOR
SELECT organization_id, user_id FROM public.assessment_responses WHERE submitted_at >= $1 AND submitted_at < $2
 UNION
SELECT organization_id, user_id FROM public.assessment_scores WHERE submitted_at >= $1 AND submitted_at < $2
 UNION
SELECT organization_id, user_id FROM public.attachment_profiles WHERE submitted_at >= $1 AND submitted_at < $2
 UNION
SELECT organization_id, user_id FROM public.growth_scores WHERE submitted_at >= $1 AND submitted_at < $2
 UNION
SELECT organization_id, user_id FROM public.activity_completions WHERE completed_at >= $1 AND completed_at < $2
 UNION
SELECT organization_id, user_id FROM public.achievements_unlocked WHERE unlocked_at >= $1 AND unlocked_at < $2
 UNION
SELECT organization_id, user_id FROM public.module_progress WHERE updated_at >= $1 AND updated_at < $2
 UNION
SELECT organization_id, user_id FROM public.learner_states WHERE updated_at >= $1 AND updated_at < $2
 ORDER BY 2, 1)";

constexpr const char* kResponses = R"(
SELECT r.organization_id, r.id
  FROM unnest($1, $2) AS p (organization_id, user_id)
  JOIN public.assessment_responses r USING (organization_id, user_id)
 WHERE r.submitted_at >= $3 AND r.submitted_at < $4
 UNION
SELECT s.organization_id, s.response_id
  FROM unnest($1, $2) AS p (organization_id, user_id)
  JOIN public.assessment_scores s USING (organization_id, user_id)
 WHERE s.submitted_at >= $3 AND s.submitted_at < $4
 UNION
SELECT a.organization_id, a.response_id
  FROM unnest($1, $2) AS p (organization_id, user_id)
  JOIN public.attachment_profiles a USING (organization_id, user_id)
 WHERE a.submitted_at >= $3 AND a.submitted_at < $4
 UNION
SELECT g.organization_id, g.response_id
  FROM unnest($1, $2) AS p (organization_id, user_id)
  JOIN public.growth_scores g USING (organization_id, user_id)
 WHERE g.submitted_at >= $3 AND g.submitted_at < $4)";

constexpr const char* kSubmitted = R"(
SELECT id, status_changed_at FROM public.assessment_responses WHERE id = ANY ($1) AND status = 'submitted')";

constexpr const char* kWaiting = R"(
SELECT p.organization_id, p.user_id
  FROM unnest($1, $2) AS p (organization_id, user_id)
 WHERE EXISTS (SELECT FROM weir.learning_marks m
                WHERE m.kind = 'learner' AND m.organization_id = p.organization_id AND m.subject_id = p.user_id)
    OR EXISTS (SELECT FROM weir.refused_wakeups r WHERE r.group_id = $3 AND r.key = p.user_id::text))";

std::vector<Person> people_of(const postgres::Rows& rows) {
  std::vector<Person> people;
  for (std::size_t i = 0; i < rows.size(); ++i) people.emplace_back(rows[i].get<OrganizationId>(0), rows[i].get<UserId>(1));
  return people;
}

}  // namespace

Result<void> begin_people(postgres::Statements& connection, const process::Period& period) {
  WEIR_TRY(connection.execute("scoring_people", kPeople, Params{}.add(period.from).add(period.to)));
  return {};
}

Result<std::vector<Person>> next_people(postgres::Statements& connection) {
  static const std::string fetch = fmt::format("FETCH {} FROM scoring_people", kPeopleAtOnce);
  return people_of(WEIR_TRY(connection.query("scoring_next_people", fetch)));
}

Result<std::set<ResponseKey>> responses_within(postgres::Statements& connection, const std::vector<Person>& people,
                                               const process::Period& period) {
  Params params = params_of_pairs(people);
  const auto rows = WEIR_TRY(connection.query("scoring_responses_within", kResponses, params.add(period.from).add(period.to)));
  std::set<ResponseKey> found;
  for (std::size_t i = 0; i < rows.size(); ++i) found.insert({rows[i].get<OrganizationId>(0), rows[i].get<Uuid>(1)});
  return found;
}

Result<std::map<Uuid, Instant>> submitted_since(postgres::Statements& connection, const std::vector<Uuid>& responses) {
  const auto rows = WEIR_TRY(connection.query("scoring_submitted_since", kSubmitted, Params{}.add_array(responses)));
  std::map<Uuid, Instant> found;
  for (std::size_t i = 0; i < rows.size(); ++i) found.emplace(rows[i].get<Uuid>(0), rows[i].get<Instant>(1));
  return found;
}

Result<std::set<Person>> learners_that_wait(postgres::Statements& connection, const std::vector<Person>& people, const std::string& group) {
  Params params = params_of_pairs(people);
  const auto found = people_of(WEIR_TRY(connection.query("scoring_learners_that_wait", kWaiting, params.add(group))));
  return std::set<Person>(found.begin(), found.end());
}

}  // namespace weir::scoring
