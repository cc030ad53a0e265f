#include "consumers/notifications/delivery.hpp"

#include "common/delivery/run.hpp"
#include "common/postgres/listener.hpp"
#include "common/process/services.hpp"
#include "common/process/start_retry.hpp"
#include "consumers/notifications/providers/calls.hpp"
#include "consumers/notifications/providers/registry.hpp"
#include "consumers/notifications/queue.hpp"
#include "consumers/notifications/unserved_channels.hpp"
#include "consumers/notifications/upkeep.hpp"

#include <fmt/format.h>

#include <mutex>
#include <random>
#include <ranges>
#include <string_view>

namespace weir::notifications {

namespace {

using config::Field;
using config::Type;

constexpr const char* kIntake = "consumers.notifications.intake";
constexpr const char* kDeliver = "consumers.notifications.deliver";
constexpr const char* kLease = "consumers.notifications.lease";
constexpr const char* kDsn = "consumers.notifications.dsn";
constexpr Milliseconds kTurn{250};
constexpr Milliseconds kBetweenTries{1'000};
constexpr Milliseconds kBetweenLooks{1'000};  // at what the queue needs besides
constexpr std::size_t kMostInHand = 1'024;    // of a channel
constexpr std::size_t kMostInAClaim = 256;
constexpr Milliseconds kGather{10};

/// Rings the deliverer while there is one: the listener starts before it, and may outlive it.
class Bell {
 public:
  void hang(delivery::Deliverer* deliverer) {
    const std::lock_guard lock(mutex_);
    deliverer_ = deliverer;
  }
  void ring() {
    const std::lock_guard lock(mutex_);
    if (deliverer_ != nullptr) deliverer_->ring();
  }
  /// Rings for the channels that a notice names; where it names none, for all.
  void ring(std::string_view notice) {
    if (notice.empty()) return ring();
    const std::lock_guard lock(mutex_);
    if (deliverer_ == nullptr) return;
    for (const auto channel : std::views::split(notice, ',')) deliverer_->ring(std::string_view(channel.begin(), channel.end()));
  }

 private:
  std::mutex mutex_;
  delivery::Deliverer* deliverer_ = nullptr;
};

postgres::Settings session(const process::Context& context) {
  return process::postgres_settings(context.configuration, "weir notifications", kDsn);
}

/// Rings whenever Postgres notifies of new messages. Where the session is lost, the deliverer still asks its queue each second.
Result<void> listen(process::Context& context, Bell& bell) {
  std::optional<postgres::Listener> listener;
  while (!context.stop.stopped()) {
    context.beat();
    if (!listener) {
      auto opened = postgres::Listener::open(session(context), "weir_delivery");
      if (!opened) {
        context.health.not_ready("postgres", opened.error().line());
        static_cast<void>(context.stop.wait(kBetweenTries));
        continue;
      }
      context.health.ready("postgres");
      context.health.started();
      listener.emplace(std::move(*opened));
      bell.ring();
    }
    const auto heard = listener->wait(kTurn);
    if (!heard) {
      context.log.fault("delivery_not_listening", heard.error());
      listener.reset();
    } else {
      for (const std::string& notice : *heard) bell.ring(notice);
    }
  }
  return {};
}

/// A loop of its own, so that no claim waits for it. Rings where messages became due.
Result<void> look_after(process::Context& context, Bell& bell) {
  Upkeep upkeep({.session = session(context), .clock = context.clock, .metrics = &context.metrics});
  context.health.started();
  int failures = 0;
  while (!context.stop.stopped()) {
    context.beat();
    const auto has_woken = upkeep.look_after();
    if (has_woken) {
      failures = 0;
      context.health.ready("postgres");
      if (*has_woken) bell.ring();
    } else {
      context.health.not_ready("postgres", has_woken.error().line());
      if (++failures == 1) context.log.fault("upkeep_failed", has_woken.error());
      if (next_action(has_woken.error(), failures) == Action::kStop) return fail(has_woken.error());
    }
    static_cast<void>(context.stop.wait(kBetweenLooks));
  }
  return {};
}

/// A channel for each that a provider carries, with all providers that may carry its messages.
std::vector<delivery::Channel> channels() {
  std::map<std::string, delivery::Channel> channels;
  for (const ProviderRow& row : provider_rows()) {
    delivery::Channel& channel = channels[row.channel];
    channel.name = row.channel;
    channel.most_in_hand = kMostInHand;
    channel.most_in_a_claim = kMostInAClaim;
    channel.providers.push_back(row.name);
  }
  std::vector<delivery::Channel> all;
  for (auto& [name, channel] : channels) all.push_back(std::move(channel));
  return all;
}

/// Messages to encrypted destinations need the master key; others go without.
Result<std::shared_ptr<const encryption::MasterKeys>> masters_of(const config::Configuration& configuration) {
  if (!configuration.has("encryption.master_key_file") && !configuration.has("encryption.master_command")) return nullptr;
  return std::make_shared<const encryption::MasterKeys>(WEIR_TRY(encryption::master_keys(configuration)));
}

Result<void> deliver(process::Context& context, Bell& bell) {
  const auto caller = WEIR_TRY(make_caller(context.configuration, context.clock));
  const Providers providers = make_providers(context.configuration);
  std::map<std::string, std::shared_ptr<const ProviderAccount>> accounts;
  delivery::Limits limits;
  for (const auto& account : WEIR_TRY(default_accounts(context.configuration))) {
    limits.named_accounts.insert(account->name);
    accounts.emplace(account->name, account);
  }
  DeliveryQueue queue({.session = session(context),
                       .masters = WEIR_TRY(masters_of(context.configuration)),
                       .accounts = std::move(accounts),
                       .links = Links(WEIR_TRY(process::mail_links(context.configuration))),
                       .clock = context.clock,
                       .metrics = &context.metrics});
  WEIR_TRY(process::retry_at_start(context, "Postgres", [&] { return queue.prepare(); }));
  limits.channels = channels();
  limits.lease = context.configuration.duration(kLease);
  limits.gather = kGather;
  limits.seed = std::random_device{}();
  std::map<std::string, const delivery::Provider*> by_name;
  for (const auto& [name, provider] : providers) by_name.emplace(name, provider.get());
  delivery::ThreadExecutor claims("claims", [&caller] { caller->ring(); });
  delivery::ThreadExecutor reports("reports", [&caller] { caller->ring(); });
  const auto deliverer = WEIR_TRY(delivery::Deliverer::make({.name = "notifications",
                                                             .queue = queue,
                                                             .caller = *caller,
                                                             .providers = std::move(by_name),
                                                             .clock = context.clock,
                                                             .log = context.log,
                                                             .metrics = context.metrics,
                                                             .health = context.health,
                                                             .executors = {.claims = &claims, .reports = &reports}},
                                                            std::move(limits)));
  bell.hang(deliverer.get());
  context.health.started();
  const auto ended = delivery::run(*deliverer, {.clock = context.clock,
                                                .stopped = [&] { return context.stop.stopped(); },
                                                .beat = context.beat,
                                                .drain_time = context.configuration.duration("drain_timeout")});
  bell.hang(nullptr);
  return ended;
}

}  // namespace

std::vector<Field> delivery_fields() {
  std::vector<Field> fields = provider_fields();
  for (const Field& each : encryption::encryption_fields()) fields.push_back(each);
  fields.push_back({.key = kIntake,
                    .type = Type::kBoolean,
                    .help = "Make messages of events. Where neither this nor deliver is set, both are done.",
                    .flag = "--intake"});
  fields.push_back({.key = kDeliver,
                    .type = Type::kBoolean,
                    .help = "Deliver the messages that wait. Where neither this nor intake is set, both are done.",
                    .flag = "--deliver"});
  fields.push_back(
      {.key = kLease,
       .type = Type::kDuration,
       .help = "How long a claimed message is left alone by others; what a killed process had in hand comes back after this time. Longer "
               "than any call may take.",
       .fallback = "60s",
       .minimum = "1s",
       .maximum = "10m"});
  return fields;
}

Parts parts_of(const config::Configuration& configuration) {
  const auto is_asked = [&](const char* key) { return configuration.has(key) && configuration.boolean(key); };
  if (!is_asked(kIntake) && !is_asked(kDeliver)) return {};
  return {.intake = is_asked(kIntake), .delivery = is_asked(kDeliver)};
}

std::vector<process::Loop> delivery_loops() {
  const auto bell = std::make_shared<Bell>();
  return {{"delivery", [bell](process::Context& context) { return deliver(context, *bell); }},
          {"bell", [bell](process::Context& context) { return listen(context, *bell); }},
          {"upkeep", [bell](process::Context& context) { return look_after(context, *bell); }},
          {"channels", watch_channels}};
}

}  // namespace weir::notifications
