#include "consumers/scoring/alignments_store.hpp"

namespace weir::scoring {

namespace {

using postgres::Params;
using postgres::RowArray;
using postgres::Statements;

/// A mark that exists is written again, so that an instance which takes the mark waits for this transaction and sees its rows.
constexpr const char* kMarkPeople = R"(
  INSERT INTO weir.scoring_marks (kind, subject_id, organization_id)
  SELECT 'alignment', p.user_id, p.organization_id
    FROM unnest($1, $2) AS p (organization_id, user_id)
   WHERE EXISTS (SELECT FROM public.consents c
                  WHERE c.organization_id = p.organization_id AND c.user_id = p.user_id AND c.scope = 'values_alignment')
      OR EXISTS (SELECT FROM public.values_alignments v
                  WHERE v.organization_id = p.organization_id AND v.user_id = p.user_id)
      OR EXISTS (SELECT FROM public.values_alignments v
                  WHERE v.organization_id = p.organization_id AND v.other_user_id = p.user_id)
   ORDER BY p.user_id
  ON CONFLICT (kind, subject_id) DO UPDATE SET marked_at = now()
)";

constexpr const char* kMembers = R"(
  SELECT DISTINCT m.organization_id, m.user_id
    FROM public.projects p
    JOIN public.project_members m ON m.organization_id = p.organization_id AND m.project_id = p.id
   WHERE p.id = ANY ($1)
     AND (NOT $2 OR (SELECT count(*) FROM public.project_members n
                      WHERE n.organization_id = p.organization_id AND n.project_id = p.id) >= $3)
)";

/// A project whose members are all in the shared one adds nobody to what the shared one lists.
constexpr const char* kCrowdedMembers = R"(
  WITH memberships AS (
    SELECT p.id AS shared, y.user_id, y.organization_id, y.project_id
      FROM public.projects p
      JOIN public.project_members x ON x.organization_id = p.organization_id AND x.project_id = p.id
      JOIN public.project_members y ON y.organization_id = x.organization_id AND y.user_id = x.user_id
      JOIN public.projects q ON q.organization_id = y.organization_id AND q.id = y.project_id AND q.deleted_at IS NULL
     WHERE p.id = ANY ($1) AND p.deleted_at IS NULL
  ), sizes AS (
    SELECT n.project_id, count(*) AS members
      FROM (SELECT DISTINCT organization_id, project_id FROM memberships) o
      JOIN public.project_members n USING (organization_id, project_id)
     GROUP BY n.project_id
  )
  SELECT DISTINCT user_id
    FROM (SELECT shared, user_id, members, count(*) OVER (PARTITION BY shared, project_id) < members AS reaches_out
            FROM memberships JOIN sizes USING (project_id)) m
   GROUP BY shared, user_id
  HAVING sum(members - 1) > $2 AND bool_or(reaches_out)
)";

constexpr const char* kChangedConsents = R"(
  SELECT organization_id, user_id FROM public.consents
   WHERE scope = 'values_alignment' AND granted_at > $1 AND granted_at <= $2
  UNION
  SELECT organization_id, user_id FROM public.consents
   WHERE scope = 'values_alignment' AND expires_at > $1 AND expires_at <= $2
  UNION
  SELECT organization_id, user_id FROM public.consents
   WHERE scope = 'values_alignment' AND withdrawn_at > $1 AND withdrawn_at <= $2
  UNION
  SELECT organization_id, id FROM public.users
   WHERE requires_parental_consent AND parental_consent_at > $1 AND parental_consent_at <= $2
)";

constexpr const char* kBeginProgress = R"(
  INSERT INTO weir.scoring_progress (group_id, consents_seen_until) VALUES ($1, $2) ON CONFLICT DO NOTHING
)";

constexpr const char* kProgress = "SELECT consents_seen_until FROM weir.scoring_progress WHERE group_id = $1";

constexpr const char* kPeopleAfter = R"(
  SELECT organization_id, id
    FROM public.users
   WHERE ($1::uuid IS NULL OR id > $1::uuid)
     AND ($2::uuid IS NULL OR id = $2::uuid)
   ORDER BY id
   LIMIT $3
)";

/// $2: users who are left out.
constexpr const char* kLockMarks = R"(
  SELECT organization_id, subject_id
    FROM weir.scoring_marks
   WHERE kind = 'alignment' AND subject_id <> ALL ($2)
   ORDER BY marked_at
   LIMIT $1
     FOR UPDATE SKIP LOCKED
)";

constexpr const char* kRemoveMarks = R"(
  DELETE FROM weir.scoring_marks WHERE kind = 'alignment' AND subject_id = ANY ($1)
)";

constexpr const char* kAligning = R"(
  SELECT id, organization_id
    FROM public.assessments
   WHERE status <> 'draft' AND scoring -> 'values_alignment' = 'true'
   ORDER BY id
)";

constexpr const char* kProjects = R"(
  SELECT m.user_id, m.project_id
    FROM public.project_members m
    JOIN public.projects p ON p.organization_id = m.organization_id AND p.id = m.project_id AND p.deleted_at IS NULL
   WHERE m.user_id = ANY ($1)
)";

/// Consent is judged as in live_consents, but at the given time.
constexpr const char* kCandidates = R"(
  SELECT p.id, e.user_id, e.submitted_at, e.response_id
    FROM public.projects p
   CROSS JOIN LATERAL (
     SELECT m.user_id, r.submitted_at, r.id AS response_id
       FROM public.project_members m
       JOIN public.users u ON u.organization_id = m.organization_id AND u.id = m.user_id
      CROSS JOIN LATERAL (
        SELECT s.id, s.submitted_at
          FROM public.assessment_responses s
         WHERE s.user_id = m.user_id AND s.assessment_id = $2 AND s.status = 'scored'
         ORDER BY s.submitted_at DESC, s.id DESC
         LIMIT 1) r
      WHERE m.organization_id = p.organization_id AND m.project_id = p.id AND u.deleted_at IS NULL
        AND (NOT u.requires_parental_consent OR u.parental_consent_at <= $3)
        AND EXISTS (SELECT FROM public.consents c
                     WHERE c.organization_id = m.organization_id AND c.user_id = m.user_id AND c.scope = 'values_alignment'
                       AND c.granted_at <= $3 AND (c.withdrawn_at IS NULL OR c.withdrawn_at > $3)
                       AND (c.expires_at IS NULL OR c.expires_at > $3))
      ORDER BY r.submitted_at DESC, r.id DESC
      LIMIT $4) e
   WHERE p.id = ANY ($1) AND p.deleted_at IS NULL AND ($5::uuid IS NULL OR p.organization_id = $5::uuid)
   ORDER BY p.id, e.submitted_at DESC, e.response_id DESC
)";

constexpr const char* kProfiles = R"(
  SELECT response_id, dimension, raw_score
    FROM public.assessment_scores
   WHERE response_id = ANY ($1) AND raw_score IS NOT NULL AND dimension <> 'composite'
   ORDER BY response_id, dimension COLLATE "C"
)";

constexpr const char* kReadAlignments = R"(
  SELECT v.organization_id, v.user_id, v.other_user_id, v.assessment_id, v.profile_correlation, v.mean_absolute_difference
    FROM unnest($1, $2) AS p (organization_id, user_id)
    JOIN public.values_alignments v USING (organization_id, user_id)
  UNION
  SELECT v.organization_id, v.user_id, v.other_user_id, v.assessment_id, v.profile_correlation, v.mean_absolute_difference
    FROM unnest($1, $2) AS p (organization_id, other_user_id)
    JOIN public.values_alignments v USING (organization_id, other_user_id)
)";

constexpr const char* kWriteAlignments = R"(
  INSERT INTO public.values_alignments (organization_id, user_id, other_user_id, assessment_id, profile_correlation, mean_absolute_difference)
  SELECT * FROM unnest($1)
  ON CONFLICT (organization_id, user_id, other_user_id, assessment_id) DO UPDATE
    SET profile_correlation = excluded.profile_correlation, mean_absolute_difference = excluded.mean_absolute_difference
)";

constexpr const char* kRemoveAlignments = R"(
  DELETE FROM public.values_alignments v
   USING unnest($1, $2, $3, $4) AS r (organization_id, user_id, other_user_id, assessment_id)
   WHERE v.organization_id = r.organization_id AND v.user_id = r.user_id AND v.other_user_id = r.other_user_id
     AND v.assessment_id = r.assessment_id
)";

std::vector<Uuid> values_of(const std::set<UserId>& users) {
  std::vector<Uuid> values;
  for (const UserId& user : users) values.push_back(user.value);
  return values;
}

std::set<Person> people_at(const postgres::Rows& rows) {
  std::set<Person> people;
  for (std::size_t i = 0; i < rows.size(); ++i) people.emplace(rows[i].get<OrganizationId>(0), rows[i].get<UserId>(1));
  return people;
}

}  // namespace

Result<void> mark_people(Statements& connection, const std::set<Person>& people) {
  if (people.empty()) return {};
  WEIR_TRY(connection.execute("scoring_mark_people", kMarkPeople, params_of_pairs(people)));
  return {};
}

Result<std::set<Person>> members_of(Statements& connection, const std::set<Uuid>& projects, bool only_large) {
  if (projects.empty()) return std::set<Person>{};
  const std::vector<Uuid> ids(projects.begin(), projects.end());
  return people_at(WEIR_TRY(connection.query("scoring_members", kMembers, Params{}.add_array(ids).add(only_large).add(kMostPartners))));
}

Result<std::set<UserId>> crowded_members(Statements& connection, const std::set<Uuid>& projects) {
  std::set<UserId> users;
  if (projects.empty()) return users;
  const std::vector<Uuid> ids(projects.begin(), projects.end());
  const auto rows = WEIR_TRY(connection.query("scoring_crowded_members", kCrowdedMembers, Params{}.add_array(ids).add(kMostPartners)));
  for (std::size_t i = 0; i < rows.size(); ++i) users.insert(rows[i].get<UserId>(0));
  return users;
}

Result<void> mark_changed_consents(Statements& connection, Instant from, Instant until) {
  const auto rows = WEIR_TRY(connection.query("scoring_changed_consents", kChangedConsents, Params{}.add(from).add(until)));
  return mark_people(connection, people_at(rows));
}

Result<Instant> consents_seen_until(Statements& connection, const std::string& group, Instant now) {
  WEIR_TRY(connection.execute("scoring_begin_progress", kBeginProgress, Params{}.add(group).add(now)));
  return WEIR_TRY(connection.query("scoring_progress", kProgress, Params{}.add(group)))[0].get<Instant>(0);
}

Result<void> consents_seen(Statements& connection, const std::string& group, Instant until) {
  WEIR_TRY(connection.execute("scoring_consents_seen", "UPDATE weir.scoring_progress SET consents_seen_until = $2 WHERE group_id = $1",
                              Params{}.add(group).add(until)));
  return {};
}

Result<std::vector<Person>> people_after(Statements& connection, const std::optional<Uuid>& after, const std::optional<UserId>& only,
                                         std::int64_t most) {
  const std::optional<Uuid> one = only ? std::optional(only->value) : std::nullopt;
  const auto rows = WEIR_TRY(connection.query("scoring_people_after", kPeopleAfter, Params{}.add(after).add(one).add(most)));
  std::vector<Person> people;
  for (std::size_t i = 0; i < rows.size(); ++i) people.emplace_back(rows[i].get<OrganizationId>(0), rows[i].get<UserId>(1));
  return people;
}

Result<std::set<Person>> lock_marks(Statements& connection, std::size_t most, const std::vector<Uuid>& without) {
  return people_at(WEIR_TRY(connection.query("scoring_lock_marks", kLockMarks, Params{}.add(most).add_array(without))));
}

Result<void> remove_marks(Statements& connection, const std::set<UserId>& users) {
  WEIR_TRY(connection.execute("scoring_remove_marks", kRemoveMarks, Params{}.add_array(values_of(users))));
  return {};
}

Result<std::vector<Aligning>> aligning_instruments(Statements& connection) {
  const auto rows = WEIR_TRY(connection.query("scoring_aligning", kAligning));
  std::vector<Aligning> found;
  for (std::size_t i = 0; i < rows.size(); ++i) found.push_back({rows[i].get<Uuid>(0), rows[i].maybe<OrganizationId>(1)});
  return found;
}

Result<Memberships> read_projects(Statements& connection, const std::set<UserId>& users) {
  const auto rows = WEIR_TRY(connection.query("scoring_projects", kProjects, Params{}.add_array(values_of(users))));
  Memberships found;
  for (std::size_t i = 0; i < rows.size(); ++i) found[rows[i].get<UserId>(0)].insert(rows[i].get<Uuid>(1));
  return found;
}

Result<std::map<Uuid, std::vector<Candidate>>> read_candidates(Statements& connection, const std::set<Uuid>& projects,
                                                               const Aligning& instrument, Instant now) {
  const std::vector<Uuid> ids(projects.begin(), projects.end());
  Params params;
  params.add_array(ids).add(instrument.assessment).add(now).add(kMostPartners + 1).add(instrument.organization);
  const auto rows = WEIR_TRY(connection.query("scoring_candidates", kCandidates, params));
  std::map<Uuid, std::vector<Candidate>> found;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    found[rows[i].get<Uuid>(0)].push_back({rows[i].get<UserId>(1), {rows[i].get<Instant>(2), rows[i].get<Uuid>(3)}});
  }
  return found;
}

Result<std::map<Uuid, Profile>> read_profiles_of(Statements& connection, const std::set<Uuid>& responses) {
  const std::vector<Uuid> ids(responses.begin(), responses.end());
  const auto rows = WEIR_TRY(connection.query("scoring_profiles", kProfiles, Params{}.add_array(ids)));
  std::map<Uuid, Profile> found;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    found[rows[i].get<Uuid>(0)].push_back({rows[i].get<std::string>(1), rows[i].get<double>(2)});
  }
  return found;
}

Result<std::vector<AlignmentRow>> read_alignments(Statements& connection, const std::set<Person>& people) {
  const auto rows = WEIR_TRY(connection.query("scoring_read_alignments", kReadAlignments, params_of_pairs(people)));
  std::vector<AlignmentRow> found;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto row = rows[i];
    found.push_back(
        {row.get<OrganizationId>(0), row.get<UserId>(1), row.get<UserId>(2), row.get<Uuid>(3), {row.maybe<double>(4), row.get<double>(5)}});
  }
  return found;
}

Result<void> write_alignments(Statements& connection, const Difference<AlignmentRow>& rows) {
  if (!rows.remove.empty()) {
    std::array<std::vector<Uuid>, 4> keys;
    for (const AlignmentRow* row : rows.remove) {
      keys[0].push_back(row->organization.value);
      keys[1].push_back(row->user.value);
      keys[2].push_back(row->other.value);
      keys[3].push_back(row->assessment);
    }
    Params params;
    for (const auto& key : keys) params.add_array(key);
    WEIR_TRY(connection.execute("scoring_remove_alignments", kRemoveAlignments, params));
  }
  const auto put = [](RowArray& out, const AlignmentRow* row) {
    out.begin_row(6);
    out.uuid(row->organization.value);
    out.uuid(row->user.value);
    out.uuid(row->other.value);
    out.uuid(row->assessment);
    out.real8(row->alignment.correlation);
    out.real8(row->alignment.mean_absolute_difference);
  };
  WEIR_TRY(connection.execute_over("scoring_write_alignments", kWriteAlignments, "weir.values_alignments_row", rows.write, put));
  return {};
}

}  // namespace weir::scoring
