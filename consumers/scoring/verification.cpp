#include "consumers/scoring/verification.hpp"

#include "common/core/json.hpp"
#include "consumers/scoring/learning.hpp"
#include "consumers/scoring/result_columns.hpp"
#include "consumers/scoring/shared_verification.hpp"
#include "consumers/scoring/verification_store.hpp"

namespace weir::scoring {

namespace {

constexpr auto kResponses = "public.assessment_responses";

/// Takes what a computation would write as differences.
class Compared final : public ResultTarget {
 public:
  Compared(const process::Period& period, process::ResultDifferences& found) : period_(period), found_(found) {}

  /// Statuses are compared by whoever asks for the round, because a submission that waits is no result.
  Result<std::unordered_set<Uuid>> take(std::span<const StatusChange>) override { return std::unordered_set<Uuid>(); }
  Result<void> take(const Difference<ScoreRow>& rows) override { return tell("public.assessment_scores", rows); }
  Result<void> take(const Difference<ProfileRow>& rows) override { return tell("public.attachment_profiles", rows); }
  Result<void> take(const Difference<GrowthRow>& rows) override { return tell("public.growth_scores", rows); }
  Result<void> take(const LearningChanges& rows) {
    WEIR_TRY(tell("public.module_progress", rows.progress));
    WEIR_TRY(tell("public.learner_states", rows.learners));
    return tell("public.achievements_unlocked", rows.unlocked);
  }

 private:
  /// Rows of submissions outside of the period are looked at because growth runs through them; they are not told.
  template <class Row>
  [[nodiscard]] bool is_asked(const Row* row) const {
    if (row == nullptr) return false;
    if constexpr (requires { row->place; }) return period_.holds(row->place.submitted_at);
    return true;
  }
  template <class Row>
  Result<void> tell(const std::string& table, const Difference<Row>& rows) {
    found_.compared(table, static_cast<std::int64_t>(rows.compared));
    for (std::size_t i = 0; i < rows.write.size(); ++i) {
      const Row* source = rows.write[i];
      const Row* stored = rows.replaced[i];
      if (!is_asked(source) && !is_asked(stored)) continue;
      found_.add_row(table, key_of(*source), stored == nullptr ? std::nullopt : std::optional(columns_of(*stored)), columns_of(*source));
    }
    for (const Row* stored : rows.remove) {
      if (is_asked(stored)) found_.add_row(table, key_of(*stored), columns_of(*stored), std::nullopt, source_of(*stored));
    }
    return {};
  }
  /// The submission whose change, as a letter, would have removed the row.
  template <class Row>
  static std::string source_of(const Row& row) {
    if constexpr (requires { row.place; }) return row.place.response.text();
    return "";
  }

  const process::Period& period_;
  process::ResultDifferences& found_;
};

class Verification {
 public:
  Verification(postgres::Statements& connection, const VerifyOptions& options, const process::Period& period,
               process::ResultDifferences& found)
      : connection_(connection),
        options_(options),
        period_(period),
        found_(found),
        compared_(period, found),
        keys_(options.masters),
        shared_(connection, options.group, period, found) {}

  Result<void> run() {
    PeopleReader reader(connection_, period_);
    while (true) {
      const std::vector<Person> people = WEIR_TRY(reader.next());
      if (people.empty()) return shared_.count();
      WEIR_TRY(submissions_of(people));
      WEIR_TRY(learners_among(people));
      WEIR_TRY(shared_.align(people));
      WEIR_TRY(shared_.note(people));
    }
  }

 private:
  Result<void> submissions_of(const std::vector<Person>& people) {
    const std::set<ResponseKey> responses = WEIR_TRY(responses_within(connection_, people, period_));
    found_.compared(kResponses, static_cast<std::int64_t>(responses.size()));
    std::vector<Uuid> ids;
    Round::Looks looks;
    for (const ResponseKey& one : responses) ids.push_back(one.response);
    const std::map<Uuid, Instant> waiting = WEIR_TRY(submitted_since(connection_, ids));
    for (const ResponseKey& one : responses) {
      const auto since = waiting.find(one.response);
      if (since == waiting.end()) {
        looks.emplace(one, std::nullopt);
        continue;
      }
      // The submission is not scored yet, and the rows of an earlier submission of the same response may still be there: they are no
      // difference.
      std::string key;
      JsonWriter(key).begin_object().member("id", one.response.text()).end_object();
      found_.add({kResponses, key, "status", "submitted", "scored or rejected", one.response.text(), since->second});
    }
    if (looks.empty()) return {};
    Round round(connection_, instruments_, keys_, reader_, options_.rules, compared_);
    for (const auto& [key, ended] : WEIR_TRY(round.run(looks))) {
      if (ended.how == Ended::How::kWaiting) {
        found_.not_asked(options_.masters ? "scores of submissions whose key is not there"
                                          : "scores of submissions, whose answers are encrypted: set encryption.master_key_file");
      }
      if (ended.how == Ended::How::kKept) found_.not_asked("scores of submissions whose key was destroyed");
    }
    return {};
  }

  Result<void> learners_among(const std::vector<Person>& people) {
    std::set<Person> asked(people.begin(), people.end());
    for (const Person& person : WEIR_TRY(learners_that_wait(connection_, people, options_.group))) {
      asked.erase(person);
      found_.not_asked("learners who wait for a wake-up, or whose rows the database refuses (weir status)");
    }
    return compare_learners(connection_, asked, [&](const LearningChanges& changes) { return compared_.take(changes); });
  }

  postgres::Statements& connection_;
  const VerifyOptions& options_;
  const process::Period& period_;
  process::ResultDifferences& found_;
  Compared compared_;
  InstrumentCache instruments_;
  AnswerKeys keys_;
  AnswersReader reader_;
  SharedVerification shared_;
};

}  // namespace

Result<void> verify_results(postgres::Statements& connection, const VerifyOptions& options, const process::Period& period,
                            process::ResultDifferences& found) {
  return Verification(connection, options, period, found).run();
}

}  // namespace weir::scoring
