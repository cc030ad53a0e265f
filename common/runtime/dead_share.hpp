// Watches how many of a topic's last 1,000 records died of their form. A renamed column must not turn a topic into dead letters: once more
// than half of these records died for one reason at one path, the group stops and names both. But one organization's bad data must not stop
// the others: where the records belong to several organizations, the dead ones must belong to several too, or to none that is known. Pure.
#pragma once

#include "common/runtime/event.hpp"

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace weir::runtime {

/// The watch over one topic.
class DeadShare {
 public:
  static constexpr std::size_t kWindow = 1'000;

  /// Notes how one record ended; `death` is null unless the record died of its form. Returns true once the topic's last 1,000 records say
  /// that its form has changed.
  bool note(const std::optional<OrganizationId>& organization, const Dead* death) {
    ++records_;
    while (!deaths_.empty() && deaths_.front().record < first()) {
      const auto found = tallies_.find(deaths_.front().of);
      if (--found->second.dead == 0) tallies_.erase(found);
      deaths_.pop_front();
    }
    if (organization) organizations_.note(*organization, records_);
    if (death == nullptr) return false;
    Cause cause{death->reason, death->path};
    Tally& tally = tallies_[cause];
    ++tally.dead;
    if (organization) tally.organizations.note(*organization, records_);
    deaths_.push_back({records_, std::move(cause)});
    if (tally.dead <= kWindow / 2) return false;
    return !organizations_.several(first()) || tally.organizations.several(first()) || !tally.organizations.any(first());
  }

 private:
  using Cause = std::pair<std::string, std::string>;  // reason and path
  /// Answers whose records there were from a given record on. It remembers the last records of only two organizations, which is enough for
  /// exact answers.
  class Organizations {
   public:
    void note(const OrganizationId& organization, std::size_t record) {
      if (last_ && *last_ != organization) another_at_ = last_at_;
      last_ = organization;
      last_at_ = record;
    }
    [[nodiscard]] bool any(std::size_t from) const { return last_at_ >= from; }
    [[nodiscard]] bool several(std::size_t from) const { return another_at_ >= from; }

   private:
    std::optional<OrganizationId> last_;
    std::size_t last_at_ = 0;     // 0: never
    std::size_t another_at_ = 0;  // the last record of any other organization
  };
  struct Death {
    std::size_t record;  // its number in the topic, from 1 on
    Cause of;
  };
  struct Tally {
    std::size_t dead = 0;
    Organizations organizations;
  };

  /// The oldest record that counts.
  [[nodiscard]] std::size_t first() const { return records_ < kWindow ? 1 : records_ - kWindow + 1; }

  std::size_t records_ = 0;
  Organizations organizations_;
  std::deque<Death> deaths_;  // those of the window
  std::map<Cause, Tally> tallies_;
};

using DeadShares = std::map<std::string, DeadShare, std::less<>>;

}  // namespace weir::runtime
