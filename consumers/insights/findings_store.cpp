#include "consumers/insights/findings_store.hpp"

#include "common/postgres/columns.hpp"
#include "consumers/insights/history_store.hpp"
#include "consumers/insights/pure/agent_degradation.hpp"
#include "consumers/insights/pure/find.hpp"

#include <algorithm>
#include <functional>
#include <iterator>
#include <set>

namespace weir::insights {

namespace {

using postgres::columns_of;
using postgres::Params;
using postgres::Row;
using postgres::Rows;
using postgres::Statements;

constexpr const char* kPeople = R"(
  SELECT u.organization_id, u.id, u.time_zone, u.locale
    FROM unnest($1, $2) AS p (organization_id, user_id)
    JOIN public.users u ON u.organization_id = p.organization_id AND u.id = p.user_id AND u.deleted_at IS NULL
)";

/// The newest insight of each pattern and subject, whatever became of it: $1 and $2 are users, $3 organizations. OFFSET 0 lets the planner
/// begin with these alone: it would read all insights where it takes them for few.
constexpr const char* kTold = R"(
  SELECT DISTINCT ON (organization_id, user_id, pattern, subject) organization_id, user_id, id, pattern, subject, class, created_at
    FROM (SELECT p.organization_id, p.user_id, i.id, i.pattern, i.subject, i.class, i.created_at
            FROM unnest($1, $2) AS p (organization_id, user_id)
           CROSS JOIN LATERAL (
             SELECT id, pattern, subject, class, created_at
               FROM public.insights
              WHERE organization_id = p.organization_id AND user_id = p.user_id
             OFFSET 0) i
           UNION ALL
          SELECT o.organization_id, NULL, i.id, i.pattern, i.subject, i.class, i.created_at
            FROM unnest($3) AS o (organization_id)
           CROSS JOIN LATERAL (
             SELECT id, pattern, subject, class, created_at
               FROM public.insights
              WHERE organization_id = o.organization_id AND user_id IS NULL
             OFFSET 0) i) told
   WHERE pattern <> ''
   ORDER BY organization_id, user_id, pattern, subject, created_at DESC, id
)";

constexpr const char* kNotHelpful = R"(
  SELECT p.organization_id, p.user_id, i.pattern, count(*)
    FROM unnest($1, $2) AS p (organization_id, user_id)
   CROSS JOIN LATERAL (
     SELECT pattern
       FROM public.insights
      WHERE organization_id = p.organization_id AND user_id = p.user_id AND rating = 'not_helpful'
     OFFSET 0) i
   GROUP BY p.organization_id, p.user_id, i.pattern
)";

/// What was told of a subject before.
struct Before {
  std::vector<Told> told;
  NotHelpful not_helpful;
};

/// The distinct subjects, users apart from organizations.
struct Parts {
  explicit Parts(std::span<const Subject> subjects) {
    const std::set<Subject> distinct(subjects.begin(), subjects.end());
    for (const Subject& subject : distinct) {
      if (subject.user) {
        people.push_back({subject.organization, *subject.user});
      } else {
        organizations.push_back(subject.organization);
      }
    }
  }
  std::vector<Person> people;
  std::vector<OrganizationId> organizations;
};

Result<std::map<Subject, Before>> read_before(Statements& connection, const Parts& parts) {
  std::map<Subject, Before> before;
  std::vector<Uuid> organizations;
  for (const OrganizationId& organization : parts.organizations) organizations.push_back(organization.value);
  const auto keys = [&] { return columns_of(parts.people, &Person::organization, &Person::user); };
  const Rows told = WEIR_TRY(connection.query("insights_told", kTold, keys().add_array(organizations)));
  for (std::size_t i = 0; i < told.size(); ++i) {
    const Row row = told[i];
    before[{row.get<OrganizationId>(0), row.maybe<UserId>(1)}].told.push_back(
        {row.get<Uuid>(2), row.get<std::string>(3), row.get<std::string>(4), row.get<std::string>(5), row.get<Instant>(6)});
  }
  const Rows rated = WEIR_TRY(connection.query("insights_not_helpful", kNotHelpful, keys()));
  for (std::size_t i = 0; i < rated.size(); ++i) {
    const Row row = rated[i];
    before[{row.get<OrganizationId>(0), row.get<UserId>(1)}].not_helpful[row.get<std::string>(2)] = row.get<std::int64_t>(3);
  }
  return before;
}

using Found = std::map<Subject, std::pair<std::string, std::vector<Finding>>>;  // with the locale

Result<void> find_in_people(Statements& connection, std::vector<Person> people, const ZoneNames& zones, Instant now, Found& out) {
  if (people.empty()) return {};
  const Rows rows = WEIR_TRY(connection.query("insights_people", kPeople, columns_of(people, &Person::organization, &Person::user)));
  people.clear();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Row row = rows[i];
    people.push_back({row.get<OrganizationId>(0), row.get<UserId>(1), zones.counted_as(row.text(2))});
    out[{people.back().organization, people.back().user}].first = row.get<std::string>(3);
  }
  const auto histories = WEIR_TRY(read_histories(connection, people, now));
  for (const Person& person : people) out[{person.organization, person.user}].second = find(histories.at(person.user), now);
  return {};
}

Result<void> find_in_agents(Statements& connection, std::span<const OrganizationId> organizations, Instant now, Found& out) {
  const auto agents = WEIR_TRY(read_agents(connection, organizations, now));
  for (const auto& [organization, histories] : agents) {
    auto& [locale, findings] = out[{organization, std::nullopt}];
    locale = "en";
    for (const AgentHistory& history : histories) {
      std::vector<Finding> found = agent_degradation(history, now);
      std::ranges::move(found, std::back_inserter(findings));
    }
  }
  return {};
}

}  // namespace

Result<std::vector<SubjectFindings>> FindingsReader::find_for(Statements& connection, std::span<const Subject> subjects, Instant now) {
  const Parts parts(subjects);
  WEIR_TRY(zones_.read_once(connection));
  Found found;
  WEIR_TRY(find_in_people(connection, parts.people, zones_, now, found));
  WEIR_TRY(find_in_agents(connection, parts.organizations, now, found));
  const auto before = WEIR_TRY(read_before(connection, parts));
  std::vector<SubjectFindings> all;
  for (const Subject& subject : subjects) {
    SubjectFindings& one = all.emplace_back();
    const auto at = found.find(subject);
    if (at == found.end()) continue;
    const auto earlier = before.find(subject);
    const Before none;
    const Before& was = earlier == before.end() ? none : earlier->second;
    one.locale = at->second.first;
    one.tellings = to_tell(at->second.second, was.told, was.not_helpful, now);
  }
  return all;
}

}  // namespace weir::insights
