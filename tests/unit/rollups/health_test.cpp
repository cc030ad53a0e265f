// Golden tables, computed by hand.
#include "consumers/rollups/pure/health.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cstdlib>

using namespace weir;
using namespace weir::rollups;

namespace {

HealthSettings defaults() {
  HealthSettings out;
  for (const HealthSetting& setting : health_settings()) out.*setting.value = std::strtod(std::string(setting.fallback).c_str(), nullptr);
  return out;
}

Measure mean_ms(std::int64_t count, std::int64_t ms) {
  Measure out;
  for (std::int64_t i = 0; i < count; ++i) out.add(ms * 1'000'000'000, 1);
  return out;
}

AgentId agent(std::uint8_t number) {
  AgentId out;
  out.value.bytes[15] = number;
  return out;
}

/// Ten executions in 2 s each, all agents available, nothing queued.
HealthInputs healthy() {
  HealthInputs in;
  in.total = in.completed = 10;
  in.execution_time = mean_ms(10, 2'000);
  in.availability_count = 2;
  in.availability_sum = 200;
  in.total_agents = in.active_agents = 2;
  in.queue_is_known = true;
  return in;
}

std::string issues(const Health& health) {
  std::string out;
  for (const Issue& issue : health.issues) {
    out += fmt::format("{} {}{} {}: {}\n", text_of(issue.severity), text_of(issue.kind),
                       issue.agent ? fmt::format(" of {}", issue.agent->value.bytes[15]) : "",
                       issue.threshold ? fmt::format("{}/{}", *issue.value, *issue.threshold) : "-", issue.message);
  }
  return out;
}

std::string no_data(const Health& health) { return fmt::format("{}", fmt::join(health.no_data, " ")); }

double score_of(const HealthInputs& inputs) { return health_of(inputs, defaults()).score; }

}  // namespace

TEST_CASE("the score is the weighted sum of its five components") {
  struct Case {
    std::string name;
    std::int64_t completed, failed, cancelled;
    std::int64_t ms;
    double availability;
    std::int64_t queued;
    double score;
  };
  // 0.30·success + 0.25·availability + 0.20·response + 0.15·queue + 0.10·(100 − errors)
  for (const Case& golden : {
           Case{"all well", 10, 0, 0, 0, 100, 0, 100},
           {"two seconds each", 10, 0, 0, 2'000, 100, 0, 30 + 25 + 16 + 15 + 10},
           {"ten seconds each", 10, 0, 0, 10'000, 100, 0, 30 + 25 + 0 + 15 + 10},
           {"a minute each", 10, 0, 0, 60'000, 100, 0, 80},
           {"half of them failed", 5, 5, 0, 0, 100, 0, 15 + 25 + 20 + 15 + 5},
           {"half of them cancelled", 5, 0, 5, 0, 100, 0, 15 + 25 + 20 + 15 + 10},
           {"available for two fifths", 10, 0, 0, 0, 40, 0, 30 + 10 + 20 + 15 + 10},
           {"forty wait", 10, 0, 0, 0, 100, 40, 30 + 25 + 20 + 9 + 10},
           {"a hundred wait", 10, 0, 0, 0, 100, 100, 85},
           {"a thousand wait", 10, 0, 0, 0, 100, 1'000, 85},
           {"nothing works", 0, 10, 0, 20'000, 0, 500, 0},
       }) {
    CAPTURE(golden.name);
    HealthInputs in = healthy();
    in.completed = golden.completed;
    in.failed = golden.failed;
    in.total = golden.completed + golden.failed + golden.cancelled;
    in.execution_time = mean_ms(in.total, golden.ms);
    in.availability_sum = 2 * golden.availability;
    in.queued = golden.queued;
    CHECK(score_of(in) == doctest::Approx(golden.score).epsilon(1e-12));
    CHECK(no_data(health_of(in, defaults())) == "");
  }
}

TEST_CASE("a component without data counts 100 and is named") {
  const auto named = [](const HealthInputs& inputs) {
    const Health health = health_of(inputs, defaults());
    return fmt::format("{:.6g} {}", health.score, no_data(health));
  };
  HealthInputs none;
  CHECK(named(none) == "100 success_rate availability response queue error");
  HealthInputs idle = healthy();
  idle.total = idle.completed = 0;
  idle.execution_time = {};
  CHECK(named(idle) == "100 success_rate response error");
  HealthInputs without_times = healthy();
  without_times.execution_time = {};
  CHECK(named(without_times) == "100 response");
  HealthInputs without_agents = healthy();
  without_agents.availability_count = 0;
  CHECK(named(without_agents) == "96 availability");
  HealthInputs before_the_start = healthy();
  before_the_start.queued = 80;
  before_the_start.queue_is_known = false;
  CHECK(named(before_the_start) == "96 queue");
  HealthInputs more_left_than_came = healthy();
  more_left_than_came.queued = -3;
  CHECK(named(more_left_than_came) == "96 queue");
  HealthInputs meanwhile = healthy();  // a change that takes out came before the change that puts in
  meanwhile.total = 4;
  meanwhile.completed = 5;
  meanwhile.failed = -1;
  CHECK(named(meanwhile) == "96 success_rate error");
}

TEST_CASE("what the columns say is null where there is nothing to say") {
  const Health none = health_of(HealthInputs{}, defaults());
  CHECK_FALSE(none.success_rate.has_value());
  CHECK_FALSE(none.availability.has_value());
  CHECK_FALSE(none.execution_time_ms.has_value());
  CHECK(none.status() == "healthy");
  const Health some = health_of(healthy(), defaults());
  CHECK(some.success_rate == 100.0);
  CHECK(some.availability == 100.0);
  CHECK(some.execution_time_ms == 2'000.0);
}

TEST_CASE("issues of the organization, on either side of each threshold") {
  const auto found = [](auto change) {
    HealthInputs in = healthy();
    in.execution_time = mean_ms(10, 0);
    change(in);
    return issues(health_of(in, defaults()));
  };
  const auto success = [&](std::int64_t completed) {
    return found([&](HealthInputs& in) {
      in.total = 100;
      in.completed = completed;
    });
  };
  CHECK(success(80) == "");
  CHECK(success(79) == "warning success_rate 79/80: success rate 79 % is below 80 %\n");
  CHECK(success(50) == "warning success_rate 50/80: success rate 50 % is below 80 %\n");
  CHECK(success(49) == "critical success_rate 49/50: success rate 49 % is below 50 %\n");
  const auto time = [&](std::int64_t ms) { return found([&](HealthInputs& in) { in.execution_time = mean_ms(3, ms); }); };
  CHECK(time(5'000) == "");
  CHECK(time(5'001) == "warning execution_time 5001/5000: average execution time 5 s is above 5 s\n");
  CHECK(time(10'000) == "warning execution_time 10000/5000: average execution time 10 s is above 5 s\n");
  CHECK(time(12'345) == "critical execution_time 12345/10000: average execution time 12.35 s is above 10 s\n");
  const auto queue = [&](std::int64_t queued) { return found([&](HealthInputs& in) { in.queued = queued; }); };
  CHECK(queue(50) == "");
  CHECK(queue(51) == "warning queue_length 51/50: queue length 51 is above 50\n");
  CHECK(queue(100) == "warning queue_length 100/50: queue length 100 is above 50\n");
  CHECK(queue(101) == "critical queue_length 101/100: queue length 101 is above 100\n");
  const auto available = [&](double percent) { return found([&](HealthInputs& in) { in.availability_sum = 2 * percent; }); };
  CHECK(available(20) == "");  // the score is 80
  CHECK(available(0) == "warning health_score 75/80: health score 75 is below 80\n");
  CHECK(found([](HealthInputs& in) {
          in.total = 10;
          in.completed = 0;
          in.failed = 10;
          in.availability_sum = 80;
        }) == "critical success_rate 0/50: success rate 0 % is below 50 %\ncritical health_score 45/50: health score 45 is below 50\n");
}

TEST_CASE("an agent's rates are judged from min_samples on, and its status error always") {
  HealthInputs in = healthy();
  in.agents = {{agent(1), 4, 0, mean_ms(4, 20'000), false},
               {agent(2), 5, 3, mean_ms(5, 6'000), false},
               {agent(3), 0, 0, {}, true},
               {agent(4), 5, 5, mean_ms(5, 4'000), false}};
  CHECK(issues(health_of(in, defaults())) ==
        "warning success_rate of 2 60/80: success rate 60 % is below 80 %\n"
        "warning execution_time of 2 6000/5000: average execution time 6 s is above 5 s\n"
        "critical agent_error of 3 -: in status error\n");
  HealthSettings strict = defaults();
  strict.min_samples = 4;
  CHECK(health_of(in, strict).count(Severity::kCritical) == 3);
}

TEST_CASE("the status is the worst of the issues") {
  HealthInputs in = healthy();
  CHECK(health_of(in, defaults()).status() == "healthy");
  in.queued = 60;
  CHECK(health_of(in, defaults()).status() == "warning");
  in.agents = {{agent(1), 0, 0, {}, true}};
  const Health health = health_of(in, defaults());
  CHECK(health.status() == "critical");
  CHECK(health.count(Severity::kCritical) == 1);
  CHECK(health.count(Severity::kWarning) == 1);
}

TEST_CASE("an organization's own thresholds and weights count") {
  HealthInputs in = healthy();
  in.queued = 60;
  HealthSettings own = defaults();
  own.queue_length_warning = 60;
  CHECK(health_of(in, own).issues.empty());
  for (const HealthSetting& setting : health_settings()) {
    if (setting.name.ends_with("_weight")) own.*setting.value = 0;
  }
  CHECK(health_of(in, own).score == 100);
  own.queue_weight = 7;
  CHECK(health_of(in, own).score == doctest::Approx(40));
}

TEST_CASE("every kind of issue has a text that is read back") {
  for (const IssueKind kind :
       {IssueKind::kSuccessRate, IssueKind::kExecutionTime, IssueKind::kQueueLength, IssueKind::kHealthScore, IssueKind::kAgentError}) {
    CHECK(parse_issue_kind(text_of(kind)) == kind);
  }
  CHECK_FALSE(parse_issue_kind("storage_quota").has_value());
}
