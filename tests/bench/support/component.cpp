#include "tests/bench/support/component.hpp"

#include "common/core/await.hpp"
#include "common/local/scratch.hpp"
#include "common/testing/services.hpp"
#include "tests/bench/support/usage.hpp"

#include <fstream>
#include <iterator>

namespace weir::bench {

namespace {

constexpr Milliseconds kPatienceToStop{30'000};
constexpr std::size_t kTailBytes = 4'000;
constexpr double kMegabyte = 1e6;

}  // namespace

Component::Component(std::string name, std::map<std::string, std::string> environment)
    : name_(std::move(name)), ops_port_(must(local::free_port())) {
  log_ = testing::scratch() / (name_ + "-" + std::to_string(ops_port_) + ".log");
  supervise::Command command;
  command.arguments = {testing::weir_executable(), name_};
  command.environment = std::move(environment);
  command.environment["WEIR_HTTP_OPS_LISTEN"] = "127.0.0.1:" + std::to_string(ops_port_);
  command.environment["WEIR_LOG_FORMAT"] = "text";
  command.output = log_;
  process_ = must(supervise::Process::spawn(testing::guardian(), command));
}

void Component::await(const std::string& what, Milliseconds patience, const std::function<bool()>& holds, Milliseconds step) {
  const bool met = weir::await(
      patience, [&] { return holds() || !process_.running(); }, step);
  if (!process_.running()) give_up("ended with " + process_.wait().text() + " before " + what);
  if (!met) give_up("gave up after " + format_duration(patience) + " waiting for " + what);
}

void Component::stop() {
  const supervise::ExitStatus ended = process_.stop(kPatienceToStop);
  if (!ended.ok()) give_up("ended with " + ended.text());
}

void Component::give_up(const std::string& why) const {
  std::ifstream file(log_);
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (text.size() > kTailBytes) text.erase(0, text.size() - kTailBytes);
  bench::give_up("weir " + name_ + " " + why + "\n" + text);
}

Costs::Costs(const Component& component)
    : component_(component), weir_(cpu_seconds(component.id())), postgres_(tree_cpu_seconds(testing::postgres().id())) {}

void Costs::add_to(Report& report, const std::string& name) const {
  report.figure(name + ": weir", cpu_seconds(component_.id()) - weir_, "CPU s");
  report.figure(name + ": Postgres", tree_cpu_seconds(testing::postgres().id()) - postgres_, "CPU s");
  report.figure(name + ": weir, peak memory", static_cast<double>(peak_memory_bytes(component_.id())) / kMegabyte, "MB");
}

}  // namespace weir::bench
