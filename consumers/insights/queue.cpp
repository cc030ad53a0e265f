#include "consumers/insights/queue.hpp"

#include "consumers/insights/consented_drafts.hpp"
#include "consumers/insights/placing.hpp"
#include "consumers/insights/tables.hpp"

#include <algorithm>
#include <utility>

namespace weir::insights {

namespace {

using delivery::Claimed;
using delivery::Wanted;
using postgres::Statements;

constexpr std::size_t kInsightsOfAnIntent = 2;  // as many as most intents bring
constexpr Milliseconds kHeldBack{10};           // a claim, by a template that is late

/// How many calls may begin, by the room that the accounts have.
std::size_t room_in(const Wanted& wanted, const Chain& chain) {
  std::size_t room = 0;
  for (const auto& account : chain) {
    const auto found = wanted.room.find(account->name);
    room += found == wanted.room.end() ? wanted.most_of_an_account : found->second;
  }
  return std::min(room, wanted.most);
}

}  // namespace

InsightQueue::InsightQueue(QueueParts parts)
    : parts_(std::move(parts)), of_claims_(parts_.session, parts_.clock), of_reports_(parts_.session, parts_.clock), names_(parts_.clock) {}

Result<void> InsightQueue::prepare() {
  return of_claims_.transaction([](Statements& connection) { return require_tables(connection); });
}

std::size_t InsightQueue::may_find() {
  const Microseconds room = room_of(parts_.deadlines);
  const SteadyInstant now = parts_.clock.steady();
  while (!found_.empty() && found_.front().first + room <= now) found_.pop_front();
  std::size_t count = 0;
  for (const auto& [at, insights] : found_) count += insights;
  const std::size_t most = parts_.pace->most_due_together(room);
  return most - std::min(most, count);
}

/// Where the waiting drafts take all the room, no intent is claimed; where they have none, since accounts rest, intents go on being
/// claimed.
Result<Claimed> InsightQueue::claim(Statements& connection, const Wanted& wanted) {
  const PlacingTerms terms{.chain = parts_.chain, .deadlines = parts_.deadlines, .wanted = wanted, .step = parts_.clock_step};
  const Microseconds room = room_of(parts_.deadlines);
  if (WEIR_TRY(look_at_moment(connection, parts_.clock_step - room / 2)).is_template_late) {
    Claimed none;
    none.next_due_in = kHeldBack;
    return none;
  }
  const Microseconds soon = room + parts_.pace->lead(room);
  Placeable drafts;
  if (!parts_.chain.empty())
    drafts.waiting = WEIR_TRY(drop_withdrawn(connection, WEIR_TRY(due_drafts(connection, wanted.most, soon, parts_.clock_step))));
  const std::size_t left = wanted.most - std::min(drafts.waiting.size(), room_in(wanted, parts_.chain));
  const std::size_t in_time = std::min(left, may_find());
  const std::size_t intents = (in_time + kInsightsOfAnIntent - 1) / kInsightsOfAnIntent;
  Found found;
  if (intents > 0) found = WEIR_TRY(find_insights(connection, findings_, intents, parts_.clock_step));
  drafts.found = std::move(found.drafts);
  if (!drafts.found.empty()) found_.emplace_back(parts_.clock.steady(), drafts.found.size());
  Claimed claimed;
  claimed.jobs = WEIR_TRY(place_calls(connection, names_, terms, std::move(drafts)));
  if (found.is_held_back || in_time < left) {
    claimed.next_due_in = kHeldBack;
  } else if (found.intents >= intents) {
    claimed.next_due_in = Microseconds{0};
  } else {
    claimed.next_due_in = WEIR_TRY(until_next_claim(connection, parts_.clock_step));
  }
  return claimed;
}

Result<Claimed> InsightQueue::claim(const Wanted& wanted) {
  return of_claims_.transaction([&](Statements& connection) { return claim(connection, wanted); });
}

/// A try that is given back means nothing here: a call has no second try, and an insight's next provider does not wait for one.
Result<std::size_t> InsightQueue::report(std::span<const delivery::Report> reports, std::span<const delivery::Refund>) {
  const auto ended = WEIR_TRY(of_reports_.transaction(
      [&](Statements& connection) { return end_reported_calls(connection, parts_.chain, reports, parts_.clock_step); }));
  if (parts_.metrics != nullptr) show_calls(*parts_.metrics, ended);
  return ended.size();
}

}  // namespace weir::insights
