#include "tests/bench/scoring/floors.hpp"

#include "common/postgres/connection.hpp"
#include "consumers/scoring/decoders.hpp"
#include "consumers/scoring/facts.hpp"
#include "consumers/scoring/responses_store.hpp"
#include "consumers/scoring/results_store.hpp"
#include "tests/bench/support/bare_reader.hpp"
#include "tests/bench/support/bench.hpp"
#include "tests/bench/support/usage.hpp"

#include <map>

namespace weir::bench {

namespace {

using namespace scoring;

constexpr std::int32_t kPartitions = 6;

SubmissionScore score_of(const Load& load, AnswersReader& reader, const Uuid& id, const OrganizationId& organization,
                         const Uuid& assessment, std::string_view encrypted, Microseconds taken) {
  const Instrument& instrument = load.instruments.at(assessment);
  const std::string plaintext =
      must(encryption::decrypt(load.keys.at(organization).key, {"public.assessment_responses", "answers_encrypted", id.text()}, encrypted));
  const auto answers = reader.read(plaintext, instrument);
  if (!std::holds_alternative<Answers>(answers)) give_up("the bench's own answers were refused");
  return score(instrument, std::get<Answers>(answers), taken, share_of(0.8));
}

/// Rows of the responses that a unit's records name, scored.
UnitRows score_unit(postgres::Connection& connection, const Load& load, AnswersReader& reader, const std::vector<Uuid>& ids) {
  UnitRows unit;
  for (const ResponseRow& row : must(read_responses(connection, ids))) {
    const SubmissionScore scored =
        score_of(load, reader, row.id, row.organization, row.assessment, row.encrypted_answers, *row.submitted_at - row.started_at);
    const SeriesKey series{row.organization, row.user, row.assessment};
    const Place place{*row.submitted_at, row.id};
    for (ScoreRow& one : score_rows(series, place, load.instruments.at(row.assessment), scored)) unit.scores.push_back(std::move(one));
    if (auto profile = profile_row(series, place, scored)) unit.profiles.push_back(std::move(*profile));
    unit.users.push_back(row.user.value);
    unit.responses.push_back(row.id);
  }
  return unit;
}

/// Growth belongs to the unit of its submission.
void add_growth(const Load& load, std::vector<UnitRows>& units) {
  std::map<SeriesKey, std::vector<ScoreRow>> series;
  std::map<Uuid, UnitRows*> unit_of;
  for (UnitRows& unit : units) {
    for (const ScoreRow& row : unit.scores) {
      series[row.series].push_back(row);
      unit_of[row.place.response] = &unit;
    }
  }
  for (const auto& [key, rows] : series) {
    for (GrowthRow& row : growth_rows(load.instruments.at(key.assessment), rows)) {
      unit_of.at(row.place.response)->growth.push_back(std::move(row));
    }
  }
}

}  // namespace

ScoringFloor score_in_memory(const Load& load) {
  AnswersReader reader;
  double sum = 0;
  const double before = own_cpu_seconds();
  const Stopwatch watch;
  for (const Submission& one : load.submissions) {
    const SubmissionScore scored =
        score_of(load, reader, one.id, one.organization, one.assessment, one.encrypted, one.submitted_at - one.started_at);
    sum += scored.dimensions.front().figures->raw;
  }
  if (!(sum > 0)) give_up("nothing was scored");
  return {watch.seconds(), own_cpu_seconds() - before};
}

ReadScoringFloor read_and_score(const kafka::Settings& broker, const std::string& prefix, const Load& load, std::int64_t unit) {
  auto connection = must(postgres::Connection::open({load.dsn, "weir bench"}));
  const auto decoder = response_decoder();
  AnswersReader reader;
  std::vector<Uuid> ids;
  ReadScoringFloor floor;
  const auto close = [&] {
    if (!ids.empty()) floor.units.push_back(score_unit(connection, load, reader, ids));
    ids.clear();
  };
  const double before = own_cpu_seconds();
  const Stopwatch watch;
  read_bare(broker, responses_topic(prefix), kPartitions, load.submissions.size(), [&](std::span<const runtime::Record> batch) {
    for (const runtime::Record& record : batch) {
      const auto result = decoder->decode(record);
      if (result.ending) give_up("the bench's own event was not decoded");
      ids.push_back(std::get<ResponseChanged>(static_cast<const Fact&>(*result.decoded.payload).body).response);
      if (static_cast<std::int64_t>(ids.size()) == unit) close();
    }
  });
  close();
  floor.cost = {watch.seconds(), own_cpu_seconds() - before};
  add_growth(load, floor.units);
  return floor;
}

WriteScoringFloor write_results(const std::string& dsn, const std::vector<UnitRows>& units) {
  auto connection = must(postgres::Connection::open({dsn, "weir bench"}));
  WriteScoringFloor floor;
  const Stopwatch watch;
  for (const UnitRows& unit : units) {
    must(connection.begin());
    must(lock_users(connection, unit.users));
    std::vector<StatusChange> statuses;
    for (const Uuid& response : unit.responses) statuses.push_back({response, 1, {}});
    if (must(set_statuses(connection, statuses)).size() != statuses.size()) give_up("a status was not set");
    must(write_scores(connection, difference<ScoreRow>({}, unit.scores)));
    must(write_profiles(connection, difference<ProfileRow>({}, unit.profiles)));
    must(write_growth(connection, difference<GrowthRow>({}, unit.growth)));
    must(connection.commit());
    floor.rows += static_cast<std::int64_t>(unit.scores.size() + unit.profiles.size() + unit.growth.size());
  }
  floor.wall = watch.seconds();
  return floor;
}

}  // namespace weir::bench
