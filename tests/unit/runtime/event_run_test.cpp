#include "common/runtime/event_run.hpp"

#include <doctest/doctest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <string>
#include <vector>

using namespace weir;
using namespace weir::runtime;

namespace {

struct Number final : Payload {
  explicit Number(int its) : value(its) {}
  int value;
};

struct Word final : Payload {
  explicit Word(std::string its) : value(std::move(its)) {}
  std::string value;
};

/// One topic has numbers, the other has words.
std::vector<Event> events() {
  std::vector<Event> all;
  const auto add = [&](std::string_view topic, std::unique_ptr<Payload> payload) {
    Event& event = all.emplace_back();
    event.record.topic = topic;
    event.record.offset = static_cast<std::int64_t>(all.size());
    event.decoded.payload = std::move(payload);
  };
  add("numbers", std::make_unique<Number>(1));
  add("numbers", std::make_unique<Number>(2));
  add("words", std::make_unique<Word>("three"));
  add("numbers", std::make_unique<Number>(4));
  return all;
}

std::vector<const Event*> batch_of(const std::vector<Event>& events) {
  std::vector<const Event*> batch;
  for (const Event& event : events) batch.push_back(&event);
  return batch;
}

/// The exit code of a process that does `work`, and then ends well.
template <class Work>
int exit_code_of(Work work) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    if (std::freopen("/dev/null", "w", stderr) == nullptr) ::_exit(1);
    work();
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

TEST_CASE("a batch is gone through by runs, each as long as records of one topic follow each other") {
  const std::vector<Event> all = events();
  std::vector<std::pair<std::string_view, std::size_t>> runs;
  for_each_run(batch_of(all), [&](const EventRun& run) { runs.emplace_back(run.topic(), run.size()); });
  CHECK(runs == std::vector<std::pair<std::string_view, std::size_t>>{{"numbers", 2}, {"words", 1}, {"numbers", 1}});
  for_each_run({}, [](const EventRun&) { FAIL_CHECK("a batch without events has no run"); });
}

TEST_CASE("a run gives its events in order, each with its payload as what its topic's decoder makes") {
  const std::vector<Event> all = events();
  std::vector<std::string> seen;
  const auto note = [&](const Event& event, const std::string& text) { seen.push_back(std::to_string(event.record.offset) + text); };
  for_each_run(batch_of(all), [&](const EventRun& run) {
    if (run.topic() == "words") {
      run.each<Word>([&](const Event& event, const Word& word) { note(event, ": " + word.value); });
    } else {
      run.each<Number>([&](const Event& event, const Number& number) { note(event, ": " + std::to_string(number.value)); });
    }
  });
  CHECK(seen == std::vector<std::string>{"1: 1", "2: 2", "3: three", "4: 4"});
}

TEST_CASE("payloads that are taken for another type than their decoder made end the process, before they are looked at") {
  const std::vector<Event> all = events();
  const std::vector<const Event*> batch = batch_of(all);
  const EventRun numbers{std::span(batch).first(2)};
  CHECK(exit_code_of([&] { numbers.each<Number>([](const Event&, const Number&) {}); }) == 0);
  CHECK(exit_code_of([&] { numbers.each<Word>([](const Event&, const Word&) {}); }) == static_cast<int>(ExitCode::kBug));
}
