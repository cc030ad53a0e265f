// Where a metric is heading, and whether its newest value is out of line. Values are those of consecutive windows, oldest first; a window
// without a value is left out.
//
// Direction: the least-squares line y = a + b·x over the windows' numbers x. Its slope b = Sxy/Sxx is significant where |t| is above the
// quantile of Student's distribution at 0.975, with t = b / √(SSE/(n − 2)/Sxx) and n − 2 degrees of freedom (N. R. Draper, H. Smith,
// "Applied Regression Analysis", 3rd ed. 1998, section 1.4). scipy.stats.linregress tests the same hypothesis.
//
// Anomaly: the robust z-score (value − median)/(1.4826·MAD), where MAD is the median of the absolute deviations from the median, and
// 1.4826 makes it the standard deviation of normal values. Above 3.5 a value is an outlier (B. Iglewicz, D. Hoaglin, "How to Detect and
// Handle Outliers", 1993).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace weir::rollups {

inline constexpr std::size_t kTrendWindows = 12;
inline constexpr std::size_t kAnomalyWindows = 288;
/// With fewer values nothing is said.
inline constexpr std::size_t kFewestValues = 8;
inline constexpr double kOutlier = 3.5;

using Values = std::span<const std::optional<double>>;

enum class Direction : std::uint8_t { kStable, kRising, kFalling };
[[nodiscard]] std::string_view text_of(Direction direction);

struct Trend {
  Direction direction = Direction::kStable;
  std::optional<double> slope;        // a window
  std::optional<double> t_statistic;  // none where all values lie on one line
};
/// At most kTrendWindows values.
[[nodiscard]] Trend trend_of(Values values);

/// The robust z-score of the last value against all of them; none where it has none.
[[nodiscard]] std::optional<double> robust_score(Values values);

}  // namespace weir::rollups
