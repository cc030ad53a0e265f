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
    auto found = topics_.find(topic);
    if (found == topics_.end()) found = topics_.try_emplace(std::string(topic)).first;
    Seen& seen = found->second;
    ++seen.records;
    while (!seen.deaths.empty() && seen.deaths.front().record + kWindow <= seen.records) {
      --seen.dead[seen.deaths.front().reason];
      seen.deaths.pop_front();
    }
    if (reason.empty()) return false;
    seen.deaths.push_back({seen.records, std::string(reason)});
    return ++seen.dead[std::string(reason)] > kWindow / 2;
  }

 private:
  struct Death {
    std::size_t record;  // its number in the topic, from 1 on
    std::string reason;
  };
  struct Seen {
    std::size_t records = 0;
    std::deque<Death> deaths;  // those of the window
    std::map<std::string, std::size_t, std::less<>> dead;
  };
  std::map<std::string, Seen, std::less<>> topics_;
};

}  // namespace weir::runtime
