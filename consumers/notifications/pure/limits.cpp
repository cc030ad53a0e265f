#include "consumers/notifications/pure/limits.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace weir::notifications {

namespace {

constexpr std::array<std::string_view, kLimitScopes> kScopes{"user", "organization", "template", "channel", "provider"};

}  // namespace

std::string_view name_of(LimitScope scope) { return kScopes.at(static_cast<std::size_t>(scope)); }

std::optional<LimitScope> limit_scope(std::string_view name) {
  for (std::size_t i = 0; i < kScopes.size(); ++i) {
    if (kScopes.at(i) == name) return static_cast<LimitScope>(i);
  }
  return std::nullopt;
}

Limit limit_of(std::int64_t minute_rate, std::int64_t minute_burst, std::int64_t hour_rate, std::int64_t hour_burst) {
  return {.minute = {minute_rate, std::chrono::minutes{1}, minute_burst}, .hour = {hour_rate, std::chrono::hours{1}, hour_burst}};
}

Limit Limits::of(LimitScope scope, std::string_view subject) const {
  const auto own = limits_.find({scope, std::string(subject)});
  if (own != limits_.end()) return own->second;
  const auto every = limits_.find({scope, std::string()});
  return every != limits_.end() ? every->second : Limit{};
}

std::string user_bucket(const OrganizationId& organization, const UserId& user) {
  return fmt::format("user:{}:{}", organization.text(), user.text());
}

std::string destination_bucket(const OrganizationId& organization, std::string_view channel, std::string_view destination) {
  return fmt::format("channel:{}:{}:{}", organization.text(), channel, destination);
}

std::string provider_bucket(std::string_view account) { return fmt::format("provider:{}", account); }

std::optional<LimitedSubject> subject_of(std::string_view line) {
  const std::size_t colon = line.find(':');
  const auto scope = limit_scope(line.substr(0, colon));
  if (!scope) return std::nullopt;
  std::string_view rest = line.substr(colon + 1);
  const auto behind_organization = [&] { return rest.substr(std::min(rest.size(), rest.find(':') + 1)); };
  switch (*scope) {
    case LimitScope::kOrganization:
      break;
    case LimitScope::kUser:
    case LimitScope::kTemplate:
      rest = behind_organization();
      break;
    case LimitScope::kChannel:
      rest = behind_organization();
      rest = rest.substr(0, rest.find(':'));
      break;
    case LimitScope::kProvider:
      rest = rest.substr(0, rest.rfind(':'));  // behind it is the organization
      break;
  }
  return LimitedSubject{*scope, std::string(rest)};
}

std::vector<NeededBucket> buckets_of(const QueuedMessage& message, const Limits& limits) {
  std::vector<NeededBucket> needed;
  const std::string organization = message.organization.text();
  const auto need = [&](LimitScope scope, std::string_view subject, const auto& key) {
    const Limit limit = limits.of(scope, subject);
    if (!limit.limits()) return;
    NeededBucket bucket{.scope = scope, .key = key(), .line = {}, .limit = limit};
    bucket.line = scope == LimitScope::kProvider ? bucket.key + ":" + organization : bucket.key;
    needed.push_back(std::move(bucket));
  };
  if (!message.is_granted) {
    if (message.user) need(LimitScope::kUser, message.user->text(), [&] { return user_bucket(message.organization, *message.user); });
    need(LimitScope::kOrganization, organization, [&] { return "organization:" + organization; });
    need(LimitScope::kTemplate, message.template_key, [&] { return fmt::format("template:{}:{}", organization, message.template_key); });
  }
  need(LimitScope::kChannel, message.channel,
       [&] { return destination_bucket(message.organization, message.channel, message.destination); });
  need(LimitScope::kProvider, message.account, [&] { return provider_bucket(message.account); });
  return needed;
}

}  // namespace weir::notifications
