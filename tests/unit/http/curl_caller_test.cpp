// Calls by libcurl to a real server on loopback that misbehaves in each way.
#include "common/http/curl_caller.hpp"

#include "tests/unit/http/calls.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <set>
#include <thread>

using namespace std::chrono_literals;
using namespace weir;
using namespace weir::http;
using namespace weir::testing;
using Cause = NoAnswer::Cause;
using Receiver = NoAnswer::Receiver;

TEST_CASE("a call brings its method, headers and body, and comes back with the answer's") {
  std::string request;
  TestServer server([&](Peer& peer) {
    request = peer.request();
    peer.send(answer_text(201, "made", "X-Thing:  two words \r\nRetry-After: 3\r\n"));
  });
  Calls calls;
  Call call;
  call.method = "PUT";
  call.url = url_of(server, "/a?b=c");
  call.headers = {{"Content-Type", "text/plain"}};
  call.body = "hello";
  const Answer answer = answer_of(calls.end(std::move(call)));
  CHECK(answer.status == 201);
  CHECK(answer.body == "made");
  CHECK(answer.header("x-thing") == "two words");
  CHECK(answer.header("retry-after") == "3");
  CHECK_FALSE(answer.is_cut);
  CHECK(request.starts_with("PUT /a?b=c HTTP/1.1\r\n"));
  CHECK(request.find("Content-Type: text/plain\r\n") != std::string::npos);
  CHECK(request.find("Expect:") == std::string::npos);
  CHECK(request.ends_with("\r\n\r\nhello"));
}

TEST_CASE("a body without a type is sent without a type") {
  std::string request;
  TestServer server([&](Peer& peer) {
    request = peer.request();
    peer.send(answer_text(200, "ok"));
  });
  Calls calls;
  CHECK(answer_of(calls.end(url_of(server))).status == 200);
  CHECK(request.starts_with("POST /hook HTTP/1.1\r\n"));
  CHECK(request.find("Content-Type") == std::string::npos);
  CHECK(request.ends_with("\r\n\r\nhello"));
}

TEST_CASE("many calls are in flight at once on a single thread, and all their connections are used again") {
  constexpr int kCalls = 300;
  std::mutex mutex;
  std::condition_variable changed;
  int here = 0;
  int wanted = 0;
  TestServer server([&](Peer& peer) {
    while (!peer.request().empty()) {
      {
        std::unique_lock lock(mutex);
        ++here;
        changed.notify_all();
        changed.wait(lock, [&] { return here >= wanted; });  // nobody is answered before all have asked
      }
      peer.send(answer_text(200, "ok"));
    }
  });
  Calls calls;
  CallId id = 0;
  for (int round = 1; round <= 2; ++round) {
    {
      const std::lock_guard lock(mutex);
      wanted = round * kCalls;
    }
    for (int i = 0; i < kCalls; ++i) {
      Call call;
      call.url = url_of(server);
      calls.caller->begin(++id, std::move(call));
    }
    std::set<CallId> ended;
    while (ended.size() < kCalls) {
      const auto some = calls.caller->wait(20s);
      REQUIRE_FALSE(some.empty());
      for (const Ended& each : some) {
        CHECK(answer_of(each.ending).status == 200);
        CHECK(ended.insert(each.id).second);
      }
    }
    CHECK(server.connections() == kCalls);
  }
}

TEST_CASE("a ring ends the wait under way, and a ring before the wait is not lost") {
  Calls calls;
  calls.caller->ring();
  CHECK(calls.caller->wait(1h).empty());
  std::thread other([&] { calls.caller->ring(); });
  CHECK(calls.caller->wait(1h).empty());
  other.join();
  CHECK(calls.caller->wait(1ms).empty());
}

TEST_CASE("a redirect is an answer, and is not followed") {
  TestServer refused([](Peer& peer) { answer_all(peer); });
  TestServer server([&](Peer& peer) {
    (void)peer.request();
    peer.send(answer_text(302, "", "Location: " + url_of(refused) + "\r\n"));
  });
  Calls calls;
  CHECK(answer_of(calls.end(url_of(server))).status == 302);
  CHECK(refused.connections() == 0);
}

TEST_CASE("a server that takes the request and never answers leaves a doubt once the time is over") {
  TestServer server([](Peer& peer) { peer.wait_closed(); });
  Calls calls;
  const NoAnswer none = none_of(calls.end(url_of(server, "/secret"), 1s));
  CHECK(none.receiver == Receiver::kInDoubt);
  CHECK(none.cause == Cause::kTimeout);
  CHECK(none.reason.find("secret") == std::string::npos);
}

TEST_CASE(
    "a connection that ends before an answer leaves a doubt, and the request is not sent again, even on a connection that was used "
    "before") {
  std::atomic<int> requests{0};
  TestServer server([&](Peer& peer) {
    if (peer.request().empty()) return;
    ++requests;
    peer.send(answer_text(200, "ok"));
    if (!peer.request().empty()) ++requests;  // and closes
  });
  Calls calls;
  CHECK(answer_of(calls.end(url_of(server))).status == 200);
  const NoAnswer none = none_of(calls.end(url_of(server)));
  CHECK(none.receiver == Receiver::kInDoubt);
  CHECK(none.cause == Cause::kBroken);
  CHECK(requests.load() == 2);
  CHECK(server.connections() == 1);
}

TEST_CASE("an answer that is no HTTP leaves a doubt") {
  TestServer server([](Peer& peer) {
    (void)peer.request();
    peer.send("SSH-2.0-OpenSSH\r\n");
  });
  Calls calls;
  CHECK(none_of(calls.end(url_of(server))).receiver == Receiver::kInDoubt);
}

TEST_CASE("an answer whose head has come counts, although its body is too long, never ends or breaks off") {
  const std::string head = "HTTP/1.1 202 Accepted\r\nContent-Length: 100000000\r\n\r\n";
  SUBCASE("giant") {
    TestServer server([&](Peer& peer) {
      (void)peer.request();
      peer.send(head);
      while (peer.send(std::string(64 << 10, 'x'))) continue;
    });
    Calls calls;
    const Answer answer = answer_of(calls.end(url_of(server)));
    CHECK(answer.status == 202);
    CHECK(answer.is_cut);
    CHECK(answer.body.size() == 256U << 10U);
  }
  SUBCASE("slow") {
    TestServer server([&](Peer& peer) {
      (void)peer.request();
      peer.send(head + "x");
      peer.wait_closed();
    });
    Calls calls;
    const Answer answer = answer_of(calls.end(url_of(server), 1s));
    CHECK(answer.status == 202);
    CHECK(answer.is_cut);
  }
  SUBCASE("broken off") {
    TestServer server([&](Peer& peer) {
      (void)peer.request();
      peer.send(head + "x");
    });
    Calls calls;
    CHECK(answer_of(calls.end(url_of(server))).is_cut);
  }
}

TEST_CASE("a head that never ends is not kept") {
  TestServer server([](Peer& peer) {
    (void)peer.request();
    peer.send("HTTP/1.1 200 OK\r\n");
    while (peer.send("X-Filler: " + std::string(4'000, 'x') + "\r\n")) continue;
  });
  Calls calls;
  const NoAnswer none = none_of(calls.end(url_of(server)));
  CHECK(none.receiver == Receiver::kInDoubt);
  CHECK(none.reason.find("64 KiB") != std::string::npos);
}

TEST_CASE("an answer behind interim ones is the last of them") {
  TestServer server([](Peer& peer) {
    (void)peer.request();
    peer.send("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + answer_text(200, "ok"));
  });
  Calls calls;
  const Answer answer = answer_of(calls.end(url_of(server)));
  CHECK(answer.status == 200);
  CHECK(answer.header("link").empty());
}

TEST_CASE("a port without a listener leaves the receiver untouched") {
  int port = 0;
  {
    port = TestServer([](Peer&) {}).port();
  }
  Calls calls;
  const NoAnswer none = none_of(calls.end(fmt::format("http://127.0.0.1:{}/", port)));
  CHECK(none.receiver == Receiver::kUntouched);
  CHECK(none.cause == Cause::kConnect);
}

TEST_CASE("a header with a line break is not sent") {
  TestServer server([](Peer& peer) { answer_all(peer); });
  Calls calls;
  Call call;
  call.url = url_of(server);
  call.headers = {{"X-Name", "a\r\nX-Other: b"}};
  CHECK(none_of(calls.end(call)).cause == Cause::kRefused);
  CHECK(server.connections() == 0);
}

TEST_CASE("a caller that goes breaks its calls off") {
  TestServer server([](Peer& peer) { peer.wait_closed(); });
  Calls calls;
  Call call;
  call.url = url_of(server);
  calls.caller->begin(1, call);
  calls.caller->begin(2, std::move(call));
  CHECK(calls.caller->wait(1ms).empty());
  calls.caller.reset();
}
