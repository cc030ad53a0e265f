// Metrics of accounts. The configuration's accounts are shown by their names. All other accounts of a provider are shown together, as
// "<provider>:others", because there can be as many of them as organizations or as receivers of webhooks.
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
  /// Counts a call that has ended.
  void ended(const std::string& account, const Judgement& judgement);
  /// Sets the gauges to the present state of all accounts.
  void show(const std::map<std::string, Account>& accounts, SteadyInstant now);

 private:
  [[nodiscard]] std::string label(const std::string& account) const;

  telemetry::Metrics& metrics_;
  std::set<std::string> named_;
  std::set<std::string> shown_;  // labels that were shown once, which are set to 0 when their last account is gone
};

}  // namespace weir::delivery
