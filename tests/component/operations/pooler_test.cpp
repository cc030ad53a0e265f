// weir behind Debian's PgBouncer: what a session relies on is set and asked for, transaction mode is refused by name, the gateway works
// through it, and change capture reads the log from the server itself.
#include "common/core/await.hpp"
#include "common/postgres/pool.hpp"
#include "common/testing/migrated_database.hpp"
#include "demo/clients/http_client.hpp"
#include "tests/component/gateway/stream_client.hpp"
#include "tests/component/operations/program.hpp"
#include "tests/unit/gateway/token_files.hpp"
#include "tests/unit/http/client.hpp"

#include <doctest/doctest.h>

#include <unistd.h>

using namespace weir;
using testing::run_weir;

namespace {

constexpr Milliseconds kPatience{60'000};
constexpr const char* kOrganization = "a0000000-0000-4000-8000-000000000000";
constexpr int kAccepted = 202;

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// A PgBouncer before the test program's Postgres.
class Pooler {
 public:
  Pooler(const std::string& mode, const std::string& more) : port_(local::free_port().value()) {
    const auto file = testing::scratch() / ("pgbouncer." + mode + std::to_string(port_) + ".ini");
    std::ofstream(file) << "[databases]\n* = host=127.0.0.1 port=" << testing::postgres().port()
                        << "\n[pgbouncer]\nlisten_addr = 127.0.0.1\n"
                        << "listen_port = " << port_ << "\nunix_socket_dir =\nauth_type = trust\nauth_file = " << users().string()
                        << "\npool_mode = " << mode << "\n"
                        << more;
    supervise::Command command;
    command.arguments = {"/usr/sbin/pgbouncer", file};
    if (::geteuid() == 0) command.user = "postgres";
    process_ = supervise::Process::spawn(testing::guardian(), command).value();
    const auto answers = [&] { return postgres::Connection::open_bare(settings("postgres", "weir")).has_value(); };
    REQUIRE_MESSAGE(await(kPatience, answers), "PgBouncer does not answer: is it installed (./dev deps test)?");
  }

  [[nodiscard]] std::string dsn(const std::string& database, const std::string& user) const {
    return "host=127.0.0.1 port=" + std::to_string(port_) + " dbname=" + database + " user=" + user;
  }
  [[nodiscard]] postgres::Settings settings(const std::string& database, const std::string& user) const {
    return {.dsn = dsn(database, user), .application_name = "test"};
  }

 private:
  static std::filesystem::path users() {
    const auto file = testing::scratch() / "pgbouncer.users";
    std::ofstream(file) << "\"weir\" \"\"\n\"weir_gateway\" \"\"\n";
    return file;
  }
  int port_;
  supervise::Process process_;
};

std::string name_of(const std::string& dsn) { return dsn.substr(dsn.rfind('=') + 1); }

/// weir gateway whose statements go through a pooler.
struct PooledGateway {
  PooledGateway(const Pooler& pooler, const std::string& dsn, const std::map<std::string, std::string>& more = {})
      : port(local::free_port().value()), environment(more), log(testing::scratch() / ("pooled_gateway" + std::to_string(port) + ".log")) {
    environment.insert({{"WEIR_POSTGRES_DSN", dsn},
                        {"WEIR_GATEWAY_DSN", pooler.dsn(name_of(dsn), "weir_gateway")},
                        {"WEIR_KAFKA_BROKERS", testing::kafka().bootstrap()},
                        {"WEIR_HTTP_OPS_LISTEN", "127.0.0.1:0"},
                        {"WEIR_HTTP_LISTEN", "127.0.0.1:" + std::to_string(port)}});
    REQUIRE(run_weir({"topics", "apply"}, environment).exit_code == 0);
    supervise::Command gateway;
    gateway.arguments = {testing::weir_executable(), "gateway"};
    gateway.environment = environment;
    gateway.output = log;
    running = supervise::Process::spawn(testing::guardian(), gateway).value();
  }
  [[nodiscard]] bool listens() const {
    return await(kPatience, [&] { return testing::RawClient(port).connected(); });
  }
  /// The whole answer to a user's request.
  [[nodiscard]] std::string ask(const std::string& token, const std::string& line) const {
    testing::RawClient client(port);
    client.send(line + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer " + token + "\r\nContent-Length: 0\r\n\r\n");
    return client.response();
  }

  int port;
  std::map<std::string, std::string> environment;
  std::filesystem::path log;
  supervise::Process running;
};

/// A message to a user, and the notice of it, in one transaction: its id.
std::string send(postgres::Connection& direct, const std::string& user) {
  const auto sent = direct.script(
      "WITH made AS (INSERT INTO public.notifications (organization_id, id, user_id, template_key, channel, status, expires_at) VALUES ('" +
      std::string(kOrganization) + "', gen_random_uuid(), '" + user +
      "', 'task.completed', 'in_app', 'delivered', now() + interval '1 day') RETURNING id, user_id) SELECT id, pg_notify('weir_feed', "
      "user_id::text) FROM made");
  REQUIRE_MESSAGE(sent.has_value(), (sent ? "" : sent.error().line()));
  return std::string((*sent)[0].text(0));
}

std::string shown(postgres::Connection& connection, const std::string& setting) {
  return std::string(connection.script("SHOW " + setting).value()[0].text(0));
}

}  // namespace

TEST_CASE("through a pooler in session mode a session is as it is without: its settings hold, whatever the database's are") {
  const std::string database = name_of(testing::migrated_database());
  auto direct = postgres::Connection::open({.dsn = testing::postgres().dsn(database), .application_name = "test"}).value();
  REQUIRE(direct.script("ALTER DATABASE " + database + " SET timezone = 'America/St_Johns'").has_value());
  REQUIRE(direct.script("ALTER DATABASE " + database + " SET DateStyle = 'SQL, DMY'").has_value());
  for (const char* more : {"", "ignore_startup_parameters = options,extra_float_digits\n"}) {
    const Pooler pooler("session", more);
    auto connection = postgres::Connection::open(pooler.settings(database, "weir"));
    REQUIRE_MESSAGE(connection.has_value(), (connection ? "" : connection.error().line()));
    for (const char* setting : {"timezone", "datestyle", "statement_timeout", "lock_timeout", "tcp_user_timeout"}) {
      auto other = postgres::Connection::open({.dsn = testing::postgres().dsn(database), .application_name = "test"}).value();
      CHECK(shown(*connection, setting) == shown(other, setting));
    }
    CHECK(shown(*connection, "timezone") == "UTC");
    const auto said = run_weir({"status"}, {{"WEIR_POSTGRES_DSN", pooler.dsn(database, "weir")}});
    CHECK_MESSAGE(said.exit_code == 0, said.err);
  }
}

TEST_CASE("a pooler in transaction mode is refused by its mode, for every command and process but the gateway") {
  const std::string database = name_of(testing::migrated_database());
  for (const char* mode : {"transaction", "statement"}) {
    const Pooler pooler(mode, "");
    std::map<std::string, std::string> environment{{"WEIR_POSTGRES_DSN", pooler.dsn(database, "weir")},
                                                   {"WEIR_KAFKA_BROKERS", testing::kafka().bootstrap()},
                                                   {"WEIR_HTTP_OPS_LISTEN", "127.0.0.1:0"},
                                                   {"WEIR_CDC_TABLES", "public.agent_executions"},
                                                   {"WEIR_CONSUMERS_ROLLUPS_START", "earliest"},
                                                   {"WEIR_CONSUMERS_INSIGHTS_START", "earliest"},
                                                   {"WEIR_CONSUMERS_NOTIFICATIONS_START", "earliest"}};
    for (const char* process : {"status", "lag", "cdc", "rollups", "notifications", "insights", "sealer"}) {
      const auto said = run_weir({process}, environment);
      CAPTURE(process);
      CHECK(said.exit_code == 78);
      CHECK_MESSAGE(has(said.err, "a pooler in transaction mode"), said.err);
    }
  }
}

TEST_CASE("the gateway's statements go through a pooler in transaction mode, whichever session they meet") {
  const std::string dsn = testing::migrated_database();
  auto direct = postgres::Connection::open({.dsn = dsn, .application_name = "test"}).value();
  REQUIRE(direct.script("INSERT INTO public.organizations (id, name) VALUES ('" + std::string(kOrganization) + "', 'A')").has_value());
  const Pooler pooler("transaction", "default_pool_size = 3\n");
  PooledGateway gateway(pooler, dsn);
  demo::HttpClient client(gateway.port, Milliseconds{5'000});
  const std::string now(direct.script("SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')").value()[0].text(0));
  for (int i = 0; i < 20; ++i) {
    std::string key = run_weir({"keys", "create", "--organization", kOrganization}, gateway.environment).out;
    key.pop_back();
    const std::string event = R"({"specversion":"1.0","id":"e)" + std::to_string(i) +
                              R"(","source":"/t","type":"user.action","subject":"s","time":")" + now +
                              R"(","data":{"action":"page.view"}})";
    int status = 0;
    const bool taken = await(kPatience, [&] {
      const auto answer = client.post("/v1/events", {{"Authorization", "Bearer " + key}, {"Content-Type", "application/json"}}, event);
      status = answer ? answer->status : 0;
      return status == kAccepted;
    });
    CHECK_MESSAGE(taken, status, testing::content(gateway.log));
  }
  CHECK(gateway.running.stop(kPatience).text() == "exit code 0");
}

TEST_CASE("users' messages come through a pooler in transaction mode: as they are written, page by page, and marked as read") {
  const std::string dsn = testing::migrated_database();
  auto direct = postgres::Connection::open({.dsn = dsn, .application_name = "test"}).value();
  REQUIRE(direct.script("INSERT INTO public.organizations (id, name) VALUES ('" + std::string(kOrganization) + "', 'A')").has_value());
  const testing::KeyFile file;
  const testing::SigningKey key("first", gateway::TokenAlgorithm::kEdDsa);
  file.write(testing::key_set({key.jwk()}));
  const Pooler pooler("transaction", "default_pool_size = 3\n");
  PooledGateway gateway(pooler, dsn,
                        {{"WEIR_GATEWAY_LISTEN_DSN", testing::postgres().dsn(name_of(dsn), "weir_gateway")},
                         {"WEIR_GATEWAY_JWKS_FILE", file.path()},
                         {"WEIR_GATEWAY_TOKEN_ISSUER", "https://login.example"},
                         {"WEIR_GATEWAY_TOKEN_AUDIENCE", "weir"}});
  REQUIRE_MESSAGE(gateway.listens(), testing::content(gateway.log));
  const auto expires = SystemClock{}.now() + Seconds{3'600};
  std::vector<std::string> users;
  std::vector<std::string> tokens;
  std::vector<testing::StreamClient> streams;
  // More users than the pooler has sessions.
  for (int i = 0; i < 8; ++i) {
    const std::string user = users.emplace_back(Uuid::random().text());
    REQUIRE(direct
                .script("INSERT INTO public.users (id, organization_id, email, role) VALUES ('" + user + "', '" + kOrganization + "', '" +
                        user + "@x.example', 'student')")
                .has_value());
    tokens.push_back(key.token(testing::claims_of(user, kOrganization, expires, R"(,"user_role":"student")")));
    REQUIRE_MESSAGE(streams.emplace_back(gateway.port, tokens.back()).opened(kPatience), testing::content(gateway.log));
  }
  // Another client holds the session that was used last, so that the gateway's next question meets another one.
  auto other = postgres::Connection::open_bare(pooler.settings(name_of(dsn), "weir_gateway")).value();
  std::string last;
  for (int round = 0; round < 10; ++round) {
    REQUIRE(other.script(round % 2 == 0 ? "BEGIN; SET LOCAL idle_in_transaction_session_timeout = 0" : "COMMIT").has_value());
    for (std::size_t i = 0; i < users.size(); ++i) {
      last = send(direct, users[i]);
      const auto event = streams[i].next(kPatience);
      REQUIRE_MESSAGE(event.has_value(), testing::content(gateway.log));
      CHECK(has(event->data, last));
    }
  }
  for (const std::string& token : tokens) CHECK(has(gateway.ask(token, "GET /v1/notifications"), "{\"unread\":10,"));
  CHECK(gateway.ask(tokens.back(), "POST /v1/notifications/" + last + "/read").starts_with("HTTP/1.1 204"));
  CHECK(has(gateway.ask(tokens.back(), "GET /v1/notifications"), "{\"unread\":9,"));
  CHECK(gateway.ask(tokens.front(), "POST /v1/notifications/" + last + "/read").starts_with("HTTP/1.1 404"));
  CHECK(gateway.running.stop(kPatience).text() == "exit code 0");
  // A question that meets a session without its statement is refused, and asked again after a while.
  CHECK_FALSE_MESSAGE(has(testing::content(gateway.log), "prepared statement"), testing::content(gateway.log));
}

TEST_CASE("the gateway's notices do not come through a pooler in transaction mode, and it says so") {
  const std::string dsn = testing::migrated_database();
  const testing::KeyFile file;
  file.write(testing::key_set({testing::SigningKey("first", gateway::TokenAlgorithm::kEdDsa).jwk()}));
  const Pooler pooler("transaction", "");
  PooledGateway gateway(pooler, dsn,
                        {{"WEIR_GATEWAY_JWKS_FILE", file.path()},
                         {"WEIR_GATEWAY_TOKEN_ISSUER", "https://login.example"},
                         {"WEIR_GATEWAY_TOKEN_AUDIENCE", "weir"}});
  const auto ended = gateway.running.wait_for(kPatience);
  CHECK((ended && ended->text() == "exit code 78"));
  CHECK_MESSAGE(has(testing::content(gateway.log), "a pooler in transaction mode"), testing::content(gateway.log));
}

TEST_CASE("change capture does not read the log through a pooler, and says so") {
  const std::string database = name_of(testing::migrated_database());
  const Pooler pooler("session", "");
  const auto said = run_weir({"cdc"}, {{"WEIR_CDC_DSN", pooler.dsn(database, "weir")},
                                       {"WEIR_KAFKA_BROKERS", testing::kafka().bootstrap()},
                                       {"WEIR_HTTP_OPS_LISTEN", "127.0.0.1:0"},
                                       {"WEIR_CDC_TABLES", "public.agent_executions"}});
  CHECK(said.exit_code == 78);
  CHECK_MESSAGE(has(said.err, "give the server's own address"), said.err);
}
