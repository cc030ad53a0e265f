#include "tests/component/notification_providers/delivery_world.hpp"

#include "consumers/notifications/providers/registry.hpp"

#include <fmt/format.h>

namespace weir::testing {

Result<delivery::Claimed> MessageQueue::claim(const delivery::Wanted& wanted) {
  auto claimed = rows.claim(wanted);
  if (!claimed) return claimed;
  for (delivery::Job& job : claimed->jobs) job.message = std::make_unique<Outgoing>(messages.at(job.id));
  return claimed;
}

Result<std::size_t> MessageQueue::report(std::span<const delivery::Report> reports, std::span<const delivery::Refund> refunds) {
  for (const delivery::Report& each : reports) {
    if (const auto* refused = std::get_if<delivery::Refused>(&each.verdict)) gone[each.job.id] = refused->is_receiver_gone;
  }
  return rows.report(reports, refunds);
}

DeliveryWorld::DeliveryWorld(Flags changed)
    : loaded_([&] {
        auto flags = receivers_configuration();
        for (const auto& [name, value] : changed) flags["consumers.notifications." + name] = value;
        return flags;
      }()) {
  providers_ = make_providers(loaded_.configuration);
  const auto accounts = default_accounts(loaded_.configuration);
  if (!accounts) FAIL(accounts.error().line());
  for (const auto& account : *accounts) accounts_[account->provider] = account;
  auto caller = make_caller(loaded_.configuration, clock_);
  REQUIRE(caller.has_value());
  caller_ = *std::move(caller);
  std::map<std::string, const delivery::Provider*> providers;
  delivery::Limits limits;
  for (const auto& [name, provider] : providers_) {
    providers[name] = provider.get();
    limits.channels.push_back({name, 256, {name}});
  }
  auto made = delivery::Deliverer::make({"test", queue, *caller_, providers, clock_, log_, metrics_, health_}, limits);
  REQUIRE(made.has_value());
  deliverer_ = *std::move(made);
}

Outgoing& DeliveryWorld::add(const std::string& provider, const std::string& body) {
  static int number = 1'000;
  Row& row = queue.rows.add(++number);
  row.channel = provider;
  row.provider = provider;
  row.account = find_provider(provider)->is_destination_its_account ? fmt::format("{}:{}", provider, number) : default_account(provider);
  Outgoing& message = queue.messages[last()];
  message.template_key = "task.completed";
  message.subject = "Done";
  message.body = body;
  message.created_at = clock_.now();
  if (const auto account = accounts_.find(provider); account != accounts_.end()) message.account = account->second;
  return message;
}

void DeliveryWorld::step() { REQUIRE(deliverer_->turn(Milliseconds{20}).has_value()); }

void DeliveryWorld::run(Milliseconds patience) {
  run_until([&] { return queue.rows.all_ended() && deliverer_->is_idle(); }, patience);
}

std::string DeliveryWorld::course(const Uuid& id) const {
  std::string verdicts;
  for (const auto& [number, attempt] : row(id).attempts) verdicts += (verdicts.empty() ? "" : " ") + attempt.verdict;
  return verdicts;
}

}  // namespace weir::testing
