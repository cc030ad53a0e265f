// The log that the receivers of messages write is judged rightly: if it were not, the scenario would show nothing.
#include "tests/chaos/scenarios/arrival_log.hpp"

#include "common/testing/services.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <fstream>

using namespace weir;
using namespace weir::chaos;

namespace {

const std::string kMessage = "0b8f6f0e-6a3c-4c2e-9a53-3c1b5a1d7e21";

std::string line(const std::string& protocol, double at, const std::string& word) {
  return fmt::format(R"({{"protocol": "{}", "id": "{}", "at": {}, "word": "{}", "fault": ""}})", protocol, kMessage, at, word);
}

/// A message that comes twice, so many seconds apart.
std::vector<std::string> early_after(const std::string& word, double seconds) {
  static int number = 0;
  const auto file = testing::scratch() / fmt::format("arrivals-{}", ++number);
  std::ofstream(file) << line("webhook", 1'000, word) << "\n" << line("webhook", 1'000 + seconds, "ok") << "\n";
  ArrivalLog log(file);
  log.read();
  return log.early();
}

}  // namespace

TEST_CASE("a message that comes again before its time is found") {
  CHECK(early_after("500", 0.9) == std::vector{fmt::format("webhook {} came 0.900 s after 500", kMessage)});
  CHECK(early_after("500", 1.0).empty());
  CHECK(early_after("429/2", 1.9).size() == 1);
  CHECK(early_after("429/2", 2.0).empty());
  CHECK(early_after("429/0.1", 0.9).size() == 1);
  CHECK(early_after("silence", 0.9).size() == 1);
  CHECK(early_after("ok", 0.1).empty());
}

TEST_CASE("a message may come again once its account has rested, which counts from the failure before") {
  const std::string other = "1c9f6f0e-6a3c-4c2e-9a53-3c1b5a1d7e22";
  const auto early = [&](double seconds, const std::string& word) {
    const auto file = testing::scratch() / fmt::format("rested-{}-{}", seconds, word.substr(0, 3));
    std::string first = line("sendgrid", 999.9, "503");
    first.replace(first.find(kMessage), kMessage.size(), other);
    std::ofstream(file) << first << "\n" << line("sendgrid", 1'000, word) << "\n" << line("sendgrid", 1'000 + seconds, "ok") << "\n";
    ArrivalLog log(file);
    log.read();
    return log.early();
  };
  CHECK(early(0.95, "503").empty());
  CHECK(early(0.85, "503").size() == 1);
  CHECK(early(1.95, "429/2").size() == 1);
}

TEST_CASE("lines are read once they are whole, and what a receiver did is told as a status") {
  const auto file = testing::scratch() / "arrivals";
  std::ofstream out(file);
  ArrivalLog log(file);
  CHECK(log.read() == 0);
  out << line("pusher", 1, "ok") << "\n" << line("smtp", 1, "451").substr(0, 30) << std::flush;
  CHECK(log.read() == 1);
  out << line("smtp", 1, "451").substr(30) << "\n"
      << line("webhook", 2, "cut") << "\n"
      << line("webhook", 3, "giant") << "\n"
      << std::flush;
  CHECK(log.read() == 4);
  std::vector<int> statuses;
  for (const demo::GivenArrival& each : log.given()) statuses.push_back(each.status);
  CHECK(statuses == std::vector{200, 451, 0, 200});
  CHECK(log.words().at("cut") == 1);
}
