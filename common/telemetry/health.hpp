// Health as named conditions: /healthz answers 200 while the process makes progress, /readyz lists every reason why it is not ready.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace weir::telemetry {

/// Thread-safe. A condition that was never named is fine.
class Health {
 public:
  /// Not ready, and why: one line for an operator. Replaces the last reason of that condition.
  void not_ready(std::string_view condition, std::string reason);
  void ready(std::string_view condition);
  [[nodiscard]] std::map<std::string, std::string> reasons() const;
  [[nodiscard]] bool is_ready() const { return reasons().empty(); }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::string> reasons_;
};

}  // namespace weir::telemetry
