// How much each user does a week: actions, and completions of activities.
//
// An action is counted when it is taken. The caller passes those actions only that the group has not taken before. Completions are rows,
// which applications correct and delete; so a change of such a row only says which weeks must be counted anew, from the rows as they stand.
// Counting again gives the same, however often a change comes.
#pragma once

#include "consumers/insights/pure/history.hpp"

#include <map>
#include <optional>
#include <set>
#include <span>

namespace weir::insights {

/// A user's week, as UTC has it.
struct UserWeek {
  OrganizationId organization;
  UserId user;
  Day monday{};
  friend auto operator<=>(const UserWeek&, const UserWeek&) = default;
};

/// The Monday of the ISO week that holds this moment, in UTC.
[[nodiscard]] Day monday_of(Instant at);

/// Id of a week's row, by which findings name it as their evidence.
[[nodiscard]] Uuid week_id(const UserWeek& week);

/// An action that a user did.
struct ActionDone {
  Uuid identity;  // of the event
  OrganizationId organization;
  UserId user;
  Instant at{};
};

/// Whose completion a row of activity_completions was, and when.
struct CompletionPlace {
  UserId user;
  Instant at{};
};

/// A change of such a row. A row that is new has no `before`, a row that was deleted has no `after`.
struct CompletionMoved {
  OrganizationId organization;
  std::optional<CompletionPlace> before;
  std::optional<CompletionPlace> after;
};

/// What a unit of work does to weir.weekly_activity.
struct WeeklyChanges {
  std::map<UserWeek, std::int64_t> actions;  // to add
  std::set<UserWeek> recount;                // weeks whose completions are counted anew
  friend bool operator==(const WeeklyChanges&, const WeeklyChanges&) = default;
};

/// The changes of one unit of work. An action that is passed twice counts once.
[[nodiscard]] WeeklyChanges weekly_changes(std::span<const ActionDone> actions, std::span<const CompletionMoved> completions);

}  // namespace weir::insights
