// Order of locks in a unit of work: users, responses, results, marks of alignments; in each by primary key. Marks of learning are only
// added.
#include "consumers/scoring/consumer.hpp"

#include "common/postgres/visibility.hpp"
#include "consumers/scoring/decoders.hpp"
#include "consumers/scoring/intake.hpp"
#include "consumers/scoring/learning.hpp"
#include "consumers/scoring/wakeup.hpp"

#include <fmt/format.h>

#include <utility>

namespace weir::scoring {

namespace {

using runtime::Dead;
using runtime::Done;
using runtime::Outcome;
using runtime::Skipped;

constexpr Microseconds kWakeInterval = Seconds{1};

/// The tables with row security that are read or written.
const std::vector<postgres::TableName>& tables() {
  static const std::vector<postgres::TableName> names{{"public", "assessments"},
                                                      {"public", "assessment_items"},
                                                      {"public", "assessment_norms"},
                                                      {"public", "assessment_responses"},
                                                      {"public", "assessment_scores"},
                                                      {"public", "attachment_profiles"},
                                                      {"public", "growth_scores"},
                                                      {"public", "values_alignments"},
                                                      {"public", "consents"},
                                                      {"public", "users"},
                                                      {"public", "projects"},
                                                      {"public", "project_members"},
                                                      {"public", "learning_modules"},
                                                      {"public", "module_prerequisites"},
                                                      {"public", "learning_activities"},
                                                      {"public", "activity_completions"},
                                                      {"public", "achievements"},
                                                      {"public", "module_progress"},
                                                      {"public", "learner_states"},
                                                      {"public", "achievements_unlocked"},
                                                      {"public", "activity_ratings"}};
  return names;
}

std::string name_of(const std::string& reason) { return reason.substr(0, reason.find(':')); }

/// The outcome of a response's first event. Later events of the same batch find nothing more to do.
Outcome outcome_of(const Ended& ended) {
  switch (ended.how) {
    case Ended::How::kWritten:
      return Done{};
    case Ended::How::kUnchanged:
      return Skipped{"unchanged"};
    case Ended::How::kSuperseded:
      return Skipped{"superseded"};
    case Ended::How::kKept:
      return Skipped{"key_destroyed"};
    case Ended::How::kRefused:
      return Dead{name_of(ended.reasons.front()), "", fmt::format("the submission was refused: {}", fmt::join(ended.reasons, ", "))};
    case Ended::How::kWaiting:
      return runtime::Parked{"key_missing", "the key that the answers name, in weir.data_keys"};
  }
  return Done{};
}

/// What came of a batch.
struct Results {
  std::map<ResponseKey, Ended> responses;
  std::set<Person> learners;        // of whom something was written
  std::set<std::string> not_zones;  // names that users have for a zone, and no zone has
};

/// How an event ends, by its fact.
struct OutcomeOf {
  Results& results;

  Outcome operator()(const ResponseChanged& fact) const {
    Ended& ended = results.responses.at({fact.organization, fact.response});
    return outcome_of(std::exchange(ended, {}));
  }
  Outcome operator()(const CompletionChanged& fact) const {
    if (fact.has_no_date) return Dead{"out_of_domain", "/after/completed_at", "the completion has no date, so it counts nowhere"};
    const auto is_written = [&](const UserId& user) { return results.learners.find({fact.organization, user}) != results.learners.end(); };
    if (fact.is_snapshot || is_written(fact.user) || (fact.previous_user && is_written(*fact.previous_user))) return Done{};
    return Skipped{"unchanged"};
  }
  Outcome operator()(const UserChanged& fact) const {
    if (results.not_zones.find(fact.time_zone) != results.not_zones.end()) return Skipped{"unknown_time_zone"};
    return Done{};
  }
  Outcome operator()(const AchievementChanged& fact) const {
    if (fact.refusal) return *fact.refusal;
    return Done{};
  }
  Outcome operator()(const PersonChanged&) const { return Done{}; }
  Outcome operator()(const ProjectChanged&) const { return Done{}; }
  Outcome operator()(const CourseChanged&) const { return Done{}; }
  Outcome operator()(const UserGone&) const { return Done{}; }
};

/// Leaves the marks of what a batch changed for others than the users that it computed.
Result<void> mark(postgres::Statements& connection, const Intake& intake, const std::set<Person>& moved) {
  std::set<Person> people = intake.people;
  people.merge(WEIR_TRY(members_of(connection, intake.projects, false)));
  people.merge(WEIR_TRY(members_of(connection, intake.memberships, true)));
  WEIR_TRY(mark_people(connection, people));
  WEIR_TRY(mark_subjects(connection, MarkKind::kLearner, intake.due));
  WEIR_TRY(mark_subjects(connection, MarkKind::kRating, intake.activities));
  WEIR_TRY(mark_changed_users(connection, intake.changed_users, moved));
  WEIR_TRY(mark_modules(connection, intake.modules));
  return mark_achievements(connection, intake.achievements);
}

}  // namespace

runtime::Description description_of(const Options& options) {
  return {"scoring",
          options.group,
          {{options.topics.responses, response_decoder},
           {options.topics.consents, consent_decoder},
           {options.topics.members, member_decoder},
           {options.topics.projects, project_decoder},
           {options.topics.users, user_decoder},
           {options.topics.completions, completion_decoder},
           {options.topics.modules, module_decoder},
           {options.topics.prerequisites, prerequisite_decoder},
           {options.topics.activities, activity_decoder},
           {options.topics.achievements, achievement_decoder}},
          options.flush};
}

Result<void> ScoringConsumer::prepare(postgres::Statements& connection) {
  std::vector<std::string> needed{"weir.scoring_users",     "weir.scoring_marks",  "weir.scoring_progress",    "weir.data_keys",
                                  "weir.user_zones",        "weir.learning_marks", "weir.achievement_holders", "weir.assessment_scores_row",
                                  "weir.learner_states_row"};
  for (const postgres::TableName& table : tables()) needed.push_back(table.text());
  const auto rows = WEIR_TRY(connection.query("scoring_tables", "SELECT name FROM unnest($1) AS name WHERE to_regclass(name) IS NULL",
                                              postgres::Params{}.add_array(needed)));
  if (!rows.empty()) return fail(FaultKind::kPgSchema, "the database lacks " + rows[0].get<std::string>(0), "run: weir migrate up");
  return postgres::require_visible(connection, tables());
}

Result<std::vector<Outcome>> ScoringConsumer::apply(std::span<const runtime::Event* const> batch, runtime::Fold*, runtime::Work& work,
                                                    Instant) {
  Intake intake;
  for (const runtime::Event* event : batch) intake.add(*event);
  postgres::Statements& connection = work.statements();
  Results results;
  std::vector<Uuid> users;
  for (const UserId& user : intake.users) users.push_back(user.value);
  WEIR_TRY(lock_users(connection, users));
  if (!intake.looks.empty()) {
    WrittenResults written(connection);
    Round round(connection, instruments_, keys_, reader_, options_.rules, written);
    results.responses = WEIR_TRY(round.run(intake.looks));
    intake.people.insert(round.to_align().begin(), round.to_align().end());
  }
  ZonesTaken zones = WEIR_TRY(take_zones(connection, intake.zones));
  WEIR_TRY(forget_zones(connection, intake.gone_users));
  results.not_zones = std::move(zones.not_zones);
  results.learners = WEIR_TRY(compute_learners(connection, intake.learners));
  WEIR_TRY(mark(connection, intake, zones.moved));
  std::vector<Outcome> outcomes;
  for (const runtime::Event* event : batch) outcomes.push_back(std::visit(OutcomeOf{results}, event->as<Fact>().body));
  return outcomes;
}

Result<void> ScoringConsumer::wake(runtime::Work& work, Instant now) {
  const bool more = WEIR_TRY(wake_up(work.statements(), options_.group, now));
  next_wakeup_ = more ? Microseconds{0} : kWakeInterval;
  return {};
}

}  // namespace weir::scoring
