#include "consumers/insights/history_store.hpp"

#include "consumers/insights/pure/streak_at_risk.hpp"
#include "consumers/insights/zone_names.hpp"
#include "tests/component/insights/histories_site.hpp"

using namespace weir;
using namespace weir::insights;

namespace {

class Learners : public HistoriesSite {
 public:
  Learners() {
    run(R"(
INSERT INTO public.learning_modules (id, organization_id, key, title, dimensions, position, is_published)
SELECT nth(2000 + m), nth(1), 'm' || m, 'Module ' || m, ARRAY['empathy'], m, m <> 5
  FROM generate_series(1, 5) m;
INSERT INTO public.learning_activities (id, organization_id, module_id, kind, title, difficulty_rating, position)
SELECT nth(2100 + 10 * m + a), nth(1), nth(2000 + m), 'quiz', 'A', 1000 + 100 * m + a, a
  FROM generate_series(1, 5) m, generate_series(1, 2) a;
INSERT INTO public.module_prerequisites (organization_id, module_id, prerequisite_id)
VALUES (nth(1), nth(2002), nth(2001)),
       (nth(1), nth(2003), nth(2002)))");
  }
  void complete(int n, int who, int activity, const std::string& at, bool succeeded = true) {
    run(fmt::format(R"(
INSERT INTO public.activity_completions (id, organization_id, user_id, activity_id, succeeded, completed_at)
VALUES (nth({}), nth(1), nth({}), nth({}), {}, '{}'))",
                    3'000 + n, 0x100 + who, 2'100 + activity, succeeded, at));
  }
  History read(int who, const std::string& zone = "UTC", Instant now = kNow) {
    const Person person{kOrganization, user(who), zone};
    const auto histories = within([&](postgres::Statements& connection) { return read_histories(connection, std::span(&person, 1), now); });
    return histories.at(user(who));
  }
};

LocalTime clock_at(const std::string& local) { return LocalTime{parse_instant(local + "Z")->time_since_epoch()}; }
Day day_of(const std::string& date) { return std::chrono::floor<std::chrono::days>(*parse_instant(date + "T00:00:00Z")); }

}  // namespace

TEST_CASE("a user of whom nothing is known has an empty history") {
  Learners here;
  const History history = here.read(1);
  CHECK(history.scores.empty());
  CHECK(history.completions.empty());
  CHECK(!history.learner);
  CHECK(history.modules.size() == 2);  // those without prerequisites
}

TEST_CASE("scores and changes are read in order, with what their instrument says of them") {
  Learners here;
  here.run(R"(
INSERT INTO public.assessments (id, key, instrument_version, title, status, published_at, scoring)
VALUES (nth(40), 'attachment', 1, 'A', 'published', now(), '{"least_share": 1, "dimensions": {
          "anxiety": {"polarity": "lower_is_better", "reliability": {"internal_consistency": 0.75}},
          "style": {"polarity": "none", "reliability": {"internal_consistency": 0.91}}}}'),
       (nth(41), 'plain', 1, 'P', 'published', now(), '{}');
INSERT INTO public.assessment_scores (organization_id, response_id, dimension, user_id, assessment_id, instrument_version, raw_score, t_score, submitted_at, flags)
VALUES (nth(1), nth(502), 'anxiety', nth(257), nth(40), 1, 70, 62, '2026-11-20T10:00:00Z', '{too_fast}'),
       (nth(1), nth(501), 'anxiety', nth(257), nth(40), 1, 50, 50, '2026-11-10T10:00:00Z', '{}'),
       (nth(1), nth(501), 'style', nth(257), nth(40), 1, 50, 51, '2026-11-10T10:00:00Z', '{}'),
       (nth(1), nth(503), 'warmth', nth(257), nth(41), 1, 50, 52, '2026-11-21T10:00:00Z', '{}'),
       (nth(1), nth(504), 'anxiety', nth(257), nth(40), 1, 50, 53, '2025-11-01T10:00:00Z', '{}'),
       (nth(1), nth(505), 'anxiety', nth(257), nth(40), 1, 50, 54, '2026-11-29T10:00:00Z', '{}'),
       (nth(1), nth(506), 'anxiety', nth(258), nth(40), 1, 50, 55, '2026-11-20T10:00:00Z', '{}');
INSERT INTO public.assessment_scores (organization_id, response_id, dimension, user_id, assessment_id, instrument_version, null_reason, submitted_at)
VALUES (nth(1), nth(502), 'style', nth(257), nth(40), 1, 'too_few_answers', '2026-11-20T10:00:00Z');
INSERT INTO public.growth_scores (organization_id, response_id, dimension, user_id, previous_response_id, difference, reliable_change_index, direction, submitted_at)
VALUES (nth(1), nth(502), 'anxiety', nth(257), nth(501), 20, 2.5, 'declining', '2026-11-20T10:00:00Z'))");
  const History history = here.read(1);
  REQUIRE(history.scores.size() == 4);
  const Score& first = history.scores[0];
  CHECK(first.response == id(501));
  CHECK(first.dimension == Dimension{"attachment", "anxiety"});
  CHECK(first.t_score == 50);
  CHECK(first.error == doctest::Approx(5));
  CHECK(first.polarity == Polarity::kLowerIsBetter);
  CHECK(!first.is_doubtful);
  CHECK(history.scores[1].polarity == Polarity::kNone);
  CHECK(history.scores[2].is_doubtful);
  CHECK(history.scores[3].polarity == Polarity::kHigherIsBetter);
  CHECK(history.scores[3].error == doctest::Approx(error_of_t(0.8, 0.8)));
  REQUIRE(history.changes.size() == 1);
  CHECK(history.changes[0] ==
        Change{id(502), id(501), {"attachment", "anxiety"}, *parse_instant("2026-11-20T10:00:00Z"), 20, 2.5, Direction::kDeclining});
}

TEST_CASE("times of completions are those of the user's clocks, and the day has the hours that clocks give it") {
  Learners here;
  here.complete(1, 1, 11, "2026-03-28T23:30:00Z");
  here.complete(2, 1, 12, "2026-03-29T00:30:00Z");
  here.complete(3, 1, 12, "2026-03-29T01:30:00Z", false);
  here.complete(4, 1, 12, "2026-03-30T01:30:00Z");  // later than the moment of reading
  const History spring = here.read(1, "Europe/Berlin", *parse_instant("2026-03-29T10:00:00Z"));
  REQUIRE(spring.completions.size() == 3);
  CHECK(spring.completions[0].at == clock_at("2026-03-29T00:30:00"));
  CHECK(spring.completions[1].at == clock_at("2026-03-29T01:30:00"));
  CHECK(spring.completions[2].at == clock_at("2026-03-29T03:30:00"));
  CHECK(spring.today == LocalDay{day_of("2026-03-29"), std::chrono::hours{12}, *parse_instant("2026-03-28T23:00:00Z"),
                                 *parse_instant("2026-03-29T22:00:00Z")});
  const History autumn = here.read(1, "Europe/Berlin", *parse_instant("2026-10-25T10:00:00Z"));
  CHECK(autumn.today.ends - autumn.today.begins == std::chrono::hours{25});
  CHECK(autumn.completions.empty());
  // Clocks of Santiago are set forward at midnight, so that the day begins at 1:00.
  const History santiago = here.read(1, "America/Santiago", *parse_instant("2026-09-06T12:00:00Z"));
  CHECK(santiago.today.begins == *parse_instant("2026-09-06T04:00:00Z"));
  CHECK(santiago.today.ends - santiago.today.begins == std::chrono::hours{23});
  CHECK(here.read(1, "Pacific/Kiritimati").today.date == day_of("2026-11-29"));
  CHECK(here.read(1, "Pacific/Pago_Pago").today.date == day_of("2026-11-28"));
}

TEST_CASE("a streak at risk is found on both days on which clocks are changed") {
  Learners here;
  here.complete(1, 1, 11, "2026-03-27T18:00:00Z");
  here.complete(2, 2, 11, "2026-10-23T18:00:00Z");
  here.run(R"(
INSERT INTO public.learner_states (organization_id, user_id, streak_days, longest_streak_days, last_active_on)
VALUES (nth(1), nth(257), 5, 5, '2026-03-27'),
       (nth(1), nth(258), 5, 5, '2026-10-23'))");
  const auto found = [&](int who, const std::string& at) {
    const Instant now = *parse_instant(at);
    return !streak_at_risk(here.read(who, "Europe/Berlin", now), now).empty();
  };
  // The last quarter of an hour of Saturday, of Sunday, and what follows.
  CHECK(!found(1, "2026-03-28T22:45:00Z"));
  CHECK(found(1, "2026-03-29T21:45:00Z"));
  CHECK(!found(1, "2026-03-29T22:00:00Z"));
  CHECK(!found(2, "2026-10-24T21:45:00Z"));
  CHECK(found(2, "2026-10-25T22:45:00Z"));
  CHECK(!found(2, "2026-10-25T23:00:00Z"));
}

TEST_CASE("a name that is none of a time zone counts as UTC") {
  Learners here;
  ZoneNames names;
  here.within([&](postgres::Statements& connection) -> Result<int> {
    WEIR_TRY(names.read_once(connection));
    return 0;
  });
  CHECK(names.counted_as("Europe/Berlin") == "Europe/Berlin");
  CHECK(names.counted_as("CET") == "Europe/Brussels");
  CHECK(names.counted_as("Mars/Olympus") == "UTC");
  CHECK(names.counted_as("'; DROP TABLE x") == "UTC");
}

TEST_CASE("modules are open where they are not completed and nothing that they need is missing") {
  Learners here;
  here.complete(1, 1, 11, "2026-11-01T10:00:00Z");
  here.complete(2, 1, 12, "2026-11-01T11:00:00Z");
  here.complete(3, 1, 21, "2026-11-02T10:00:00Z");
  here.complete(4, 1, 22, "2026-11-02T10:00:00Z", false);
  here.complete(5, 1, 31, "2026-11-02T11:00:00Z");
  here.run(R"(
INSERT INTO public.module_progress (organization_id, user_id, module_id, status, unlocked_at, completed_at)
VALUES (nth(1), nth(257), nth(2001), 'completed', NULL, '2026-11-01T11:00:00Z'),
       (nth(1), nth(257), nth(2002), 'in_progress', '2026-11-01T11:00:00Z', NULL),
       (nth(1), nth(257), nth(2003), 'in_progress', NULL, NULL);
INSERT INTO public.learner_states (organization_id, user_id, skill_rating)
VALUES (nth(1), nth(257), 1234))");
  const History history = here.read(1);
  REQUIRE(history.modules.size() == 2);
  CHECK(history.modules[0] == Module{id(2'002), "Module 2", {"empathy"}, 2, true, {1'202}});
  CHECK(history.modules[1] == Module{id(2'004), "Module 4", {"empathy"}, 4, false, {1'401, 1'402}});
  REQUIRE(history.learner);
  CHECK(history.learner->skill == 1'234);
  // Another user has touched nothing, and a deleted module is no prerequisite.
  CHECK(here.read(2).modules.size() == 2);
  here.run("UPDATE public.learning_modules SET deleted_at = now() WHERE id = nth(2001)");
  CHECK(here.read(2).modules.front().title == "Module 2");
}

TEST_CASE("weeks are those of a year, and hours of agents those of eight days") {
  Learners here;
  here.run(R"(
INSERT INTO weir.weekly_activity (organization_id, user_id, week, id, actions, completions)
VALUES (nth(1), nth(257), '2025-11-24', nth(70), 9, 0),
       (nth(1), nth(257), '2025-12-01', nth(71), 2, 1),
       (nth(1), nth(257), '2026-11-23', nth(72), 3, 4),
       (nth(1), nth(258), '2026-11-23', nth(73), 5, 5);
SELECT weir.ensure_partition('public.agent_metrics_1h', '2026-11-20T00:00:00Z');
INSERT INTO public.agent_metrics_1h (organization_id, agent_id, window_start, total_tasks, completed_tasks, failed_tasks, median_execution_time_ms)
VALUES (nth(1), nth(80), '2026-11-20T11:00:00Z', 1, 1, 0, 5),
       (nth(1), nth(80), '2026-11-28T11:00:00Z', 10, 7, 3, 250),
       (nth(1), nth(80), '2026-11-27T11:00:00Z', 10, 10, 0, 200),
       (nth(1), nth(80), '2026-11-27T12:00:00Z', 0, 0, 0, NULL),
       (nth(2), nth(81), '2026-11-27T12:00:00Z', 1, 1, 0, 9))");
  const History history = here.read(1);
  REQUIRE(history.weeks.size() == 2);
  CHECK(history.weeks[0] == Week{id(71), day_of("2025-12-01"), 3});
  CHECK(history.weeks[1] == Week{id(72), day_of("2026-11-23"), 7});
  const auto agents =
      here.within([&](postgres::Statements& connection) { return read_agents(connection, std::span(&kOrganization, 1), kNow); });
  REQUIRE(agents.size() == 1);
  const std::vector<AgentHistory>& of_organization = agents.at(kOrganization);
  REQUIRE(of_organization.size() == 1);
  CHECK(of_organization[0].hours == std::vector<AgentHour>{{*parse_instant("2026-11-27T11:00:00Z"), 10, 0, 200.0},
                                                           {*parse_instant("2026-11-28T11:00:00Z"), 7, 3, 250.0}});
}
