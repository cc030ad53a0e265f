// Looking keys up without delaying requests that need not wait.
#include "tests/unit/gateway/fake_keys.hpp"

#include "producers/gateway/key_directory.hpp"

#include "common/testing/manual_clock.hpp"

#include <doctest/doctest.h>

#include <future>

using namespace std::chrono_literals;
namespace gateway = weir::gateway;
using gateway::KeyAnswer;

namespace {

const std::string kKey = "weir_" + std::string(43, 'k');

struct Bench {
  weir::testing::ManualClock clock;
  weir::testing::FakeKeys keys;
  weir::telemetry::Health health;
  weir::telemetry::Metrics metrics;
  gateway::KeyDirectory directory;

  explicit Bench(gateway::KeyDirectoryOptions options = {}) : directory(keys, options, clock, health, metrics) { keys.put(kKey, {}); }

  std::future<KeyAnswer> find(const std::string& key = kKey) {
    auto promise = std::make_shared<std::promise<KeyAnswer>>();
    directory.find(gateway::hash_key(key), [promise](KeyAnswer answer) { promise->set_value(std::move(answer)); });
    return promise->get_future();
  }
  KeyAnswer ask(const std::string& key = kKey) {
    auto answer = find(key);
    REQUIRE(answer.wait_for(20s) == std::future_status::ready);
    return answer.get();
  }
};

bool ready(const std::future<KeyAnswer>& answer) { return answer.wait_for(0s) == std::future_status::ready; }

}  // namespace

TEST_CASE("a key is asked for once and then known") {
  Bench bench;
  CHECK(bench.ask().key != nullptr);
  CHECK(ready(bench.find()));
  CHECK(bench.keys.questions() == 1);
}

TEST_CASE("one question answers all requests that wait, and requests with known keys are answered meanwhile") {
  Bench bench;
  const std::string other = "weir_" + std::string(43, 'o');
  bench.keys.put(other, {});
  CHECK(bench.ask(other).key != nullptr);
  bench.keys.hold(true);
  auto first = bench.find();
  auto second = bench.find();
  CHECK(ready(bench.find(other)));
  CHECK_FALSE(ready(first));
  bench.keys.hold(false);
  CHECK(first.get().key != nullptr);
  CHECK(second.get().key != nullptr);
  CHECK(bench.keys.questions() == 2);
}

TEST_CASE("a revocation is seen within 10 seconds, however often the key is used") {
  Bench bench;
  CHECK_FALSE(bench.ask().key->revoked_at.has_value());
  gateway::ApiKey revoked;
  revoked.revoked_at = bench.clock.now();
  bench.keys.put(kKey, revoked);
  bench.clock.advance(10s);
  CHECK(bench.ask().key->revoked_at.has_value());
}

TEST_CASE("a key in use is refreshed before its time is over, so that no request waits") {
  Bench bench;
  CHECK(bench.ask().key != nullptr);
  bench.clock.advance(5s);
  CHECK(ready(bench.find()));
  CHECK(bench.keys.asked(2));
}

TEST_CASE("while Postgres is away a known key works for the grace, an unknown one is not available, and readiness says why") {
  Bench bench;
  CHECK(bench.ask().key != nullptr);
  bench.keys.fail_from_now(true);
  bench.clock.advance(299s);
  CHECK(bench.ask().key != nullptr);
  CHECK(bench.health.reasons().at("postgres").starts_with("API keys cannot be looked up: connection refused"));
  const KeyAnswer stranger = bench.ask("weir_" + std::string(43, 's'));
  CHECK_FALSE(stranger.available);
  bench.clock.advance(2s);
  CHECK_FALSE(bench.ask().available);
  bench.keys.fail_from_now(false);
  CHECK(bench.ask().available);
  CHECK(bench.health.is_ready());
}

TEST_CASE("after a failed question a known key is answered at once, while Postgres is asked again") {
  Bench bench;
  CHECK(bench.ask().key != nullptr);
  bench.keys.fail_from_now(true);
  bench.clock.advance(60s);
  CHECK(bench.ask().key != nullptr);
  bench.keys.hold(true);
  CHECK(ready(bench.find()));
  CHECK(bench.keys.asked(3));
  bench.keys.hold(false);
}

TEST_CASE("a question does not wait until a request with an answer is done") {
  gateway::KeyDirectoryOptions options;
  options.threads = 1;
  Bench bench(options);
  std::promise<void> begun;
  std::promise<void> go;
  auto done = std::async(std::launch::async, [&] {
    bench.directory.find(gateway::hash_key(kKey), [&](const KeyAnswer&) {
      begun.set_value();
      go.get_future().wait();
    });
    begun.get_future().wait();
  });
  done.wait();
  const std::string other = "weir_" + std::string(43, 'o');
  bench.keys.put(other, {});
  auto answer = bench.find(other);
  CHECK(answer.wait_for(20s) == std::future_status::ready);
  go.set_value();
}

TEST_CASE("questions are bounded, and over the bound no request waits") {
  gateway::KeyDirectoryOptions options;
  options.max_questions = 2;
  Bench bench(options);
  bench.keys.hold(true);
  auto first = bench.find("weir_" + std::string(43, '1'));
  CHECK(bench.directory.busy());
  auto second = bench.find("weir_" + std::string(43, '2'));
  CHECK_FALSE(bench.ask("weir_" + std::string(43, '3')).available);
  bench.keys.hold(false);
  CHECK(first.get().available);
  CHECK(second.get().available);
}

TEST_CASE("requests that still wait when the directory ends are answered") {
  std::future<KeyAnswer> left;
  {
    gateway::KeyDirectoryOptions options;
    options.threads = 0;
    Bench bench(options);
    left = bench.find();
  }
  CHECK_FALSE(left.get().available);
}
