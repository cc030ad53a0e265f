#include "common/http/token_caller.hpp"

#include "tests/unit/delivery/fake_caller.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace std::chrono_literals;
using namespace weir;
using namespace weir::http;
using weir::testing::FakeCaller;

namespace {

/// Its token is the body of the answer, good for an hour.
class FakeSource final : public TokenSource {
 public:
  explicit FakeSource(std::string name = "a") : name_(std::move(name)) {}
  [[nodiscard]] std::string name() const override { return name_; }
  [[nodiscard]] Call request(Instant) const override {
    Call call;
    call.url = "https://token.test/" + name_;
    return call;
  }
  [[nodiscard]] std::optional<Token> read(const Answer& answer) const override {
    if (answer.body.empty()) return std::nullopt;
    return Token{answer.body, Seconds{3'600}};
  }

 private:
  std::string name_;
};

struct World {
  World() {
    auto made = std::make_unique<FakeCaller>(clock);
    inner = made.get();
    inner->answers = [this](const Call& call) {
      FakeCaller::Planned planned;
      if (call.url.starts_with("https://token.test/")) {
        ++fetched;
        planned.ending = Answer{200, {}, "t" + std::to_string(fetched)};
      }
      return planned;
    };
    caller = make_token_caller(std::move(made), clock);
  }
  void begin(CallId id, const std::string& name = "a", Milliseconds timeout = 10s) {
    Call call;
    call.url = "https://api.test/";
    call.timeout = timeout;
    call.token = std::make_shared<const FakeSource>(name);
    caller->begin(id, std::move(call));
  }
  std::map<CallId, Ending> end(std::size_t count) {
    std::map<CallId, Ending> endings;
    while (endings.size() < count) {
      auto some = caller->wait(1min);
      REQUIRE_FALSE(some.empty());
      for (Ended& each : some) CHECK(endings.emplace(each.id, std::move(each.ending)).second);
    }
    return endings;
  }
  /// The tokens of the calls that went out.
  [[nodiscard]] std::vector<std::string> tokens() const {
    std::vector<std::string> found;
    for (const Call& call : inner->begun) {
      for (const auto& [name, value] : call.headers) {
        if (name == "Authorization") found.push_back(value);
      }
    }
    return found;
  }

  weir::testing::ManualClock clock;
  FakeCaller* inner = nullptr;
  std::unique_ptr<Caller> caller;
  int fetched = 0;
};

const NoAnswer& none_of(const Ending& ending) {
  REQUIRE(std::holds_alternative<NoAnswer>(ending));
  return std::get<NoAnswer>(ending);
}

}  // namespace

TEST_CASE("a call that needs no token goes as it is") {
  World world;
  Call call;
  call.url = "https://api.test/";
  world.caller->begin(1, call);
  CHECK(world.end(1).contains(1));
  CHECK(world.fetched == 0);
}

TEST_CASE("calls that need the same token wait for a single fetch, and later ones use it again") {
  World world;
  for (CallId id = 1; id <= 5; ++id) world.begin(id);
  world.begin(6, "b");
  CHECK(world.end(6).size() == 6);
  CHECK(world.fetched == 2);
  world.begin(7);
  (void)world.end(1);
  CHECK(world.fetched == 2);
  const auto tokens = world.tokens();
  CHECK(tokens.size() == 7);
  CHECK(std::ranges::count(tokens, "Bearer t1") == 6);
}

TEST_CASE("a token is fetched anew in its last minute") {
  World world;
  world.begin(1);
  (void)world.end(1);
  world.clock.advance(58min);
  world.begin(2);
  (void)world.end(1);
  CHECK(world.fetched == 1);
  world.clock.advance(1min + 1s);
  world.begin(3);
  (void)world.end(1);
  CHECK(world.fetched == 2);
  CHECK(world.tokens().back() == "Bearer t2");
}

TEST_CASE("a token that is answered with 401 is not used again, but its successor is kept") {
  World world;
  world.begin(1);
  (void)world.end(1);
  world.inner->next.push_back(weir::testing::status_after(401));
  world.inner->next.push_back(weir::testing::status_after(401));
  world.begin(2);
  world.begin(3);
  for (const auto& [id, ending] : world.end(2)) CHECK(std::get<Answer>(ending).status == 401);
  world.begin(4);
  (void)world.end(1);
  CHECK(world.fetched == 2);
}

TEST_CASE("calls whose token cannot be had end untouched, and say whether they were refused") {
  World world;
  const auto cause_after = [&](FakeCaller::Planned planned) {
    world.inner->next.push_back(std::move(planned));
    world.begin(1);
    world.begin(2);
    const auto endings = world.end(2);
    CHECK(none_of(endings.at(2)).receiver == NoAnswer::Receiver::kUntouched);
    return none_of(endings.at(1)).cause;
  };
  CHECK(cause_after(weir::testing::status_after(400)) == NoAnswer::Cause::kToken);
  CHECK(cause_after(weir::testing::status_after(401)) == NoAnswer::Cause::kToken);
  CHECK(cause_after(weir::testing::status_after(429)) == NoAnswer::Cause::kConnect);
  CHECK(cause_after(weir::testing::status_after(503)) == NoAnswer::Cause::kConnect);
  CHECK(cause_after(weir::testing::status_after(200)) == NoAnswer::Cause::kConnect);  // without a token in it
  CHECK(cause_after(weir::testing::unanswered(NoAnswer::Receiver::kInDoubt)) == NoAnswer::Cause::kBroken);
  CHECK(world.tokens().empty());
}

TEST_CASE("waiting for a token counts towards a call's timeout") {
  World world;
  FakeCaller::Planned slow;
  slow.after = 3s;
  slow.ending = Answer{200, {}, "t1"};
  world.inner->next.push_back(slow);
  world.begin(1, "a", 5s);
  world.begin(2, "a", 2s);
  const auto endings = world.end(2);
  CHECK(std::get<Answer>(endings.at(1)).status == 200);
  CHECK(none_of(endings.at(2)).cause == NoAnswer::Cause::kTimeout);
  CHECK(world.inner->begun.back().timeout == 2s);
}

TEST_CASE("a ring ends the wait, and so does the end of the patience") {
  World world;
  world.caller->ring();
  CHECK(world.caller->wait(1h).empty());
  CHECK(world.caller->wait(1s).empty());
}
