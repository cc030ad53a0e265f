#include "consumers/insights/pure/weekly_activity.hpp"

#include <fmt/format.h>

namespace weir::insights {

Day monday_of(Instant at) {
  const Day day = std::chrono::floor<std::chrono::days>(at);
  return day - (std::chrono::weekday(day) - std::chrono::Monday);
}

Uuid week_id(const UserWeek& week) {
  const std::chrono::year_month_day date{week.monday};
  return Uuid::v5(week.user.value, fmt::format("week {:04}-{:02}-{:02}", int(date.year()), unsigned(date.month()), unsigned(date.day())));
}

WeeklyChanges weekly_changes(std::span<const ActionDone> actions, std::span<const CompletionMoved> completions) {
  WeeklyChanges changes;
  std::set<Uuid> counted;
  for (const ActionDone& action : actions) {
    if (counted.insert(action.identity).second) ++changes.actions[{action.organization, action.user, monday_of(action.at)}];
  }
  for (const CompletionMoved& moved : completions) {
    for (const std::optional<CompletionPlace>& place : {moved.before, moved.after}) {
      if (place) changes.recount.insert({moved.organization, place->user, monday_of(place->at)});
    }
  }
  return changes;
}

}  // namespace weir::insights
