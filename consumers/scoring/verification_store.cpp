#include "consumers/scoring/verification_store.hpp"

#include <algorithm>
#include <array>

namespace weir::scoring {

namespace {

using postgres::Params;

/// Each organization of the next users, with the first and the last of these in it.
constexpr const char* kNextUsers = R"(
SELECT organization_id, (array_agg(id ORDER BY id))[1], (array_agg(id ORDER BY id DESC))[1]
  FROM (SELECT organization_id, id
          FROM public.users
         WHERE (organization_id, id) > ($1, $2)
         ORDER BY organization_id, id
         LIMIT $3) AS page
 GROUP BY organization_id
 ORDER BY organization_id)";

/// Each table has an index by organization and user, so that only the rows of these users are looked at.
constexpr const char* kPeople = R"(
SELECT s.organization_id, p.user_id
  FROM unnest($1, $2, $3) AS s (organization_id, first, last)
 CROSS JOIN LATERAL (
   SELECT r.user_id FROM public.assessment_responses r
    WHERE r.organization_id = s.organization_id AND r.user_id BETWEEN s.first AND s.last AND r.submitted_at >= $4 AND r.submitted_at < $5
    UNION
   SELECT r.user_id FROM public.assessment_scores r
    WHERE r.organization_id = s.organization_id AND r.user_id BETWEEN s.first AND s.last AND r.submitted_at >= $4 AND r.submitted_at < $5
    UNION
   SELECT r.user_id FROM public.attachment_profiles r
    WHERE r.organization_id = s.organization_id AND r.user_id BETWEEN s.first AND s.last AND r.submitted_at >= $4 AND r.submitted_at < $5
    UNION
   SELECT r.user_id FROM public.growth_scores r
    WHERE r.organization_id = s.organization_id AND r.user_id BETWEEN s.first AND s.last AND r.submitted_at >= $4 AND r.submitted_at < $5
    UNION
   SELECT r.user_id FROM public.activity_completions r
    WHERE r.organization_id = s.organization_id AND r.user_id BETWEEN s.first AND s.last AND r.completed_at >= $4 AND r.completed_at < $5
    UNION
   SELECT r.user_id FROM public.achievements_unlocked r
    WHERE r.organization_id = s.organization_id AND r.user_id BETWEEN s.first AND s.last AND r.unlocked_at >= $4 AND r.unlocked_at < $5
    UNION
   SELECT r.user_id FROM public.module_progress r
    WHERE r.organization_id = s.organization_id AND r.user_id BETWEEN s.first AND s.last AND r.updated_at >= $4 AND r.updated_at < $5
    UNION
   SELECT r.user_id FROM public.learner_states r
    WHERE r.organization_id = s.organization_id AND r.user_id BETWEEN s.first AND s.last AND r.updated_at >= $4 AND r.updated_at < $5
    UNION
   SELECT r.user_id FROM public.values_alignments r
    WHERE r.organization_id = s.organization_id AND r.user_id BETWEEN s.first AND s.last AND r.updated_at >= $4 AND r.updated_at < $5
    UNION
   SELECT r.other_user_id FROM public.values_alignments r
    WHERE r.organization_id = s.organization_id AND r.other_user_id BETWEEN s.first AND s.last AND r.updated_at >= $4 AND r.updated_at < $5) p
 ORDER BY s.organization_id, p.user_id)";

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

constexpr const char* kCompleted = R"(
SELECT DISTINCT c.organization_id, c.activity_id
  FROM unnest($1, $2) AS p (organization_id, user_id)
  JOIN public.activity_completions c USING (organization_id, user_id)
 WHERE c.completed_at >= $3 AND c.completed_at < $4)";

constexpr const char* kReceived = R"(
SELECT DISTINCT u.organization_id, u.achievement_id
  FROM unnest($1, $2) AS p (organization_id, user_id)
  JOIN public.achievements_unlocked u USING (organization_id, user_id)
 WHERE u.unlocked_at >= $3 AND u.unlocked_at < $4)";

constexpr const char* kWrittenRatings = R"(
SELECT organization_id, activity_id FROM public.activity_ratings WHERE updated_at >= $1 AND updated_at < $2)";

constexpr const char* kHoldersAfter = R"(
SELECT organization_id, achievement_id
  FROM weir.achievement_holders
 WHERE (organization_id, achievement_id) > ($1, $2)
 ORDER BY organization_id, achievement_id
 LIMIT $3)";

constexpr const char* kSubjectsWaiting = R"(
SELECT s.organization_id, s.subject_id
  FROM unnest($1, $2) AS s (organization_id, subject_id)
 WHERE EXISTS (SELECT FROM weir.learning_marks m
                WHERE m.kind = $3 AND m.organization_id = s.organization_id AND m.subject_id = s.subject_id)
    OR EXISTS (SELECT FROM weir.refused_wakeups r WHERE r.group_id = $4 AND r.key = s.subject_id::text))";

constexpr const char* kAlignedAt = "SELECT consents_seen_until FROM weir.scoring_progress WHERE group_id = $1";

/// Of a user who is asked for the project is null.
constexpr const char* kAlignmentsWaiting = R"(
WITH waiting AS (
  SELECT subject_id::text AS key FROM weir.scoring_marks WHERE kind = 'alignment'
  UNION
  SELECT key FROM weir.refused_wakeups WHERE group_id = $1
)
SELECT u.id, NULL::uuid
  FROM unnest($2) AS u (id)
 WHERE u.id::text IN (SELECT key FROM waiting)
UNION ALL
SELECT DISTINCT NULL::uuid, m.project_id
  FROM public.project_members m
 WHERE m.project_id = ANY ($3) AND m.user_id::text IN (SELECT key FROM waiting))";

std::set<Subject> subjects_of(const postgres::Rows& rows) {
  std::set<Subject> subjects;
  for (std::size_t i = 0; i < rows.size(); ++i) subjects.emplace(rows[i].get<OrganizationId>(0), rows[i].get<Uuid>(1));
  return subjects;
}

std::vector<Person> people_of(const postgres::Rows& rows) {
  std::vector<Person> people;
  for (std::size_t i = 0; i < rows.size(); ++i) people.emplace_back(rows[i].get<OrganizationId>(0), rows[i].get<UserId>(1));
  return people;
}

}  // namespace

Result<std::vector<Person>> PeopleReader::next() {
  while (at_ == found_.size() && !ended_) WEIR_TRY(look());
  const std::size_t count = std::min(kPeopleAtOnce, found_.size() - at_);
  const auto begin = found_.begin() + static_cast<std::ptrdiff_t>(at_);
  at_ += count;
  return std::vector<Person>(begin, begin + static_cast<std::ptrdiff_t>(count));
}

Result<void> PeopleReader::look() {
  found_.clear();
  at_ = 0;
  const auto& [organization, user] = after_;
  const auto users = WEIR_TRY(connection_.query("scoring_next_users", kNextUsers, Params{}.add(organization).add(user).add(kUsersAtOnce)));
  std::array<std::vector<Uuid>, 3> spans;
  for (std::size_t i = 0; i < users.size(); ++i) {
    for (int column = 0; column < 3; ++column) spans[static_cast<std::size_t>(column)].push_back(users[i].get<Uuid>(column));
  }
  ended_ = users.empty();
  if (ended_) return {};
  after_ = {OrganizationId{spans[0].back()}, UserId{spans[2].back()}};
  Params params;
  for (const auto& column : spans) params.add_array(column);
  found_ = people_of(WEIR_TRY(connection_.query("scoring_people", kPeople, params.add(period_.from).add(period_.to))));
  return {};
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

Result<std::set<Subject>> activities_completed(postgres::Statements& connection, const std::vector<Person>& people,
                                               const process::Period& period) {
  Params params = params_of_pairs(people);
  return subjects_of(WEIR_TRY(connection.query("scoring_completed", kCompleted, params.add(period.from).add(period.to))));
}

Result<std::set<Subject>> achievements_received(postgres::Statements& connection, const std::vector<Person>& people,
                                                const process::Period& period) {
  Params params = params_of_pairs(people);
  return subjects_of(WEIR_TRY(connection.query("scoring_received", kReceived, params.add(period.from).add(period.to))));
}

Result<std::set<Subject>> ratings_written(postgres::Statements& connection, const process::Period& period) {
  return subjects_of(WEIR_TRY(connection.query("scoring_written_ratings", kWrittenRatings, Params{}.add(period.from).add(period.to))));
}

Result<std::set<Subject>> holders_after(postgres::Statements& connection, const Subject& after, std::size_t most) {
  return subjects_of(
      WEIR_TRY(connection.query("scoring_holders_after", kHoldersAfter, Params{}.add(after.first).add(after.second).add(most))));
}

Result<std::set<Subject>> subjects_that_wait(postgres::Statements& connection, MarkKind kind, const std::set<Subject>& subjects,
                                             const std::string& group) {
  Params params = params_of_pairs(subjects);
  return subjects_of(WEIR_TRY(connection.query("scoring_subjects_that_wait", kSubjectsWaiting, params.add(kind_text(kind)).add(group))));
}

Result<std::optional<Instant>> consents_aligned_at(postgres::Statements& connection, const std::string& group) {
  const auto rows = WEIR_TRY(connection.query("scoring_aligned_at", kAlignedAt, Params{}.add(group)));
  return rows.empty() ? std::optional<Instant>{} : std::optional(rows[0].get<Instant>(0));
}

Result<AlignmentsWaiting> alignments_that_wait(postgres::Statements& connection, const std::string& group, const std::set<UserId>& users,
                                               const std::set<Uuid>& projects) {
  std::vector<Uuid> ids;
  for (const UserId& user : users) ids.push_back(user.value);
  Params params;
  params.add(group).add_array(ids).add_array(std::vector<Uuid>(projects.begin(), projects.end()));
  const auto rows = WEIR_TRY(connection.query("scoring_alignments_that_wait", kAlignmentsWaiting, params));
  AlignmentsWaiting waiting;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].is_null(1)) {
      waiting.users.insert(rows[i].get<UserId>(0));
    } else {
      waiting.projects.insert(rows[i].get<Uuid>(1));
    }
  }
  return waiting;
}

}  // namespace weir::scoring
