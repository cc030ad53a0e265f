// The private Postgres and Kafka: they start, answer, keep their data over a restart, and leave nothing behind.
#include "common/local/services.hpp"

#include "common/core/await.hpp"
#include "common/local/kafka_probe.hpp"
#include "common/postgres/connection.hpp"
#include "common/supervise/process_tree.hpp"
#include "common/testing/services.hpp"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <sstream>

using namespace weir;
using namespace weir::local;

namespace {

constexpr Milliseconds kSoon{30'000};

postgres::Connection connect(const std::string& dsn) {
  postgres::Settings settings;
  settings.dsn = dsn;
  settings.application_name = "test";
  return postgres::Connection::open(settings).value();
}

std::string setting(postgres::Connection& connection, const std::string& name) {
  return connection.script("SHOW " + name).value()[0].get<std::string>(0);
}

int port_of(const std::string& bootstrap) { return std::stoi(bootstrap.substr(bootstrap.find(':') + 1)); }

}  // namespace

// First, while this program has no threads: it forks.
TEST_CASE("when the owner is killed no server and no directory is left") {
  std::array<int, 2> pipe{};
  REQUIRE(::pipe(pipe.data()) == 0);
  const pid_t owner = ::fork();
  if (owner == 0) {
    const auto services = Services::start().value();
    const std::string facts = std::to_string(services->postgres().id()) + " " + std::to_string(services->kafka().id()) + " " +
                              services->scratch().path().string() + "\n";
    if (::write(pipe[1], facts.data(), facts.size()) < 0) ::_exit(1);
    while (true) ::pause();
  }
  ::close(pipe[1]);
  std::array<char, 512> buffer{};
  const ssize_t got = ::read(pipe[0], buffer.data(), buffer.size());
  ::close(pipe[0]);
  REQUIRE(got > 0);
  std::istringstream facts(std::string(buffer.data(), static_cast<std::size_t>(got)));
  pid_t postgres = 0;
  pid_t kafka = 0;
  std::string directory;
  facts >> postgres >> kafka >> directory;
  std::vector<pid_t> processes = supervise::children_of(postgres);
  CHECK_FALSE(processes.empty());
  processes.push_back(postgres);
  processes.push_back(kafka);
  for (const pid_t id : processes) CHECK_FALSE(supervise::start_time(id).empty());

  ::kill(owner, SIGKILL);
  ::waitpid(owner, nullptr, 0);
  for (const pid_t id : processes) CHECK(await(kSoon, [&] { return supervise::start_time(id).empty(); }));
  CHECK(await(kSoon, [&] { return !std::filesystem::exists(directory); }));
}

TEST_CASE("Postgres has logical decoding, and each test a database of its own") {
  auto one = connect(testing::fresh_database());
  CHECK(setting(one, "wal_level") == "logical");
  CHECK(setting(one, "max_connections") == "200");
  REQUIRE(one.script("CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)"));
  auto other = connect(testing::fresh_database());
  CHECK_FALSE(other.script("SELECT n FROM kept"));
}

TEST_CASE("Postgres keeps its data and port over a fast and an immediate restart") {
  const std::string dsn = testing::fresh_database();
  REQUIRE(connect(dsn).script("CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)"));
  for (const Postgres::Shutdown how : {Postgres::Shutdown::kFast, Postgres::Shutdown::kImmediate}) {
    const auto restarted = testing::postgres().restart(how);
    INFO((restarted ? std::string() : restarted.error().line()));
    REQUIRE(restarted.has_value());
    CHECK(connect(dsn).script("SELECT n FROM kept").value()[0].get<int>(0) == 7);
  }
}

TEST_CASE("Kafka serves on the same port after an orderly restart and after a kill") {
  Kafka& kafka = testing::kafka();
  const std::string bootstrap = kafka.bootstrap();
  CHECK(kafka_serves(port_of(bootstrap), kSoon));
  for (const Kafka::Shutdown how : {Kafka::Shutdown::kOrderly, Kafka::Shutdown::kKill}) {
    const auto restarted = kafka.restart(how);
    INFO((restarted ? std::string() : restarted.error().line()));
    REQUIRE(restarted.has_value());
    CHECK(kafka.bootstrap() == bootstrap);
    CHECK(kafka_serves(port_of(bootstrap), kSoon));
  }
}

TEST_CASE("a paused Kafka does not answer, and does again afterwards") {
  Kafka& kafka = testing::kafka();
  kafka.pause();
  CHECK_FALSE(kafka_serves(port_of(kafka.bootstrap()), Milliseconds{200}));
  kafka.unpause();
  CHECK(kafka_serves(port_of(kafka.bootstrap()), kSoon));
}

TEST_CASE("topic prefixes do not repeat") { CHECK(testing::topic_prefix() != testing::topic_prefix()); }
