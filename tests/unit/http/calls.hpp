// Calls by libcurl with a resolver that answers as its test tells it.
#pragma once

#include "common/core/time.hpp"
#include "common/http/curl_caller.hpp"
#include "tests/unit/http/test_server.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace weir::testing {

using namespace std::chrono_literals;
using namespace http;

inline const Address kLoopback = *Address::parse("127.0.0.1");

class FakeResolver final : public Resolver {
 public:
  tl::expected<std::vector<Address>, std::string> resolve(const std::string& host) override {
    std::unique_lock lock(mutex_);
    ++asked;
    changed_.wait(lock, [this] { return !silent_; });
    const auto found = names.find(host);
    if (found == names.end()) return tl::unexpected<std::string>("Name or service not known");
    return found->second;
  }
  void silence(bool silent) {
    const std::lock_guard lock(mutex_);
    silent_ = silent;
    changed_.notify_all();
  }
  std::map<std::string, std::vector<Address>> names{{"good.test", {kLoopback}}};
  int asked = 0;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool silent_ = false;
};

struct Calls {
  explicit Calls(std::vector<Network> allowed = {*Network::parse("127.0.0.0/8")}, std::string ca_file = "") {
    CallerSettings settings;
    settings.guard = AddressGuard(std::move(allowed));
    settings.ca_file = std::move(ca_file);
    auto made = make_curl_caller(settings, resolver, clock);
    REQUIRE(made.has_value());
    caller = *std::move(made);
  }
  ~Calls() { resolver->silence(false); }

  /// The ending of one call.
  Ending end(Call call) {
    caller->begin(++last, std::move(call));
    std::vector<Ended> ended = caller->wait(20s);
    REQUIRE(ended.size() == 1);
    CHECK(ended.front().id == last);
    return std::move(ended.front().ending);
  }
  Ending end(const std::string& url, Milliseconds timeout = 10s) {
    Call call;
    call.url = url;
    call.body = "hello";
    call.timeout = timeout;
    return end(std::move(call));
  }

  SystemClock clock;
  std::shared_ptr<FakeResolver> resolver = std::make_shared<FakeResolver>();
  std::unique_ptr<Caller> caller;
  CallId last = 0;
};

inline std::string url_of(const TestServer& server, const std::string& path = "/hook") {
  return fmt::format("http://127.0.0.1:{}{}", server.port(), path);
}

inline void answer_all(Peer& peer) {
  while (!peer.request().empty()) peer.send(answer_text(200, "ok"));
}

inline NoAnswer none_of(const Ending& ending) {
  REQUIRE(std::holds_alternative<NoAnswer>(ending));
  return std::get<NoAnswer>(ending);
}

inline Answer answer_of(const Ending& ending) {
  if (const auto* none = std::get_if<NoAnswer>(&ending)) FAIL("no answer: " << none->reason);
  return std::get<Answer>(ending);
}

}  // namespace weir::testing
