// A consumer that is a folder and one line in the list of components, and nothing else: weir up runs it beside the others, from the
// shipped configuration, and every command knows of it.
#include "common/core/await.hpp"
#include "common/postgres/connection.hpp"
#include "common/supervise/process.hpp"
#include "common/testing/services.hpp"
#include "demo/clients/http_client.hpp"
#include "tests/support/ports.hpp"

#include <doctest/doctest.h>

#include <fstream>

using namespace weir;
using namespace weir::testing;

namespace {

constexpr Milliseconds kPatience{120'000};
constexpr Milliseconds kProbe{2'000};
constexpr int kOk = 200;
constexpr int kPlaceInList = 3;  // behind cdc, gateway and rollups

class Site {
 public:
  [[nodiscard]] supervise::Command command(const std::string& output, std::vector<std::string> words) const {
    supervise::Command one;
    one.arguments = std::move(words);
    one.arguments.insert(one.arguments.begin(), weir_executable());
    one.environment = environment_;
    one.output = scratch() / output;
    return one;
  }
  /// What the command prints, once it has ended well.
  [[nodiscard]] std::string run(std::vector<std::string> words) const {
    const supervise::Command one = command("command.log", std::move(words));
    std::filesystem::remove(one.output);
    const auto ran = supervise::run(guardian(), one, kPatience);
    INFO((ran ? "" : ran.error().line()));
    REQUIRE(ran.has_value());
    return content(one.output);
  }
  [[nodiscard]] postgres::Connection connect() const {
    return postgres::Connection::open({.dsn = dsn_, .application_name = "test"}).value();
  }
  [[nodiscard]] int ops_port() const { return ops_port_; }

 private:
  std::string dsn_ = fresh_database();
  int ops_port_ = free_ports(8);
  std::map<std::string, std::string> environment_{{"WEIR_POSTGRES_DSN", dsn_},
                                                  {"WEIR_KAFKA_BROKERS", kafka().bootstrap()},
                                                  {"WEIR_ENCRYPTION_MASTER_KEY_FILE", scratch() / "master.key"},
                                                  {"WEIR_HTTP_LISTEN", "127.0.0.1:" + std::to_string(local::free_port().value())},
                                                  {"WEIR_LOG_FORMAT", "text"}};
};

}  // namespace

TEST_CASE("a consumer that is a folder and one line in the list runs under weir up with nothing else touched") {
  const Site site;
  CHECK(site.run({"tally", "--help"}).find("Count changes of agents.") != std::string::npos);
  const std::string shipped = site.run({"config", "--example"});
  CHECK(shipped.find("  tally:\n    # A group that has never read begins") != std::string::npos);
  const std::filesystem::path file = scratch() / "shipped.yaml";
  std::ofstream(file) << shipped;
  static_cast<void>(site.run({"migrate", "up"}));
  static_cast<void>(site.run({"topics", "apply"}));
  static_cast<void>(site.run({"keys", "init"}));

  const supervise::Command command = site.command("up.log", {"up", "--config", file, "--ops-port", std::to_string(site.ops_port())});
  supervise::Process up = supervise::Process::spawn(guardian(), command).value();
  const bool ready = await(kPatience, [&] {
    const auto answer = demo::HttpClient(site.ops_port() + kPlaceInList, kProbe).get("/readyz");
    return (answer && answer->status == kOk) || !up.running();
  });
  INFO(content(command.output));
  REQUIRE(ready);
  REQUIRE(up.running());
  auto application = site.connect();
  REQUIRE(application.script(R"(
WITH home AS (INSERT INTO public.organizations (name) VALUES ('Northwind Care') RETURNING id)
INSERT INTO public.agent_instances (organization_id, name, agent_type)
SELECT id, 'writer-' || number, 'writer' FROM home, generate_series(1, 3) AS number)"));
  const std::string ended =
      "SELECT coalesce(sum(n), 0)::bigint FROM weir.outcome_counts WHERE group_id = 'weir.tally' AND outcome = 'done'";
  CHECK(await(kPatience, [&] { return application.script(ended).value()[0].text(0) == "3"; }));
  CHECK(up.stop(kPatience).text() == "exit code 0");
  const std::string log = content(command.output);
  CHECK(log.find("company_begins") < log.find("company_ends"));
  CHECK(log.find("company_ends") != std::string::npos);
  CHECK(log.find("component_stopped component=tally status=\"exit code 0\"") != std::string::npos);
}
