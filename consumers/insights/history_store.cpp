#include "consumers/insights/history_store.hpp"

#include "common/postgres/columns.hpp"
#include "consumers/insights/course_store.hpp"

#include <functional>

namespace weir::insights {

namespace {

using postgres::columns_of;
using postgres::Params;
using postgres::Row;
using postgres::Rows;
using postgres::Statements;

using Histories = std::map<UserId, History>;

/// Three submissions of an instrument are the most that a pattern looks at; a year holds them where there are as many.
constexpr std::chrono::days kScoreDays{366};

/// Instruments say of each dimension what is good and how reliable it is; scoring refuses an instrument that does not. Where it is missing
/// all the same, more is better, and the reliability is that of a usable questionnaire.
constexpr const char* kScores = R"(
  SELECT s.user_id, s.response_id, a.key, s.dimension, s.submitted_at, s.t_score,
         coalesce(d.said ->> 'polarity', 'higher_is_better'),
         CASE jsonb_typeof(r.said) WHEN 'number' THEN r.said::double precision ELSE 0.8 END,
         CASE jsonb_typeof(l.said) WHEN 'number' THEN l.said::double precision ELSE 0.8 END,
         s.flags <> '{}'
    FROM unnest($1, $2) AS p (organization_id, user_id)
    JOIN public.assessment_scores s ON s.organization_id = p.organization_id AND s.user_id = p.user_id
    JOIN public.assessments a ON a.id = s.assessment_id
   CROSS JOIN LATERAL (SELECT a.scoring #> ARRAY['dimensions', s.dimension]) d (said)
   CROSS JOIN LATERAL (SELECT d.said #> '{reliability,internal_consistency}') r (said)
   CROSS JOIN LATERAL (SELECT a.scoring -> 'least_share') l (said)
   WHERE s.submitted_at > $3 AND s.submitted_at <= $4 AND s.raw_score IS NOT NULL AND s.t_score IS NOT NULL
   ORDER BY s.user_id, s.submitted_at, s.response_id, s.dimension
)";

constexpr const char* kChanges = R"(
  SELECT g.user_id, g.response_id, g.previous_response_id, a.key, g.dimension, g.submitted_at, g.difference, g.reliable_change_index,
         g.direction
    FROM unnest($1, $2) AS p (organization_id, user_id)
    JOIN public.growth_scores g ON g.organization_id = p.organization_id AND g.user_id = p.user_id
    JOIN public.assessment_scores s ON s.organization_id = g.organization_id AND s.response_id = g.response_id AND s.dimension = g.dimension
    JOIN public.assessments a ON a.id = s.assessment_id
   WHERE g.submitted_at > $3 AND g.submitted_at <= $4
   ORDER BY g.user_id, g.submitted_at, g.response_id, g.dimension
)";

constexpr const char* kCompletions = R"(
  SELECT c.user_id, c.id, (extract(epoch FROM c.completed_at AT TIME ZONE p.zone) * 1000000)::bigint AS local
    FROM unnest($1, $2, $3) AS p (organization_id, user_id, zone)
    JOIN public.activity_completions c ON c.organization_id = p.organization_id AND c.user_id = p.user_id
   WHERE c.completed_at > $4 AND c.completed_at <= $5
   ORDER BY c.user_id, local, c.id
)";

constexpr const char* kWeeks = R"(
  SELECT w.user_id, w.id, w.week - date '1970-01-01', w.actions + w.completions
    FROM unnest($1, $2) AS p (organization_id, user_id)
    JOIN weir.weekly_activity w ON w.organization_id = p.organization_id AND w.user_id = p.user_id
   WHERE w.week > ($3 AT TIME ZONE 'UTC')::date
   ORDER BY w.user_id, w.week
)";

constexpr const char* kLearners = R"(
  SELECT l.user_id, l.skill_rating, l.streak_days, l.last_active_on - date '1970-01-01', l.freeze_used_on - date '1970-01-01'
    FROM unnest($1, $2) AS p (organization_id, user_id)
    JOIN public.learner_states l ON l.organization_id = p.organization_id AND l.user_id = p.user_id
)";

/// The day that each user's clocks show at $3. A day begins and ends when clocks show midnight, however many hours lie between.
constexpr const char* kDays = R"(
  SELECT p.user_id, d.day::date - date '1970-01-01', (extract(epoch FROM d.local - d.day) * 1000000)::bigint,
         d.day AT TIME ZONE p.zone, (d.day + interval '1 day') AT TIME ZONE p.zone
    FROM unnest($1, $2) AS p (user_id, zone)
   CROSS JOIN LATERAL (SELECT $3 AT TIME ZONE p.zone) l (local)
   CROSS JOIN LATERAL (SELECT l.local, date_trunc('day', l.local)) d (local, day)
)";

constexpr const char* kAgents = R"(
  SELECT m.organization_id, m.agent_id, m.window_start, m.completed_tasks, m.failed_tasks, m.median_execution_time_ms
    FROM unnest($1) AS o (organization_id)
    JOIN public.agent_metrics_1h m ON m.organization_id = o.organization_id
   WHERE m.window_start >= $2 AND m.window_start < $3 AND m.completed_tasks + m.failed_tasks > 0
   ORDER BY m.organization_id, m.agent_id, m.window_start
)";

Day day_at(const Row& row, int column) { return Day{std::chrono::days{row.get<std::int32_t>(column)}}; }
std::optional<Day> maybe_day_at(const Row& row, int column) {
  return row.is_null(column) ? std::nullopt : std::optional(day_at(row, column));
}

Polarity polarity_of(std::string_view text) {
  if (text == "none") return Polarity::kNone;
  return text == "lower_is_better" ? Polarity::kLowerIsBetter : Polarity::kHigherIsBetter;
}

std::optional<Direction> direction_of(const Row& row, int column) {
  if (row.is_null(column)) return std::nullopt;
  const std::string_view text = row.text(column);
  if (text == "stable") return Direction::kStable;
  return text == "improving" ? Direction::kImproving : Direction::kDeclining;
}

Params keys_of(std::span<const Person> people) { return columns_of(people, &Person::organization, &Person::user); }

Result<void> read_scores(Statements& connection, std::span<const Person> people, Instant now, Histories& out) {
  const Rows scores = WEIR_TRY(connection.query("insights_scores", kScores, keys_of(people).add(now - kScoreDays).add(now)));
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const Row row = scores[i];
    out[row.get<UserId>(0)].scores.push_back({row.get<Uuid>(1),
                                              {row.get<std::string>(2), row.get<std::string>(3)},
                                              row.get<Instant>(4),
                                              row.get<double>(5),
                                              error_of_t(row.get<double>(7), row.get<double>(8)),
                                              polarity_of(row.text(6)),
                                              row.get<bool>(9)});
  }
  const Rows changes = WEIR_TRY(connection.query("insights_changes", kChanges, keys_of(people).add(now - kFresh).add(now)));
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const Row row = changes[i];
    out[row.get<UserId>(0)].changes.push_back({row.get<Uuid>(1),
                                               row.get<Uuid>(2),
                                               {row.get<std::string>(3), row.get<std::string>(4)},
                                               row.get<Instant>(5),
                                               row.get<double>(6),
                                               row.get<double>(7),
                                               direction_of(row, 8)});
  }
  return {};
}

Result<void> read_activity(Statements& connection, std::span<const Person> people, Instant now, Histories& out) {
  const Params zoned = columns_of(people, &Person::organization, &Person::user, &Person::zone).add(now - kHabitDays).add(now);
  const Rows completions = WEIR_TRY(connection.query("insights_completions", kCompletions, zoned));
  for (std::size_t i = 0; i < completions.size(); ++i) {
    const Row row = completions[i];
    out[row.get<UserId>(0)].completions.push_back({row.get<Uuid>(1), LocalTime{Microseconds{row.get<std::int64_t>(2)}}});
  }
  const Rows weeks = WEIR_TRY(connection.query("insights_weeks", kWeeks, keys_of(people).add(now - kHistoryWeeks)));
  for (std::size_t i = 0; i < weeks.size(); ++i) {
    const Row row = weeks[i];
    out[row.get<UserId>(0)].weeks.push_back({row.get<Uuid>(1), day_at(row, 2), row.get<std::int64_t>(3)});
  }
  const Rows days = WEIR_TRY(connection.query("insights_days", kDays, columns_of(people, &Person::user, &Person::zone).add(now)));
  for (std::size_t i = 0; i < days.size(); ++i) {
    const Row row = days[i];
    out[row.get<UserId>(0)].today = {day_at(row, 1), Microseconds{row.get<std::int64_t>(2)}, row.get<Instant>(3), row.get<Instant>(4)};
  }
  return {};
}

Result<void> read_learning(Statements& connection, std::span<const Person> people, Histories& out) {
  const Rows learners = WEIR_TRY(connection.query("insights_learners", kLearners, keys_of(people)));
  for (std::size_t i = 0; i < learners.size(); ++i) {
    const Row row = learners[i];
    out[row.get<UserId>(0)].learner = Learner{row.get<double>(1), row.get<std::int32_t>(2), maybe_day_at(row, 3), maybe_day_at(row, 4)};
  }
  auto modules = WEIR_TRY(read_modules(connection, people));
  for (auto& [user, open] : modules) out[user].modules = std::move(open);
  return {};
}

}  // namespace

Result<Histories> read_histories(Statements& connection, std::span<const Person> people, Instant now) {
  Histories histories;
  if (people.empty()) return histories;
  for (const Person& person : people) histories[person.user];
  WEIR_TRY(read_scores(connection, people, now, histories));
  WEIR_TRY(read_activity(connection, people, now, histories));
  WEIR_TRY(read_learning(connection, people, histories));
  return histories;
}

Result<std::map<OrganizationId, std::vector<AgentHistory>>> read_agents(Statements& connection,
                                                                        std::span<const OrganizationId> organizations, Instant now) {
  std::map<OrganizationId, std::vector<AgentHistory>> agents;
  if (organizations.empty()) return agents;
  const Params params = columns_of(organizations, std::identity{}).add(now - kAgentHours).add(now);
  const Rows rows = WEIR_TRY(connection.query("insights_agents", kAgents, params));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Row row = rows[i];
    std::vector<AgentHistory>& of_organization = agents[row.get<OrganizationId>(0)];
    const auto agent = row.get<AgentId>(1);
    if (of_organization.empty() || of_organization.back().agent != agent) of_organization.push_back({agent, {}});
    of_organization.back().hours.push_back({row.get<Instant>(2), row.get<std::int64_t>(3), row.get<std::int64_t>(4), row.maybe<double>(5)});
  }
  return agents;
}

}  // namespace weir::insights
