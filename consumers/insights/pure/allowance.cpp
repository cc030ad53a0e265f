#include "consumers/insights/pure/allowance.hpp"

#include <array>
#include <utility>

namespace weir::insights {

namespace {

bool has_room(const std::optional<std::int64_t>& limit, std::int64_t spent, std::int64_t wanted) {
  return !limit || wanted <= *limit - spent;
}

void add(Spending& to, const CallCost& cost, std::int64_t times) {
  to.requests += times;
  to.tokens += times * cost.tokens;
  to.micro_usd += times * cost.micro_usd;
}

}  // namespace

std::string_view name_of(Allowed allowed) {
  constexpr std::array<std::string_view, 6> kNames{
      "", "user_rate", "provider_requests", "provider_tokens", "budget_tokens", "budget_money"};
  return kNames.at(static_cast<std::size_t>(allowed));
}

bool is_of_provider(Allowed allowed) { return allowed == Allowed::kProviderRequests || allowed == Allowed::kProviderTokens; }

void Allowance::add_spender(std::string name, const Budget& budget, const Spending& spent) {
  spenders_.insert_or_assign(std::move(name), Spender{.budget = budget, .spent = spent, .taken = {}});
}

void Allowance::add_user(const UserId& user, Instant full_at) {
  TokenBucket bucket;
  bucket.minute = kCallsOfAUser;
  bucket.minute_full_at = full_at;
  buckets_.insert_or_assign(user, bucket);
}

Allowed Allowance::take(const CallCost& cost) {
  Spender& organization = spenders_.at(cost.organization);
  Spender& provider = spenders_.at(cost.provider);
  if (!has_room(organization.budget.tokens, organization.spent.tokens, cost.tokens)) return Allowed::kBudgetTokens;
  if (!has_room(organization.budget.micro_usd, organization.spent.micro_usd, cost.micro_usd)) return Allowed::kBudgetMoney;
  if (!has_room(organization.budget.requests, organization.spent.requests, 1)) return Allowed::kBudgetTokens;
  if (!has_room(provider.budget.requests, provider.spent.requests, 1)) return Allowed::kProviderRequests;
  if (!has_room(provider.budget.tokens, provider.spent.tokens, cost.tokens)) return Allowed::kProviderTokens;
  if (!has_room(provider.budget.micro_usd, provider.spent.micro_usd, cost.micro_usd)) return Allowed::kProviderTokens;
  if (cost.user) {
    TokenGranter granter(std::span(&buckets_.at(*cost.user), 1), now_);
    if (!granter.grant({.buckets = {0}}).is_granted) return Allowed::kUserRate;
    changed_.insert(*cost.user);
  }
  for (Spender* spender : {&organization, &provider}) {
    add(spender->spent, cost, 1);
    add(spender->taken, cost, 1);
  }
  return Allowed::kYes;
}

void Allowance::give_back(const CallCost& cost) {
  for (const std::string& name : {cost.organization, cost.provider}) {
    add(spenders_.at(name).spent, cost, -1);
    add(spenders_.at(name).taken, cost, -1);
  }
}

std::map<UserId, Instant> Allowance::changed_buckets() const {
  std::map<UserId, Instant> changed;
  for (const UserId& user : changed_) changed.emplace(user, buckets_.at(user).minute_full_at);
  return changed;
}

}  // namespace weir::insights
