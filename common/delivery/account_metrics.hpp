// What metrics show of accounts. Accounts can be as many as organizations, or as receivers of webhooks: those that are not named are shown
// together, as "<provider>:others".
#pragma once

#include "common/delivery/account.hpp"
#include "common/telemetry/metrics.hpp"

#include <map>
#include <set>
#include <string>

namespace weir::delivery {

class AccountMetrics {
 public:
  AccountMetrics(telemetry::Metrics& metrics, std::set<std::string> named) : metrics_(metrics), named_(std::move(named)) {}
  /// A call has ended.
  void ended(const std::string& account, const Judgement& judgement);
  /// How the accounts do now.
  void show(const std::map<std::string, Account>& accounts, SteadyInstant now);

 private:
  [[nodiscard]] std::string label(const std::string& account) const;

  telemetry::Metrics& metrics_;
  std::set<std::string> named_;
  std::set<std::string> shown_;  // labels that were shown: those without an account are shown as 0
};

}  // namespace weir::delivery
