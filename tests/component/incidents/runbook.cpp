#include "tests/component/incidents/runbook.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cstdlib>
#include <regex>
#include <sstream>

namespace weir::testing {

namespace {

constexpr Milliseconds kPatience{120'000};

}  // namespace

Runbook::Runbook(const std::string& page, const std::string& dsn, const std::filesystem::path& configuration)
    : page_("docs/runbooks/" + page), text_(content(source_directory() / page_)), folder_(scratch() / ("reader-of-" + page)) {
  const auto found = examples(text_);
  REQUIRE_MESSAGE(found.has_value(), page_, ": ", (found ? "" : found.error().line()));
  examples_ = *found;
  std::filesystem::create_directories(folder_);
  if (!configuration.empty())
    std::filesystem::copy_file(configuration, folder_ / "weir.yaml", std::filesystem::copy_options::overwrite_existing);
  const std::string path = std::filesystem::path(weir_executable()).parent_path().string() + ":" + std::getenv("PATH");
  environment_ = {{"PATH", path},
                  {"WEIR_POSTGRES_DSN", dsn + " user=weir_operator"},
                  {"WEIR_CDC_DSN", dsn + " user=weir_cdc"},
                  {"WEIR_CONSUMERS_ROLLUPS_DSN", dsn + " user=weir_rollups"},
                  {"WEIR_KAFKA_BROKERS", kafka().bootstrap()}};
}

Runbook::~Runbook() { CHECK_MESSAGE(followed_ == examples_.size(), page_, ": not every example was followed"); }

void Runbook::set(const std::string& variable, const std::string& value) {
  CHECK_MESSAGE(text_.find('`' + variable + '`') != std::string::npos, page_, " does not tell its reader of the variable ", variable);
  environment_[variable] = value;
}

supervise::Command Runbook::next(const std::string& begin) {
  REQUIRE_MESSAGE(followed_ < examples_.size(), page_, " has no further example");
  const Example& example = examples_[followed_++];
  INFO(page_, ':', example.line);
  REQUIRE(example.language == "sh");
  REQUIRE(example.text.starts_with(begin));
  supervise::Command command;
  command.arguments = {"bash", "-euc", fmt::format("cd '{}'\n{}", folder_.string(), example.text)};
  command.environment = environment_;
  command.output = log();
  std::filesystem::remove(log());
  return command;
}

Told Runbook::follow(const std::string& begin) {
  supervise::Process process = supervise::Process::spawn(guardian(), next(begin)).value();
  const auto ended = process.wait_for(kPatience);
  REQUIRE_MESSAGE(ended.has_value(), begin, " does not end: ", content(log()));
  return {ended->code, content(log())};
}

supervise::Process Runbook::follow_on(const std::string& begin, const std::string& ops_listen) {
  supervise::Command command = next(begin);
  // The command takes the shell's place, so that a signal reaches it.
  std::string& program = command.arguments.back();
  program.insert(program.find('\n') + 1, "exec ");
  command.environment["WEIR_HTTP_OPS_LISTEN"] = ops_listen;
  return supervise::Process::spawn(guardian(), command).value();
}

bool rings(const std::string& alarm, const std::string& metrics, std::optional<double> limit) {
  std::string expression;
  const YAML::Node groups = YAML::LoadFile((source_directory() / "deploy/prometheus/alerts.yml").string())["groups"];
  for (const YAML::Node& rule : groups[0]["rules"]) {
    if (rule["alert"].as<std::string>() == alarm) expression = rule["expr"].as<std::string>();
  }
  static const std::regex form(R"re(max(?: by \(\w+\))? ?\((\w+)(?:\{(\w+)=~"([^"]*)"\})?\) > ([0-9.e]+))re");
  std::smatch parts;
  REQUIRE_MESSAGE(std::regex_match(expression, parts, form), alarm, ": ", expression);
  const std::regex sample(parts[1].str() +
                          (parts[2].matched ? "\\{.*" + parts[2].str() + "=\"(?:" + parts[3].str() + ")\".*\\}" : "(?:\\{.*\\})?") +
                          " ([0-9.e+-]+)");
  double most = 0;
  std::istringstream lines(metrics);
  for (std::string line; std::getline(lines, line);) {
    std::smatch value;
    if (std::regex_match(line, value, sample)) most = std::max(most, std::stod(value[1].str()));
  }
  return most > limit.value_or(std::stod(parts[4].str()));
}

}  // namespace weir::testing
