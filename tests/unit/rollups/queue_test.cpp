#include "consumers/rollups/pure/queue.hpp"

#include "tests/unit/rollups/limits.hpp"
#include "tests/unit/rollups/property.hpp"

#include <fmt/format.h>

#include <map>

using namespace weir;
using namespace weir::rollups;

namespace {

const Instant kNoon = *parse_instant("2026-11-18T12:00:00Z");

Instant minute(int number) { return kNoon + std::chrono::minutes{number}; }

OrganizationId organization(std::uint8_t number) {
  OrganizationId out;
  out.value.bytes[15] = number;
  return out;
}

TaskRow task(bool queued, int enqueued, int updated, std::uint8_t owner = 1) {
  return {organization(owner), queued, minute(enqueued), minute(updated)};
}

ExecutionRow run(std::string status, std::optional<int> started, std::optional<int> completed) {
  ExecutionRow row;
  row.organization = organization(1);
  row.status = std::move(status);
  if (started) row.started_at = minute(*started);
  if (completed) row.completed_at = minute(*completed);
  return row;
}

/// Moves as text: the window's minute after noon, and by how much.
std::string text(const std::vector<QueueMove>& moves) {
  std::string out;
  for (const QueueMove& move : moves) {
    out += fmt::format("{}{:+}{} ", std::chrono::duration_cast<std::chrono::minutes>(move.window.second - kNoon).count(),
                       move.change.queued + move.change.running, move.window.first == organization(1) ? "" : "*");
  }
  return out;
}

std::string moved(const std::optional<TaskRow>& before, const std::optional<TaskRow>& after) {
  return text(moves_of_task(before, after, minute(60), kLimits));
}

}  // namespace

TEST_CASE("a task joins the queue when it is enqueued, and leaves it when its status changes or it is deleted") {
  CHECK(moved(std::nullopt, task(true, 7, 7)) == "5+1 ");
  CHECK(moved(task(true, 7, 7), task(false, 7, 23)) == "20-1 ");
  CHECK(moved(task(false, 7, 23), task(false, 7, 31)).empty());
  CHECK(moved(task(false, 7, 23), std::nullopt).empty());
  CHECK(moved(std::nullopt, task(false, 7, 7)).empty());
  CHECK(moved(task(true, 7, 7), std::nullopt) == "60-1 ");
  CHECK(moved(task(true, 7, 7), task(true, 7, 9)).empty());
}

TEST_CASE("a task that comes back joins anew, at its new enqueued_at or when it came back") {
  CHECK(moved(task(false, 7, 23), task(true, 7, 41)) == "40+1 ");
  CHECK(moved(task(false, 7, 23), task(true, 36, 41)) == "35+1 ");
}

TEST_CASE("a task that is enqueued at another time, or in another organization, moves") {
  CHECK(moved(task(true, 7, 7), task(true, 17, 18)) == "5-1 15+1 ");
  CHECK(moved(task(true, 7, 7), task(true, 7, 18, 2)) == "15-1 15+1* ");
}

TEST_CASE("a task whose enqueued_at lies far in the future is in the queue by the time of its record") {
  CHECK(moved(std::nullopt, task(true, 70, 60)) == "70+1 ");
  CHECK(moved(std::nullopt, task(true, 71, 60)) == "60+1 ");
}

TEST_CASE("an execution runs from its start to its end") {
  const auto moved_by = [](const std::optional<ExecutionRow>& before, const std::optional<ExecutionRow>& after) {
    return text(moves_of_execution(before, after));
  };
  const ExecutionRow waits = run("queued", std::nullopt, std::nullopt);
  const ExecutionRow runs = run("running", 7, std::nullopt);
  const ExecutionRow ended = run("completed", 7, 23);
  CHECK(moved_by(std::nullopt, waits).empty());
  CHECK(moved_by(waits, runs) == "5+1 ");
  CHECK(moved_by(runs, ended) == "20-1 ");
  CHECK(moved_by(std::nullopt, ended) == "5+1 20-1 ");
  CHECK(moved_by(std::nullopt, run("failed", 7, 8)).empty());
  CHECK(moved_by(ended, run("completed", 7, 31)) == "20+1 30-1 ");
  CHECK(moved_by(ended, std::nullopt) == "5-1 20+1 ");
  CHECK(moved_by(waits, run("cancelled", std::nullopt, 23)).empty());
  CHECK(moved_by(run("running", std::nullopt, std::nullopt), ended) == "5+1 20-1 ");
}

TEST_CASE("the changes of a row add up to what it is, in whatever order they come") {
  holds("moves add up", [](const std::vector<std::uint8_t>& states) {
    std::map<Instant, QueueChange> sums;
    std::optional<ExecutionRow> before;
    const auto of = [](std::uint8_t state) -> std::optional<ExecutionRow> {
      constexpr std::array kStatus{"queued", "running", "completed", "failed"};
      if (state % 5 == 4) return std::nullopt;
      return run(kStatus[state % 4], state % 3 == 0 ? std::nullopt : std::optional(state % 50), state % 60);
    };
    for (const std::uint8_t state : states) {
      const auto after = of(state);
      for (const QueueMove& move : moves_of_execution(before, after)) sums[move.window.second].add(move.change);
      before = after;
    }
    for (const QueueMove& move : moves_of_execution(before, std::nullopt)) sums[move.window.second].add(move.change);
    return std::all_of(sums.begin(), sums.end(), [](const auto& sum) { return sum.second == QueueChange{}; });
  });
}
