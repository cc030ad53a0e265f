// Which token buckets a message needs a token of. Limits are data (weir.rate_limits): how many messages may go to a user, to a destination
// of a channel, of an organization, of a template, and over a provider's account.
#pragma once

#include "common/core/rate_limit.hpp"
#include "consumers/notifications/pure/queued_message.hpp"

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::notifications {

/// What a limit is for: each user, organization, template (of an organization), destination of a channel, or account of a provider.
enum class LimitScope : std::uint8_t { kUser, kOrganization, kTemplate, kChannel, kProvider };
inline constexpr std::size_t kLimitScopes = 5;
[[nodiscard]] std::string_view name_of(LimitScope scope);
[[nodiscard]] std::optional<LimitScope> limit_scope(std::string_view name);

struct Limit {
  Rate minute;
  Rate hour;
  [[nodiscard]] bool limits() const { return minute.limits() || hour.limits(); }
  friend bool operator==(const Limit&, const Limit&) = default;
};

/// Counts per minute and per hour with their bursts, as weir.rate_limits has them.
[[nodiscard]] Limit limit_of(std::int64_t minute_rate, std::int64_t minute_burst, std::int64_t hour_rate, std::int64_t hour_burst);

class Limits {
 public:
  /// `subject` empty: of every subject that has no limit of its own.
  void set(LimitScope scope, std::string subject, const Limit& limit) { limits_[{scope, std::move(subject)}] = limit; }
  [[nodiscard]] Limit of(LimitScope scope, std::string_view subject) const;

 private:
  std::map<std::pair<LimitScope, std::string>, Limit> limits_;
};

/// A bucket that a message needs a token of.
struct NeededBucket {
  LimitScope scope;
  std::string key;  // of weir.rate_limit_buckets
  /// Names those who wait for this bucket behind each other. Organizations that share a bucket do not wait behind each other: each has a
  /// line of its own.
  std::string line;
  Limit limit;
};

/// Whose limit a bucket counts.
struct LimitedSubject {
  LimitScope scope = LimitScope::kUser;
  std::string name;  // as in weir.rate_limits.subject
};
/// The subject of the bucket that a line waits for, by the line's name; none where no line has a name of this form.
[[nodiscard]] std::optional<LimitedSubject> subject_of(std::string_view line);

[[nodiscard]] std::string user_bucket(const OrganizationId& organization, const UserId& user);
[[nodiscard]] std::string destination_bucket(const OrganizationId& organization, std::string_view channel, std::string_view destination);
[[nodiscard]] std::string provider_bucket(std::string_view account);

/// Those that limit. Tokens of user, organization and template are taken once a message; of destination and provider at each try.
[[nodiscard]] std::vector<NeededBucket> buckets_of(const QueuedMessage& message, const Limits& limits);

}  // namespace weir::notifications
