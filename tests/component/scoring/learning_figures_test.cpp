// Learning by weir's rules, and by what they read from the database, against the same by numpy, pandas and zoneinfo (learning.py). Learners
// of the random cases live in several time zones, move between them, and learn around changes of daylight saving time, leap days, turns of
// the year, and a day that one of the zones left out.
#include "common/migrations/migrator.hpp"
#include "common/testing/python.hpp"
#include "common/testing/services.hpp"
#include "consumers/scoring/course_store.hpp"
#include "consumers/scoring/learners_store.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <array>
#include <fstream>
#include <random>

using namespace weir;
using namespace weir::scoring;

namespace {

using namespace std::string_view_literals;

constexpr int kCases = 500;
constexpr int kLearners = 60;

/// Moments near which dates are hard: changes to and from daylight saving time in Europe, America and on Lord Howe Island, leap days, turns
/// of the year, the day that Samoa left out, and a week that is the 53rd of its year.
constexpr std::array kHardDays{"2024-03-31"sv, "2024-10-27"sv, "2025-03-09"sv, "2025-11-02"sv, "2025-04-06"sv, "2024-02-29"sv,
                               "2000-02-29"sv, "2025-12-31"sv, "2011-12-30"sv, "2021-01-02"sv, "2026-10-25"sv};
constexpr std::array kZones{"UTC"sv,
                            "Europe/Berlin"sv,
                            "America/New_York"sv,
                            "America/St_Johns"sv,
                            "Asia/Kathmandu"sv,
                            "Australia/Lord_Howe"sv,
                            "Pacific/Apia"sv,
                            "Pacific/Kiritimati"sv,
                            "Antarctica/Troll"sv,
                            "Africa/Casablanca"sv,
                            "Etc/GMT+12"sv,
                            "CET"sv,
                            "WET"sv,
                            "Mars/Olympus"sv,
                            "MSK"sv,
                            "FOO+3"sv};

template <class T>
T must(Result<T> result) {
  if (!result) FAIL(result.error().line());
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

std::string json(double value) { return fmt::format("{:.17g}", value); }
std::string in_quotes(std::string_view text) { return fmt::format("\"{}\"", text); }
std::string date_text(Day day) { return in_quotes(format_instant(Instant(day)).substr(0, 10)); }
std::string streak_json(const Streak& streak) {
  return fmt::format(R"({{"days": {}, "longest": {}, "last": {}, "freeze": {}}})", streak.days, streak.longest,
                     date_text(*streak.last_active_on), streak.freeze_used_on ? date_text(*streak.freeze_used_on) : "null");
}

class Cases {
 public:
  explicit Cases(const std::filesystem::path& file) : file_(file) {}
  void add(std::string_view kind, const std::string& in, const std::string& out) {
    file_ << fmt::format(R"({{"kind": "{}", "in": {{{}}}, "out": {}}})", kind, in, out) << '\n';
  }
  double between(double lowest, double highest) { return std::uniform_real_distribution<double>(lowest, highest)(random_); }
  int below(int end) { return static_cast<int>(random_() % static_cast<unsigned>(end)); }
  Uuid uuid() {
    Uuid id;
    for (std::uint8_t& byte : id.bytes) byte = static_cast<std::uint8_t>(below(256));
    return id;
  }
  template <class T, std::size_t N>
  const T& one_of(const std::array<T, N>& choices) {
    return choices[static_cast<std::size_t>(below(static_cast<int>(N)))];
  }
  /// Within a fortnight of a hard day, to the second.
  Instant hard_moment(Instant hard) { return hard + Seconds{below(28 * 86'400)} - std::chrono::hours{24 * 14}; }
  Instant hard_day() { return *parse_instant(std::string(one_of(kHardDays)) + "T00:00:00Z"); }

 private:
  std::ofstream file_;
  std::mt19937 random_{1};
};

void add_ratings(Cases& cases) {
  const double skill = cases.between(0, 4'000);
  const double difficulty = cases.between(0, 4'000);
  cases.add("expected_success", fmt::format(R"("skill": {}, "difficulty": {})", json(skill), json(difficulty)),
            json(expected_success(skill, difficulty)));
  double rating = kFirstSkill;
  std::vector<std::string> attempts;
  for (int n = cases.below(60); n >= 0; --n) {
    const double against = cases.below(10) == 0 ? cases.between(0, 4'000) : cases.between(800, 1'600);
    const double success = cases.below(2) == 0 ? cases.below(2) : cases.between(0, 1);
    rating = skill_after(rating, against, success);
    attempts.push_back(fmt::format("[{}, {}]", json(against), json(success)));
  }
  cases.add("skill", fmt::format(R"("attempts": [{}])", fmt::join(attempts, ", ")), json(rating));
  const int failed = cases.below(cases.below(2) == 0 ? 20 : 1'000'000);
  const int succeeded = cases.below(cases.below(2) == 0 ? 20 : 1'000'000);
  cases.add("difficulty_rating", fmt::format(R"("start": {}, "failed": {}, "succeeded": {})", json(difficulty), failed, succeeded),
            json(difficulty_rating(difficulty, failed, succeeded)));
}

void add_streak(Cases& cases) {
  const Day first = std::chrono::floor<std::chrono::days>(cases.hard_day()) - std::chrono::days{cases.below(20)};
  std::set<Day> active;
  const int often = 2 + cases.below(5);
  for (int n = 0; n < 60; ++n) {
    if (n == 0 || cases.below(often) != 0) active.insert(first + std::chrono::days{n});
  }
  std::vector<std::string> days;
  for (const Day day : active) days.push_back(date_text(day));
  cases.add("streak", fmt::format(R"("days": [{}])", fmt::join(days, ", ")), streak_json(streak_of(active)));
}

/// A database in which one organization teaches three modules and awards an achievement of each kind.
class School {
 public:
  School() : connection_(open()) {
    must(migrations::up(connection_));
    run(fmt::format("INSERT INTO public.organizations (id, name) VALUES ('{}', 'School')", organization_.text()));
    for (int m = 0; m < 3; ++m) {
      const Uuid module = Uuid::random();
      run(fmt::format(
          "INSERT INTO public.learning_modules (id, organization_id, key, title, is_published) VALUES ('{}', '{}', 'm{}', 'M', true)",
          module.text(), organization_.text(), m));
      for (int a = 0; a < 3; ++a) teach(module, 900 + 100 * m + 50 * a, 3 + 4 * m + a, a < 2);
    }
    for (const char* condition : {R"({"activities_completed": 4})", R"({"modules_completed": 1})", R"({"streak_days": 4})",
                                  R"({"points": 30})", R"({"skill": 1230})"}) {
      award(condition);
    }
  }

  /// What python computes from is handed over as it was written; what weir computes from is read by its stores.
  void add_learner(Cases& cases) {
    const UserId user{cases.uuid()};
    run(fmt::format("INSERT INTO public.users (id, organization_id, email, role) VALUES ('{}', '{}', '{}@a.example', 'student')",
                    user.text(), organization_.text(), user.text()));
    const Instant hard = cases.hard_day();
    const std::string zones = settle(cases, user, hard);
    const std::string completions = complete(cases, user, hard);
    const std::string today = ask(user, "SELECT today FROM public.learner_streaks");
    const auto learned = learn_by_stores(user);
    cases.add("learner",
              fmt::format(R"("zones": {}, "completions": {}, "activities": {{{}}}, "achievements": {{{}}}, "today": "{}")", zones,
                          completions, fmt::join(activities_, ", "), fmt::join(achievements_, ", "), today),
              result_of(user, learned));
  }

 private:
  static postgres::Connection open() {
    postgres::Settings settings;
    settings.dsn = testing::fresh_database();
    return must(postgres::Connection::open(migrations::patient(settings)));
  }
  void run(const std::string& sql) { must(connection_.script(sql)); }
  void teach(const Uuid& module, int difficulty, int points, bool required) {
    const Uuid id = Uuid::random();
    run(fmt::format(R"(
INSERT INTO public.learning_activities (id, organization_id, module_id, kind, title, difficulty_rating, points, required)
VALUES ('{}', '{}', '{}', 'quiz', 'A', {}, {}, {}))",
                    id.text(), organization_.text(), module.text(), difficulty, points, required));
    activities_.push_back(fmt::format(R"("{}": {{"module": "{}", "difficulty": {}, "points": {}, "required": {}}})", id.text(),
                                      module.text(), difficulty, points, required));
    ids_.push_back(id);
  }
  void award(const std::string& condition) {
    const Uuid id = Uuid::random();
    const auto points = static_cast<int>(achievements_.size()) * 7;
    run(fmt::format(
        "INSERT INTO public.achievements (id, organization_id, key, name, condition, points) VALUES ('{0}', '{1}', '{0}', 'A', '{2}', {3})",
        id.text(), organization_.text(), condition, points));
    achievements_.push_back(fmt::format(R"("{}": {{"condition": {}, "points": {}}})", id.text(), condition, points));
  }
  /// Gives the user a first zone, and up to three more at moments near the hard day.
  std::string settle(Cases& cases, const UserId& user, Instant hard) {
    std::set<Instant> moves;
    for (int n = cases.below(4); n > 0; --n) moves.insert(cases.hard_moment(hard));
    std::vector<std::string> texts;
    const auto add = [&](const std::string& since, const std::string& shown) {
      const std::string_view zone = cases.one_of(kZones);
      run(fmt::format(R"(
INSERT INTO weir.user_zones (user_id, holds_from, organization_id, time_zone)
SELECT '{}', '{}', '{}', coalesce((SELECT counted_as FROM weir.time_zones('{{{}}}')), 'UTC'))",
                      user.text(), since, organization_.text(), zone));
      texts.push_back(fmt::format(R"([{}, "{}"])", shown, zone));
    };
    add("-infinity", "null");
    for (const Instant move : moves) add(format_instant(move), in_quotes(format_instant(move)));
    return fmt::format("[{}]", fmt::join(texts, ", "));
  }
  std::string complete(Cases& cases, const UserId& user, Instant hard) {
    std::vector<std::string> texts;
    for (int n = 1 + cases.below(40); n > 0; --n) {
      const Uuid id = cases.uuid();
      const Uuid& activity = ids_[static_cast<std::size_t>(cases.below(static_cast<int>(ids_.size())))];
      const std::string at = format_instant(cases.hard_moment(hard));
      const bool succeeded = cases.below(3) != 0;
      const std::string score = cases.below(3) == 0 ? json(cases.between(0, 1)) : "null";
      run(fmt::format(R"(
INSERT INTO public.activity_completions (id, organization_id, user_id, activity_id, succeeded, score, completed_at)
VALUES ('{}', '{}', '{}', '{}', {}, {}, '{}'))",
                      id.text(), organization_.text(), user.text(), activity.text(), succeeded, score, at));
      texts.push_back(fmt::format(R"({{"id": "{}", "activity": "{}", "succeeded": {}, "score": {}, "at": "{}"}})", id.text(),
                                  activity.text(), succeeded, score, at));
    }
    run(fmt::format("INSERT INTO public.learner_states (organization_id, user_id) VALUES ('{}', '{}')", organization_.text(), user.text()));
    return fmt::format("[{}]", fmt::join(texts, ", "));
  }
  /// Asked with the user's claims.
  std::string ask(const UserId& user, const std::string& sql) {
    run(fmt::format(R"(SELECT set_config('request.jwt.claims', '{{"sub": "{}", "organization_id": "{}"}}', false))", user.text(),
                    organization_.text()));
    const auto rows = must(connection_.script(sql + fmt::format(" WHERE user_id = '{}'", user.text())));
    return rows.empty() ? "null" : std::string(rows[0].text(0));
  }
  struct ByStores {
    Learned learned;
    std::vector<Completion> completions;
  };
  ByStores learn_by_stores(const UserId& user) {
    auto curricula = must(read_curricula(connection_, {organization_}));
    auto completions = must(read_completions(connection_, {{organization_, user}})).at({organization_, user});
    const Curriculum& curriculum = curricula.at(organization_);
    std::ranges::sort(completions, {}, &Completion::place);
    return {*learn(curriculum.course, curriculum.achievements, completions), std::move(completions)};
  }
  std::string result_of(const UserId& user, const ByStores& found) {
    std::vector<std::string> unlocked;
    for (const auto& [achievement, at] : found.learned.unlocked)
      unlocked.push_back(fmt::format(R"("{}": "{}")", achievement.text(), format_instant(at)));
    std::vector<std::string> days;
    for (const Completion& completion : found.completions) days.push_back(date_text(completion.local_date));
    return fmt::format(R"({{"skill": {}, "points": {}, "streak": {}, "unlocked": {{{}}}, "days": [{}], "momentum": {}}})",
                       json(found.learned.attainment.skill), found.learned.points, streak_json(found.learned.attainment.streak),
                       fmt::join(unlocked, ", "), fmt::join(days, ", "), ask(user, "SELECT momentum FROM public.learner_momentum"));
  }

  const OrganizationId organization_{Uuid::random()};
  postgres::Connection connection_;
  std::vector<std::string> activities_;
  std::vector<std::string> achievements_;
  std::vector<Uuid> ids_;
};

}  // namespace

// The expectation in its logistic form, with figures that https://en.wikipedia.org/wiki/Elo_rating_system works out under "Mathematical
// details": a player of 1613 against 1609, 1477, 1388, 1586 and 1720, of whom one game is lost, one drawn, two won and one lost again.
TEST_CASE("the published example of five games gives the published expectations, and their sum moves the rating") {
  constexpr std::array kOpponents{1'609.0, 1'477.0, 1'388.0, 1'586.0, 1'720.0};
  constexpr std::array kExpected{0.51, 0.69, 0.79, 0.54, 0.35};
  constexpr std::array kScores{0.0, 0.5, 1.0, 1.0, 0.0};
  double moved = 0;
  for (std::size_t game = 0; game < kOpponents.size(); ++game) {
    CHECK(expected_success(1'613, kOpponents[game]) == doctest::Approx(kExpected[game]).epsilon(0.01));
    moved += skill_after(1'613, kOpponents[game], kScores[game]) - 1'613;
  }
  // There each point of difference counts 32, here 24.
  CHECK(moved == doctest::Approx(24.0 * (2.5 - 2.88)).epsilon(0.05));
}

TEST_CASE("numpy, pandas and zoneinfo come to the same skill, difficulty, streaks, achievements and momentum") {
  const auto python = testing::python();
  if (!python) {
    MESSAGE("the Python of the tests is not here (./dev deps --python makes it): not run");
    return;
  }
  const auto file = testing::scratch() / "learning.jsonl";
  {
    Cases cases(file);
    for (int n = 0; n < kCases; ++n) {
      add_ratings(cases);
      add_streak(cases);
    }
    School school;
    for (int n = 0; n < kLearners; ++n) school.add_learner(cases);
  }
  supervise::Command command;
  command.arguments = {*python, testing::source_directory() / "tests/component/scoring/learning.py", file};
  command.output = testing::scratch() / "learning.out";
  const auto ran = supervise::run(testing::guardian(), command, std::chrono::minutes{2});
  const std::string said = testing::content(command.output);
  CHECK_MESSAGE(ran.has_value(), said);
  CHECK_MESSAGE(said.find(fmt::format("learner {}", kLearners)) != std::string::npos, said);
}
