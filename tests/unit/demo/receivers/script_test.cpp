// How the receivers of the demo misbehave.
#include "demo/receivers/script.hpp"

#include <doctest/doctest.h>

#include <map>
#include <vector>

using namespace weir;
using namespace weir::demo;

namespace {

/// What the next calls are answered with, one after the other, each a second after the last.
std::map<int, int> answers_of(Provider provider, int calls) {
  Script script(provider);
  SteadyInstant now{};
  std::map<int, int> times;
  for (int call = 0; call < calls; ++call) {
    ++times[script.next(now).status];
    now += Seconds{1};
  }
  return times;
}

}  // namespace

TEST_CASE("Pusher asks to wait with and without saying how long, fails, and does not answer") {
  CHECK(answers_of(Provider::kPusher, 96) == std::map<int, int>{{0, 2}, {200, 88}, {429, 4}, {500, 2}});
  Script script(Provider::kPusher);
  std::vector<std::optional<Seconds>> waits;
  for (int call = 0; call < 48; ++call) {
    const Behaviour behaviour = script.next({});
    if (behaviour.status == 429) waits.push_back(behaviour.retry_after);
  }
  CHECK(waits == std::vector<std::optional<Seconds>>{Seconds{1}, std::nullopt});
}

TEST_CASE("endpoints and the mail server fail now and then") {
  CHECK(answers_of(Provider::kWebhook, 24) == std::map<int, int>{{0, 1}, {200, 21}, {429, 1}, {500, 1}});
  CHECK(answers_of(Provider::kSmtp, 20) == std::map<int, int>{{250, 19}, {451, 1}});
}

TEST_CASE("SendGrid is out for twelve seconds from its third call, and never again") {
  Script script(Provider::kSendgrid);
  const SteadyInstant begin{};
  const auto status = [&](Seconds after) { return script.next(begin + after).status; };
  CHECK(status(Seconds{0}) == 202);
  CHECK(status(Seconds{90}) == 202);
  CHECK(status(Seconds{100}) == 503);
  CHECK(status(Seconds{111}) == 503);
  CHECK(status(Seconds{112}) == 202);
  CHECK(status(Seconds{500}) == 202);
}

TEST_CASE("providers are called as in notification_attempts") {
  CHECK(name_of(Provider::kPusher) == "pusher");
  CHECK(name_of(Provider::kSendgrid) == "sendgrid");
  CHECK(name_of(Provider::kSmtp) == "smtp");
  CHECK(name_of(Provider::kWebhook) == "webhook");
}
