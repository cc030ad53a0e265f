#include "common/delivery/account_metrics.hpp"

#include "common/delivery/metric_rows.hpp"

#include <array>
#include <string_view>

namespace weir::delivery {

namespace {

constexpr std::array<std::string_view, 3> kOutcomes{"works", "fails", "wait"};          // by AccountSign
constexpr std::array<std::string_view, 4> kStates{"works", "waits", "open", "probed"};  // by Account::State

/// All accounts that are shown under one label.
struct Sum {
  std::size_t calls = 0;
  std::array<std::size_t, kStates.size()> states{};
};

}  // namespace

std::string AccountMetrics::label(const std::string& account) const {
  return named_.contains(account) ? account : account.substr(0, account.find(':')) + ":others";
}

void AccountMetrics::ended(const std::string& account, const Judgement& judgement) {
  const std::string its_label = label(account);
  metrics_.of(kCalls, {its_label, kOutcomes.at(static_cast<std::size_t>(sign_of(judgement.verdicts)))}).add();
  metrics_.of(kCallSeconds, {its_label}).observe(judgement.took);
}

void AccountMetrics::show(const std::map<std::string, Account>& accounts, SteadyInstant now) {
  std::map<std::string, Sum> sums;
  for (const std::string& each : shown_) sums[each];
  for (const auto& [name, account] : accounts) {
    Sum& sum = sums[label(name)];
    sum.calls += account.calls_in_flight();
    ++sum.states.at(static_cast<std::size_t>(account.state(now)));
  }
  for (const auto& [its_label, sum] : sums) {
    shown_.insert(its_label);
    metrics_.of(kCallsInFlight, {its_label}).set(static_cast<double>(sum.calls));
    for (std::size_t i = 0; i < kStates.size(); ++i)
      metrics_.of(kAccountStates, {its_label, kStates.at(i)}).set(static_cast<double>(sum.states.at(i)));
  }
}

}  // namespace weir::delivery
