// From a request on a socket to a record in the topic.
#include "tests/component/gateway/fixture.hpp"

#include "common/events/unsubscribe_token.hpp"

#include <algorithm>
#include <csignal>
#include <set>

using namespace weir;
using namespace weir::testing;

TEST_CASE("an accepted event is in the topic: ce_ headers, data as the value, the user as the key") {
  const RunningGateway gateway;
  const std::string trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const Instant time = SystemClock().now();
  const std::string body = event("e1", ",\"userid\":\"" + kTestUser + "\",\"sessionid\":\"s1\"", R"({ "action" : "page.view" })", time);
  const std::string answer = gateway.post(body, "traceparent: " + trace + "\r\n");
  CHECK(status_of(answer) == 202);
  CHECK(body_of(answer) == "{\"status\":202,\"id\":\"e1\",\"source\":\"/apps/web\"}\n");

  const auto records = gateway.records();
  REQUIRE(records.size() == 1);
  CHECK(records[0].key == kTestUser);
  CHECK(records[0].value == R"({"action":"page.view"})");
  const std::set<std::pair<std::string, std::string>> headers(records[0].headers.begin(), records[0].headers.end());
  const std::set<std::pair<std::string, std::string>> expected{{"ce_specversion", "1.0"},
                                                               {"ce_id", "e1"},
                                                               {"ce_source", "/apps/web"},
                                                               {"ce_type", "user.action"},
                                                               {"ce_subject", "pages/1"},
                                                               {"ce_time", format_instant(time)},
                                                               {"ce_organizationid", kTestOrganization},
                                                               {"ce_userid", kTestUser},
                                                               {"ce_sessionid", "s1"},
                                                               {"content-type", "application/json"},
                                                               {"traceparent", trace}};
  CHECK(headers == expected);
  CHECK(headers.size() == records[0].headers.size());
}

TEST_CASE("a batch puts its good events in the topic, in their order where they share a key, and names the others") {
  const RunningGateway gateway;
  std::string batch = "[";
  for (int number = 0; number < 50; ++number) batch += event_now("e" + std::to_string(number)) + ",";
  batch += event_now("bad", "", R"({"action":7})") + "]";
  const std::string answer = gateway.post(batch);
  CHECK(status_of(answer) == 207);
  CHECK(contains(answer, "{\"accepted\":50,\"refused\":1,"));
  CHECK(contains(answer, "{\"index\":50,\"status\":422,"));
  const auto records = gateway.records();
  REQUIRE(records.size() == 50);
  for (int number = 0; number < 50; ++number) {
    const auto& record = records[static_cast<std::size_t>(number)];
    CHECK(record.key == "pages/1");
    CHECK(id_of(record) == "e" + std::to_string(number));
  }
}

TEST_CASE("a key that is revoked is refused within 10 seconds; one with types publishes those alone") {
  RunningGateway gateway;
  const auto some = gateway.make_key({"report.requested"});
  CHECK(status_of(gateway.post_with(some.key, event_now("1"))) == 403);
  CHECK(status_of(gateway.post(event_now("1"))) == 202);
  auto connection = gateway.connect();
  REQUIRE(gateway::revoke_key(connection, gateway.key().id.text())->size() == 1);
  gateway.clock.advance(Seconds{10});
  const std::string answer = gateway.post(event_now("2"));
  CHECK(status_of(answer) == 401);
  CHECK(contains(answer, "This API key was revoked."));
}

TEST_CASE("while Postgres is away known keys go on, unknown ones are told to try again, and readiness says why") {
  RunningGateway gateway;
  CHECK(status_of(gateway.post(event_now("1"))) == 202);
  const auto fresh = gateway.make_key({});
  REQUIRE(testing::postgres().stop().has_value());
  gateway.clock.advance(Seconds{60});
  CHECK(status_of(gateway.post(event_now("2"))) == 202);
  const std::string refused = gateway.post_with(fresh.key, event_now("3"));
  CHECK(status_of(refused) == 503);
  CHECK(contains(refused, "Retry-After: 5\r\n"));
  CHECK(await(kSoon, [&] { return gateway.health.reasons().count("postgres") == 1; }));
  REQUIRE(testing::postgres().resume().has_value());
  CHECK(await(kSoon, [&] { return status_of(gateway.post_with(fresh.key, event_now("4"))) == 202; }));
  CHECK(await(kSoon, [&] { return gateway.health.is_ready(); }));
}

TEST_CASE("a Postgres that hangs with its connections open keeps a known key waiting no longer than one that is away") {
  RunningGateway gateway;
  CHECK(status_of(gateway.post(event_now("1"))) == 202);
  std::vector<pid_t> stopped{testing::postgres().id()};
  {
    auto connection = gateway.connect();
    const auto rows = connection.query("backends", "SELECT pid FROM pg_stat_activity WHERE application_name = 'weir gateway'");
    REQUIRE(rows.has_value());
    for (std::size_t row = 0; row < rows->size(); ++row) stopped.push_back((*rows)[row].get<pid_t>(0));
  }
  REQUIRE(stopped.size() > 1);
  for (const pid_t id : stopped) REQUIRE(::kill(id, SIGSTOP) == 0);
  gateway.clock.advance(Seconds{60});
  const std::string answer = gateway.post(event_now("2"));
  const bool unready = await(kSoon, [&] { return gateway.health.reasons().count("postgres") == 1; });
  for (const pid_t id : stopped) ::kill(id, SIGCONT);
  CHECK(status_of(answer) == 202);
  CHECK(unready);
  CHECK(await(kSoon, [&] { return gateway.health.is_ready(); }));
}

TEST_CASE(
    "a click on a link that unsubscribes is in the topic of callbacks once it is answered, under its user; opening the link leaves "
    "nothing") {
  const std::string secret(32, 'u');
  const RunningGateway gateway(Flags{{"gateway.unsubscribe_key", secret}});
  const std::string token = events::unsubscribe_token(
      secret, {OrganizationId{*Uuid::parse(kTestOrganization)}, UserId{*Uuid::parse(kTestUser)}, "email", "task"});
  const std::string path = "/v1/unsubscribe/" + token;
  const auto ask = [&](const std::string& method) {
    RawClient client(gateway.log.port());
    client.send(method + " " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    return client.response();
  };
  CHECK(status_of(ask("GET")) == 200);
  CHECK(gateway.records_of(gateway.callbacks_topic()).empty());
  CHECK(status_of(ask("POST")) == 200);
  const auto records = gateway.records_of(gateway.callbacks_topic());
  REQUIRE(records.size() == 1);
  CHECK(records[0].key == kTestUser);
  CHECK(records[0].value == R"({"channel":"email","template_group":"task","token":")" + token + "\"}");
  CHECK(gateway.records().empty());
}

TEST_CASE("a drain answers the requests in hand and loses no accepted event") {
  RunningGateway gateway(Flags{{"gateway.max_connections", "100"}});
  std::mutex mutex;
  std::set<std::string> accepted;
  std::atomic<int> begun{0};
  std::vector<std::thread> clients;
  for (int client = 0; client < 4; ++client) {
    clients.emplace_back([&, client] {
      for (int number = 0; number < 10'000; ++number) {
        const std::string id = std::to_string(client) + "." + std::to_string(number);
        RawClient socket(gateway.log.port());
        if (!socket.connected()) return;
        const std::string body = event_now(id);
        socket.send("POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nX-API-Key: " + gateway.key().key +
                    "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
        ++begun;
        if (status_of(socket.response()) != 202) return;
        const std::lock_guard lock(mutex);
        accepted.insert(id);
      }
    });
  }
  CHECK(await(kSoon, [&] { return begun >= 100; }));
  gateway.end();
  for (std::thread& client : clients) client.join();
  CHECK(gateway.result.has_value());
  std::set<std::string> stored;
  for (const auto& record : gateway.records()) stored.insert(id_of(record));
  CHECK(accepted.size() >= 50);
  CHECK(std::ranges::includes(stored, accepted));
}
