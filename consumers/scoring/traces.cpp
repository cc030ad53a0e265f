#include "consumers/scoring/traces.hpp"

#include "consumers/scoring/facts.hpp"

#include <set>

namespace weir::scoring {

namespace {

using postgres::Params;
using process::ResultRow;
using Rows = Result<std::vector<ResultRow>>;

constexpr std::chrono::hours kBefore{1};  // a row that many events make is traced to those of the hour before its last change
constexpr Seconds kAtOnce{1};             // results have the time of their transaction, which began a moment after the record came

/// The status of a response is weir's only where it is scored or rejected.
const std::string kOfResponse = R"(
SELECT 'public.assessment_responses', jsonb_build_object('id', id)::text,
       CASE WHEN status = 'rejected' THEN 'rejected: ' || array_to_string(rejection_reasons, ', ')
            WHEN status = 'in_progress' THEN 'in progress: it is scored once it is submitted'
            ELSE status END,
       CASE WHEN status IN ('scored', 'rejected') THEN status_changed_at END, 0
  FROM public.assessment_responses
 WHERE id = $2 AND organization_id = $1
UNION ALL
SELECT 'public.assessment_scores', jsonb_build_object('organization_id', organization_id, 'response_id', response_id, 'dimension', dimension)::text,
       coalesce('no score: ' || null_reason, 'scored'), updated_at, 0
  FROM public.assessment_scores
 WHERE organization_id = $1 AND response_id = $2
UNION ALL
SELECT 'public.growth_scores', jsonb_build_object('organization_id', organization_id, 'response_id', response_id, 'dimension', dimension)::text,
       'compared with the submission before', updated_at, 0
  FROM public.growth_scores
 WHERE organization_id = $1 AND response_id = $2
UNION ALL
SELECT 'public.attachment_profiles', jsonb_build_object('organization_id', organization_id, 'response_id', response_id)::text,
       'has a profile', updated_at, 0
  FROM public.attachment_profiles
 WHERE organization_id = $1 AND response_id = $2)";

const std::string kOfPerson = R"(
SELECT 'public.values_alignments',
       jsonb_build_object('organization_id', organization_id, 'user_id', user_id, 'other_user_id', other_user_id, 'assessment_id', assessment_id)::text,
       'compared with another user', updated_at, 0
  FROM public.values_alignments
 WHERE organization_id = $1 AND (user_id = $2 OR other_user_id = $2)
 ORDER BY updated_at DESC
 LIMIT 20)";

const std::string kOfLearner = R"(
SELECT 'public.module_progress', jsonb_build_object('organization_id', p.organization_id, 'user_id', p.user_id, 'module_id', p.module_id)::text,
       'has progress in the module', p.updated_at, 0
  FROM public.module_progress p
 WHERE p.organization_id = $1 AND p.user_id = $2
   AND p.module_id IN (SELECT module_id FROM public.learning_activities WHERE organization_id = $1 AND id = $3)
UNION ALL
SELECT 'public.learner_states', jsonb_build_object('organization_id', organization_id, 'user_id', user_id)::text, 'has points and a streak',
       updated_at, 0
  FROM public.learner_states
 WHERE organization_id = $1 AND user_id = $2
UNION ALL
SELECT 'public.achievements_unlocked',
       jsonb_build_object('organization_id', organization_id, 'user_id', user_id, 'achievement_id', achievement_id)::text, 'unlocked since then',
       created_at, 0
  FROM public.achievements_unlocked
 WHERE organization_id = $1 AND user_id = $2 AND created_at >= $4
UNION ALL
SELECT 'public.activity_ratings', jsonb_build_object('organization_id', organization_id, 'activity_id', activity_id)::text,
       'the activity is rated', updated_at, 0
  FROM public.activity_ratings
 WHERE organization_id = $1 AND activity_id = $3)";

const std::string kOfModules = R"(
SELECT 'public.module_progress', jsonb_build_object('organization_id', $1, 'module_id', module_id)::text,
       count(*) || ' learners have progress in the module', max(updated_at), 0
  FROM public.module_progress
 WHERE organization_id = $1
   AND (module_id = ANY ($2) OR module_id IN (SELECT module_id FROM public.learning_activities WHERE organization_id = $1 AND id = $3))
 GROUP BY module_id)";

const std::string kOfAchievement = R"(
SELECT 'public.achievements_unlocked', jsonb_build_object('achievement_id', $1)::text, count(*) || ' learners have it', max(created_at), 0
  FROM public.achievements_unlocked
 WHERE achievement_id = $1
HAVING count(*) > 0)";

/// The rows, or the reason why there are none.
Rows or_reason(Rows rows, const char* reason) {
  if (rows && rows->empty()) rows->push_back({.table = "", .state = reason});
  return rows;
}

/// Asks for what was made of a fact.
struct Asks {
  postgres::Statements& connection;
  Instant recorded_at{};

  Rows operator()(const ResponseChanged& fact) const {
    return or_reason(
        process::read_result_rows(connection, "scoring_trace_response", kOfResponse, Params{}.add(fact.organization).add(fact.response)),
        "the response is gone, and its scores with it");
  }
  Rows operator()(const PersonChanged& fact) const { return of_person(fact.organization, fact.user); }
  Rows operator()(const UserChanged& fact) const { return of_person(fact.organization, fact.user); }
  Rows operator()(const ProjectChanged&) const { return reason("alignments of its members are computed again by the next wake-up"); }
  Rows operator()(const UserGone&) const { return reason("the user is gone, and what was made for the user with it"); }
  Rows operator()(const CompletionChanged& fact) const {
    const auto params = Params{}.add(fact.organization).add(fact.user).add(fact.activity).add(recorded_at);
    return or_reason(process::read_result_rows(connection, "scoring_trace_learner", kOfLearner, params),
                     fact.is_snapshot ? "the learner is computed by the next wake-up" : "the learner has no completion that counts");
  }
  Rows operator()(const CourseChanged& fact) const {
    const auto params = Params{}.add(fact.organization).add_array(fact.modules).add(fact.activity.value_or(Uuid{}));
    return or_reason(process::read_result_rows(connection, "scoring_trace_modules", kOfModules, params),
                     "no learner has progress in the module");
  }
  Rows operator()(const AchievementChanged& fact) const {
    return or_reason(process::read_result_rows(connection, "scoring_trace_achievement", kOfAchievement, Params{}.add(fact.achievement)),
                     "nobody has the achievement");
  }

 private:
  Rows of_person(const OrganizationId& organization, const UserId& user) const {
    return or_reason(process::read_result_rows(connection, "scoring_trace_person", kOfPerson, Params{}.add(organization).add(user)),
                     "the user is compared with nobody");
  }
  static Rows reason(const char* words) { return std::vector<ResultRow>{{.table = "", .state = words}}; }
};

// ---- The way back ----

/// The times of a submission and of its results.
std::string times_of_response(std::string_view table) {
  return "SELECT min(submitted_at), max(updated_at) FROM " + std::string(table) + " WHERE response_id = $1";
}

Result<std::optional<host::RowOrigin>> origin_of_submission(const Topics& topics, postgres::Statements& connection,
                                                            const process::RowToTrace& asked) {
  const Uuid response = WEIR_TRY(asked.uuid("response_id"));
  const auto times = WEIR_TRY(connection.query("scoring_origin " + asked.table, times_of_response(asked.table), Params{}.add(response)));
  const auto made = times[0].maybe<Instant>(1);
  if (!made) return std::nullopt;
  const Instant from = std::min(times[0].get<Instant>(0), *made - kBefore);
  return host::RowOrigin{{topics.responses}, from, *made + kAtOnce, [response](const runtime::Event& event) {
                           const auto* fact = std::get_if<ResponseChanged>(&event.as<Fact>().body);
                           return fact != nullptr && fact->response == response;
                         }};
}

/// The last change of a row of the table that concerns `subject`, in the column of that name.
Result<std::optional<Instant>> last_change(postgres::Statements& connection, const std::string& table, const std::string& columns,
                                           const Uuid& subject) {
  const auto answer = WEIR_TRY(connection.query(
      "scoring_origin " + table, "SELECT max(updated_at) FROM " + table + " WHERE $1 IN (" + columns + ")", Params{}.add(subject)));
  return answer[0].maybe<Instant>(0);
}

Result<std::optional<host::RowOrigin>> origin_of_learning(const Topics& topics, postgres::Statements& connection,
                                                          const process::RowToTrace& asked) {
  const bool is_rating = asked.table == "public.activity_ratings";
  const char* column = is_rating ? "activity_id" : "user_id";
  const Uuid subject = WEIR_TRY(asked.uuid(column));
  const auto made = WEIR_TRY(last_change(connection, asked.table, column, subject));
  if (!made) return std::nullopt;
  return host::RowOrigin{{topics.completions}, *made - kBefore, *made + kAtOnce, [is_rating, subject](const runtime::Event& event) {
                           const auto* fact = std::get_if<CompletionChanged>(&event.as<Fact>().body);
                           return fact != nullptr && (is_rating ? fact->activity : fact->user.value) == subject;
                         }};
}

Result<std::optional<host::RowOrigin>> origin_of_alignment(const Topics& topics, postgres::Statements& connection,
                                                           const process::RowToTrace& asked) {
  const Uuid user = WEIR_TRY(asked.uuid("user_id"));
  const auto made = WEIR_TRY(last_change(connection, asked.table, "user_id, other_user_id", user));
  if (!made) return std::nullopt;
  std::set<UserId> users{UserId{user}};
  if (const auto other = Uuid::parse(asked.column("other_user_id"))) users.insert(UserId{*other});
  return host::RowOrigin{
      {topics.responses, topics.consents, topics.members}, *made - kBefore, *made + kAtOnce, [users](const runtime::Event& event) {
        const auto& body = event.as<Fact>().body;
        if (const auto* person = std::get_if<PersonChanged>(&body)) return users.contains(person->user);
        const auto* response = std::get_if<ResponseChanged>(&body);
        return response != nullptr && users.contains(response->user);
      }};
}

}  // namespace

Result<std::vector<ResultRow>> results_of(postgres::Statements& connection, const runtime::Event& event) {
  return std::visit(Asks{connection, event.decoded.recorded_at}, event.as<Fact>().body);
}

Result<std::optional<host::RowOrigin>> origin_of(const Topics& topics, postgres::Statements& connection, const process::RowToTrace& asked) {
  for (const char* table : {"public.assessment_scores", "public.growth_scores", "public.attachment_profiles"}) {
    if (asked.table == table) return origin_of_submission(topics, connection, asked);
  }
  for (const char* table : {"public.module_progress", "public.learner_states", "public.achievements_unlocked", "public.activity_ratings"}) {
    if (asked.table == table) return origin_of_learning(topics, connection, asked);
  }
  if (asked.table == "public.values_alignments") return origin_of_alignment(topics, connection, asked);
  return std::nullopt;
}

}  // namespace weir::scoring
