#include "operations/console/plans.hpp"

#include "common/core/uuid.hpp"

#include <algorithm>

namespace weir::console {

namespace {

constexpr std::chrono::minutes kHolds{5};
constexpr std::size_t kMost = 1'000;

struct Name {
  std::string_view operator()(const RedrivePlan&) const { return "dlq.redrive"; }
  std::string_view operator()(const DiscardPlan&) const { return "dlq.discard"; }
  std::string_view operator()(const PausePlan&) const { return "groups.pause"; }
  std::string_view operator()(const ResumePlan&) const { return "groups.resume"; }
  std::string_view operator()(const UnmaskLetterPlan&) const { return "letter.unmask"; }
  std::string_view operator()(const UnmaskRecordPlan&) const { return "record.unmask"; }
};

}  // namespace

std::string_view action_of(const Plan& plan) { return std::visit(Name{}, plan); }

Plans::Kept Plans::keep(const std::string& session, Plan plan) {
  const std::string id = Uuid::random().text();
  const std::lock_guard lock(mutex_);
  const Instant now = clock_.now();
  std::erase_if(waiting_, [now](const auto& one) { return one.second.expires_at <= now; });
  if (waiting_.size() >= kMost) {
    waiting_.erase(std::min_element(waiting_.begin(), waiting_.end(),
                                    [](const auto& a, const auto& b) { return a.second.expires_at < b.second.expires_at; }));
  }
  waiting_[id] = {session, std::move(plan), now + kHolds};
  return {id, now + kHolds};
}

std::optional<Plan> Plans::take(const std::string& session, const std::string& id) {
  const std::lock_guard lock(mutex_);
  const auto found = waiting_.find(id);
  if (found == waiting_.end() || found->second.session != session) return std::nullopt;
  Waiting taken = std::move(found->second);
  waiting_.erase(found);
  if (taken.expires_at <= clock_.now()) return std::nullopt;
  return std::move(taken.plan);
}

}  // namespace weir::console
