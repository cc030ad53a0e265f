// Order of locks in a unit of work: users, responses, results, marks; in each by primary key.
#include "consumers/scoring/consumer.hpp"

#include "common/postgres/visibility.hpp"
#include "consumers/scoring/alignments.hpp"
#include "consumers/scoring/decoders.hpp"
#include "consumers/scoring/facts.hpp"

#include <fmt/format.h>

namespace weir::scoring {

namespace {

using runtime::Dead;
using runtime::Done;
using runtime::Outcome;
using runtime::Skipped;

constexpr Microseconds kWakeInterval = Seconds{1};

/// The tables with row security that are read or written.
const std::vector<postgres::TableName>& tables() {
  static const std::vector<postgres::TableName> names{{"public", "assessments"},       {"public", "assessment_items"},
                                                      {"public", "assessment_norms"},  {"public", "assessment_responses"},
                                                      {"public", "assessment_scores"}, {"public", "attachment_profiles"},
                                                      {"public", "growth_scores"},     {"public", "values_alignments"},
                                                      {"public", "consents"},          {"public", "users"},
                                                      {"public", "projects"},          {"public", "project_members"}};
  return names;
}

/// The rows that a batch's events ask to look at.
struct Intake {
  Round::Looks looks;
  std::set<UserId> users;  // to be locked
  std::set<Person> people;
  std::set<Uuid> memberships;  // projects that somebody came to or left
  std::set<Uuid> projects;     // that changed themselves

  void take(const ResponseChanged& fact, Instant recorded_at) {
    // Of several changes of a response only the last one counts.
    looks[{fact.organization, fact.response}] = Announcement{recorded_at, fact.submitted_at};
    users.insert(fact.user);
    if (fact.previous_user) users.insert(*fact.previous_user);
  }
  void take(const PersonChanged& fact, Instant) {
    people.emplace(fact.organization, fact.user);
    if (fact.project) memberships.insert(*fact.project);
  }
  void take(const ProjectChanged& fact, Instant) { projects.insert(fact.project); }
};

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

}  // namespace

runtime::Description ScoringConsumer::describe() const {
  return {"scoring",
          options_.group,
          {{options_.topics.responses, response_decoder()},
           {options_.topics.consents, consent_decoder()},
           {options_.topics.members, member_decoder()},
           {options_.topics.projects, project_decoder()},
           {options_.topics.users, user_decoder()}},
          options_.flush};
}

Result<void> ScoringConsumer::prepare(postgres::Connection& connection) {
  std::vector<std::string> needed{"weir.scoring_users", "weir.scoring_marks", "weir.scoring_progress", "weir.data_keys",
                                  "weir.assessment_scores_row"};
  for (const postgres::TableName& table : tables()) needed.push_back(table.text());
  const auto rows = WEIR_TRY(connection.query("scoring_tables", "SELECT name FROM unnest($1) AS name WHERE to_regclass(name) IS NULL",
                                              postgres::Params{}.add_array(needed)));
  if (!rows.empty()) return fail(FaultKind::kPgSchema, "the database lacks " + rows[0].get<std::string>(0), "run: weir migrate up");
  return postgres::require_visible(connection, tables());
}

Result<std::vector<Outcome>> ScoringConsumer::apply(std::span<const runtime::Event* const> batch, runtime::Fold*, runtime::Work& work,
                                                    Instant) {
  Intake intake;
  for (const runtime::Event* event : batch) {
    std::visit([&](const auto& fact) { intake.take(fact, event->decoded.recorded_at); }, event->as<Fact>().body);
  }
  postgres::Connection& connection = work.connection();
  std::map<ResponseKey, Ended> ended;
  if (!intake.looks.empty()) {
    std::vector<Uuid> users;
    for (const UserId& user : intake.users) users.push_back(user.value);
    WEIR_TRY(lock_users(connection, users));
    Round round(connection, instruments_, keys_, reader_, options_.rules);
    ended = WEIR_TRY(round.run(intake.looks));
    intake.people.insert(round.to_align().begin(), round.to_align().end());
  }
  WEIR_TRY(mark_members(connection, intake.projects, false));
  WEIR_TRY(mark_members(connection, intake.memberships, true));
  WEIR_TRY(mark_people(connection, intake.people));
  std::vector<Outcome> outcomes;
  for (const runtime::Event* event : batch) {
    const auto* fact = std::get_if<ResponseChanged>(&event->as<Fact>().body);
    if (fact == nullptr) {
      outcomes.emplace_back(Done{});
      continue;
    }
    Ended& one = ended.at({fact->organization, fact->response});
    outcomes.push_back(outcome_of(one));
    one = {};
  }
  return outcomes;
}

Result<void> ScoringConsumer::wake(runtime::Work& work, Instant now) {
  const bool more = WEIR_TRY(align_marked(work.connection(), options_.group, now));
  next_wakeup_ = more ? Microseconds{0} : kWakeInterval;
  return {};
}

}  // namespace weir::scoring
