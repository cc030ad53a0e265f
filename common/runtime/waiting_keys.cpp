#include "common/runtime/waiting_keys.hpp"

#include <algorithm>

namespace weir::runtime {

namespace {
constexpr Milliseconds kFirstPause{1'000};
constexpr Milliseconds kLongestPause{30'000};
}  // namespace

void WaitingKeys::schedule(Lines::iterator line, SteadyInstant at) {
  schedule_.erase({line->second.next_try, &line->first});
  line->second.next_try = at;
  schedule_.emplace(at, &line->first);
}

void WaitingKeys::add(Key key, std::int64_t offset, SteadyInstant now) {
  if (line_of_.contains(offset)) return;
  const auto [line, made] = lines_.try_emplace(key ? Name{*key, 0} : Name{std::nullopt, offset});
  if (made) {
    schedule(line, now + kFirstPause);
  } else {
    lengths_.erase(lengths_.find(line->second.offsets.size()));
  }
  line->second.offsets.insert(offset);
  lengths_.insert(line->second.offsets.size());
  line_of_.emplace(offset, line);
}

void WaitingKeys::remove(std::int64_t offset, SteadyInstant now) {
  const auto found = line_of_.find(offset);
  if (found == line_of_.end()) return;
  const auto line = found->second;
  line_of_.erase(found);
  lengths_.erase(lengths_.find(line->second.offsets.size()));
  line->second.offsets.erase(offset);
  if (line->second.offsets.empty()) {
    schedule_.erase({line->second.next_try, &line->first});
    lines_.erase(line);
    return;
  }
  lengths_.insert(line->second.offsets.size());
  line->second.tries = 0;
  schedule(line, now);
}

void WaitingKeys::postpone(std::int64_t offset, SteadyInstant now) {
  const auto found = line_of_.find(offset);
  if (found == line_of_.end()) return;
  Line& line = found->second->second;
  const Milliseconds pause = std::min(kLongestPause, kFirstPause * (std::int64_t{1} << std::min<std::int64_t>(line.tries, 10)));
  ++line.tries;
  schedule(found->second, now + pause);
}

std::optional<std::int64_t> WaitingKeys::first(std::string_view key) const {
  if (empty()) return std::nullopt;
  const auto line = lines_.find(Name{key, 0});
  return line == lines_.end() ? std::nullopt : std::optional(*line->second.offsets.begin());
}

std::optional<std::int64_t> WaitingKeys::behind(std::int64_t offset) const {
  const auto found = line_of_.find(offset);
  if (found == line_of_.end()) return std::nullopt;
  const auto& offsets = found->second->second.offsets;
  const auto next = offsets.upper_bound(offset);
  return next == offsets.end() ? std::nullopt : std::optional(*next);
}

std::vector<std::int64_t> WaitingKeys::due(SteadyInstant now, std::size_t most) const {
  std::vector<std::int64_t> offsets;
  for (const auto& [at, name] : schedule_) {
    if (at > now) break;
    for (const std::int64_t offset : lines_.at(*name).offsets) {
      if (offsets.size() == most) return offsets;
      offsets.push_back(offset);
    }
  }
  return offsets;
}

bool WaitingKeys::full(const ParkingLimits& limits) const {
  return size() >= limits.per_partition || (!lengths_.empty() && *lengths_.rbegin() >= limits.per_key);
}

}  // namespace weir::runtime
