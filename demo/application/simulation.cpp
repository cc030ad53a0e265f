// An execution's story: queued with its task, running, ended; some get a rating, a correction or are deleted afterwards.
#include "demo/application/simulation.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

namespace weir::demo {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::size_t kStoriesAtOnce = 150;
constexpr std::size_t kRemembered = 400;
constexpr double kNewStory = 0.34;
constexpr double kAfterthought = 0.05;
constexpr double kLate = 0.04;
constexpr double kBroken = 0.004;
constexpr std::int64_t kLatestMinutes = 90;

constexpr std::array kTaskTypes{"summarize"sv, "draft"sv, "review"sv, "plan"sv, "classify"sv};
constexpr std::array kErrors{"the model did not answer in time"sv, "the tool refused the input"sv, "out of memory"sv};
constexpr std::array kCorrected{"completed"sv, "failed"sv, "cancelled"sv};

double rounded(double value, double step) { return std::round(value / step) * step; }

}  // namespace

Simulation::Simulation(std::uint64_t seed, const Population& population)
    : dice_(seed), post_dice_(seed ^ 0x9E3779B97F4A7C15U), world_(make_world(dice_, population)) {}

Transaction Simulation::next_transaction(Instant now) {
  if (!ended_.empty() && dice_.chance(kAfterthought)) return afterthought(now);
  const bool full = under_way_.size() >= kStoriesAtOnce;
  if (under_way_.empty() || (!full && dice_.chance(kNewStory))) return begin(now);
  Story& story = under_way_[dice_.below(under_way_.size())];
  return story.execution.status == "queued" ? run(story, now) : end(story, now);
}

std::vector<Transaction> Simulation::last_transactions(Instant now) {
  std::vector<Transaction> last;
  while (!under_way_.empty()) {
    Story& story = under_way_.front();
    last.push_back(story.execution.status == "queued" ? run(story, now) : end(story, now));
  }
  return last;
}

Transaction Simulation::begin(Instant now) {
  const Agent& agent = dice_.one_of(std::span<const Agent>(world_.agents));
  const auto home = std::find_if(world_.organizations.begin(), world_.organizations.end(),
                                 [&](const Organization& candidate) { return candidate.id == agent.organization; });
  Story story;
  Execution& execution = story.execution;
  execution.id = dice_.uuid();
  execution.organization = agent.organization;
  execution.agent = agent.id;
  if (dice_.chance(0.9)) execution.user = dice_.one_of(std::span<const Uuid>(home->users));
  execution.task_type = kTaskTypes[dice_.below(kTaskTypes.size())];
  execution.created_at = execution.updated_at = now;
  story.task = {dice_.uuid(), agent.organization, execution.user, agent.agent_type, "queued", static_cast<int>(dice_.below(10)), now, now};
  story.moves_agent = dice_.chance(0.3);
  Transaction transaction{InsertTask{story.task}, InsertExecution{execution}};
  under_way_.push_back(std::move(story));
  return transaction;
}

Transaction Simulation::run(Story& story, Instant now) {
  story.execution.status = "running";
  story.execution.progress = 10;
  story.execution.started_at = now;
  story.execution.updated_at = now;
  story.task.status = "assigned";
  story.task.updated_at = now;
  Transaction transaction{UpdateTask{story.task}, UpdateExecution{story.execution}};
  if (story.moves_agent) transaction.emplace_back(SetAgentStatus{story.execution.agent, "busy", now});
  return transaction;
}

// A late execution ended long ago, while the application was cut off, and is reported only now.
void Simulation::measure(Execution& execution, Instant now) {
  const Microseconds duration{static_cast<std::int64_t>(dice_.log_normal(1'200'000, 0.8))};
  execution.completed_at = now;
  if (dice_.chance(kLate)) {
    execution.completed_at = now - std::chrono::minutes{dice_.between(6, kLatestMinutes)};
  }
  execution.started_at = *execution.completed_at - duration;
  if (dice_.chance(0.9)) execution.execution_time_ms = static_cast<double>(duration.count()) / 1e3;
  if (dice_.chance(0.95)) execution.memory_mb = rounded(dice_.log_normal(180, 0.5), 0.001);
  if (dice_.chance(0.95)) execution.cpu_percent = rounded(dice_.unit() * 100, 0.01);
  if (dice_.chance(0.02)) execution.completed_at.reset();  // then updated_at is taken in its place
}

bool Simulation::break_now_and_then(Execution& execution) {
  if (!dice_.chance(kBroken)) return false;
  ++broken_executions_;
  execution.quality_score = 1.7;
  return true;
}

Transaction Simulation::end(Story& story, Instant now) {
  Execution& execution = story.execution;
  execution.updated_at = now;
  measure(execution, now);
  const double luck = dice_.unit();
  execution.status = luck < 0.86 ? "completed" : luck < 0.95 ? "failed" : "cancelled";
  if (execution.status == "completed") {
    execution.progress = 100;
    if (dice_.chance(0.8)) execution.quality_score = rounded(dice_.unit(), 0.001);
    if (dice_.chance(0.8)) execution.confidence_score = rounded(dice_.unit(), 0.001);
  } else if (execution.status == "failed") {
    execution.error_message = kErrors[dice_.below(kErrors.size())];
  }
  const bool broken = break_now_and_then(execution);
  story.task.status = execution.status == "cancelled" ? "cancelled" : "done";
  story.task.updated_at = now;
  Transaction transaction{UpdateExecution{execution}, UpdateTask{story.task}};
  if (story.moves_agent) transaction.emplace_back(SetAgentStatus{execution.agent, dice_.chance(0.05) ? "error" : "idle", now});
  if (!broken) {
    ended_.push_back(execution);  // a broken execution is not changed again, since it moved no window
    if (ended_.size() > kRemembered) ended_.pop_front();
  }
  std::swap(story, under_way_.back());
  under_way_.pop_back();
  return transaction;
}

Transaction Simulation::afterthought(Instant now) {
  const std::size_t chosen = dice_.below(ended_.size());
  Execution& execution = ended_[chosen];
  const double kind = dice_.unit();
  if (kind < 0.1) {
    const Uuid id = execution.id;
    ended_.erase(ended_.begin() + static_cast<std::ptrdiff_t>(chosen));
    return {DeleteExecution{id}};
  }
  execution.updated_at = now;
  if (kind < 0.3) {
    execution.status = kCorrected[dice_.below(kCorrected.size())];
  } else if (kind < 0.4 && execution.completed_at) {
    *execution.completed_at -= std::chrono::minutes{dice_.between(1, 20)};
    execution.started_at.reset();
  } else {
    execution.user_rating = static_cast<int>(dice_.between(1, 5));
  }
  return {UpdateExecution{execution}};
}

}  // namespace weir::demo
