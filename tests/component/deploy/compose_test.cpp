// compose.yaml, read as Docker reads it, and the other parts of deploy/ that name components, all held against the list of components:
// each has its service, which runs a command that `weir` has, waits for what it needs and tells its health.
#include "common/testing/services.hpp"
#include "weir/components.hpp"

#include <doctest/doctest.h>
#include <yaml-cpp/yaml.h>

#include <cstdio>
#include <cstdlib>
#include <set>
#include <string>
#include <vector>

namespace {

std::string setting(const char* name) {
  const char* value = std::getenv(name);
  REQUIRE_MESSAGE(value != nullptr, name << " is set by ctest");
  return value;
}

YAML::Node compose() { return YAML::LoadFile(setting("WEIR_SOURCE_DIR") + "/compose.yaml"); }

/// A field of a service, its own or what it merges in (`<<: *weir`), which yaml-cpp leaves unmerged.
YAML::Node field(const YAML::Node& service, const std::string& name) {
  if (service[name]) return service[name];
  return service["<<"] ? service["<<"][name] : YAML::Node(YAML::NodeType::Undefined);
}

std::vector<std::string> ours() {
  std::vector<std::string> names;
  for (const auto& service : compose()["services"]) {
    if (field(service.second, "image").as<std::string>() == "weir:local") names.push_back(service.first.as<std::string>());
  }
  return names;
}

/// Whether `weir WORDS…` exits with 0.
bool succeeds(const std::vector<std::string>& words) {
  std::string line = "'" + setting("WEIR_EXECUTABLE") + "'";
  for (const std::string& word : words) line += " '" + word + "'";
  line += " >/dev/null 2>&1 </dev/null";
  return std::system(line.c_str()) == 0;
}

bool is_command(const YAML::Node& node) {
  std::vector<std::string> words;
  for (const YAML::Node& word : node) words.push_back(word.as<std::string>());
  words.emplace_back("--help");
  return succeeds(words);
}

}  // namespace

TEST_CASE("one service a component, and the console, beside Kafka, Postgres and the four that prepare them") {
  std::set<std::string> names;
  for (const auto& service : compose()["services"]) names.insert(service.first.as<std::string>());
  std::set<std::string> wanted{"console", "kafka", "keys", "migrate", "postgres", "roles", "topics"};
  for (const auto& component : weir::components()) wanted.insert(component.name);
  CHECK(names == wanted);
}

TEST_CASE("every service of ours runs a command that weir has") {
  for (const std::string& name : ours()) {
    CAPTURE(name);
    CHECK(is_command(compose()["services"][name]["command"]));
  }
  CHECK_FALSE(is_command(YAML::Load("[nothing-of-the-kind]")));
  for (const auto& component : weir::components()) {
    CHECK(compose()["services"][component.name]["command"].as<std::vector<std::string>>() == std::vector{component.name});
  }
}

TEST_CASE("each consumer declares what its results have to be, which is what weir demo checks") {
  for (const auto& component : weir::components()) {
    if (component.declaration.group.empty()) continue;
    CAPTURE(component.name);
    CHECK(component.reads);
    CHECK_FALSE(component.declaration.results.tables.empty());
  }
}

TEST_CASE("the shipped configuration has no fault") {
  CHECK(succeeds({"config", "--config", setting("WEIR_SOURCE_DIR") + "/deploy/weir.yaml"}));
  CHECK_FALSE(succeeds({"config", "--config", setting("WEIR_SOURCE_DIR") + "/deploy/none.yaml"}));
}

TEST_CASE("the shipped configuration is what the components say: the target shipped_configuration writes it") {
  const std::filesystem::path printed = weir::testing::scratch() / "weir.yaml";
  REQUIRE(std::system(("'" + setting("WEIR_EXECUTABLE") + "' config --example >'" + printed.string() + "'").c_str()) == 0);
  CHECK(weir::testing::content(printed) == weir::testing::content(setting("WEIR_SOURCE_DIR") + "/deploy/weir.yaml"));
}

TEST_CASE("Prometheus scrapes each component where weir up lets it listen") {
  std::set<std::string> scraped;
  for (const YAML::Node& job : YAML::LoadFile(setting("WEIR_SOURCE_DIR") + "/deploy/prometheus/prometheus.yml")["scrape_configs"]) {
    for (const YAML::Node& targets : job["static_configs"]) scraped.insert(targets["labels"]["component"].as<std::string>());
  }
  std::set<std::string> wanted;
  for (const auto& component : weir::components()) wanted.insert(component.name);
  CHECK(scraped == wanted);
}

TEST_CASE("every service tells its health, and the components wait for the schema and the topics") {
  for (const auto& service : compose()["services"]) {
    CAPTURE(service.first.as<std::string>());
    CHECK(field(service.second, "healthcheck"));
  }
  for (const auto& component : weir::components()) {
    CAPTURE(component.name);
    const YAML::Node waits = compose()["services"][component.name]["depends_on"];
    CHECK(waits["roles"]["condition"].as<std::string>() == "service_completed_successfully");
    CHECK(waits["topics"]["condition"].as<std::string>() == "service_completed_successfully");
  }
}

TEST_CASE("every component has the connection string of its own role, and no other") {
  for (const auto& component : weir::components()) {
    CAPTURE(component.name);
    const YAML::Node environment = compose()["services"][component.name]["environment"];
    CHECK(environment["WEIR_POSTGRES_DSN"].as<std::string>().starts_with("postgresql://" + component.declaration.role + ":"));
    for (const auto& variable : environment) {
      const auto key = variable.first.as<std::string>();
      CHECK_FALSE((key.ends_with("_DSN") && key != "WEIR_POSTGRES_DSN"));
    }
  }
}

TEST_CASE("what a service waits for is a service, and every volume is declared") {
  const YAML::Node file = compose();
  for (const auto& service : file["services"]) {
    CAPTURE(service.first.as<std::string>());
    for (const auto& wait : service.second["depends_on"]) CHECK(file["services"][wait.first.as<std::string>()]);
    for (const YAML::Node& volume : service.second["volumes"]) {
      const std::string text = volume.as<std::string>();
      if (text.front() != '.') CHECK(file["volumes"][text.substr(0, text.find(':'))].IsDefined());
    }
  }
}

TEST_CASE("ports are bound to this machine alone") {
  for (const auto& service : compose()["services"]) {
    for (const YAML::Node& port : service.second["ports"]) CHECK(port.as<std::string>().starts_with("127.0.0.1:"));
  }
}

TEST_CASE("Postgres speaks logical replication, and Kafka makes no topic by accident") {
  const YAML::Node services = compose()["services"];
  std::set<std::string> words;
  for (const YAML::Node& word : services["postgres"]["command"]) words.insert(word.as<std::string>());
  CHECK(words.contains("wal_level=logical"));
  CHECK(services["kafka"]["environment"]["KAFKA_AUTO_CREATE_TOPICS_ENABLE"].as<std::string>() == "false");
}
