#include "consumers/scoring/pure/course.hpp"

namespace weir::scoring {

void Course::add_module(const Uuid& module) { modules_.try_emplace(module); }

void Course::add_prerequisite(const Uuid& module, const Uuid& prerequisite) {
  const auto found = modules_.find(module);
  if (found == modules_.end() || modules_.find(prerequisite) == modules_.end()) return;
  found->second.prerequisites.insert(prerequisite);
}

void Course::add_activity(const Uuid& id, const Activity& activity) {
  const auto found = modules_.find(activity.module);
  if (found == modules_.end()) return;
  activities_.emplace(id, activity);
  if (activity.required) found->second.required.insert(id);
}

const Activity* Course::activity(const Uuid& id) const {
  const auto found = activities_.find(id);
  return found == activities_.end() ? nullptr : &found->second;
}

}  // namespace weir::scoring
