// The conditions of readiness, kept under one lock: they change rarely and are read by /readyz alone.
#include "common/telemetry/health.hpp"

#include <utility>

namespace weir::telemetry {

void Health::not_ready(std::string_view condition, std::string reason) {
  const std::lock_guard lock(mutex_);
  if (whole_ != nullptr) whole_->not_ready(prefix_ + std::string(condition), reason);
  reasons_[std::string(condition)] = std::move(reason);
}

void Health::ready(std::string_view condition) {
  const std::lock_guard lock(mutex_);
  if (whole_ != nullptr) whole_->ready(prefix_ + std::string(condition));
  reasons_.erase(std::string(condition));
}

std::map<std::string, std::string> Health::reasons() const {
  const std::lock_guard lock(mutex_);
  return reasons_;
}

}  // namespace weir::telemetry
