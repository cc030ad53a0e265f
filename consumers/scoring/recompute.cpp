#include "consumers/scoring/recompute.hpp"

#include "consumers/scoring/learning.hpp"
#include "consumers/scoring/learning_marks.hpp"
#include "consumers/scoring/wakeup.hpp"
#include "consumers/scoring/zones_store.hpp"

namespace weir::scoring {

namespace {

class Recomputation {
 public:
  Recomputation(postgres::Statements& connection, const RecomputeOptions& options)
      : connection_(connection), options_(options), keys_(options.masters) {}

  /// Recomputes these people, in the open transaction.
  Result<void> take(const std::vector<Person>& people, Recomputed& out) {
    std::set<Person> marked(people.begin(), people.end());
    const Affected affected = WEIR_TRY(responses_of(connection_, people));
    WEIR_TRY(lock_users(connection_, affected.users));
    Round::Looks looks;
    for (const ResponseKey& key : affected.responses) looks.emplace(key, std::nullopt);
    if (!looks.empty()) {
      WrittenResults written(connection_);
      Round round(connection_, instruments_, keys_, reader_, options_.rules, written);
      for (const auto& [key, ended] : WEIR_TRY(round.run(looks))) count(ended, out);
      marked.insert(round.to_align().begin(), round.to_align().end());
    }
    out.users += static_cast<std::int64_t>(people.size());
    WEIR_TRY(learn(std::set<Person>(people.begin(), people.end()), out));
    return mark_people(connection_, marked);
  }

 private:
  Result<void> learn(const std::set<Person>& people, Recomputed& out) {
    // Users who were there before their changes were read have told no zone.
    const std::vector<ZoneTold> untold = WEIR_TRY(untold_zones(connection_, people));
    WEIR_TRY(take_zones(connection_, untold));
    out.learners += static_cast<std::int64_t>(WEIR_TRY(compute_learners(connection_, people)).size());
    return {};
  }

  static void count(const Ended& ended, Recomputed& out) {
    ++out.responses;
    switch (ended.how) {
      case Ended::How::kWritten:
        ++out.written;
        return;
      case Ended::How::kRefused:
        ++out.refused;
        return;
      case Ended::How::kWaiting:
        ++out.waiting;
        return;
      case Ended::How::kUnchanged:
      case Ended::How::kSuperseded:
      case Ended::How::kKept:
        return;
    }
  }

  postgres::Statements& connection_;
  const RecomputeOptions& options_;
  InstrumentCache instruments_;
  AnswerKeys keys_;
  AnswersReader reader_;
};

/// What depends on more than one user, beside the live group's wake-ups.
Result<void> wake_until_done(postgres::Connection& connection, const RecomputeOptions& options, const Clock& clock) {
  for (bool more = true; more && !options.stopped();) {
    WEIR_TRY(connection.within_transaction([&]() -> Result<void> {
      more = WEIR_TRY(wake_up(connection, options.group, clock.now()));
      return {};
    }));
  }
  return {};
}

}  // namespace

Result<Recomputed> recompute(postgres::Connection& connection, const RecomputeOptions& options, const Clock& clock) {
  Recomputed out;
  Recomputation recomputation(connection, options);
  std::optional<Uuid> after;
  for (bool more = true; more && !options.stopped();) {
    WEIR_TRY(connection.within_transaction([&]() -> Result<void> {
      const std::vector<Person> people = WEIR_TRY(people_after(connection, after, options.user, kUsersAtOnce));
      more = people.size() == static_cast<std::size_t>(kUsersAtOnce);
      if (people.empty()) return {};
      after = people.back().second.value;
      return recomputation.take(people, out);
    }));
  }
  if (!options.user) WEIR_TRY(connection.within_transaction([&] { return mark_all_counts(connection); }));
  WEIR_TRY(wake_until_done(connection, options, clock));
  return out;
}

}  // namespace weir::scoring
