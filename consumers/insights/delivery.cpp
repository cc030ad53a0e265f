#include "consumers/insights/delivery.hpp"

#include "common/delivery/run.hpp"
#include "common/http/curl_caller.hpp"
#include "common/process/services.hpp"
#include "common/process/start_retry.hpp"
#include "consumers/insights/providers/registry.hpp"
#include "consumers/insights/queue.hpp"
#include "consumers/insights/upkeep.hpp"

#include <functional>
#include <random>

namespace weir::insights {

namespace {

using config::Field;
using config::Type;

constexpr const char* kIntake = "consumers.insights.intake";
constexpr const char* kDeliver = "consumers.insights.deliver";
constexpr const char* kShare = "consumers.insights.share";
constexpr const char* kTemplateAfter = "consumers.insights.template_after";
constexpr const char* kKeep = "consumers.insights.keep";
constexpr const char* kLease = "consumers.insights.lease";
constexpr const char* kAuthorities = "consumers.insights.ca_file";
constexpr const char* kDsn = "consumers.insights.dsn";
constexpr const char* kChannel = "insights";
constexpr std::size_t kMostInAClaim = 256;
constexpr Milliseconds kGather{10};
constexpr Milliseconds kBetweenTries{1'000};

postgres::Settings session(const process::Context& context) {
  return process::postgres_settings(context.configuration, "weir insights", kDsn);
}

Result<std::unique_ptr<InsightQueue>> open_queue(process::Context& context, std::shared_ptr<const WritingPace> pace) {
  auto queue = std::make_unique<InsightQueue>(QueueParts{.session = session(context),
                                                         .chain = WEIR_TRY(model_accounts(context.configuration)),
                                                         .deadlines = deadlines_from(context.configuration),
                                                         .clock = context.clock,
                                                         .metrics = &context.metrics,
                                                         .pace = std::move(pace)});
  WEIR_TRY(process::retry_at_start(context, "Postgres", [&] { return queue->prepare(); }));
  return queue;
}

Result<std::unique_ptr<http::Caller>> make_caller(const process::Context& context) {
  http::CallerSettings settings;
  settings.ca_file = context.configuration.text(kAuthorities);
  return http::make_curl_caller(std::move(settings), std::make_shared<http::SystemResolver>(), context.clock);
}

/// As many jobs are in hand as calls may be in flight, of all accounts together, so that a provider that hangs does not keep the next one
/// from being asked.
delivery::Limits limits_of(const process::Context& context, const Chain& chain, const Providers& providers) {
  delivery::Limits limits;
  delivery::Channel channel{.name = kChannel, .most_in_hand = 0, .providers = {}, .most_in_a_claim = kMostInAClaim};
  if (chain.empty()) channel.providers.push_back(providers.begin()->first);
  for (const auto& account : chain) {
    channel.providers.push_back(account->provider);
    channel.most_in_hand += providers.at(account->provider)->terms().calls_of_an_account;
    limits.named_accounts.insert(account->name);
  }
  channel.most_in_hand = std::max(channel.most_in_hand, kMostInAClaim);
  limits.channels = {std::move(channel)};
  limits.lease = context.configuration.duration(kLease);
  limits.gather = kGather;
  limits.seed = std::random_device{}();
  return limits;
}

Result<void> deliver(process::Context& context, std::shared_ptr<const WritingPace> pace) {
  const auto caller = WEIR_TRY(make_caller(context));
  const Providers providers = make_providers(context.configuration);
  const Chain chain = WEIR_TRY(model_accounts(context.configuration));
  const auto queue = WEIR_TRY(open_queue(context, std::move(pace)));
  std::map<std::string, const delivery::Provider*> by_name;
  for (const auto& [name, provider] : providers) by_name.emplace(name, provider.get());
  delivery::ThreadExecutor claims("claims", [&caller] { caller->ring(); });
  delivery::ThreadExecutor reports("reports", [&caller] { caller->ring(); });
  const auto deliverer = WEIR_TRY(delivery::Deliverer::make({.name = kChannel,
                                                             .queue = *queue,
                                                             .caller = *caller,
                                                             .providers = std::move(by_name),
                                                             .clock = context.clock,
                                                             .log = context.log,
                                                             .metrics = context.metrics,
                                                             .health = context.health,
                                                             .executors = {.claims = &claims, .reports = &reports}},
                                                            limits_of(context, chain, providers)));
  context.health.started();
  return delivery::run(*deliverer, {.clock = context.clock,
                                    .stopped = [&] { return context.stop.stopped(); },
                                    .beat = context.beat,
                                    .drain_time = context.configuration.duration("drain_timeout")});
}

UpkeepParts upkeep_parts(process::Context& context) {
  return {.session = session(context), .clock = context.clock, .log = context.log, .metrics = context.metrics};
}

/// Does `work`, which says how long it may rest afterwards, until the process stops.
Result<void> repeat(process::Context& context, const std::function<Result<Microseconds>()>& work) {
  context.health.started();
  int failures = 0;
  while (!context.stop.stopped()) {
    context.beat();
    const auto rest = work();
    if (rest) {
      failures = 0;
      context.health.ready("postgres");
      static_cast<void>(context.stop.wait(std::chrono::ceil<Milliseconds>(*rest)));
      continue;
    }
    context.health.not_ready("postgres", rest.error().line());
    if (++failures == 1) context.log.fault("upkeep_failed", rest.error());
    if (next_action(rest.error(), failures) == Action::kStop) return fail(rest.error());
    static_cast<void>(context.stop.wait(kBetweenTries));
  }
  return {};
}

/// A loop of its own, so that templates are written in time whatever the deliverer waits for.
Result<void> keep_deadlines(process::Context& context, std::shared_ptr<WritingPace> pace) {
  UpkeepParts parts = upkeep_parts(context);
  parts.deadlines = deadlines_from(context.configuration);
  parts.pace = std::move(pace);
  TemplateWriter writer(std::move(parts));
  return repeat(context, [&] { return writer.write(); });
}

/// Apart from templates, which must not wait until thousands of old rows are gone.
Result<void> keep_tidy(process::Context& context) {
  Sweeper sweeper(upkeep_parts(context), WEIR_TRY(model_accounts(context.configuration)));
  return repeat(context, [&] { return sweeper.sweep(); });
}

Field duration_field(const char* key, std::string help, std::string fallback, std::string minimum, std::string maximum) {
  return {.key = key,
          .type = Type::kDuration,
          .help = std::move(help),
          .fallback = std::move(fallback),
          .minimum = std::move(minimum),
          .maximum = std::move(maximum)};
}

}  // namespace

std::vector<Field> delivery_fields() {
  std::vector<Field> fields = model_fields();
  fields.push_back({.key = kIntake,
                    .type = Type::kBoolean,
                    .help = "Open intents for users of whom there is news. Where neither this nor deliver is set, both are done.",
                    .flag = "--intake"});
  fields.push_back({.key = kDeliver,
                    .type = Type::kBoolean,
                    .help = "Find and word the insights of intents that are due. Where neither this nor intake is set, both are done.",
                    .flag = "--deliver"});
  fields.push_back(
      duration_field(kShare, "How long a provider is waited for before the next one is asked beside it.", "900ms", "10ms", "30s"));
  fields.push_back(duration_field(kTemplateAfter, "After so long from its claim an insight without a text gets the template's.", "1800ms",
                                  "10ms", "30s"));
  fields.push_back(
      duration_field(kKeep, "So long after its claim an insight's template may give way to a model's text.", "30s", "1s", "5m"));
  fields.push_back(duration_field(kLease,
                                  "A call that has not ended after this time is charged as it was reserved. Longer than any call may take.",
                                  "60s", "1s", "10m"));
  fields.push_back({.key = kAuthorities,
                    .type = Type::kText,
                    .help = "File of the certificates of authorities that sign providers' certificates; empty: the system's.",
                    .fallback = ""});
  return fields;
}

Deadlines deadlines_from(const config::Configuration& configuration) {
  return {.share = configuration.duration(kShare),
          .template_after = configuration.duration(kTemplateAfter),
          .keep = configuration.duration(kKeep)};
}

Parts parts_of(const config::Configuration& configuration) {
  const auto is_asked = [&](const char* key) { return configuration.has(key) && configuration.boolean(key); };
  if (!is_asked(kIntake) && !is_asked(kDeliver)) return {};
  return {.intake = is_asked(kIntake), .delivery = is_asked(kDeliver)};
}

std::vector<process::Loop> delivery_loops() {
  const auto pace = std::make_shared<WritingPace>();
  return {{"words", [pace](process::Context& context) { return deliver(context, pace); }},
          {"templates", [pace](process::Context& context) { return keep_deadlines(context, pace); }},
          {"tidy", keep_tidy}};
}

}  // namespace weir::insights
