// Health as named conditions: /healthz answers 200 while the process makes progress, /readyz lists every reason why it is not ready.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace weir::telemetry {

/// Thread-safe. A condition that was never named is fine.
class Health {
 public:
  Health() = default;
  /// The conditions of one part of a process: `whole` lists each as "part.condition", beside those of other parts, so that two parts may
  /// each have a condition "postgres". `whole` must outlive it.
  Health(Health& whole, std::string part) : whole_(&whole), prefix_(std::move(part) + '.') {}
  /// Not ready, and why: one line for an operator. Replaces the last reason of that condition.
  void not_ready(std::string_view condition, std::string reason);
  void ready(std::string_view condition);
  /// Not ready from the first moment: whoever is asked before it could do its work once would otherwise be sent work that it cannot do.
  void starting() { not_ready(kStart, "it has not begun its work yet"); }
  void started() { ready(kStart); }
  [[nodiscard]] std::map<std::string, std::string> reasons() const;
  [[nodiscard]] bool is_ready() const { return reasons().empty(); }

  static constexpr std::string_view kStart = "start";

 private:
  Health* whole_ = nullptr;
  std::string prefix_;
  mutable std::mutex mutex_;  // locked before that of the whole
  std::map<std::string, std::string> reasons_;
};

}  // namespace weir::telemetry
