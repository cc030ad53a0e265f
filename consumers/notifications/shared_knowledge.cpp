#include "consumers/notifications/shared_knowledge.hpp"

#include <algorithm>
#include <utility>

namespace weir::notifications {

void SharedKnowledge::set_channels(Channels channels) {
  auto fresh = std::make_shared<const Channels>(std::move(channels));
  const std::lock_guard lock(mutex_);
  channels_ = std::move(fresh);
}

std::shared_ptr<const Channels> SharedKnowledge::channels() const {
  const std::lock_guard lock(mutex_);
  return channels_;
}

void SharedKnowledge::rest(const std::string& account, SteadyInstant until) {
  const std::lock_guard lock(mutex_);
  SteadyInstant& at = rest_until_[account];
  at = std::max(at, until);
}

std::map<std::string, SteadyInstant> SharedKnowledge::resting(SteadyInstant now) {
  const std::lock_guard lock(mutex_);
  std::erase_if(rest_until_, [&](const auto& each) { return each.second <= now; });
  return rest_until_;
}

}  // namespace weir::notifications
