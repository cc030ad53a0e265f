// `weir up` as an operator runs it: components crash and come back, stop together, and a wrong configuration ends all.
#include "tests/support/ports.hpp"

#include "common/core/await.hpp"
#include "common/postgres/connection.hpp"
#include "common/supervise/process.hpp"
#include "common/supervise/process_tree.hpp"
#include "common/testing/services.hpp"
#include "demo/clients/http_client.hpp"
#include "demo/witness/roles.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>

using namespace weir;
using namespace weir::testing;

namespace {

constexpr Milliseconds kPatience{120'000};
constexpr Milliseconds kProbe{2'000};
constexpr int kOk = 200;

struct Site {
  std::string dsn = fresh_database();
  int ops_port = free_ports(4);
  std::map<std::string, std::string> environment;

  Site() {
    environment = {{"WEIR_POSTGRES_DSN", dsn},
                   {"WEIR_KAFKA_BROKERS", kafka().bootstrap()},
                   {"WEIR_HTTP_LISTEN", "127.0.0.1:" + std::to_string(local::free_port().value())},
                   {"WEIR_CDC_TABLES", "public.agent_executions,public.agent_instances,public.agent_task_queue"},
                   {"WEIR_CONSUMERS_ROLLUPS_START", "earliest"},
                   {"WEIR_LOG_FORMAT", "text"}};
    REQUIRE(supervise::run(guardian(), command("migrate.log", {"migrate", "up"}), kPatience));
    REQUIRE(supervise::run(guardian(), command("topics.log", {"topics", "apply"}), kPatience));
  }

  supervise::Command command(const std::string& output, std::vector<std::string> words) const {
    supervise::Command one;
    one.arguments = {weir_executable()};
    one.arguments.insert(one.arguments.end(), words.begin(), words.end());
    one.environment = environment;
    one.output = scratch() / output;
    return one;
  }

  /// How a command of weir ends, and what it prints.
  [[nodiscard]] std::pair<std::string, std::string> run(std::vector<std::string> words) const {
    const supervise::Command one = command("command.log", std::move(words));
    std::filesystem::remove(one.output);
    const supervise::ExitStatus ended = supervise::Process::spawn(guardian(), one).value().wait();
    return {ended.text(), content(one.output)};
  }
  [[nodiscard]] postgres::Connection connect() const {
    return postgres::Connection::open({.dsn = dsn, .application_name = "test"}).value();
  }
  /// A configuration file in which each process has a role of its own.
  [[nodiscard]] std::string roles_file() const {
    const std::string database = dsn.substr(dsn.rfind('=') + 1);
    const auto as = [&](const std::string& role) { return "dsn: " + testing::postgres().dsn(database, role) + "\n"; };
    const std::filesystem::path path = scratch() / "roles.yaml";
    std::ofstream(path) << "cdc:\n  " << as("weir_cdc") << "gateway:\n  " << as("weir_gateway") << "audit:\n  " << as("weir_sealer")
                        << "consumers:\n  rollups:\n    " << as("weir_rollups");
    return path;
  }

  [[nodiscard]] bool ready(int component) const {
    demo::HttpClient client(ops_port + component, kProbe);
    const auto answer = client.get("/readyz");
    return answer && answer->status == kOk;
  }
};

// The components below `weir up`: its children but for the guardian, which runs no program of its own.
std::vector<pid_t> components_of(pid_t up) {
  std::vector<pid_t> found;
  for (const pid_t child : supervise::children_of(up)) {
    const std::string words = content("/proc/" + std::to_string(child) + "/cmdline");
    if (words.find(std::string("\0up", 3)) == std::string::npos) found.push_back(child);
  }
  return found;
}

}  // namespace

TEST_CASE("components come back after a crash and stop together") {
  const Site site;
  const std::string port = std::to_string(site.ops_port);
  const supervise::Command command = site.command("up.log", {"up", "cdc", "gateway", "rollups:2", "--ops-port", port});
  supervise::Process up = supervise::Process::spawn(guardian(), command).value();
  const auto all_ready = [&] {
    for (int component = 0; component < 4; ++component) {
      if (!site.ready(component)) return false;
    }
    return true;
  };
  const bool came_up = await(kPatience, all_ready);
  INFO(content(command.output));
  REQUIRE(came_up);
  REQUIRE(components_of(up.id()).size() == 4);

  for (const pid_t victim : components_of(up.id())) {
    ::kill(victim, SIGKILL);
    CHECK(await(kPatience, [&] {
      const auto now = components_of(up.id());
      return now.size() == 4 && std::find(now.begin(), now.end(), victim) == now.end();
    }));
  }
  CHECK(await(kPatience, all_ready));

  const supervise::ExitStatus ended = up.stop(kPatience);
  CHECK(ended.text() == "exit code 0");
  const std::string log = content(command.output);
  const std::size_t first = log.find("component_stopped component=rollups-2");
  const std::size_t last = log.find("component_stopped component=cdc");
  REQUIRE(first != std::string::npos);
  REQUIRE(last != std::string::npos);
  CHECK(first < last);
}

TEST_CASE("each process works as the role that the configuration gives it, and the ends of the audit log's chains reach their topic") {
  Site site;
  site.environment["WEIR_CDC_TABLES"] += ",weir.audit_heads";
  site.environment["WEIR_CDC_SLOT"] = "weir_roles";
  auto owner = site.connect();
  REQUIRE(owner.script("SELECT weir.publish(string_to_array('" + site.environment["WEIR_CDC_TABLES"] + "', ',')::regclass[])"));
  const std::string port = std::to_string(site.ops_port);
  const supervise::Command command =
      site.command("roles.log", {"up", "cdc", "gateway", "rollups", "sealer", "--ops-port", port, "--config", site.roles_file()});
  supervise::Process up = supervise::Process::spawn(guardian(), command).value();
  INFO(content(command.output));
  auto witness = demo::SqlSession::open(site.dsn, "witness").value();
  demo::Roles roles;
  REQUIRE(await(kPatience, [&] {
    roles = demo::roles_at_work(witness, {"cdc", "gateway", "rollups", "sealer"}).value();
    return roles.of_process.size() == 4;
  }));
  CHECK(roles.line() == "roles: cdc is weir_cdc, gateway is weir_gateway, rollups is weir_rollups, sealer is weir_sealer; no superuser");

  const auto verify = [&] { return site.run({"audit", "verify", "--heads-topic", "weir.cdc.weir.audit_heads"}); };
  REQUIRE(owner.script("INSERT INTO public.organizations (name) VALUES ('A')"));
  bool verified = false;
  await(kPatience, [&] { return (verified = verify().first == "exit code 0") || !up.running(); });
  CHECK(verified);
  up.stop(kPatience);
  REQUIRE(
      owner.script("ALTER TABLE public.audit_log DISABLE TRIGGER audit_guard; ALTER TABLE weir.audit_chain DISABLE TRIGGER audit_guard; "
                   "DELETE FROM public.audit_log; DELETE FROM weir.audit_chain"));
  const auto cut = verify();
  CHECK(cut.first == "exit code 65");
  CHECK_MESSAGE(cut.second.find("cut_tail") != std::string::npos, cut.second);
}

TEST_CASE("a component with wrong configuration ends all with its exit code") {
  Site site;
  site.environment.erase("WEIR_CONSUMERS_ROLLUPS_START");
  const supervise::Command command = site.command("wrong.log", {"up", "gateway", "rollups", "--ops-port", std::to_string(site.ops_port)});
  supervise::Process up = supervise::Process::spawn(guardian(), command).value();
  const auto ended = up.wait_for(kPatience);
  INFO(content(command.output));
  REQUIRE(ended.has_value());
  CHECK(ended->text() == "exit code 78");
  CHECK(content(command.output).find("consumers.rollups.start") != std::string::npos);
  CHECK(content(command.output).find("rollups ended with exit code 78, which starting it again would not change") != std::string::npos);
}
