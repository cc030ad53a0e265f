// Which calls of models may be made: each needs room in the organization's budget of the day, in the provider's of the minute, and a token
// of its user's. Pure: what was spent and the time come from Postgres, and what is taken goes back there in the same transaction.
#pragma once

#include "common/core/token_grants.hpp"
#include "common/core/uuid.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace weir::insights {

/// Ten calls at once for the insights of a user, and one more every 6 s.
inline constexpr Rate kCallsOfAUser{.events = 10, .per = Seconds{60}, .burst = 10};

/// What may be spent in a period; none: no limit.
struct Budget {
  std::optional<std::int64_t> requests;
  std::optional<std::int64_t> tokens;
  std::optional<std::int64_t> micro_usd;
  friend bool operator==(const Budget&, const Budget&) = default;
};

struct Spending {
  std::int64_t requests = 0;
  std::int64_t tokens = 0;
  std::int64_t micro_usd = 0;
  friend bool operator==(const Spending&, const Spending&) = default;
};

/// A call that wants to be made, with the most that it may cost.
struct CallCost {
  std::string organization;  // names of spenders: "organization:UUID", "provider:openai"
  std::string provider;
  std::optional<UserId> user;  // none: no user's token is needed
  std::int64_t tokens = 0;
  std::int64_t micro_usd = 0;
};

enum class Allowed : std::uint8_t { kYes, kUserRate, kProviderRequests, kProviderTokens, kBudgetTokens, kBudgetMoney };
/// As in insights.fallback_reason: "budget_tokens".
[[nodiscard]] std::string_view name_of(Allowed allowed);
/// Whether another provider may still be asked.
[[nodiscard]] bool is_of_provider(Allowed allowed);

class Allowance {
 public:
  struct Spender {
    Budget budget;
    Spending spent;  // reserved and charged so far
    Spending taken;  // of it by take()
  };

  explicit Allowance(Instant now) : now_(now) {}

  void add_spender(std::string name, const Budget& budget, const Spending& spent);
  void add_user(const UserId& user, Instant full_at);
  /// Decides in the order in which it is asked: all of a call's cost is taken, or nothing. The spenders and the user must have been added.
  [[nodiscard]] Allowed take(const CallCost& cost);
  /// A call whose cost was taken is not made after all. The user's token is gone.
  void give_back(const CallCost& cost);

  [[nodiscard]] const std::map<std::string, Spender>& spenders() const { return spenders_; }
  /// The buckets from which tokens were taken: when each is full again.
  [[nodiscard]] std::map<UserId, Instant> changed_buckets() const;

 private:
  Instant now_;
  std::map<std::string, Spender> spenders_;
  std::map<UserId, TokenBucket> buckets_;
  std::set<UserId> changed_;
};

}  // namespace weir::insights
