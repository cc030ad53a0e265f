#include "tests/chaos/harness/instance.hpp"

#include "common/core/await.hpp"
#include "common/local/scratch.hpp"
#include "demo/clients/http_client.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <sstream>

namespace weir::chaos {
namespace {

constexpr Milliseconds kPatienceToPause{10'000};
constexpr std::size_t kTailBytes = 6'000;
constexpr int kOk = 200;

}  // namespace

Instance::Instance(std::string name, supervise::Command command, std::shared_ptr<supervise::Guardian> guardian,
                   const std::filesystem::path& folder)
    : name_(std::move(name)), command_(std::move(command)), guardian_(std::move(guardian)), ops_port_(local::free_port().value()) {
  command_.output = folder / (name_ + ".log");
  command_.environment["WEIR_HTTP_OPS_LISTEN"] = "127.0.0.1:" + std::to_string(ops_port_);
}

void Instance::start() {
  auto process = supervise::Process::spawn(guardian_, command_);
  REQUIRE_MESSAGE(process, process.error().line());
  process_ = std::move(*process);
  ++starts_;
}

void Instance::kill() { process_.kill(); }

void Instance::stop_well() {
  const supervise::ExitStatus status = stop();
  CHECK_MESSAGE(status.ok(), name_ << ": " << status.text() << "\n" << log_tail());
}

void Instance::pause() {
  process_.signal(SIGSTOP);
  REQUIRE(await(kPatienceToPause, [this] { return process_.all_threads_stopped(); }));
}

std::string Instance::log_tail() const {
  std::ifstream file(log());
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (text.size() > kTailBytes) text.erase(0, text.size() - kTailBytes);
  return "---- " + name_ + "\n" + text;
}

std::optional<std::pair<int, std::string>> Instance::get(const std::string& path, Milliseconds patience) const {
  demo::HttpClient client(ops_port_, patience);
  auto answer = client.get(path);
  if (!answer) return std::nullopt;
  return std::pair(answer->status, std::move(answer->body));
}

bool Instance::ready() const {
  const auto answer = get("/readyz");
  return answer && answer->first == kOk;
}

std::optional<double> Instance::metric(const std::string& sample) const {
  const auto answer = get("/metrics");
  if (!answer) return std::nullopt;
  std::istringstream lines(answer->second);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(sample + " ")) return std::stod(line.substr(sample.size() + 1));
  }
  return std::nullopt;
}

double Instance::metric_sum(const std::string& name) const {
  double sum = 0;
  const auto answer = get("/metrics");
  if (!answer) return sum;
  std::istringstream lines(answer->second);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(name + "{") && !line.starts_with(name + " ")) continue;
    sum += std::stod(line.substr(line.rfind(' ') + 1));
  }
  return sum;
}

std::int64_t Instance::resident_kib() const {
  std::ifstream status("/proc/" + std::to_string(id()) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::stoll(line.substr(6));
  }
  return 0;
}

}  // namespace weir::chaos
