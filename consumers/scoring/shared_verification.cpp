#include "consumers/scoring/shared_verification.hpp"

#include "consumers/scoring/alignments.hpp"
#include "consumers/scoring/counts_store.hpp"
#include "consumers/scoring/result_columns.hpp"
#include "consumers/scoring/verification_store.hpp"

#include <algorithm>

namespace weir::scoring {

namespace {

constexpr std::size_t kSubjectsAtOnce = 100;  // whose completions or holders one statement counts

/// Users whose partners may be more than a user can have, so that somebody else's change moves one of these in or out.
bool is_crowded(const UserId& user, const Circles& circles) {
  std::size_t candidates = 0;
  const auto projects = circles.projects_of.find(user);
  if (projects == circles.projects_of.end()) return false;
  for (const Uuid& project : projects->second) {
    const auto of = circles.candidates_of.find(project);
    if (of != circles.candidates_of.end()) candidates += of->second.size();
  }
  return candidates > kMostPartners;
}

/// The next subjects at `at`, which moves past them.
std::set<Subject> some_of(const std::set<Subject>& subjects, std::set<Subject>::const_iterator& at) {
  std::set<Subject> some;
  for (; at != subjects.end() && some.size() < kSubjectsAtOnce; ++at) some.insert(*at);
  return some;
}

}  // namespace

Result<void> SharedVerification::begin() {
  if (begun_) return {};
  begun_ = true;
  // Pairs stand by the consents that the last wake-up saw, so that one which has expired since is no difference.
  consents_at_ = WEIR_TRY(consents_aligned_at(connection_, group_));
  instruments_ = WEIR_TRY(aligning_instruments(connection_));
  return {};
}

Result<void> SharedVerification::align(const std::vector<Person>& people) {
  WEIR_TRY(begin());
  if (!consents_at_ || instruments_.empty()) return {};
  std::map<OrganizationId, std::set<UserId>> by_organization;
  for (const auto& [organization, user] : people) by_organization[organization].insert(user);
  for (const Aligning& instrument : instruments_) {
    for (const auto& [organization, users] : by_organization) {
      if (instrument.organization && *instrument.organization != organization) continue;
      WEIR_TRY(align_by(instrument, organization, users));
    }
  }
  return {};
}

Result<void> SharedVerification::align_by(const Aligning& instrument, const OrganizationId& organization, const std::set<UserId>& users) {
  Alignments found = WEIR_TRY(alignments_of(connection_, organization, users, instrument, *consents_at_));
  std::set<UserId> concerned;
  std::set<Uuid> crowded;  // projects in which a marked user may move others
  for (const auto* rows : {&found.wanted, &found.there}) {
    for (const AlignmentRow& row : *rows) {
      for (const UserId& user : {row.user, row.other}) {
        if (!concerned.insert(user).second || !is_crowded(user, found.circles)) continue;
        const auto& projects = found.circles.projects_of.at(user);
        crowded.insert(projects.begin(), projects.end());
      }
    }
  }
  const AlignmentsWaiting waiting = WEIR_TRY(alignments_that_wait(connection_, group_, concerned, crowded));
  const auto may_change = [&](const UserId& user) {
    if (waiting.users.contains(user)) return true;
    if (waiting.projects.empty() || !is_crowded(user, found.circles)) return false;
    const auto& projects = found.circles.projects_of.at(user);
    return std::ranges::any_of(projects, [&](const Uuid& project) { return waiting.projects.contains(project); });
  };
  const auto waits = [&](const AlignmentRow& row) { return may_change(row.user) || may_change(row.other); };
  const std::size_t left_out = std::erase_if(found.there, waits) + std::erase_if(found.wanted, waits);
  if (left_out > 0) {
    found_.not_asked("alignments of users who wait for a wake-up, or whose rows the database refuses (weir status)",
                     static_cast<std::int64_t>(left_out));
  }
  add_difference(found_, "public.values_alignments", difference<AlignmentRow>(found.there, found.wanted));
  return {};
}

Result<void> SharedVerification::note(const std::vector<Person>& people) {
  activities_.merge(WEIR_TRY(activities_completed(connection_, people, period_)));
  achievements_.merge(WEIR_TRY(achievements_received(connection_, people, period_)));
  return {};
}

Result<void> SharedVerification::count() {
  activities_.merge(WEIR_TRY(ratings_written(connection_, period_)));
  for (auto at = activities_.cbegin(); at != activities_.cend();) WEIR_TRY(rate(some_of(activities_, at)));
  for (Subject after{};;) {
    const std::set<Subject> stored = WEIR_TRY(holders_after(connection_, after, kSubjectsAtOnce));
    if (stored.empty()) break;
    after = *stored.rbegin();
    WEIR_TRY(hold(stored));
    for (const Subject& one : stored) achievements_.erase(one);
  }
  for (auto at = achievements_.cbegin(); at != achievements_.cend();) WEIR_TRY(hold(some_of(achievements_, at)));
  return {};
}

Result<void> SharedVerification::rate(const std::set<Subject>& activities) {
  const auto asked = WEIR_TRY(
      without_waiting(MarkKind::kRating, activities, "ratings of activities that wait for a wake-up, or that the database refuses"));
  const std::vector<RatingRow> wanted = WEIR_TRY(rate_activities(connection_, asked));
  const std::vector<RatingRow> there = WEIR_TRY(read_ratings(connection_, asked));
  add_difference(found_, "public.activity_ratings", difference<RatingRow>(there, wanted));
  return {};
}

Result<void> SharedVerification::hold(const std::set<Subject>& achievements) {
  const auto asked = WEIR_TRY(
      without_waiting(MarkKind::kHolders, achievements, "counts of holders that wait for a wake-up, or that the database refuses"));
  const std::vector<HoldersRow> wanted = WEIR_TRY(counted_holders(connection_, asked));
  const std::vector<HoldersRow> there = WEIR_TRY(read_holders(connection_, asked));
  add_difference(found_, "weir.achievement_holders", difference<HoldersRow>(there, wanted));
  return {};
}

Result<std::set<Subject>> SharedVerification::without_waiting(MarkKind kind, const std::set<Subject>& subjects, const char* waiting) {
  std::set<Subject> asked = subjects;
  for (const Subject& subject : WEIR_TRY(subjects_that_wait(connection_, kind, subjects, group_))) {
    asked.erase(subject);
    found_.not_asked(waiting);
  }
  return asked;
}

}  // namespace weir::scoring
