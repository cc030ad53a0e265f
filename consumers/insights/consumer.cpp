// Order of locks in a unit of work: weeks, intents, drafts, insights; in each by primary key.
#include "consumers/insights/consumer.hpp"

#include "consumers/insights/decoders.hpp"
#include "consumers/insights/facts.hpp"
#include "consumers/insights/intents_store.hpp"
#include "consumers/insights/releases_store.hpp"
#include "consumers/insights/tables.hpp"
#include "consumers/insights/weekly_store.hpp"

#include <map>
#include <set>

namespace weir::insights {

namespace {

constexpr Microseconds kWakeInterval = Seconds{60};

/// The facts of a batch, gathered by table, so that each table is written once for the whole batch.
struct Intake {
  std::map<Subject, Uuid> first_events;
  std::set<Withdrawal> withdrawals;
  std::vector<ActionDone> actions;
  std::vector<CompletionMoved> completions;

  void add(const Fact& fact, Instant now) {
    if (fact.opens_intent) first_events.emplace(fact.subject, fact.event);
    if (fact.action) actions.push_back(*fact.action);
    if (fact.completion) completions.push_back(*fact.completion);
    if (!fact.consent || !fact.subject.user) return;
    const auto at = fact.consent->is_deleted ? std::optional(now) : fact.consent->withdrawn_at;
    if (at) withdrawals.insert({fact.subject.organization, *fact.subject.user, *at});
  }
};

}  // namespace

runtime::Description description_of(const Options& options) {
  runtime::Description out{"insights", options.group, {}, options.flush};
  for (const std::string& topic : options.user_rows) out.topics.push_back({topic, user_row_decoder});
  out.topics.push_back({options.completions, completion_decoder});
  out.topics.push_back({options.consents, consent_decoder});
  out.topics.push_back({options.actions, action_decoder});
  // Final windows are told only where weir rollups is told to, so that their topic need not be there.
  out.topics.push_back({options.finals, final_decoder, runtime::TopicRole::kNotices});
  return out;
}

Result<void> InsightsConsumer::prepare(postgres::Statements& connection) { return require_tables(connection); }

Result<std::vector<runtime::Outcome>> InsightsConsumer::apply(std::span<const runtime::Event* const> batch, runtime::Fold*,
                                                              runtime::Work& work, Instant now) {
  Intake intake;
  for (const runtime::Event* event : batch) intake.add(event->as<Fact>(), now);
  postgres::Statements& connection = work.statements();
  WEIR_TRY(write_weekly(connection, weekly_changes(intake.actions, intake.completions)));
  WEIR_TRY(open_intents(connection, intake.first_events, options_.intent_delay, Microseconds{0}));
  WEIR_TRY(hide_insights(connection, intake.withdrawals));
  return std::vector<runtime::Outcome>(batch.size(), runtime::Done{});
}

Result<void> InsightsConsumer::wake(runtime::Work& work, Instant now) {
  const bool more = WEIR_TRY(release_groups(work.statements(), now));
  next_wakeup_ = more ? Microseconds{0} : kWakeInterval;
  return {};
}

}  // namespace weir::insights
