// `weir demo` as a newcomer runs it.
#include "common/core/await.hpp"
#include "common/supervise/process.hpp"
#include "common/supervise/process_tree.hpp"
#include "common/testing/services.hpp"

#include <doctest/doctest.h>

#include <regex>

using namespace weir;
using namespace weir::testing;

namespace {

constexpr Milliseconds kPatience{240'000};

struct Ended {
  std::string output;
  std::optional<supervise::ExitStatus> status;
};

Ended run_demo(const std::string& name, std::vector<std::string> words, int interrupt_when_at_work = 0,
               std::map<std::string, std::string> environment = {}) {
  supervise::Command command;
  command.environment = std::move(environment);
  command.arguments = {weir_executable(), "demo"};
  command.arguments.insert(command.arguments.end(), words.begin(), words.end());
  command.output = scratch() / name;
  command.end_signal = SIGTERM;
  auto process = supervise::Process::spawn(guardian(), command);
  REQUIRE(process.has_value());
  if (interrupt_when_at_work != 0) {
    REQUIRE(await(kPatience, [&] { return content(command.output).find("first metric row") != std::string::npos; }));
    process->signal(interrupt_when_at_work);
  }
  const auto status = process->wait_for(kPatience);
  return {content(command.output), status};
}

/// A number of the line that says what became of messages.
int of_messages(const std::string& output, const std::string& what) {
  std::smatch found;
  const std::regex number("\\nmessages: .*?(\\d+) " + what);
  return std::regex_search(output, found, number) ? std::stoi(found[1]) : -1;
}

std::vector<pid_t> descendants(pid_t id) {
  std::vector<pid_t> all = supervise::children_of(id);
  for (std::size_t next = 0; next < all.size(); ++next) {
    for (const pid_t child : supervise::children_of(all[next])) all.push_back(child);
  }
  return all;
}

/// The verification, and after it nothing but what to look at next.
bool ends_verified(const std::string& output) {
  static const std::regex verified(
      R"(\nverified: [1-9]\d* records = [1-9]\d* done \+ \d+ skipped \+ [1-9]\d* dead \+ \d+ parked \+ \d+ re-sent, lost 0, doubled 0\n)"
      R"(look at next:\n(  .*\n)+$)");
  return std::regex_search(output, verified);
}

}  // namespace

TEST_CASE("weir demo --for 15 ends with the verification and exit code 0, whatever the receivers of messages were told to do wrong") {
  const Ended demo = run_demo("for", {"--for", "15", "--seed", "3"});
  INFO(demo.output);
  REQUIRE(demo.status.has_value());
  CHECK(demo.status->text() == "exit code 0");
  CHECK(ends_verified(demo.output));
  CHECK(demo.output.find("first metric row") != std::string::npos);
  for (const char* what : {"sent \\+", "delivered", "retried", "failed over", "sent again after a call without an answer"}) {
    CAPTURE(what);
    CHECK(of_messages(demo.output, what) > 0);
  }
  CHECK(of_messages(demo.output, "held in doubt") == 0);
}

TEST_CASE("Ctrl-C ends weir demo with the same verification") {
  const Ended demo = run_demo("interrupted", {"--rollups", "2"}, SIGINT);
  INFO(demo.output);
  REQUIRE(demo.status.has_value());
  CHECK(demo.status->text() == "exit code 0");
  CHECK(ends_verified(demo.output));
}

TEST_CASE("weir demo that is killed leaves no process and no file") {
  const std::filesystem::path temporary = scratch() / "temporary";
  std::filesystem::create_directory(temporary);
  supervise::Command command;
  command.arguments = {weir_executable(), "demo"};
  command.environment = {{"TMPDIR", temporary}};
  command.output = scratch() / "killed";
  auto process = supervise::Process::spawn(guardian(), command);
  REQUIRE(process.has_value());
  REQUIRE(await(kPatience, [&] { return content(command.output).find("first metric row") != std::string::npos; }));
  const std::vector<pid_t> below = descendants(process->id());
  CHECK(below.size() > 6);  // the guardian, Postgres and its own children, Kafka, three components
  CHECK_FALSE(std::filesystem::is_empty(temporary));
  ::kill(process->id(), SIGKILL);
  for (const pid_t id : below) CHECK(await(kPatience, [&] { return supervise::start_time(id).empty(); }));
  CHECK(await(kPatience, [&] { return std::filesystem::is_empty(temporary); }));
}

TEST_CASE("where there is no Apache Kafka the broker inside weir serves the demo, and its limits are said") {
  const Ended demo = run_demo("embedded", {"--for", "5"}, 0, {{"WEIR_LOCAL_KAFKA_LIBS", "/nowhere"}});
  INFO(demo.output);
  REQUIRE(demo.status.has_value());
  CHECK(demo.status->text() == "exit code 0");
  CHECK(ends_verified(demo.output));
  CHECK(demo.output.find("no Apache Kafka: cannot find Apache Kafka: there is no /nowhere/kafka_2.13-4.3.1.jar") != std::string::npos);
  CHECK(demo.output.find("It keeps 5 MiB and 100000 records a partition") != std::string::npos);
}

TEST_CASE("weir demo says what is wrong with its options") {
  const Ended demo = run_demo("wrong", {"--for", "soon"});
  CHECK(demo.status->text() == "exit code 64");
  CHECK(demo.output == "weir demo: --for soon: a whole number from 1 to 604800 is needed\n");
}
