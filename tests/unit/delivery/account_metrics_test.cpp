// Accounts in the metrics: by their names or together, with their states.
#include "common/delivery/account_metrics.hpp"

#include <doctest/doctest.h>

using namespace std::chrono_literals;
using namespace weir;
using namespace weir::delivery;

namespace {

constexpr SteadyInstant kNow{SteadyInstant::duration{1'000'000'000}};

bool shows(const telemetry::Metrics& metrics, std::string_view line) { return metrics.text().find(line) != std::string::npos; }

/// An account whose only call ended by `verdict`.
Account after_call(Verdict verdict, int failures = 1) {
  Terms terms;
  terms.breaker.failures = failures;
  Account account(terms);
  account.add({.job = Job{}, .channel = 0, .since = kNow, .begin_by = kNow + 2s, .lease_until = kNow + 60s});
  Judgement judgement;
  judgement.verdicts.push_back(std::move(verdict));
  Endings endings;
  account.ended(account.next_batch(kNow), std::move(judgement), kNow, endings);
  return account;
}

}  // namespace

TEST_CASE("named accounts are shown each by itself, and all others of a provider together, however many they are") {
  telemetry::Metrics metrics;
  AccountMetrics shown(metrics, {"pusher:default"});
  Judgement judgement;
  judgement.verdicts.push_back(Accepted{});
  judgement.took = 20ms;
  shown.ended("pusher:default", judgement);
  for (const char* receiver : {"webhook:a", "webhook:b", "webhook:c"}) shown.ended(receiver, judgement);
  CHECK(shows(metrics, R"(weir_delivery_calls_total{account="pusher:default",outcome="works"} 1)"));
  CHECK(shows(metrics, R"(weir_delivery_calls_total{account="webhook:others",outcome="works"} 3)"));
  CHECK(shows(metrics, R"(weir_delivery_call_seconds_count{account="webhook:others"} 3)"));
  CHECK_FALSE(shows(metrics, "webhook:a"));
}

TEST_CASE("accounts are shown by their state, and a label whose accounts are gone shows 0") {
  telemetry::Metrics metrics;
  AccountMetrics shown(metrics, {"pusher:default"});
  std::map<std::string, Account> accounts;
  accounts.emplace("pusher:default", after_call(Paused{"answered 429", 30s}));
  accounts.emplace("webhook:a", after_call(Unknown{"timeout"}));
  accounts.emplace("webhook:b", after_call(Accepted{}));
  shown.show(accounts, kNow);
  CHECK(shows(metrics, R"(weir_delivery_accounts{account="pusher:default",state="waits"} 1)"));
  CHECK(shows(metrics, R"(weir_delivery_accounts{account="webhook:others",state="open"} 1)"));
  CHECK(shows(metrics, R"(weir_delivery_accounts{account="webhook:others",state="works"} 1)"));
  CHECK(shows(metrics, R"(weir_delivery_calls_in_flight{account="webhook:others"} 0)"));
  shown.show(accounts, kNow + 30s);
  CHECK(shows(metrics, R"(weir_delivery_accounts{account="pusher:default",state="probed"} 1)"));
  accounts.clear();
  shown.show(accounts, kNow + 30s);
  CHECK(shows(metrics, R"(weir_delivery_accounts{account="pusher:default",state="probed"} 0)"));
}
