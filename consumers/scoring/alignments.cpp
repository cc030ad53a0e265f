#include "consumers/scoring/alignments.hpp"

#include "common/group_state/wakeup_keys.hpp"

#include <algorithm>

namespace weir::scoring {

namespace {

std::set<Uuid> all_projects(const Memberships& memberships) {
  std::set<Uuid> projects;
  for (const auto& [user, of] : memberships) projects.insert(of.begin(), of.end());
  return projects;
}

/// Adds the candidates of projects that are not known yet.
Result<void> know(postgres::Statements& connection, Circles& circles, const std::set<Uuid>& projects, const Aligning& instrument,
                  Instant now) {
  std::set<Uuid> unknown;
  for (const Uuid& project : projects) {
    if (circles.candidates_of.find(project) == circles.candidates_of.end()) unknown.insert(project);
  }
  if (unknown.empty()) return {};
  auto found = WEIR_TRY(read_candidates(connection, unknown, instrument, now));
  for (const Uuid& project : unknown) circles.candidates_of[project] = std::move(found[project]);
  return {};
}

/// Adds the projects of users that are not known yet, and the candidates of these.
Result<void> know(postgres::Statements& connection, Circles& circles, const std::set<UserId>& users, const Aligning& instrument,
                  Instant now) {
  std::set<UserId> unknown;
  for (const UserId& user : users) {
    if (circles.projects_of.find(user) == circles.projects_of.end()) unknown.insert(user);
  }
  if (unknown.empty()) return {};
  Memberships found = WEIR_TRY(read_projects(connection, unknown));
  const std::set<Uuid> projects = all_projects(found);
  for (const UserId& user : unknown) circles.projects_of[user] = std::move(found[user]);
  return know(connection, circles, projects, instrument, now);
}

/// The users whose pairs may change with the marked users: the marked users themselves, everybody on a project's list that is full, because
/// a user who comes or goes there moves another user out or in, and those who have too many partners in several projects together.
Result<std::set<UserId>> concerned(postgres::Statements& connection, const std::set<UserId>& marked, const Circles& circles) {
  std::set<UserId> users = marked;
  std::set<Uuid> projects;
  for (const UserId& user : marked) {
    for (const Uuid& project : circles.projects_of.at(user)) {
      projects.insert(project);
      const auto& candidates = circles.candidates_of.at(project);
      if (candidates.size() <= kMostPartners) continue;
      for (const Candidate& candidate : candidates) users.insert(candidate.user);
    }
  }
  users.merge(WEIR_TRY(crowded_members(connection, projects)));
  return users;
}

struct Standing {
  std::set<UserId> users;  // users whose pairs were computed
  std::vector<Pair> pairs;
  std::vector<AlignmentRow> there;  // stored rows of these users
  Circles circles;
};

/// Computes the pairs of `standing.users`, and reads those that are stored.
Result<void> stand(postgres::Statements& connection, Standing& standing, const OrganizationId& organization, const Aligning& instrument,
                   Instant now) {
  Circles& circles = standing.circles;
  WEIR_TRY(know(connection, circles, standing.users, instrument, now));
  std::set<UserId> partners;
  for (const UserId& user : standing.users) {
    for (const Candidate& partner : partners_of(user, circles)) partners.insert(partner.user);
  }
  WEIR_TRY(know(connection, circles, partners, instrument, now));
  standing.pairs = pairs_of(standing.users, circles);
  std::set<Person> people;
  for (const UserId& user : standing.users) people.emplace(organization, user);
  standing.there = WEIR_TRY(read_alignments(connection, people));
  std::erase_if(standing.there, [&](const AlignmentRow& row) { return row.assessment != instrument.assessment; });
  return {};
}

/// The users, not among those of `standing`, whose pair with a marked user has ended: somebody else may take that place among their
/// partners, also where they do not share a project with the marked user any more.
std::set<UserId> parted(const Standing& standing, const std::set<UserId>& marked) {
  std::set<std::pair<UserId, UserId>> pairs;
  for (const Pair& pair : standing.pairs) pairs.emplace(pair.first.user, pair.second.user);
  std::set<UserId> users;
  for (const AlignmentRow& row : standing.there) {
    const bool is_of_marked = marked.contains(row.user) || marked.contains(row.other);
    if (!is_of_marked || pairs.contains({row.user, row.other})) continue;
    for (const UserId& user : {row.user, row.other}) {
      if (!standing.users.contains(user)) users.insert(user);
    }
  }
  return users;
}

Result<Standing> standing_pairs(postgres::Statements& connection, const OrganizationId& organization, const std::set<UserId>& marked,
                                const Aligning& instrument, Instant now) {
  Standing standing;
  WEIR_TRY(know(connection, standing.circles, marked, instrument, now));
  standing.users = WEIR_TRY(concerned(connection, marked, standing.circles));
  WEIR_TRY(stand(connection, standing, organization, instrument, now));
  std::set<UserId> more = parted(standing, marked);
  if (more.empty()) return standing;
  standing.users.merge(more);
  WEIR_TRY(stand(connection, standing, organization, instrument, now));
  return standing;
}

/// Leaves out pairs of users who are `held_back`, unless the other user of the pair is marked.
Result<void> align_instrument(postgres::Statements& connection, const OrganizationId& organization, const std::set<UserId>& marked,
                              const std::set<UserId>& held_back, const Aligning& instrument, Instant now) {
  Alignments found = WEIR_TRY(alignments_of(connection, organization, marked, instrument, now));
  const auto waits = [&](const AlignmentRow& row) {
    return !marked.contains(row.user) && !marked.contains(row.other) && (held_back.contains(row.user) || held_back.contains(row.other));
  };
  std::erase_if(found.there, waits);
  std::erase_if(found.wanted, waits);
  return write_alignments(connection, difference<AlignmentRow>(found.there, found.wanted));
}

/// The marks that a wake-up works on.
struct Marked {
  std::set<Person> people;
  std::set<UserId> held_back;  // marked too, but not to be tried yet
  std::vector<Aligning> instruments;
};

/// Removes the marks of these users, and writes their pairs as they stand now.
Result<void> align_users(postgres::Statements& connection, std::span<const UserId> users, const Marked& marked, Instant now) {
  const std::set<UserId> wanted(users.begin(), users.end());
  WEIR_TRY(remove_marks(connection, wanted));
  std::map<OrganizationId, std::set<UserId>> by_organization;
  for (const auto& [organization, user] : marked.people) {
    if (wanted.contains(user)) by_organization[organization].insert(user);
  }
  for (const Aligning& instrument : marked.instruments) {
    for (const auto& [organization, of_it] : by_organization) {
      if (instrument.organization && *instrument.organization != organization) continue;
      WEIR_TRY(align_instrument(connection, organization, of_it, marked.held_back, instrument, now));
    }
  }
  return {};
}

}  // namespace

Result<Alignments> alignments_of(postgres::Statements& connection, const OrganizationId& organization, const std::set<UserId>& marked,
                                 const Aligning& instrument, Instant now) {
  Standing standing = WEIR_TRY(standing_pairs(connection, organization, marked, instrument, now));
  std::set<Uuid> responses;
  for (const Pair& pair : standing.pairs) {
    responses.insert(pair.first.newest.response);
    responses.insert(pair.second.newest.response);
  }
  const auto profiles = WEIR_TRY(read_profiles_of(connection, responses));
  const auto profile_of = [&](const Candidate& candidate) {
    const auto found = profiles.find(candidate.newest.response);
    return found == profiles.end() ? Profile{} : found->second;
  };
  Alignments found;
  for (const Pair& pair : standing.pairs) {
    const auto alignment = align(profile_of(pair.first), profile_of(pair.second));
    if (alignment) found.wanted.push_back({organization, pair.first.user, pair.second.user, instrument.assessment, *alignment});
  }
  found.there = std::move(standing.there);
  found.circles = std::move(standing.circles);
  return found;
}

Result<bool> align_marked(postgres::Statements& connection, const std::string& group, Instant now) {
  const Instant seen = WEIR_TRY(consents_seen_until(connection, group, now));
  if (now > seen) {
    WEIR_TRY(mark_changed_consents(connection, seen, now));
    WEIR_TRY(consents_seen(connection, group, now));
  }
  auto keys = WEIR_TRY(group_state::WakeupKeys::read(connection, group, "alignments"));
  const std::vector<Uuid> held_back = keys.held_back();
  Marked marked{WEIR_TRY(lock_marks(connection, kMarksAtOnce, held_back)), {}, {}};
  for (const Uuid& user : held_back) marked.held_back.insert(UserId{user});
  std::set<UserId> users;
  for (const auto& [organization, user] : marked.people) users.insert(user);
  for (const Uuid& user : keys.due()) users.insert(UserId{user});
  if (users.empty()) return false;
  marked.instruments = WEIR_TRY(aligning_instruments(connection));
  const bool all = WEIR_TRY(keys.take(connection, std::vector(users.begin(), users.end()),
                                      [&](std::span<const UserId> some) { return align_users(connection, some, marked, now); }));
  return !all || marked.people.size() == kMarksAtOnce;
}

}  // namespace weir::scoring
