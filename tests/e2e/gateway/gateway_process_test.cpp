// The gateway as an operator runs it: migrate, make a key, serve, stop, be killed.
#include "common/core/await.hpp"
#include "common/kafka/admin.hpp"
#include "common/local/scratch.hpp"
#include "common/postgres/connection.hpp"
#include "common/supervise/process.hpp"
#include "common/testing/services.hpp"
#include "tests/unit/http/client.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <mutex>
#include <set>
#include <sstream>
#include <thread>

using namespace weir;
using namespace weir::testing;

namespace {

constexpr Milliseconds kSoon{30'000};
const std::string kOrganization = "11111111-2222-4333-8444-555555555555";

std::string read_file(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

kafka::Settings kafka_settings() { return {.brokers = testing::kafka().bootstrap(), .client_id = "test", .properties = {}}; }

/// One installation: a database that is migrated, a topic, an organization.
class Installation {
 public:
  Installation() : dsn_(fresh_database()), topic_(topic_prefix() + "actions"), folder_(scratch() / topic_) {
    std::filesystem::create_directories(folder_);
    CHECK(weir({"migrate", "up"}).first == 0);
    auto connection = postgres::Connection::open({.dsn = dsn_, .application_name = "test"});
    REQUIRE(connection.has_value());
    REQUIRE(connection->script("INSERT INTO organizations (id, name) VALUES ('" + kOrganization + "', 'one')").has_value());
    auto admin = kafka::Admin::open(kafka_settings());
    REQUIRE(admin.has_value());
    REQUIRE((*admin)->create_topics({{.name = topic_, .partitions = 3, .replication = 1, .configuration = {}}}).has_value());
  }

  /// Runs a command to its end: its exit code and what it printed.
  std::pair<int, std::string> weir(std::vector<std::string> words) {
    const auto output = folder_ / ("out" + std::to_string(++runs_));
    auto process = supervise::Process::spawn(guardian(), command(std::move(words), output));
    REQUIRE(process.has_value());
    const int code = process->wait().code;
    return {code, read_file(output)};
  }

  supervise::Process serve(int port) {
    const int ops_port = local::free_port().value();
    const auto output = folder_ / ("gateway" + std::to_string(++runs_));
    auto process = supervise::Process::spawn(
        guardian(), command({"gateway", "--listen", fmt::format("127.0.0.1:{}", port), "--ops-listen",
                             fmt::format("127.0.0.1:{}", ops_port), "--set", "gateway.topic=" + topic_, "--log-format", "text"},
                            output));
    REQUIRE(process.has_value());
    const bool serves = await(kSoon, [&] { return RawClient(port).connected(); });
    REQUIRE_MESSAGE(serves, read_file(output));
    return std::move(*process);
  }

  [[nodiscard]] std::set<std::string> stored() const {
    auto admin = kafka::Admin::open(kafka_settings());
    REQUIRE(admin.has_value());
    std::set<std::string> ids;
    const auto keep = [&ids](const kafka::StoredRecord& record) {
      for (const auto& [name, value] : record.headers) {
        if (name == "ce_id") ids.insert(value);
      }
    };
    REQUIRE((*admin)->read_topic(topic_, keep, kSoon).has_value());
    return ids;
  }

 private:
  [[nodiscard]] supervise::Command command(std::vector<std::string> words, const std::filesystem::path& output) const {
    words.insert(words.begin(), weir_executable());
    words.insert(words.end(), {"--dsn", dsn_});
    return {.arguments = std::move(words),
            .environment = {{"WEIR_KAFKA_BROKERS", testing::kafka().bootstrap()}},
            .output = output,
            .user = {},
            .end_signal = SIGKILL};
  }

  std::string dsn_;
  std::string topic_;
  std::filesystem::path folder_;
  int runs_ = 0;
};

/// The line of an output that is an API key.
std::string key_in(const std::string& output) {
  const std::size_t at = output.find("weir_");
  REQUIRE(at != std::string::npos);
  return output.substr(at, 48);
}

std::string request(const std::string& key, const std::string& id) {
  const std::string body = fmt::format(
      R"({{"specversion":"1.0","id":"{}","source":"/apps/web","type":"user.action","subject":"pages/1","time":"{}","data":{{"action":"page.view"}}}})",
      id, format_instant(SystemClock().now()));
  return fmt::format(
      "POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nX-API-Key: {}\r\nContent-Length: {}\r\n\r\n{}", key,
      body.size(), body);
}

/// Four clients post until they are refused or the connection ends; `meanwhile` runs after the first hundred. Returns the accepted events.
std::set<std::string> post_while(int port, const std::string& key, const std::function<void()>& meanwhile) {
  std::mutex mutex;
  std::set<std::string> accepted;
  std::vector<std::thread> clients;
  for (int client = 0; client < 4; ++client) {
    clients.emplace_back([&, client] {
      RawClient socket(port);
      for (int number = 0; number < 1'000'000; ++number) {
        const std::string id = fmt::format("{}.{}", client, number);
        if (!socket.send(request(key, id)) || status_of(socket.response()) != 202) return;
        const std::lock_guard lock(mutex);
        accepted.insert(id);
      }
    });
  }
  const auto count = [&] {
    const std::lock_guard lock(mutex);
    return accepted.size();
  };
  CHECK(await(kSoon, [&] { return count() >= 100; }));
  meanwhile();
  for (std::thread& client : clients) client.join();
  return accepted;
}

}  // namespace

TEST_CASE("a gateway that is stopped or killed while clients post loses no event that it accepted") {
  Installation installation;
  const auto [code, output] = installation.weir({"keys", "create", "--organization", kOrganization, "--types", "user.action"});
  CHECK(code == 0);
  const std::string key = key_in(output);
  const int port = local::free_port().value();

  auto process = installation.serve(port);
  const auto before_term = post_while(port, key, [&] { process.signal(SIGTERM); });
  const supervise::ExitStatus status = process.wait();
  CHECK_MESSAGE(status.ok(), status.text());
  CHECK(std::ranges::includes(installation.stored(), before_term));

  auto again = installation.serve(port);
  const auto before_kill = post_while(port, key, [&] { again.signal(SIGKILL); });
  static_cast<void>(again.wait());
  CHECK(std::ranges::includes(installation.stored(), before_kill));
}

TEST_CASE("keys are made, listed and taken back from the command line, and refusals say what to do") {
  Installation installation;
  const std::string key = key_in(installation.weir({"keys", "create", "--organization", kOrganization, "--name", "shop"}).second);
  const auto [listed, list] = installation.weir({"keys", "list", "--json"});
  CHECK(listed == 0);
  CHECK(list.find("\"prefix\":\"" + key.substr(0, 12) + "\"") != std::string::npos);
  CHECK(list.find(key) == std::string::npos);

  const auto [revoked, shown] = installation.weir({"keys", "revoke", key.substr(0, 12)});
  CHECK(revoked == 0);
  CHECK(shown.find("shop") != std::string::npos);
  const auto [twice, refusal] = installation.weir({"keys", "revoke", key.substr(0, 12)});
  CHECK(twice == 64);
  CHECK(refusal.find("no key in force has the id or prefix " + key.substr(0, 12) + " (weir keys list shows them)") != std::string::npos);

  const auto [stranger, unknown] = installation.weir({"keys", "create", "--organization", "99999999-2222-4333-8444-555555555555"});
  CHECK(stranger == 64);
  CHECK(unknown.find("there is no organization 99999999-2222-4333-8444-555555555555") != std::string::npos);
  const auto [typed, wrong_type] = installation.weir({"keys", "create", "--organization", kOrganization, "--types", "user.acting"});
  CHECK(typed == 64);
  CHECK(wrong_type.find("--types: 'user.acting' is no event type (there are user.action") != std::string::npos);
}
