// The shipped dashboard and alarms, asked of a Prometheus that scrapes the running demo: an expression that names a metric, or a label,
// that weir does not serve gives no series, and would be an empty picture or an alarm that never rings.
#include "common/core/await.hpp"
#include "common/supervise/process.hpp"
#include "common/testing/services.hpp"
#include "demo/clients/http_client.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <simdjson.h>
#include <yaml-cpp/yaml.h>

#include <cctype>
#include <fstream>
#include <regex>
#include <set>

using namespace weir;
using namespace weir::testing;

namespace {

constexpr Milliseconds kPatience{120'000};
constexpr Milliseconds kProbe{5'000};
constexpr int kOk = 200;

std::filesystem::path deployed(const char* name) { return source_directory() / "deploy" / name; }

/// Every expression of the dashboard, with the interval that Grafana would put in.
std::set<std::string> dashboard_expressions() {
  simdjson::dom::parser parser;
  std::set<std::string> all;
  for (const simdjson::dom::element panel : parser.load(deployed("grafana/dashboards/weir.json").string())["panels"].get_array()) {
    simdjson::dom::array targets;
    if (panel["targets"].get_array().get(targets) != simdjson::SUCCESS) continue;  // the title of a row
    for (const simdjson::dom::element target : targets) {
      static const std::regex interval(R"(\$__rate_interval)");
      all.insert(std::regex_replace(std::string(target["expr"].get_string().value()), interval, "30s"));
    }
  }
  return all;
}

/// The left sides of the alarms' comparisons: while all is well a whole comparison gives nothing.
std::set<std::string> alarm_expressions() {
  std::set<std::string> all;
  for (const YAML::Node& group : YAML::LoadFile(deployed("prometheus/alerts.yml").string())["groups"]) {
    for (const YAML::Node& rule : group["rules"]) {
      static const std::regex bound(R"( (>|>=|<|==) [0-9.e]+$)");
      all.insert(std::regex_replace(rule["expr"].as<std::string>(), bound, ""));
    }
  }
  return all;
}

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      out.push_back(c);
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

/// The demo with a Prometheus beside it; both end with this object.
class Watched {
 public:
  Watched() {
    std::filesystem::create_directories(temporary_);
    supervise::Command demo;
    demo.arguments = {weir_executable(), "demo", "--for", "600"};
    demo.environment = {{"TMPDIR", temporary_}};
    demo.output = scratch() / "demo.log";
    demo.end_signal = SIGINT;
    demo_ = supervise::Process::spawn(guardian(), demo).value();
    REQUIRE_MESSAGE(await(kPatience, [&] { return content(demo.output).find("first metric row") != std::string::npos; }),
                    content(demo.output));
    start_prometheus();
  }

  /// How many series an expression gives.
  [[nodiscard]] std::size_t series(const std::string& expression) {
    const auto answer = client_->get("/api/v1/query?query=" + escaped(expression));
    if (!answer || answer->status != kOk) return 0;
    simdjson::dom::array result;
    if (parser_.parse(answer->body)["data"]["result"].get_array().get(result) != simdjson::SUCCESS) return 0;
    return result.size();
  }

 private:
  [[nodiscard]] std::filesystem::path targets() const {
    for (const auto& folder : std::filesystem::directory_iterator(temporary_)) {
      if (std::filesystem::exists(folder.path() / "targets.json")) return folder.path() / "targets.json";
    }
    FAIL("the demo wrote no targets.json below " << temporary_);
    return {};
  }

  void start_prometheus() {
    const std::filesystem::path configuration = scratch() / "prometheus.yml";
    std::ofstream(configuration) << "scrape_configs:\n  - job_name: weir\n    scrape_interval: 1s\n    file_sd_configs:\n      - files: ["
                                 << targets().string() << "]\n";
    const int port = local::free_port().value();
    supervise::Command command;
    command.arguments = {"prometheus", "--config.file=" + configuration.string(), "--storage.tsdb.path=" + (scratch() / "tsdb").string(),
                         "--web.listen-address=127.0.0.1:" + std::to_string(port)};
    command.output = scratch() / "prometheus.log";
    prometheus_ = supervise::Process::spawn(guardian(), command).value();
    client_ = std::make_unique<demo::HttpClient>(port, kProbe);
    const bool is_ready = await(kPatience, [&] {
      const auto answer = client_->get("/-/ready");
      return answer && answer->status == kOk;
    });
    REQUIRE_MESSAGE(is_ready, content(command.output));
  }

  std::filesystem::path temporary_ = scratch() / "temporary";
  std::optional<supervise::Process> demo_;
  std::optional<supervise::Process> prometheus_;
  std::unique_ptr<demo::HttpClient> client_;
  simdjson::dom::parser parser_;
};

}  // namespace

TEST_CASE("every expression of the shipped dashboard and alarms gives a series of a running pipeline") {
  std::set<std::string> left = dashboard_expressions();
  CHECK(left.size() >= 40);
  left.merge(alarm_expressions());
  left.erase("max(weir_gap_records)");  // a partition that waits at a gap has the series from then on
  Watched watched;
  CHECK(watched.series("weir_of_another_name") == 0);
  await(kPatience, [&] {
    std::erase_if(left, [&](const std::string& expression) { return watched.series(expression) > 0; });
    return left.empty();
  });
  for (const std::string& expression : left) FAIL_CHECK(expression << " gives no series");
}
