#include "consumers/insights/pure/time_of_day.hpp"

#include "tests/unit/insights/histories.hpp"

using namespace weir::insights;

namespace {

/// One completion on each of the last days before today, at these times.
History daily(const std::vector<std::string>& times) {
  std::vector<std::string> at;
  for (std::size_t i = 0; i < times.size(); ++i) {
    const std::chrono::year_month_day date{day_of("2026-11-28") - std::chrono::days{static_cast<int>(times.size() - i)}};
    at.push_back(fmt::format("{:04}-{:02}-{:02}T{}", int(date.year()), unsigned(date.month()), unsigned(date.day()), times[i]));
  }
  return completed(at);
}

}  // namespace

TEST_CASE("a user who learns at the same time has a habit") {
  const auto found = time_of_day(
      daily({"19:10:00", "18:40:00", "19:30:00", "18:20:00", "19:00:00", "18:50:00", "19:20:00", "18:30:00", "18:45:00"}), kNow);
  REQUIRE(found.size() == 1);
  check_form(found);
  CHECK(found[0].classed == "evening");
  CHECK(std::get<std::int64_t>(found[0].facts.at("minute_of_day")) == 19 * 60);
  CHECK(std::get<std::int64_t>(found[0].facts.at("days")) == 9);
  CHECK(std::get<Word>(found[0].facts.at("daytime")).key == "daytime.evening");
  CHECK(found[0].evidence.size() == 9);
  CHECK(found[0].confidence > 0.99);
}

TEST_CASE("a habit around midnight is one habit") {
  const auto found =
      time_of_day(daily({"23:40:00", "00:10:00", "23:50:00", "00:20:00", "23:30:00", "00:05:00", "23:55:00", "00:15:00"}), kNow);
  REQUIRE(found.size() == 1);
  CHECK(found[0].classed == "night");
  CHECK(std::get<std::int64_t>(found[0].facts.at("minute_of_day")) == 0);
}

TEST_CASE("no habit is found where times differ, days are few, or it is over") {
  CHECK(
      time_of_day(daily({"08:00:00", "13:00:00", "19:00:00", "10:00:00", "22:00:00", "16:00:00", "09:00:00", "20:00:00", "12:00:00"}), kNow)
          .empty());
  CHECK(time_of_day(daily({"19:00:00", "19:00:00", "19:00:00", "19:00:00", "19:00:00", "19:00:00", "19:00:00"}), kNow).empty());
  History over = daily(std::vector<std::string>(10, "19:00:00"));
  CHECK(time_of_day(over, kNow).size() == 1);
  over.today.date += std::chrono::days{15};
  CHECK(time_of_day(over, kNow).empty());
  CHECK(time_of_day(History{}, kNow).empty());
}

TEST_CASE("what follows on the same day does not count again") {
  std::vector<std::string> all;
  for (int minute = 10; minute < 60; ++minute) all.push_back(fmt::format("2026-11-27T19:{}:00", minute));
  CHECK(firsts_of_days(completed(all)) == std::vector{clock_at("2026-11-27T19:10:00")});
  CHECK(time_of_day(completed(all), kNow).empty());
}

TEST_CASE("a day has four parts") {
  struct Row {
    std::int64_t hour;
    std::string part;
  };
  for (const Row& row : {Row{0, "night"}, Row{4, "night"}, Row{5, "morning"}, Row{11, "morning"}, Row{12, "afternoon"},
                         Row{16, "afternoon"}, Row{17, "evening"}, Row{21, "evening"}, Row{22, "night"}}) {
    CAPTURE(row.hour);
    CHECK(daytime_of(row.hour * 60) == row.part);
    CHECK(daytime_of(row.hour * 60 + 59) == row.part);
  }
}
