// `weir up --local` as a developer runs it: a first start, a second one beside it, a kill, and a start that goes on with what was there.
#include "common/core/await.hpp"
#include "common/kafka/admin.hpp"
#include "common/kafka/producer.hpp"
#include "common/postgres/connection.hpp"
#include "common/supervise/process.hpp"
#include "common/testing/services.hpp"
#include "demo/clients/http_client.hpp"
#include "tests/support/ports.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

using namespace weir;
using namespace weir::testing;

namespace {

constexpr Milliseconds kPatience{240'000};
constexpr Milliseconds kProbe{2'000};
constexpr int kOk = 200;
const std::string kTopic = "weir.actions.v1";

struct Site {
  std::filesystem::path folder = scratch() / "it's local";  // a path that a shell has to be told with care
  int ops_port = free_ports(2);

  supervise::Command command(const std::string& output) const {
    supervise::Command one;
    one.arguments = {weir_executable(), "up", "--local", folder, "--ops-port", std::to_string(ops_port), "cdc", "gateway"};
    one.output = scratch() / output;
    return one;
  }
  supervise::Process start(const std::string& output) const { return supervise::Process::spawn(guardian(), command(output)).value(); }

  /// What a shell has of a variable once it has read DIR/env.
  std::string variable(const std::string& name) const {
    supervise::Command shell;
    shell.arguments = {"/bin/sh", "-c", ". \"$1/env\" && printf %s \"$" + name + "\"", "sh", folder};
    shell.output = scratch() / ("variable." + name);
    std::filesystem::remove(shell.output);
    REQUIRE(supervise::run(guardian(), shell, kPatience));
    return content(shell.output);
  }
  postgres::Connection connect() const {
    return postgres::Connection::open({.dsn = variable("DATABASE_URL"), .application_name = "test"}).value();
  }
  kafka::Settings broker() const {
    kafka::Settings settings;
    settings.brokers = variable("BROKERS");
    return settings;
  }
  std::int64_t records() const {
    const auto admin = kafka::Admin::open(broker()).value();
    std::int64_t sum = 0;
    const auto topics = admin->describe_topics({kTopic});
    REQUIRE(topics);
    for (const kafka::TopicState& topic : *topics) {
      for (std::int32_t i = 0; i < topic.partitions; ++i) sum += admin->range(kTopic, i)->end;
    }
    return sum;
  }
  bool ready(supervise::Process& up) const {
    return await(kPatience, [&] {
      demo::HttpClient cdc(ops_port, kProbe);
      demo::HttpClient gateway(ops_port + 1, kProbe);
      const auto one = cdc.get("/readyz");
      const auto other = gateway.get("/readyz");
      return (one && other && one->status == kOk && other->status == kOk) || !up.running();
    });
  }
};

}  // namespace

TEST_CASE("weir up --local keeps what was written over a kill and an orderly end, and shares its folder with nobody") {
  const Site site;
  supervise::Process first = site.start("local-first.log");
  const bool came_up = site.ready(first);
  INFO(content(scratch() / "local-first.log"));
  REQUIRE(came_up);
  REQUIRE(first.running());
  {
    auto sql = site.connect();
    // The role has the name of weir's own schema, where the table of an application must not come to lie.
    REQUIRE(sql.script("CREATE TABLE mine (id int PRIMARY KEY); INSERT INTO public.mine VALUES (7)"));
    CHECK(sql.script("SELECT 1 FROM pg_publication_tables WHERE tablename = 'agent_executions'").value().size() == 1);
    const auto producer = kafka::Producer::open(site.broker(), kafka::ProducerOptions{}).value();
    kafka::Message message;
    message.topic = kTopic;
    message.key = "k";
    message.value = "kept";
    REQUIRE(producer->send(message));
    REQUIRE(producer->flush(kPatience));
  }
  CHECK(site.records() == 1);

  const supervise::ExitStatus refused = site.start("local-second.log").wait();
  CHECK(refused.code == 78);
  CHECK(content(scratch() / "local-second.log").find("is in use by process " + std::to_string(first.id())) != std::string::npos);
  CHECK(first.running());

  const std::string address = site.variable("WEIR_POSTGRES_DSN");
  first.kill();  // its guardian ends the servers
  supervise::Process again = site.start("local-again.log");
  const bool came_back = site.ready(again);
  INFO(content(scratch() / "local-again.log"));
  REQUIRE(came_back);
  REQUIRE(again.running());
  CHECK(site.variable("WEIR_POSTGRES_DSN") == address);
  CHECK(site.connect().script("SELECT id FROM public.mine").value().size() == 1);
  CHECK(site.records() == 1);
  CHECK(content(scratch() / "local-again.log").find("data of earlier starts is there") != std::string::npos);

  // A table that weir cdc refuses at its next start.
  REQUIRE(site.connect().script("CREATE TABLE a_b (id int PRIMARY KEY); CREATE TABLE \"a b\" (id int PRIMARY KEY)"));
  REQUIRE(site.connect().script("SELECT weir.publish('{a_b,\"\\\"a b\\\"\"}')"));
  CHECK(again.stop(kPatience).text() == "exit code 0");
  CHECK(site.start("local-refused.log").wait().code == 78);
  CHECK(content(scratch() / "local-refused.log").find("start the servers without that component") != std::string::npos);
  CHECK_FALSE(postgres::Connection::open({.dsn = address, .application_name = "test"}));
}

TEST_CASE("weir up --local refuses a configuration beside its own") {
  const Site site;
  supervise::Command command = site.command("local-config.log");
  command.arguments.insert(command.arguments.end(), {"--config", "/dev/null"});
  CHECK(supervise::Process::spawn(guardian(), command).value().wait().code == 64);
}

TEST_CASE("weir up --local leaves a folder alone that holds files of somebody else") {
  const Site site;
  const std::filesystem::path theirs = scratch() / "theirs";
  std::filesystem::create_directories(theirs);
  std::ofstream(theirs / "letter.txt") << "mine";
  const auto open_to_all = std::filesystem::perms::all | std::filesystem::perms::sticky_bit;  // as /tmp is
  std::filesystem::permissions(theirs, open_to_all);
  supervise::Command command = site.command("local-theirs.log");
  command.arguments[3] = theirs;
  CHECK(supervise::Process::spawn(guardian(), command).value().wait().code == 78);
  CHECK(content(scratch() / "local-theirs.log").find("holds files that weir up --local did not make") != std::string::npos);
  CHECK(std::filesystem::status(theirs).permissions() == open_to_all);
  CHECK_FALSE(std::filesystem::exists(theirs / "lock"));
}

TEST_CASE("weir up --local refuses what is no folder") {
  const Site site;
  std::ofstream(scratch() / "file") << "";
  const auto ends_with = [&](const std::string& name) {
    supervise::Command command = site.command("local-none.log");
    command.arguments[3] = name;
    return supervise::Process::spawn(guardian(), command).value().wait().code;
  };
  CHECK(ends_with("") == 64);
  CHECK(ends_with((scratch() / "file").string()) == 78);
}

TEST_CASE("weir up --local refuses a name that Kafka would take for two folders") {
  const Site site;
  supervise::Command command = site.command("local-comma.log");
  command.arguments[3] = scratch() / "one,two";
  CHECK(supervise::Process::spawn(guardian(), command).value().wait().code == 78);
  CHECK_FALSE(std::filesystem::exists(scratch() / "one,two"));
}
