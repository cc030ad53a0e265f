// The deliverer over real calls: libcurl, and a server on loopback that refuses, hangs up and asks to wait by turns.
#include "common/delivery/deliverer.hpp"

#include "common/http/asked_wait.hpp"
#include "common/http/curl_caller.hpp"
#include "common/testing/kept_log.hpp"
#include "tests/unit/delivery/fake_queue.hpp"
#include "tests/unit/http/test_server.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <atomic>
#include <map>
#include <mutex>
#include <thread>

using namespace std::chrono_literals;
using namespace weir;
using namespace weir::delivery;
using weir::testing::answer_text;
using weir::testing::FakeQueue;
using weir::testing::KeptLog;
using weir::testing::Peer;
using weir::testing::Row;
using weir::testing::row_id;
using weir::testing::TestServer;

namespace {

/// One job a call; its body is the job's id.
class HttpProvider final : public Provider {
 public:
  explicit HttpProvider(int port) : url_(fmt::format("http://127.0.0.1:{}/", port)) {
    terms_.calls_of_an_account = 32;
    terms_.retry = {5ms, 20ms};
    terms_.breaker.rest = {5ms, 20ms};
  }
  [[nodiscard]] const Terms& terms() const override { return terms_; }
  [[nodiscard]] std::variant<http::Call, Refused> call(std::span<const Job* const> jobs, Instant) const override {
    http::Call call;
    call.url = url_;
    call.body = jobs.front()->id.text();
    return call;
  }
  [[nodiscard]] std::vector<Verdict> judge(std::span<const Job* const>, const http::Ending& ending, Instant now) const override {
    std::vector<Verdict> verdicts;
    if (const auto* none = std::get_if<http::NoAnswer>(&ending)) {
      const bool is_in_doubt = none->receiver == http::NoAnswer::Receiver::kInDoubt;
      verdicts.push_back(is_in_doubt ? Verdict(Unknown{none->reason}) : Verdict(Postponed{none->reason, {}}));
      return verdicts;
    }
    const auto& answer = std::get<http::Answer>(ending);
    if (answer.status == 429) verdicts.push_back(Paused{"429", http::asked_wait(answer, now), false});
    if (answer.status == 400) verdicts.push_back(Refused{"400"});
    if (answer.status == 503) verdicts.push_back(Postponed{"503", {}});
    if (answer.status == 200) verdicts.push_back(Accepted{answer.body, nullptr});
    return verdicts;
  }

 private:
  std::string url_;
  Terms terms_;
};

/// Answers each request in one of several ways, by its number.
class Receiver {
 public:
  void serve(Peer& peer) {
    for (std::string request = peer.request(); !request.empty(); request = peer.request()) {
      const std::string id = request.substr(request.size() - 36);
      switch (turn_of(id)) {
        case Turn::kAccept:
          peer.send(answer_text(200, "ok"));
          break;
        case Turn::kRefuse:
          peer.send(answer_text(400, "no"));
          break;
        case Turn::kBusy:
          peer.send(answer_text(503, ""));
          break;
        case Turn::kWait:
          peer.send(answer_text(429, "", "Retry-After: 0.01\r\n"));
          break;
        case Turn::kHangUp:
          return;
      }
    }
  }
  std::map<std::string, int> accepted;  // how often, by job
  int requests = 0;

 private:
  enum class Turn : std::uint8_t { kAccept, kRefuse, kBusy, kWait, kHangUp };
  Turn turn_of(const std::string& id) {
    const std::lock_guard lock(mutex_);
    ++requests;
    if (id.ends_with("7")) return Turn::kRefuse;
    Turn turn = Turn::kAccept;
    if (requests % 11 == 0) turn = Turn::kBusy;
    if (requests % 37 == 0) turn = Turn::kWait;
    if (requests % 41 == 0) turn = Turn::kHangUp;
    if (turn == Turn::kAccept) ++accepted[id];
    return turn;
  }
  std::mutex mutex_;
};

/// As Postgres is to two sessions, this queue can be asked from two threads at a time.
class SharedQueue final : public Queue {
 public:
  explicit SharedQueue(FakeQueue& queue) : queue_(queue) {}
  Result<Claimed> claim(const Wanted& wanted) override {
    const std::lock_guard lock(mutex_);
    return queue_.claim(wanted);
  }
  Result<std::size_t> report(std::span<const Report> reports, std::span<const Refund> refunds) override {
    const std::lock_guard lock(mutex_);
    return queue_.report(reports, refunds);
  }
  [[nodiscard]] bool all_ended() {
    const std::lock_guard lock(mutex_);
    return queue_.all_ended();
  }

 private:
  std::mutex mutex_;
  FakeQueue& queue_;
};

}  // namespace

TEST_CASE("a thousand jobs over real calls each have their end, and each is accepted by the receiver exactly once") {
  Receiver receiver;
  const TestServer server([&](Peer& peer) { receiver.serve(peer); });
  const HttpProvider provider(server.port());
  const SystemClock clock;
  FakeQueue queue(static_cast<const Clock&>(clock));
  SharedQueue shared(queue);
  constexpr int kJobs = 1'000;
  for (int i = 0; i < kJobs; ++i) queue.add(i);
  http::CallerSettings settings;
  settings.guard = http::AddressGuard({*http::Network::parse("127.0.0.1")});
  const auto caller = *http::make_curl_caller(settings, std::make_shared<http::SystemResolver>(), clock);
  KeptLog log(telemetry::LogLevel::kInfo);
  telemetry::Metrics metrics;
  telemetry::Health health;
  Limits limits;
  limits.channels = {{"main", 256, {"fake"}}};
  Executors executors;
  ThreadExecutor claims("claims", [&] { caller->ring(); });
  ThreadExecutor reports("reports", [&] { caller->ring(); });
  SUBCASE("whose queue is asked between the calls") {}
  SUBCASE("whose queue is asked beside the calls") { executors = {&claims, &reports}; }
  const auto deliverer = *Deliverer::make({"test", shared, *caller, {{"fake", &provider}}, clock, log, metrics, health, executors}, limits);

  const SteadyInstant patience = clock.steady() + 60s;
  while (!(shared.all_ended() && deliverer->is_idle()) && clock.steady() < patience) REQUIRE(deliverer->turn().has_value());

  CHECK(deliverer->is_idle());
  for (int i = 0; i < kJobs; ++i) {
    const Row& row = queue.row(i);
    CAPTURE(row_id(i).text());
    if (i % 10 == 7) {
      CHECK(row.end == Row::End::kRefused);
      continue;
    }
    const int times = receiver.accepted[row_id(i).text()];
    CHECK((row.end == Row::End::kAccepted ? times == 1 : row.end == Row::End::kUsedUp && times == 0));
  }
  CHECK(receiver.requests > kJobs);
}

TEST_CASE("a ring from another thread wakes a deliverer that waits for real calls") {
  const TestServer server([](Peer& peer) { peer.wait_closed(); });
  const HttpProvider provider(server.port());
  const SystemClock clock;
  FakeQueue queue(static_cast<const Clock&>(clock));
  const auto caller = *http::make_curl_caller({}, std::make_shared<http::SystemResolver>(), clock);
  KeptLog log(telemetry::LogLevel::kInfo);
  telemetry::Metrics metrics;
  telemetry::Health health;
  Limits limits;
  limits.channels = {{"main", 256, {"fake"}}};
  limits.longest_rest = 3'600'000ms;
  const auto deliverer = *Deliverer::make({"test", queue, *caller, {{"fake", &provider}}, clock, log, metrics, health}, limits);
  REQUIRE(deliverer->turn(0ms).has_value());
  REQUIRE(queue.asked.size() == 1);
  std::thread other([&] { deliverer->ring(); });
  REQUIRE(deliverer->turn(3'600'000ms).has_value());
  other.join();
  CHECK(queue.asked.size() == 2);
}
