// The shipped alarms, by Prometheus's own tool, over series as they are born: counters that the tests of the rules begin at 0 are served
// by components that have only just started.
#include "common/core/await.hpp"
#include "common/testing/migrated_database.hpp"
#include "common/testing/services.hpp"
#include "demo/clients/http_client.hpp"
#include "tests/support/ports.hpp"

#include <doctest/doctest.h>
#include <yaml-cpp/yaml.h>

#include <fstream>
#include <regex>
#include <set>

using namespace weir;

namespace {

constexpr Milliseconds kPatience{120'000};
constexpr Milliseconds kProbe{2'000};
constexpr int kOk = 200;

std::filesystem::path deployed(const char* name) { return testing::source_directory() / "deploy/prometheus" / name; }

supervise::Command command(std::vector<std::string> words) {
  static const std::string dsn = testing::migrated_database();
  supervise::Command one;
  one.arguments = std::move(words);
  one.environment = {{"WEIR_POSTGRES_DSN", dsn},
                     {"WEIR_KAFKA_BROKERS", testing::kafka().bootstrap()},
                     {"WEIR_HTTP_LISTEN", "127.0.0.1:" + std::to_string(local::free_port().value())},
                     {"WEIR_CDC_TABLES", "public.agent_executions"},
                     {"WEIR_CONSUMERS_ROLLUPS_START", "earliest"},
                     {"WEIR_CONSUMERS_NOTIFICATIONS_START", "earliest"}};
  one.output = testing::scratch() / (one.arguments[1] + ".log");
  return one;
}

/// What cdc, gateway, rollups, notifications and sealer serve once all are ready.
std::string metrics_at_start() {
  REQUIRE(supervise::run(testing::guardian(), command({testing::weir_executable(), "topics", "apply"}), kPatience));
  const int port = testing::free_ports(5);
  const auto up = command(
      {testing::weir_executable(), "up", "cdc", "gateway", "rollups", "notifications", "sealer", "--ops-port", std::to_string(port)});
  supervise::Process running = supervise::Process::spawn(testing::guardian(), up).value();
  std::string served;
  for (int component = 0; component < 5; ++component) {
    demo::HttpClient client(port + component, kProbe);
    const bool is_ready = await(kPatience, [&] {
      const auto answer = client.get("/readyz");
      return answer && answer->status == kOk;
    });
    REQUIRE_MESSAGE(is_ready, testing::content(up.output));
    served += client.get("/metrics").value().body;
  }
  return served;
}

const std::string& served() {
  static const std::string text = metrics_at_start();
  return text;
}

}  // namespace

TEST_CASE("each shipped alarm rings, for the first event too, and none where all is well") {
  supervise::Command promtool;
  promtool.arguments = {"promtool", "test", "rules", deployed("alerts_test.yml")};
  promtool.output = testing::scratch() / "promtool.log";
  const auto ran = supervise::run(testing::guardian(), promtool, kPatience);
  CHECK_MESSAGE(ran.has_value(), (ran ? "" : ran.error().line()));
  std::set<std::string> tested;
  const std::string tests = testing::content(deployed("alerts_test.yml"));
  const std::string rules = testing::content(deployed("alerts.yml"));
  static const std::regex rule(R"(alert: (\w+))");
  std::size_t known = 0;
  for (auto match = std::sregex_iterator(rules.begin(), rules.end(), rule); match != std::sregex_iterator(); ++match) {
    CAPTURE(match->str());
    ++known;
    CHECK(tests.find("alertname: " + (*match)[1].str() + "\n") != std::string::npos);
  }
  CHECK(known >= 9);
}

TEST_CASE("each shipped alarm names its runbook, which is there and names the alarm") {
  const YAML::Node groups = YAML::LoadFile(deployed("alerts.yml").string())["groups"];
  for (const YAML::Node& rule : groups[0]["rules"]) {
    const auto alarm = rule["alert"].as<std::string>();
    CAPTURE(alarm);
    const auto page = rule["annotations"]["runbook"].as<std::string>("");
    REQUIRE(std::filesystem::is_regular_file(testing::source_directory() / page));
    CHECK(testing::content(testing::source_directory() / page).find("`" + alarm + "`") != std::string::npos);
  }
}

TEST_CASE("a counter that the tests of the alarms begin at 0 is served before anything has happened") {
  const std::string tests = testing::content(deployed("alerts_test.yml"));
  static const std::regex begins(R"(series: '(weir_[a-z_]+_total[^']*)'\s+values: '0x)");
  std::size_t held = 0;
  for (auto match = std::sregex_iterator(tests.begin(), tests.end(), begins); match != std::sregex_iterator(); ++match) {
    CAPTURE((*match)[1].str());
    ++held;
    CHECK(served().find("\n" + (*match)[1].str() + " ") != std::string::npos);
  }
  CHECK(held >= 2);
}

TEST_CASE("every counter that docs/operator.md tells to alarm on has series from the start") {
  const std::string page = testing::content(testing::source_directory() / "docs/operator.md");
  static const std::regex counter(R"(\bweir_[a-z_]+_total\b)");
  std::set<std::string> counters;
  for (auto match = std::sregex_iterator(page.begin(), page.end(), counter); match != std::sregex_iterator(); ++match)
    counters.insert(match->str());
  counters.erase("weir_event_reasons_total");  // for a person: a reason is known once it has occurred
  CHECK(counters.size() >= 6);
  for (const std::string& name : counters) {
    CAPTURE(name);
    CHECK((served().find("\n" + name + " ") != std::string::npos || served().find("\n" + name + "{") != std::string::npos));
  }
}
