// Where calls by libcurl lead: names, certificates, and addresses that are refused and never contacted.
#include "tests/unit/http/calls.hpp"

#include "common/testing/manual_clock.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <map>

using namespace std::chrono_literals;
using namespace weir;
using namespace weir::http;
using namespace weir::testing;
using Cause = NoAnswer::Cause;
using Receiver = NoAnswer::Receiver;

TEST_CASE("TLS is verified: the authority, the name and the time; the request goes out only after that") {
  const Authority trusted;
  const Authority other;
  std::atomic<int> requests{0};
  const auto script = [&](Peer& peer) {
    if (peer.request().empty()) return;
    ++requests;
    peer.send(answer_text(200, "ok"));
  };
  const auto end_with = [&](const Authority::Certificate& certificate) {
    TestServer server(script, &certificate);
    Calls calls({*Network::parse("127.0.0.1")}, trusted.file());
    return calls.end(fmt::format("https://good.test:{}/", server.port()));
  };
  CHECK(answer_of(end_with(trusted.certificate_for("good.test"))).status == 200);
  CHECK(requests == 1);
  for (const Authority::Certificate& bad :
       {other.certificate_for("good.test"), trusted.certificate_for("other.test"), trusted.certificate_for("good.test", -1)}) {
    const NoAnswer none = none_of(end_with(bad));
    CAPTURE(none.reason);
    CHECK(none.cause == Cause::kTls);
    CHECK(none.receiver == Receiver::kUntouched);
  }
  CHECK(requests == 1);
}

TEST_CASE("a server without TLS behind an https URL is left untouched") {
  TestServer server([](Peer& peer) {
    peer.send("HTTP/1.1 200 OK\r\n\r\n");
    peer.wait_closed();
  });
  Calls calls;
  const NoAnswer none = none_of(calls.end(fmt::format("https://127.0.0.1:{}/", server.port())));
  CHECK(none.receiver == Receiver::kUntouched);
}

TEST_CASE("a name is resolved beside the calls, and its addresses are the ones that are connected to") {
  TestServer server([](Peer& peer) { answer_all(peer); });
  Calls calls;
  CHECK(answer_of(calls.end(fmt::format("http://good.test:{}/", server.port()))).body == "ok");
  CHECK(calls.resolver->asked == 1);
  CHECK(answer_of(calls.end(fmt::format("http://GOOD.test:{}/", server.port()))).body == "ok");
  CHECK(calls.resolver->asked == 1);  // kept for a moment
}

TEST_CASE("a name with addresses of both families is called at whichever answers") {
  TestServer server([](Peer& peer) { answer_all(peer); });
  Calls calls({*Network::parse("127.0.0.0/8"), *Network::parse("::1")});
  calls.resolver->names["both.test"] = {*Address::parse("::1"), kLoopback};  // the server listens at the second alone
  CHECK(answer_of(calls.end(fmt::format("http://both.test:{}/", server.port()))).body == "ok");
  calls.resolver->names["dead.test"] = {*Address::parse("127.0.0.2"), kLoopback};
  CHECK(answer_of(calls.end(fmt::format("http://dead.test:{}/", server.port()))).body == "ok");
}

TEST_CASE("a resolver's error refuses, and so does its silence, without holding up other calls") {
  TestServer server([](Peer& peer) { answer_all(peer); });
  Calls calls;
  CHECK(none_of(calls.end("https://unknown.test/")).cause == Cause::kName);
  calls.resolver->silence(true);
  Call call;
  call.url = fmt::format("http://good.test:{}/", server.port());
  call.timeout = 100ms;
  calls.caller->begin(101, call);
  call.url = url_of(server);
  call.timeout = 10s;
  calls.caller->begin(102, call);
  std::map<CallId, Ending> endings;
  while (endings.size() < 2) {
    for (Ended& each : calls.caller->wait(20s)) endings.emplace(each.id, std::move(each.ending));
  }
  CHECK(answer_of(endings.at(102)).status == 200);
  CHECK(none_of(endings.at(101)).cause == Cause::kTimeout);
  CHECK(none_of(endings.at(101)).receiver == Receiver::kUntouched);
}

TEST_CASE("a refused address is never contacted: given as such, as one of a name's, or after the name has changed") {
  TestServer server([](Peer& peer) { answer_all(peer); });
  Calls calls{std::vector<Network>{}};
  const auto refused = [&](const std::string& host) {
    const NoAnswer none = none_of(calls.end(fmt::format("https://{}:{}/", host, server.port())));
    CHECK(none.receiver == Receiver::kUntouched);
    return none.cause == Cause::kRefused;
  };
  CHECK(refused("127.0.0.1"));
  CHECK(refused("good.test"));
  calls.resolver->names["mixed.test"] = {*Address::parse("93.184.216.34"), kLoopback};
  CHECK(refused("mixed.test"));
  calls.resolver->names["mapped.test"] = {*Address::parse("::ffff:127.0.0.1")};
  CHECK(refused("mapped.test"));
  calls.resolver->names["empty.test"] = {};
  CHECK(refused("empty.test"));
  CHECK(server.connections() == 0);
}

TEST_CASE("a connection of the operator's is not used for a stranger's URL of the same host") {
  const Authority authority;
  const Authority::Certificate certificate = authority.certificate_for("good.test");
  std::atomic<int> requests{0};
  TestServer server(
      [&](Peer& peer) {
        while (!peer.request().empty()) {
          ++requests;
          peer.send(answer_text(200, "ok"));
        }
      },
      &certificate);
  weir::testing::ManualClock clock;
  const auto resolver = std::make_shared<FakeResolver>();
  CallerSettings settings;
  settings.ca_file = authority.file();
  const auto caller = *make_curl_caller(settings, resolver, clock);
  Call call;
  call.url = fmt::format("https://good.test:{}/", server.port());
  call.reach = Reach::kConfigured;
  caller->begin(1, call);
  CHECK(answer_of(caller->wait(20s).at(0).ending).status == 200);
  // The name now has an address that everybody can reach, while the connection to the other one is still open.
  resolver->names["good.test"] = {*Address::parse("192.0.0.9")};
  clock.advance(6s);
  call.reach = Reach::kPublic;
  caller->begin(2, call);
  const NoAnswer none = none_of(caller->wait(20s).at(0).ending);
  CHECK(none.cause == Cause::kRefused);
  CHECK(none.receiver == Receiver::kUntouched);
  CHECK(resolver->asked == 2);
  CHECK(server.connections() == 1);
  CHECK(requests == 1);
}

TEST_CASE("a URL of a refused form is refused before its name is resolved") {
  Calls calls;
  for (const char* url :
       {"ftp://good.test/", "https://user@good.test/", "https://127.1/", "file:///etc/passwd", "https://good.test\\@a/"}) {
    const NoAnswer none = none_of(calls.end(url));
    CHECK(none.cause == Cause::kRefused);
    CHECK(none.receiver == Receiver::kUntouched);
  }
  CHECK(calls.resolver->asked == 0);
}
