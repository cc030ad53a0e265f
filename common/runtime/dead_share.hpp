// Watches how many of a topic's last 1,000 records died for one reason. A renamed column must not turn a topic into dead letters:
// past a half the group stops and names the reason. Pure.
#pragma once

#include "common/runtime/record.hpp"

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace weir::runtime {

class DeadShare {
 public:
  static constexpr std::size_t kWindow = 1'000;

  /// Notes how one record ended; `reason` is empty unless it died. True once more than half of the window died for this reason.
  bool note(std::string_view topic, std::string_view reason) {
    auto& seen = topics_.try_emplace(std::string(topic)).first->second;
    seen.reasons.emplace_back(reason);
    if (seen.reasons.size() > kWindow) {
      if (!seen.reasons.front().empty()) --seen.dead[seen.reasons.front()];
      seen.reasons.pop_front();
    }
    return !reason.empty() && ++seen.dead[std::string(reason)] > kWindow / 2;
  }

 private:
  struct Seen {
    std::deque<std::string> reasons;
    std::map<std::string, std::size_t, std::less<>> dead;
  };
  std::map<std::string, Seen, std::less<>> topics_;
};

}  // namespace weir::runtime
