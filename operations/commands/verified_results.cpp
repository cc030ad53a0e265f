#include "operations/commands/verified_results.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace weir::operations {

namespace {

/// What a person is shown; a program gets all that are kept.
constexpr std::size_t kShown = 50;

std::size_t kept(const std::vector<VerifiedResults>& all) {
  std::size_t count = 0;
  for (const VerifiedResults& one : all) count += one.differences.size();
  return count;
}

}  // namespace

cli::Table result_summary(const std::vector<VerifiedResults>& all) {
  cli::Table table({"group", "table", "rows_compared", "differs", "explained", "not_yet"});
  for (const VerifiedResults& one : all) {
    for (const auto& [name, counts] : one.tables) {
      table.add({one.group, name, counts.compared, one.count(name, Standing::kDiffers), one.count(name, Standing::kExplained),
                 one.count(name, Standing::kNotYet)});
    }
  }
  return table;
}

cli::Table result_differences(const std::vector<VerifiedResults>& all, std::size_t most) {
  cli::Table table({"group", "table", "key", "column", "stored", "source_gives", "finding", "explained_by"});
  for (const VerifiedResults& one : all) {
    for (const StandingDifference& difference : one.differences) {
      if (most == 0) return table;
      --most;
      const process::ResultDifference& what = difference.what;
      table.add({one.group, what.table, what.key, what.column, what.stored, what.source, std::string(name_of(difference.standing)),
                 difference.by.empty() ? cli::Cell() : cli::Cell(difference.by)});
    }
  }
  return table;
}

cli::Table results_not_asked(const std::vector<VerifiedResults>& all) {
  cli::Table table({"group", "rows", "not_compared"});
  for (const VerifiedResults& one : all) {
    for (const auto& [what, times] : one.not_asked) table.add({one.group, times, what});
    if (!one.behind.empty()) table.add({one.group, static_cast<std::int64_t>(one.differences.size()), "not yet: " + one.behind});
    if (one.fault) table.add({one.group, cli::Cell(), one.fault->line()});
  }
  return table;
}

std::string text_of(const std::vector<VerifiedResults>& all, const process::Period& period) {
  if (all.empty()) return "";
  std::string text =
      fmt::format("\nResults of {} to {} against their source rows:\n", format_instant(period.from), format_instant(period.to));
  text += result_summary(all).text();
  const cli::Table not_asked = results_not_asked(all);
  if (!not_asked.empty()) text += "\nNot compared:\n" + not_asked.text();
  const std::size_t differences = kept(all);
  if (differences == 0) return text;
  text += "\nRows that are not what their source gives:\n" + result_differences(all, kShown).text();
  if (differences > kShown) text += fmt::format("and {} more, which --json has\n", differences - kShown);
  const bool may_be_more = std::ranges::any_of(all, [](const VerifiedResults& one) { return one.differences.size() >= kMostDifferences; });
  if (may_be_more) text += fmt::format("of each group the first {} are told: there may be more\n", kMostDifferences);
  return text;
}

std::size_t places_that_differ(const std::vector<VerifiedResults>& all) {
  std::size_t count = 0;
  for (const VerifiedResults& one : all) {
    count += static_cast<std::size_t>(std::ranges::count(one.differences, Standing::kDiffers, &StandingDifference::standing));
  }
  return count;
}

}  // namespace weir::operations
