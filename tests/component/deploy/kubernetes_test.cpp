// The Helm chart and the manifests that are rendered from it, held against the list of components: each has its Deployment, which runs it
// as its own role, tells its health, is given the time to drain, and is scaled by its group's lag.
#include "common/testing/services.hpp"
#include "weir/components.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <cstdlib>
#include <set>

namespace {

using weir::testing::content;
using weir::testing::source_directory;

constexpr int kDrainSeconds = 20;
constexpr int kPartitions = 6;
constexpr const char* kSizes[] = {"small", "medium", "large"};

std::vector<YAML::Node> documents() {
  std::vector<YAML::Node> all;
  for (const auto& file : std::filesystem::directory_iterator(source_directory() / "deploy/kubernetes")) {
    for (const YAML::Node& document : YAML::LoadAllFromFile(file.path().string())) {
      if (document.IsMap()) all.push_back(document);
    }
  }
  return all;
}

YAML::Node named(const std::string& kind, const std::string& name) {
  for (const YAML::Node& document : documents()) {
    if (document["kind"].as<std::string>() == kind && document["metadata"]["name"].as<std::string>() == name) return document;
  }
  return YAML::Node(YAML::NodeType::Undefined);
}

YAML::Node pod_of(const std::string& component) { return named("Deployment", "weir-" + component)["spec"]["template"]["spec"]; }

/// A variable of the container.
YAML::Node variable(const YAML::Node& container, const std::string& name) {
  for (const YAML::Node& row : container["env"]) {
    if (row["name"].as<std::string>() == name) return row;
  }
  return YAML::Node(YAML::NodeType::Undefined);
}

std::filesystem::path configuration_of(const std::string& size) { return source_directory() / "deploy/helm/weir/files" / (size + ".yaml"); }

YAML::Node values_of(const std::string& size) {
  const std::string name = size == "medium" ? "values.yaml" : "values-" + size + ".yaml";
  return YAML::LoadFile((source_directory() / "deploy/helm/weir" / name).string());
}

/// Whether everything that `part` says is said by `whole` too.
bool says_all_of(const YAML::Node& whole, const YAML::Node& part) {
  if (!part.IsMap()) return whole.IsDefined() && YAML::Dump(whole) == YAML::Dump(part);
  for (const auto& row : part) {
    if (!whole.IsMap() || !says_all_of(whole[row.first.as<std::string>()], row.second)) return false;
  }
  return true;
}

/// The pod that a Deployment or a Job makes.
YAML::Node pod_of(const YAML::Node& document) {
  const auto kind = document["kind"].as<std::string>();
  return kind == "Deployment" || kind == "Job" ? document["spec"]["template"]["spec"] : YAML::Node(YAML::NodeType::Undefined);
}

/// Every container of every pod, those that run before others too.
std::vector<YAML::Node> containers() {
  std::vector<YAML::Node> all;
  for (const YAML::Node& document : documents()) {
    const YAML::Node pod = pod_of(document);
    if (!pod) continue;
    for (const char* kind : {"initContainers", "containers"}) {
      for (const YAML::Node& container : pod[kind]) all.push_back(container);
    }
  }
  return all;
}

}  // namespace

TEST_CASE("one Deployment and one PodDisruptionBudget a component, which select its pods") {
  std::set<std::string> deployments;
  for (const YAML::Node& document : documents()) {
    if (document["kind"].as<std::string>() == "Deployment") deployments.insert(document["metadata"]["name"].as<std::string>());
  }
  std::set<std::string> wanted{"weir-console"};
  for (const auto& component : weir::components()) {
    CAPTURE(component.name);
    wanted.insert("weir-" + component.name);
    const YAML::Node deployment = named("Deployment", "weir-" + component.name);
    const YAML::Node selector = deployment["spec"]["selector"]["matchLabels"];
    CHECK(says_all_of(deployment["spec"]["template"]["metadata"]["labels"], selector));
    CHECK(selector["app.kubernetes.io/component"].as<std::string>() == component.name);
    const YAML::Node budget = named("PodDisruptionBudget", "weir-" + component.name)["spec"];
    CHECK(budget["maxUnavailable"].as<int>() == 1);
    CHECK(YAML::Dump(budget["selector"]["matchLabels"]) == YAML::Dump(selector));
  }
  CHECK(deployments == wanted);
}

TEST_CASE("every component's pod runs its command as its own role, by a secret that is referred to") {
  for (const auto& component : weir::components()) {
    CAPTURE(component.name);
    const YAML::Node container = pod_of(component.name)["containers"][0];
    CHECK(container["args"].as<std::vector<std::string>>() == std::vector{component.name});
    CHECK(variable(container, "WEIR_POSTGRES_DSN")["valueFrom"]["secretKeyRef"]["key"].as<std::string>() == component.name + "-dsn");
    for (const YAML::Node& row : container["env"]) {
      const auto name = row["name"].as<std::string>();
      const bool is_secret = name.find("DSN") != std::string::npos || name.find("PASSWORD") != std::string::npos;
      CHECK_FALSE((is_secret && row["value"]));
    }
  }
}

TEST_CASE("a pod is asked for its health where weir answers, and has longer than its drain to end") {
  for (const auto& component : weir::components()) {
    CAPTURE(component.name);
    const YAML::Node pod = pod_of(component.name);
    const YAML::Node container = pod["containers"][0];
    CHECK(container["livenessProbe"]["httpGet"]["path"].as<std::string>() == "/healthz");
    CHECK(container["startupProbe"]["httpGet"]["path"].as<std::string>() == "/healthz");
    CHECK(container["readinessProbe"]["httpGet"]["path"].as<std::string>() == "/readyz");
    CHECK(variable(container, "WEIR_HTTP_OPS_LISTEN")["value"].as<std::string>() == "0.0.0.0:9464");
    CHECK(variable(container, "WEIR_DRAIN_TIMEOUT")["value"].as<std::string>() == fmt::format("{}s", kDrainSeconds));
    const int pause = container["lifecycle"] ? container["lifecycle"]["preStop"]["exec"]["command"][1].as<int>() : 0;
    CHECK(pod["terminationGracePeriodSeconds"].as<int>() == kDrainSeconds + pause + 10);
    CHECK_FALSE(pod["enableServiceLinks"].as<bool>());
  }
}

TEST_CASE("no container of any pod is root, writes its file system or has a capability, and each has bounds") {
  CHECK(containers().size() == weir::components().size() + 5);  // three jobs, the console, and who copies the master key
  for (const YAML::Node& container : containers()) {
    CAPTURE(container["name"].as<std::string>());
    const YAML::Node security = container["securityContext"];
    CHECK_FALSE(security["allowPrivilegeEscalation"].as<bool>());
    CHECK(security["readOnlyRootFilesystem"].as<bool>());
    CHECK(security["capabilities"]["drop"][0].as<std::string>() == "ALL");
    CHECK(container["resources"]["limits"]["memory"].IsDefined());
  }
  for (const YAML::Node& document : documents()) {
    const YAML::Node pod = pod_of(document);
    if (!pod) continue;
    CHECK(pod["securityContext"]["runAsNonRoot"].as<bool>());
    CHECK(pod["securityContext"]["seccompProfile"]["type"].as<std::string>() == "RuntimeDefault");
    CHECK_FALSE(pod["automountServiceAccountToken"].as<bool>());
  }
}

TEST_CASE("one ScaledObject a consumer group, by the lag of that group, and none for who has no group") {
  for (const auto& component : weir::components()) {
    CAPTURE(component.name);
    const YAML::Node scaled = named("ScaledObject", "weir-" + component.name);
    REQUIRE(scaled.IsDefined() == !component.declaration.group.empty());
    const bool has_replicas = named("Deployment", "weir-" + component.name)["spec"]["replicas"].IsDefined();
    CHECK(has_replicas == component.declaration.group.empty());  // else an upgrade would undo what KEDA has scaled
    if (component.declaration.group.empty()) continue;
    CHECK(scaled["spec"]["scaleTargetRef"]["name"].as<std::string>() == "weir-" + component.name);
    const YAML::Node trigger = scaled["spec"]["triggers"][0]["metadata"];
    CHECK(trigger["consumerGroup"].as<std::string>() == component.declaration.group);
    // How kafka_committed_offsets_test reckons, which holds it against weir lag.
    CHECK_FALSE(trigger["topic"].IsDefined());
    CHECK(trigger["offsetResetPolicy"].as<std::string>() == "earliest");
    CHECK(trigger["excludePersistentLag"].as<std::string>() == "false");
  }
}

TEST_CASE("the configuration of each size has no fault and says all that the shipped one says") {
  const YAML::Node shipped = YAML::LoadFile((source_directory() / "deploy/weir.yaml").string());
  for (const char* size : kSizes) {
    CAPTURE(size);
    const std::string command =
        fmt::format("'{}' config --config '{}' >/dev/null 2>&1", weir::testing::weir_executable(), configuration_of(size).string());
    CHECK(std::system(command.c_str()) == 0);
    CHECK(says_all_of(YAML::LoadFile(configuration_of(size).string()), shipped));
    if (std::string(size) != "medium") CHECK(values_of(size)["size"].as<std::string>() == size);
  }
  CHECK_FALSE(says_all_of(YAML::Load("{a: {b: 1}}"), YAML::Load("{a: {c: 1}}")));
  CHECK(named("ConfigMap", "weir-configuration")["data"]["weir.yaml"].as<std::string>() == content(configuration_of("medium")));
}

TEST_CASE("the console is the operator's, and reached from within its pod alone") {
  const YAML::Node container = pod_of("console")["containers"][0];
  CHECK(container["args"].as<std::vector<std::string>>() == std::vector<std::string>{"console"});
  CHECK(variable(container, "WEIR_POSTGRES_DSN")["valueFrom"]["secretKeyRef"]["key"].as<std::string>() == "operator-dsn");
  CHECK(variable(container, "WEIR_CONSOLE_LISTEN")["value"].as<std::string>().starts_with("127.0.0.1:"));
  CHECK_FALSE(container["ports"].IsDefined());
  CHECK_FALSE(variable(container, "WEIR_CONSOLE_TOKENS_FILE").IsDefined());
}

TEST_CASE("in no size do a group's pods have more lanes than its topics have partitions") {
  for (const char* size : kSizes) {
    const YAML::Node configuration = YAML::LoadFile(configuration_of(size).string());
    for (const auto& row : values_of("medium")["components"]) {
      const auto component = row.first.as<std::string>();
      CAPTURE(size);
      CAPTURE(component);
      const YAML::Node own = values_of(size)["components"][component]["maxReplicas"];
      const YAML::Node most = own ? own : row.second["maxReplicas"];
      if (!most) continue;
      CHECK(most.as<int>() * configuration["consumers"][component]["lanes"].as<int>(1) <= kPartitions);
    }
  }
}

TEST_CASE("the setup's roles are those of deploy/roles.sql, after the tables and before the topics") {
  const std::string roles = content(source_directory() / "deploy/roles.sql");
  CHECK(content(source_directory() / "deploy/helm/weir/files/roles.sql") == roles);
  CHECK(named("ConfigMap", "weir-roles")["data"]["roles.sql"].as<std::string>() == roles);
  int weight = 0;
  for (const char* step : {"migrate", "roles", "topics"}) {
    const YAML::Node annotations = named("Job", fmt::format("weir-{}", step))["metadata"]["annotations"];
    CHECK(annotations["helm.sh/hook"].as<std::string>() == "pre-install,pre-upgrade");
    CHECK(annotations["helm.sh/hook-weight"].as<int>() == ++weight);
  }
}
