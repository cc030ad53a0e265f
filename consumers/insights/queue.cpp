#include "consumers/insights/queue.hpp"

#include "consumers/insights/placing.hpp"
#include "consumers/insights/queue_metrics.hpp"
#include "consumers/insights/tables.hpp"

#include <algorithm>
#include <utility>

namespace weir::insights {

namespace {

using delivery::Claimed;
using postgres::Statements;

constexpr std::size_t kInsightsOfAnIntent = 2;  // as many as most intents bring
constexpr int kRounds = 4;                      // of a step that another transaction got in the way of
constexpr Seconds kSweep{1};
constexpr Seconds kMeasure{5};
constexpr Milliseconds kLongestRest{200};
constexpr Milliseconds kShortestRest{5};

/// No statement of the queue may read a table whole, whatever the planner takes for the number of rows that an array brings.
constexpr const char* kSession = R"(
  SET enable_seqscan = off;
  SET enable_hashjoin = off;
  SET enable_mergejoin = off;
  SET plan_cache_mode = force_generic_plan;
  SET jit = off
)";

}  // namespace

InsightQueue::InsightQueue(QueueParts parts) : parts_(std::move(parts)), names_(parts_.clock) {}

Result<postgres::Connection*> InsightQueue::session() {
  if (session_ && session_->usable() && !session_->in_transaction()) return &*session_;
  session_.reset();
  auto opened = WEIR_TRY(postgres::Connection::open(parts_.session));
  WEIR_TRY(opened.script(kSession));
  session_.emplace(std::move(opened));
  return &*session_;
}

template <class Work>
auto InsightQueue::transaction(Work work) -> decltype(work(std::declval<Statements&>())) {
  for (int round = 1;; ++round) {
    postgres::Connection* connection = WEIR_TRY(session());
    auto done = connection->within_transaction([&] { return work(*connection); });
    if (done || done.error().kind != FaultKind::kPgSerialization || round == kRounds) return done;
  }
}

Result<void> InsightQueue::prepare() {
  postgres::Connection* connection = WEIR_TRY(session());
  return require_tables(*connection);
}

bool InsightQueue::has_come(SteadyInstant& at, Microseconds interval) const {
  const SteadyInstant now = parts_.clock.steady();
  if (now < at) return false;
  at = now + interval;
  return true;
}

Result<void> InsightQueue::measure() {
  if (parts_.metrics == nullptr || !has_come(measure_at_, kMeasure)) return {};
  return transaction([&](Statements& connection) { return show_depth(connection, *parts_.metrics); });
}

Result<std::size_t> InsightQueue::draft(std::size_t most) {
  return transaction([&](Statements& connection) {
    return draft_insights(connection, findings_, names_, parts_.chain, parts_.deadlines, most, parts_.clock_step);
  });
}

Result<std::vector<delivery::Job>> InsightQueue::place(const delivery::Wanted& wanted) {
  return transaction([&](Statements& connection) {
    return place_calls(connection, names_,
                       {.chain = parts_.chain, .deadlines = parts_.deadlines, .wanted = wanted, .step = parts_.clock_step});
  });
}

/// Drafts come before intents, whose time begins with their claim: no more of them are claimed than calls can begin.
Result<Claimed> InsightQueue::claim(const delivery::Wanted& wanted) {
  WEIR_TRY(measure());
  Claimed claimed;
  if (!parts_.chain.empty()) claimed.jobs = WEIR_TRY(place(wanted));
  delivery::Wanted rest = wanted;
  rest.most -= claimed.jobs.size();
  if (rest.most == 0) {
    claimed.next_due_in = Microseconds{0};
    return claimed;
  }
  const std::size_t intents = std::max<std::size_t>(1, rest.most / kInsightsOfAnIntent);
  const std::size_t taken = WEIR_TRY(draft(intents));
  if (taken > 0 && !parts_.chain.empty()) {
    for (const delivery::Job& job : claimed.jobs) {
      if (const auto room = rest.room.find(job.account); room != rest.room.end() && room->second > 0) --room->second;
    }
    for (delivery::Job& job : WEIR_TRY(place(rest))) claimed.jobs.push_back(std::move(job));
  }
  claimed.next_due_in = WEIR_TRY(transaction([&](Statements& connection) { return until_next_claim(connection, parts_.clock_step); }));
  if (taken >= intents) claimed.next_due_in = Microseconds{0};
  return claimed;
}

/// A try that is given back means nothing here: a call has no second try, and an insight's next provider does not wait for one.
Result<std::size_t> InsightQueue::report(std::span<const delivery::Report> reports, std::span<const delivery::Refund>) {
  const auto ended = WEIR_TRY(
      transaction([&](Statements& connection) { return end_reported_calls(connection, parts_.chain, reports, parts_.clock_step); }));
  if (parts_.metrics != nullptr) show_calls(*parts_.metrics, ended);
  return ended.size();
}

Result<Microseconds> InsightQueue::keep_deadlines() {
  const auto written = WEIR_TRY(transaction([&](Statements& connection) { return write_templates(connection, parts_.clock_step); }));
  if (parts_.metrics != nullptr) show_templates(*parts_.metrics, written);
  if (has_come(sweep_at_, kSweep)) {
    const auto ended = WEIR_TRY(transaction([&](Statements& connection) { return sweep(connection, parts_.chain, parts_.clock_step); }));
    if (parts_.metrics != nullptr) show_calls(*parts_.metrics, ended);
  }
  const auto next = WEIR_TRY(transaction([&](Statements& connection) { return until_next_template(connection, parts_.clock_step); }));
  return std::clamp<Microseconds>(next.value_or(kLongestRest), kShortestRest, kLongestRest);
}

}  // namespace weir::insights
