#include "consumers/rollups/pure/forecast.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace weir::rollups;

namespace {

void check(const Forecast& found, const std::vector<double>& expected) {
  REQUIRE(found.size() == expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) CHECK(found[i] == doctest::Approx(expected[i]).epsilon(1e-14));
}

/// Every window the same.
std::vector<QueueWindow> steady(std::size_t windows, const QueueWindow& window) { return std::vector<QueueWindow>(windows, window); }

}  // namespace

TEST_CASE("values on a line go on along it") {
  const std::vector<double> line{10, 12, 14};
  check(forecast_of(line), {16, 18, 20, 22, 24, 26});
}

TEST_CASE("level and trend follow the values by half and by a tenth") {
  // l = 10, b = 2; then l = 12, b = 2; then l = 0.5·10 + 0.5·14 = 12, b = 0.1·0 + 0.9·2 = 1.8.
  const std::vector<double> values{10, 12, 10};
  check(forecast_of(values), {13.8, 15.6, 17.4, 19.2, 21.0, 22.8});
}

TEST_CASE("no queue is shorter than 0") {
  const std::vector<double> values{10, 6, 2};
  check(forecast_of(values), {0, 0, 0, 0, 0, 0});
}

TEST_CASE("as many workers are needed as end what comes in") {
  // 12 tasks end in each window, 4 by each busy agent, and the queue stays as it is: 12 came.
  const auto held = forecast_queue(steady(12, {7, 2, 12, 3}));
  REQUIRE(held.has_value());
  check(held->queued, {7, 7, 7, 7, 7, 7});
  check(held->arrivals, {12, 12, 12, 12, 12, 12});
  CHECK(held->tasks_a_worker == 4.0);
  CHECK(held->workers == 3);
}

TEST_CASE("a queue that grows needs as many workers as its fullest window, rounded up") {
  // In window i there are 5·i queued tasks and 10 end, by 4 agents: 15 come, and one agent ends 2.5.
  std::vector<QueueWindow> windows;
  for (int i = 0; i < 20; ++i) windows.push_back({5 * i, 0, 10, 4});
  const auto growing = forecast_queue(windows);
  REQUIRE(growing.has_value());
  check(growing->queued, {100, 105, 110, 115, 120, 125});
  check(growing->arrivals, {15, 15, 15, 15, 15, 15});
  CHECK(growing->tasks_a_worker == 2.5);
  CHECK(growing->workers == 6);
}

TEST_CASE("tasks that began to run came in too, though the queue is no longer") {
  std::vector<QueueWindow> windows;
  for (int i = 0; i < 10; ++i) windows.push_back({3, 2 * i, 4, 1});
  CHECK(forecast_queue(windows)->arrivals[0] == 6.0);
}

TEST_CASE("an agent's work is averaged over the last 12 windows") {
  std::vector<QueueWindow> windows = steady(12, {0, 0, 100, 1});
  for (const QueueWindow& window : steady(12, {0, 0, 6, 3})) windows.push_back(window);
  CHECK(forecast_queue(windows)->tasks_a_worker == 2.0);
}

TEST_CASE("where no task ended nobody knows how many workers are needed, and of few windows nothing is forecast") {
  const auto idle = forecast_queue(steady(12, {4, 0, 0, 0}));
  REQUIRE(idle.has_value());
  CHECK_FALSE(idle->workers.has_value());
  CHECK_FALSE(idle->tasks_a_worker.has_value());
  CHECK(forecast_queue(steady(9, {4, 0, 0, 0})).has_value());
  CHECK_FALSE(forecast_queue(steady(8, {4, 0, 0, 0})).has_value());
  CHECK_FALSE(forecast_queue({}).has_value());
}
