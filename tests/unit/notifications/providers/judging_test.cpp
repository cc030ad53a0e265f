#include "tests/unit/notifications/providers/messages.hpp"

#include "consumers/notifications/providers/judging.hpp"

#include <doctest/doctest.h>

#include <map>

using namespace weir;
using namespace weir::testing;
using Receiver = http::NoAnswer::Receiver;

namespace {

constexpr Instant kNow = from_unix_ms(1'353'088'179'000);

std::string all(Jobs jobs, const http::Ending& ending) {
  const auto verdicts = verdicts_of("it", jobs, ending, kNow);
  REQUIRE(verdicts.size() == jobs.size());
  for (const auto& verdict : verdicts) CHECK(text_of(verdict) == text_of(verdicts.front()));
  return text_of(verdicts.front());
}

}  // namespace

TEST_CASE("a status means the same to every provider, for a message alone and for several") {
  JobList one(nullptr);
  one.add();
  JobList several(nullptr);
  for (int i = 0; i < 3; ++i) several.add();
  struct Row {
    int status;
    std::string alone;
    std::string shared;
  };
  const std::string paused = "paused, an operator is needed";
  for (const Row& row : std::vector<Row>{{200, "accepted", "accepted"},   {202, "accepted", "accepted"},   {204, "accepted", "accepted"},
                                         {301, "postponed", "postponed"}, {304, "postponed", "postponed"}, {400, "refused", "divided"},
                                         {401, paused, paused},           {402, paused, paused},           {403, paused, paused},
                                         {404, "postponed", "divided"},   {408, "postponed", "postponed"}, {410, "postponed", "divided"},
                                         {413, "refused", "divided"},     {422, "refused", "divided"},     {425, "postponed", "postponed"},
                                         {429, "paused", "paused"},       {500, "postponed", "postponed"}, {502, "postponed", "postponed"},
                                         {503, "postponed", "postponed"}, {599, "postponed", "postponed"}}) {
    CAPTURE(row.status);
    CHECK(all(one.span(), answer_with(row.status)) == row.alone);
    CHECK(all(several.span(), answer_with(row.status)) == row.shared);
  }
}

TEST_CASE("a wait that is asked for: of 429 it is the account's, of another failure the message's") {
  JobList one(nullptr);
  one.add();
  CHECK(all(one.span(), answer_with(429, {{"retry-after", "7"}})) == "paused 7s");
  CHECK(all(one.span(), answer_with(429, {{"x-ratelimit-reset", "9"}})) == "paused 9s");
  CHECK(all(one.span(), answer_with(503, {{"retry-after", "7"}})) == "postponed 7s");
}

TEST_CASE("without an answer the request went out, or it did not") {
  JobList several(nullptr);
  several.add();
  several.add();
  CHECK(all(several.span(), testing::unanswered(Receiver::kUntouched)) == "postponed");
  CHECK(all(several.span(), testing::unanswered(Receiver::kInDoubt)) == "unknown");
}

TEST_CASE("a reason names the status, and neither address nor body") {
  const auto verdict = delivery::verdict_of("Pusher", answer_with(400, {}, "unknown user ada@example.org"), kNow);
  CHECK(std::get<delivery::Refused>(verdict).reason == "Pusher answered 400");
}
