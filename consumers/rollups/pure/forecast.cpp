// What arrived follows from how the queue changed, because nobody counts arrivals.
#include "consumers/rollups/pure/forecast.hpp"

#include "common/core/result.hpp"
#include "consumers/rollups/pure/trend.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace weir::rollups {

namespace {

constexpr double kAlpha = 0.5;
constexpr double kBeta = 0.1;

}  // namespace

Forecast forecast_of(std::span<const double> values) {
  WEIR_ASSERT(values.size() >= 2);
  double level = values[0];
  double trend = values[1] - values[0];
  for (const double value : values.subspan(1)) {
    const double before = level;
    level = kAlpha * value + (1 - kAlpha) * (level + trend);
    trend = kBeta * (level - before) + (1 - kBeta) * trend;
  }
  Forecast out{};
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = std::max(0.0, level + static_cast<double>(i + 1) * trend);
  return out;
}

std::optional<QueueForecast> forecast_queue(std::span<const QueueWindow> windows) {
  // Arrivals are differences, and one fewer than windows.
  if (windows.size() < kFewestValues + 1) return std::nullopt;
  std::vector<double> queued{static_cast<double>(windows[0].queued)};
  std::vector<double> arrivals;
  for (std::size_t i = 1; i < windows.size(); ++i) {
    const QueueWindow& before = windows[i - 1];
    const QueueWindow& now = windows[i];
    queued.push_back(static_cast<double>(now.queued));
    arrivals.push_back(static_cast<double>(now.queued - before.queued + now.running - before.running + now.ended));
  }
  QueueForecast out{forecast_of(queued), forecast_of(arrivals), std::nullopt, std::nullopt};
  std::int64_t ended = 0;
  std::int64_t busy = 0;
  for (const QueueWindow& window : windows.last(std::min(kWorkWindows, windows.size()))) {
    ended += window.ended;
    busy += window.busy_agents;
  }
  if (ended <= 0 || busy <= 0) return out;
  out.tasks_a_worker = static_cast<double>(ended) / static_cast<double>(busy);
  const double most = *std::max_element(out.arrivals.begin(), out.arrivals.end());
  out.workers = static_cast<std::int64_t>(std::ceil(most / *out.tasks_a_worker));
  return out;
}

}  // namespace weir::rollups
