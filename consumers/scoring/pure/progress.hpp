// The progress of a learner in each module.
#pragma once

#include "common/core/time.hpp"
#include "consumers/scoring/pure/course.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>

namespace weir::scoring {

enum class ModuleStatus : std::uint8_t { kLocked, kUnlocked, kInProgress, kCompleted };
[[nodiscard]] std::string_view module_status_text(ModuleStatus status);
[[nodiscard]] std::optional<ModuleStatus> parse_module_status(std::string_view text);

struct Progress {
  ModuleStatus status = ModuleStatus::kLocked;
  double percent = 0;                   // of the required activities, those that are done
  std::optional<Instant> unlocked_at;   // the latest completion of the prerequisites, once all are complete
  std::optional<Instant> completed_at;  // when the last required activity was done
  friend bool operator==(const Progress&, const Progress&) = default;
};

/// When each activity was done for the first time.
using FirstSuccesses = std::map<Uuid, Instant>;

/// When the module was complete: every required activity done. A module without required activities never is.
[[nodiscard]] std::optional<Instant> completion_of(const Module& module, const FirstSuccesses& done);

/// Progress in each module where it is not the default. By default a module is locked, and unlocked where it has no prerequisites.
[[nodiscard]] std::map<Uuid, Progress> progress_in(const Course& course, const FirstSuccesses& done);

}  // namespace weir::scoring
