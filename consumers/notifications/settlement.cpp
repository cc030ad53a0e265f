#include "consumers/notifications/settlement.hpp"

#include "consumers/notifications/providers/registry.hpp"

#include <fmt/format.h>

namespace weir::notifications {

namespace {

using delivery::Verdict;

struct Reading {
  AttemptEnd attempt;
  std::string reason;
  bool has_failed = false;  // a later attempt may succeed, also over another provider
};

Reading read(const Verdict& verdict) {
  struct {
    Reading operator()(const delivery::Accepted& v) const { return {{false, "accepted", "", v.provider_id}, "", false}; }
    Reading operator()(const delivery::Postponed& v) const { return {{false, "failed", v.reason, ""}, v.reason, true}; }
    Reading operator()(const delivery::Paused& v) const { return {{false, "failed", v.reason, ""}, v.reason, true}; }
    Reading operator()(const delivery::Divided& v) const { return {{false, "failed", v.reason, ""}, v.reason, false}; }
    Reading operator()(const delivery::Refused& v) const { return {{false, "refused", v.reason, ""}, v.reason, false}; }
    Reading operator()(const delivery::Unknown& v) const { return {{false, "unknown", v.reason, ""}, v.reason, true}; }
    Reading operator()(const delivery::NotBegun& v) const { return {{true, "unknown", v.reason, ""}, v.reason, false}; }
  } reader;
  return std::visit(reader, verdict);
}

void end(Settlement& settlement, std::string status, std::string reason) {
  settlement.is_final = true;
  settlement.status = std::move(status);
  settlement.reason = std::move(reason);
}

/// The next provider of the channel, with fresh tries.
void go_over(Settlement& settlement, const QueuedMessage& message, const ChannelSettings& settings, int provider) {
  settlement.provider = provider;
  settlement.account =
      account_name(settings.providers[static_cast<std::size_t>(provider)], settings, message.organization, message.destination);
  settlement.tries = 0;
  settlement.again_in = Microseconds{0};
}

/// No try is left at the present provider.
void used_up(Settlement& settlement, const QueuedMessage& message, const ChannelSettings* settings, const ChannelSettings* fallback) {
  const auto next = settings != nullptr ? provider_instead(message, *settings) : std::nullopt;
  if (next && *next > message.provider) return go_over(settlement, message, *settings, *next);
  if (settings == nullptr || settings->fallback_channel.empty() || fallback == nullptr)
    return end(settlement, "dead", fmt::format("no try is left: {}", settlement.reason));
  settlement.channel = settings->fallback_channel;
  if (fallback->providers.empty()) {
    settlement.account = settings->fallback_channel;
    settlement.provider = 0;
    settlement.tries = 0;
    settlement.again_in = Microseconds{0};
  } else {
    go_over(settlement, message, *fallback, 0);
  }
}

}  // namespace

std::string account_name(std::string_view provider, const ChannelSettings& settings, const OrganizationId& organization,
                         std::string_view destination) {
  const ProviderRow* row = find_provider(provider);
  if (row != nullptr && row->is_destination_its_account) return fmt::format("{}:{}", provider, destination);
  return settings.has_own_account ? fmt::format("{}:{}", provider, organization.text()) : fmt::format("{}:default", provider);
}

bool is_idempotent(std::string_view provider) { return provider == "webhook"; }

std::optional<int> provider_instead(const QueuedMessage& message, const ChannelSettings& settings) {
  const auto count = static_cast<int>(settings.providers.size());
  if (message.is_unanswered && message.holds_in_doubt) return std::nullopt;
  return message.provider + 1 < count ? std::optional(message.provider + 1) : std::nullopt;
}

Settlement settle(const delivery::Report& report, const QueuedMessage& message, const ChannelSettings* settings,
                  const ChannelSettings* fallback) {
  const Reading reading = read(report.verdict);
  const bool is_unknown = std::holds_alternative<delivery::Unknown>(report.verdict);
  const bool is_divided = std::holds_alternative<delivery::Divided>(report.verdict);
  Settlement settlement;
  settlement.attempt = reading.attempt;
  settlement.reason = reading.reason;
  settlement.again_in = report.again_in.value_or(Microseconds{0});
  settlement.account = message.account;
  settlement.channel = message.channel;
  settlement.provider = message.provider;
  settlement.tries = message.tries + (reading.has_failed && report.is_spent ? 1 : 0);
  settlement.is_alone = message.is_alone || is_divided;
  settlement.is_unanswered = is_unknown || (reading.attempt.is_taken_back && report.job.is_unanswered);
  settlement.status = "deferred";
  if (reading.attempt.is_taken_back || is_divided) return settlement;
  if (std::holds_alternative<delivery::Accepted>(report.verdict)) {
    end(settlement, "sent", "");
  } else if (std::holds_alternative<delivery::Refused>(report.verdict)) {
    end(settlement, "dead", reading.reason);
  } else if (is_unknown && message.holds_in_doubt && !is_idempotent(provider_of(message.account))) {
    end(settlement, "in_doubt", fmt::format("held: {}", reading.reason));
  } else {
    if (is_unknown) settlement.status = "in_doubt";
    if (std::holds_alternative<delivery::Postponed>(report.verdict)) settlement.status = "failed";
    if (!report.again_in && report.is_spent) {
      used_up(settlement, message, settings, fallback);
    } else if (reading.has_failed && !report.is_spent && settings != nullptr) {
      // The account is paused or its breaker is open: another provider need not wait for it.
      if (const auto next = provider_instead(message, *settings)) go_over(settlement, message, *settings, *next);
    }
  }
  if (settlement.is_final && settlement.status == "dead" && is_unknown) settlement.status = "in_doubt";
  return settlement;
}

}  // namespace weir::notifications
