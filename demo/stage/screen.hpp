// What a person sees of the demo: finished steps, then a live table on a terminal or a plain line now and then elsewhere.
#pragma once

#include "common/core/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace weir::demo {

/// One row of agent_metrics, for show.
struct MetricLine {
  std::string agent;
  std::string window;  // "02:15"
  std::int64_t total = 0;
  std::optional<double> success_rate;
  std::optional<double> average_ms;
  std::optional<double> p95_ms;
  std::optional<double> quality;
  bool is_final = false;
  bool is_complete = false;
};

/// One row of assessment_scores, for show.
struct ScoreLine {
  std::string assessment;
  std::string dimension;
  double raw = 0;
  double error = 0;
  double t_score = 0;
};

/// What one look at application and pipeline shows.
struct Sight {
  Seconds running{0};
  std::uint64_t changes = 0;
  std::uint64_t posts = 0;
  double changes_per_second = 0;
  double posts_per_second = 0;
  std::int64_t taken = 0;  // records that ended, in any way
  double taken_per_second = 0;
  std::int64_t dead = 0;
  std::int64_t lag = 0;  // records
  std::int64_t metric_rows = 0;
  std::vector<MetricLine> newest;
  std::size_t submissions = 0;
  std::int64_t scores = 0;
  std::optional<ScoreLine> newest_score;
  std::size_t completions = 0;
  std::int64_t achievements = 0;
  std::string newest_achievement;
  std::int64_t messages = 0;
  std::int64_t receivers = 0;
  std::string newest_message;
  std::int64_t insights = 0;
  std::int64_t worded = 0;    // by a model
  std::int64_t replaced = 0;  // a template's text by a model's
  double cost_usd = 0;
  std::int64_t sent = 0;  // messages that a receiver took
  std::int64_t deferred = 0;
  std::int64_t retried = 0;
  std::int64_t failed_over = 0;
};

/// One line without colour.
[[nodiscard]] std::string plain_line(const Sight& sight);
/// Several lines; the same number each time for the same number of metrics.
[[nodiscard]] std::string table(const Sight& sight);

/// Writes to stdout.
class Screen {
 public:
  explicit Screen(bool terminal) : terminal_(terminal) {}
  /// A line that stays.
  void line(const std::string& text);
  /// Replaces the last table on a terminal.
  void show(const Sight& sight);

 private:
  bool terminal_;
  int drawn_lines_ = 0;
};

}  // namespace weir::demo
