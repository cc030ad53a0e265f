// ANSI: cursor up n lines (CSI n A), erase to the end of the screen (CSI J).
#include "demo/stage/screen.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

namespace weir::demo {
namespace {

std::string number_or_dash(const std::optional<double>& value, const char* format) {
  return value ? fmt::format(fmt::runtime(format), *value) : "–";
}

std::string text_of(const std::optional<ScoreLine>& score) {
  if (!score) return "";
  return fmt::format(", the newest: {}, {} {:.1f} ± {:.1f} (T {:.0f})", score->assessment, score->dimension, score->raw, score->error,
                     score->t_score);
}

}  // namespace

std::string plain_line(const Sight& sight) {
  std::string text = fmt::format(
      "{:>4} s  written {} changes ({:.0f}/s), posted {} actions ({:.0f}/s), taken {} records ({:.0f}/s), lag {}, "
      "dead letters {}, metric rows {}, submissions {}, scores {}, completions {}, achievements {}, "
      "messages {} ({} sent, {} deferred, {} retried, {} failed over), insights {} ({} by models)",
      sight.running.count(), sight.changes, sight.changes_per_second, sight.posts, sight.posts_per_second, sight.taken,
      sight.taken_per_second, sight.lag, sight.dead, sight.metric_rows, sight.submissions, sight.scores, sight.completions,
      sight.achievements, sight.messages, sight.sent, sight.deferred, sight.retried, sight.failed_over, sight.insights, sight.worded);
  if (!sight.newest.empty()) {
    const MetricLine& newest = sight.newest.front();
    text += fmt::format("; {} {}: {} tasks, p95 {} ms", newest.agent, newest.window, newest.total, number_or_dash(newest.p95_ms, "{:.0f}"));
  }
  return text;
}

std::string table(const Sight& sight) {
  std::string text = fmt::format("\n  {:>5} s   application {:>9} changes {:>6.0f}/s   users {:>7} actions {:>5.0f}/s\n",
                                 sight.running.count(), sight.changes, sight.changes_per_second, sight.posts, sight.posts_per_second);
  text += fmt::format("            rollups     {:>9} records {:>6.0f}/s   lag   {:>7} records   dead letters {}\n", sight.taken,
                      sight.taken_per_second, sight.lag, sight.dead);
  text += fmt::format("            scoring     {:>9} scores    of {} submissions{}\n", sight.scores, sight.submissions,
                      text_of(sight.newest_score));
  text += fmt::format("            learning    {:>9} achievements of {} completions{}\n", sight.achievements, sight.completions,
                      sight.newest_achievement.empty() ? "" : ", the newest: " + sight.newest_achievement);
  text += fmt::format("            messages    {:>9} to {} users{}\n", sight.messages, sight.receivers,
                      sight.newest_message.empty() ? "" : ", the newest: " + sight.newest_message);
  text += fmt::format("            providers   {:>9} sent      {} deferred, {} retried, {} failed over\n", sight.sent, sight.deferred,
                      sight.retried, sight.failed_over);
  text += fmt::format("            insights    {:>9} worded    {} by models, {} of them after a template, for {:.4f} $\n\n", sight.insights,
                      sight.worded, sight.replaced, sight.cost_usd);
  text += fmt::format("  {:<16}{:<8}{:>7}{:>10}{:>10}{:>10}{:>9}  {}\n", "agent", "window", "tasks", "success", "avg ms", "p95 ms",
                      "quality", fmt::format("of {} rows of agent_metrics, the newest", sight.metric_rows));
  for (const MetricLine& line : sight.newest) {
    text += fmt::format("  {:<16}{:<8}{:>7}{:>10}{:>10}{:>10}{:>9}  {}\n", line.agent, line.window, line.total,
                        number_or_dash(line.success_rate, "{:.1f} %"), number_or_dash(line.average_ms, "{:.0f}"),
                        number_or_dash(line.p95_ms, "{:.0f}"), number_or_dash(line.quality, "{:.3f}"),
                        fmt::format("{}{}", line.is_final ? "final" : "provisional", line.is_complete ? "" : ", incomplete"));
  }
  return text;
}

void Screen::line(const std::string& text) {
  fmt::print("{}\n", text);
  std::fflush(stdout);
  drawn_lines_ = 0;
}

void Screen::show(const Sight& sight) {
  if (!terminal_) {
    line(plain_line(sight));
    return;
  }
  if (drawn_lines_ > 0) fmt::print("\x1b[{}A\x1b[J", drawn_lines_);
  const std::string text = table(sight);
  fmt::print("{}", text);
  std::fflush(stdout);
  drawn_lines_ = static_cast<int>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace weir::demo
