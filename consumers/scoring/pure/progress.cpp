#include "consumers/scoring/pure/progress.hpp"

#include <algorithm>
#include <set>

namespace weir::scoring {

namespace {

/// The latest of these modules' completions; none unless all are complete.
std::optional<Instant> all_complete(const std::set<Uuid>& modules, const std::map<Uuid, Instant>& complete) {
  std::optional<Instant> latest;
  for (const Uuid& module : modules) {
    const auto found = complete.find(module);
    if (found == complete.end()) return std::nullopt;
    latest = std::max(latest.value_or(found->second), found->second);
  }
  return latest;
}

double percent_of(const Module& module, const FirstSuccesses& done) {
  if (module.required.empty()) return 0;
  const auto count = std::ranges::count_if(module.required, [&](const Uuid& activity) { return done.find(activity) != done.end(); });
  return 100 * static_cast<double>(count) / static_cast<double>(module.required.size());
}

}  // namespace

std::string_view module_status_text(ModuleStatus status) {
  switch (status) {
    case ModuleStatus::kLocked:
      return "locked";
    case ModuleStatus::kUnlocked:
      return "unlocked";
    case ModuleStatus::kInProgress:
      return "in_progress";
    case ModuleStatus::kCompleted:
      return "completed";
  }
  return {};
}

std::optional<ModuleStatus> parse_module_status(std::string_view text) {
  for (const ModuleStatus status : {ModuleStatus::kLocked, ModuleStatus::kUnlocked, ModuleStatus::kInProgress, ModuleStatus::kCompleted}) {
    if (text == module_status_text(status)) return status;
  }
  return std::nullopt;
}

std::optional<Instant> completion_of(const Module& module, const FirstSuccesses& done) {
  std::optional<Instant> latest;
  for (const Uuid& activity : module.required) {
    const auto found = done.find(activity);
    if (found == done.end()) return std::nullopt;
    latest = std::max(latest.value_or(found->second), found->second);
  }
  return latest;
}

std::map<Uuid, Progress> progress_in(const Course& course, const FirstSuccesses& done) {
  std::set<Uuid> begun;
  for (const auto& [id, at] : done) {
    if (const Activity* activity = course.activity(id)) begun.insert(activity->module);
  }
  std::map<Uuid, Instant> complete;
  for (const auto& [id, module] : course.modules()) {
    if (const auto at = completion_of(module, done)) complete.emplace(id, *at);
  }
  std::map<Uuid, Progress> progress;
  for (const auto& [id, module] : course.modules()) {
    Progress row{ModuleStatus::kLocked, percent_of(module, done), all_complete(module.prerequisites, complete), std::nullopt};
    if (const auto found = complete.find(id); found != complete.end()) {
      row.status = ModuleStatus::kCompleted;
      row.completed_at = found->second;
    } else if (begun.find(id) != begun.end()) {
      row.status = ModuleStatus::kInProgress;
    } else if (row.unlocked_at) {
      row.status = ModuleStatus::kUnlocked;
    } else {
      continue;  // locked, or unlocked for want of prerequisites
    }
    progress.emplace(id, row);
  }
  return progress;
}

}  // namespace weir::scoring
