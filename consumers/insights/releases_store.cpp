#include "consumers/insights/releases_store.hpp"

#include "consumers/insights/pure/group_release.hpp"
#include "consumers/insights/pure/weekly_activity.hpp"

#include <fmt/ranges.h>

#include <map>
#include <tuple>
#include <vector>

namespace weir::insights {

namespace {

using postgres::Params;
using postgres::RowArray;
using postgres::Rows;
using postgres::Statements;

constexpr std::int64_t kAtOnce = 50;

/// Whoever holds this row computes the releases.
constexpr const char* kProgress = R"(
  SELECT (week - date '1970-01-01')::integer, last_professional
    FROM weir.group_release_progress
     FOR UPDATE SKIP LOCKED
)";

constexpr const char* kEarlier = R"(
  SELECT professional_id, instrument, dimension, members::text[], mean_score, sd_score
    FROM weir.group_releases
   WHERE professional_id = ANY ($1)
   ORDER BY week
)";

constexpr const char* kWrite = R"(
  INSERT INTO weir.group_releases (organization_id, professional_id, instrument, dimension, week, members, mean_score, sd_score)
  SELECT r.organization_id, r.professional_id, r.instrument, r.dimension, r.week, r.members::uuid[], r.mean_score, r.sd_score
    FROM unnest($1) r
  ON CONFLICT (professional_id, instrument, dimension, week) DO NOTHING
)";

constexpr const char* kDone = R"(
  UPDATE weir.group_release_progress
     SET week = ($1 AT TIME ZONE 'UTC')::date, last_professional = $2::uuid
)";

/// A professional, an instrument and a dimension.
using GroupKey = std::tuple<Uuid, std::string, std::string>;

struct Group {
  OrganizationId organization;
  std::vector<MemberScore> people;
  std::vector<Members> earlier;
  std::optional<Release> newest;
};

struct Released {
  const GroupKey* key = nullptr;
  OrganizationId organization;
  Release release;
};

Members parsed(const std::vector<std::string>& texts) {
  Members members;
  for (const std::string& text : texts) members.push_back(*Uuid::parse(text));
  return members;
}

Result<std::map<GroupKey, Group>> read_groups(Statements& connection, const std::vector<Uuid>& professionals) {
  const Params params = Params{}.add_array(professionals);
  const Rows people = WEIR_TRY(connection.query(
      "insights_group_members",
      "SELECT professional_id, instrument, dimension, organization_id, user_id, raw_score FROM weir.group_members($1)", params));
  std::map<GroupKey, Group> groups;
  for (std::size_t i = 0; i < people.size(); ++i) {
    const auto row = people[i];
    Group& group = groups[{row.get<Uuid>(0), row.get<std::string>(1), row.get<std::string>(2)}];
    group.organization = row.get<OrganizationId>(3);
    group.people.push_back({row.get<Uuid>(4), row.get<double>(5)});
  }
  const Rows earlier = WEIR_TRY(connection.query("insights_earlier_releases", kEarlier, params));
  for (std::size_t i = 0; i < earlier.size(); ++i) {
    const auto row = earlier[i];
    const auto found = groups.find({row.get<Uuid>(0), row.get<std::string>(1), row.get<std::string>(2)});
    if (found == groups.end()) continue;
    Group& group = found->second;
    group.earlier.push_back(parsed(row.get<std::vector<std::string>>(3)));
    group.newest = Release{group.earlier.back(), row.get<double>(4), row.get<double>(5)};
  }
  return groups;
}

Result<void> write_releases(Statements& connection, const std::map<GroupKey, Group>& groups, Day week) {
  std::vector<Released> released;
  for (const auto& [key, group] : groups) {
    std::optional<Release> release = release_of(group.people, group.earlier);
    if (release && release != group.newest) released.push_back({&key, group.organization, *std::move(release)});
  }
  const auto put = [&](RowArray& out, const Released& one) {
    std::vector<std::string> members;
    for (const Uuid& member : one.release.members) members.push_back(member.text());
    const std::string array = fmt::format("{{{}}}", fmt::join(members, ","));
    out.begin_row(8);
    out.uuid(one.organization.value);
    out.uuid(std::get<0>(*one.key));
    out.text(std::get<1>(*one.key));
    out.text(std::get<2>(*one.key));
    out.date(week);
    out.text(array);
    out.real8(one.release.mean);
    out.real8(one.release.deviation);
  };
  WEIR_TRY(connection.execute_over("insights_write_releases", kWrite, "weir.group_releases_row", released, put));
  return {};
}

}  // namespace

Result<bool> release_groups(Statements& connection, Instant now) {
  const Day week = monday_of(now);
  const Rows progress = WEIR_TRY(connection.query("insights_release_progress", kProgress));
  if (progress.empty()) return false;
  const Day done_week{std::chrono::days{progress[0].get<std::int32_t>(0)}};
  const auto last = progress[0].maybe<Uuid>(1);
  if (done_week > week || (done_week == week && !last)) return false;
  const Uuid after = done_week == week ? *last : Uuid{};
  const Rows rows =
      WEIR_TRY(connection.query("insights_group_professionals", "SELECT professional_id FROM weir.group_professionals($1, $2::integer)",
                                Params{}.add(after).add(kAtOnce)));
  std::vector<Uuid> professionals;
  for (std::size_t i = 0; i < rows.size(); ++i) professionals.push_back(rows[i].get<Uuid>(0));
  if (!professionals.empty()) {
    const auto groups = WEIR_TRY(read_groups(connection, professionals));
    WEIR_TRY(write_releases(connection, groups, week));
  }
  const bool has_more = professionals.size() == kAtOnce;
  const auto reached = has_more ? std::optional(professionals.back()) : std::nullopt;
  WEIR_TRY(connection.execute("insights_releases_done", kDone, Params{}.add(Instant{week}).add(reached)));
  return has_more;
}

}  // namespace weir::insights
