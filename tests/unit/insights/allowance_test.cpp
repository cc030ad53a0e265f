#include "consumers/insights/pure/allowance.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

using namespace weir;
using namespace weir::insights;

namespace {

const Instant kNow = *parse_instant("2026-11-29T12:00:00Z");
const UserId kUser{*Uuid::parse("7d0f8f2a-55f5-4fd6-8f4c-0a1b2c3d4e60")};

CallCost cost(std::int64_t tokens, std::int64_t money = 0) {
  return {.organization = "organization:a", .provider = "provider:p", .user = kUser, .tokens = tokens, .micro_usd = money};
}

Budget tokens(std::int64_t most) { return {.requests = {}, .tokens = most, .micro_usd = {}}; }

/// Budgets of the organization and the provider, of which nothing is spent, and a user with all tokens.
Allowance allowance(const Budget& organization, const Budget& provider) {
  Allowance made(kNow);
  made.add_spender("organization:a", organization, {});
  made.add_spender("provider:p", provider, {});
  made.add_user(kUser, kNow);
  return made;
}

}  // namespace

TEST_CASE("a call passes up to the last token of a budget, and not one further") {
  Allowance made = allowance(tokens(100), {});
  CHECK(made.take(cost(60)) == Allowed::kYes);
  CHECK(made.take(cost(41)) == Allowed::kBudgetTokens);
  CHECK(made.take(cost(40)) == Allowed::kYes);
  CHECK(made.take(cost(1)) == Allowed::kBudgetTokens);
  CHECK(made.spenders().at("organization:a").taken == Spending{.requests = 2, .tokens = 100, .micro_usd = 0});
  CHECK(made.spenders().at("provider:p").taken == Spending{.requests = 2, .tokens = 100, .micro_usd = 0});
}

TEST_CASE("what is refused takes nothing, and says of which limit it is") {
  Allowance money = allowance({.requests = {}, .tokens = {}, .micro_usd = 5}, {});
  CHECK(money.take(cost(1, 6)) == Allowed::kBudgetMoney);
  Allowance requests = allowance({}, {.requests = 1, .tokens = {}, .micro_usd = {}});
  CHECK(requests.take(cost(1)) == Allowed::kYes);
  CHECK(requests.take(cost(1)) == Allowed::kProviderRequests);
  Allowance of_tokens = allowance({}, tokens(5));
  CHECK(of_tokens.take(cost(6)) == Allowed::kProviderTokens);
  CHECK(of_tokens.spenders().at("organization:a").taken == Spending{});
  CHECK(of_tokens.changed_buckets().empty());
  CHECK(is_of_provider(Allowed::kProviderTokens));
  CHECK_FALSE(is_of_provider(Allowed::kBudgetTokens));
  CHECK_FALSE(is_of_provider(Allowed::kUserRate));
  CHECK(name_of(Allowed::kBudgetTokens) == "budget_tokens");
}

TEST_CASE("a user causes ten calls at once, and one more every six seconds") {
  Allowance made = allowance({}, {});
  for (int i = 0; i < 10; ++i) CHECK(made.take(cost(1)) == Allowed::kYes);
  CHECK(made.take(cost(1)) == Allowed::kUserRate);
  const Instant full_at = made.changed_buckets().at(kUser);
  CHECK(full_at == kNow + Seconds{60});
  for (const auto& [later, allowed] : {std::pair{Seconds{5}, Allowed::kUserRate}, std::pair{Seconds{6}, Allowed::kYes}}) {
    Allowance next(kNow + later);
    next.add_spender("organization:a", {}, {});
    next.add_spender("provider:p", {}, {});
    next.add_user(kUser, full_at);
    CHECK(next.take(cost(1)) == allowed);
  }
}

TEST_CASE("insights of an organization's agents need no user's token") {
  Allowance made = allowance({}, {});
  CallCost of_agents = cost(1);
  of_agents.user.reset();
  for (int i = 0; i < 20; ++i) CHECK(made.take(of_agents) == Allowed::kYes);
}

TEST_CASE("what is given back can be taken again") {
  Allowance made = allowance(tokens(10), {});
  CHECK(made.take(cost(10)) == Allowed::kYes);
  made.give_back(cost(10));
  CHECK(made.spenders().at("organization:a").taken == Spending{});
  CHECK(made.take(cost(10)) == Allowed::kYes);
}

TEST_CASE("whatever is asked in whatever order, no limit is exceeded, and what was spent before counts") {
  CHECK(rc::check([] {
    const auto limit = *rc::gen::inRange<std::int64_t>(0, 1'000);
    const auto spent = *rc::gen::inRange<std::int64_t>(0, 1'000);
    Allowance made(kNow);
    made.add_spender("organization:a", tokens(limit), {.requests = 0, .tokens = spent, .micro_usd = 0});
    made.add_spender("provider:p", {}, {});
    made.add_user(kUser, kNow);
    for (const auto each : *rc::gen::container<std::vector<std::int64_t>>(rc::gen::inRange<std::int64_t>(1, 300)))
      static_cast<void>(made.take(cost(each)));
    const auto& spender = made.spenders().at("organization:a");
    RC_ASSERT(spender.taken.tokens == 0 || spent + spender.taken.tokens <= limit);
    RC_ASSERT(spender.spent.tokens == spent + spender.taken.tokens);
  }));
}
