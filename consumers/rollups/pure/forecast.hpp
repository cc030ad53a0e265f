// How long an organization's queue will be, and how many workers it needs.
//
// Forecast: Holt's linear method (C. C. Holt, "Forecasting seasonals and trends by exponentially weighted moving averages", 1957) with
// α = 0.5 and β = 0.1:
//   level  l(t) = α·y(t) + (1 − α)·(l(t−1) + b(t−1)),   l(1) = y(1)
//   trend  b(t) = β·(l(t) − l(t−1)) + (1 − β)·b(t−1),   b(1) = y(2) − y(1)
//   forecast for h windows ahead: l + h·b, and 0 where this is below 0, since no queue is shorter.
//
// Workers: what comes in a window is what the queue and the running tasks grew by, plus the tasks that ended. The greatest number that is
// forecast for one of the next windows, divided by the tasks that one busy agent ends in a window, is the number of workers that hold the
// queue. An agent is busy in a window in which it ended a task.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

namespace weir::rollups {

inline constexpr std::size_t kForecastWindows = 6;
/// Trends from before this hardly count: 0.9 to the power of 36 is 0.02.
inline constexpr std::size_t kQueueHistory = 36;
/// Over so many windows an agent's work is averaged.
inline constexpr std::size_t kWorkWindows = 12;

using Forecast = std::array<double, kForecastWindows>;
/// `values`: oldest first, at least two.
[[nodiscard]] Forecast forecast_of(std::span<const double> values);

/// An organization at the end of a window.
struct QueueWindow {
  std::int64_t queued = 0;
  std::int64_t running = 0;
  std::int64_t ended = 0;        // tasks that ended in the window
  std::int64_t busy_agents = 0;  // agents that ended a task in it
};

struct QueueForecast {
  Forecast queued{};
  Forecast arrivals{};
  std::optional<double> tasks_a_worker;  // a window; none where no task ended
  std::optional<std::int64_t> workers;
};
/// `windows`: consecutive, oldest first. None where they are too few.
[[nodiscard]] std::optional<QueueForecast> forecast_queue(std::span<const QueueWindow> windows);

}  // namespace weir::rollups
