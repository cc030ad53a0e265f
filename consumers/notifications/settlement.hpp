// What becomes of a message after an attempt to deliver it. Pure.
#pragma once

#include "common/delivery/job.hpp"
#include "consumers/notifications/pure/queued_message.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::notifications {

/// How a channel is served: a row of notification_channels.
struct ChannelSettings {
  std::vector<std::string> providers;  // in the order in which they are tried
  std::string fallback_channel;        // takes over what no provider of this channel could deliver; "": none
  bool has_own_account = false;        // the organization's own, instead of the platform's
};

/// "pusher:default", "pusher:<organization>", "webhook:<destination>": where each destination is an account of its own, the trouble of one
/// receiver is no other's.
[[nodiscard]] std::string account_name(std::string_view provider, const ChannelSettings& settings, const OrganizationId& organization,
                                       std::string_view destination);
/// Whether a receiver drops a message that it has already, so that it may always be sent again.
[[nodiscard]] bool is_idempotent(std::string_view provider);

/// How an attempt is written down.
struct AttemptEnd {
  bool is_taken_back = false;  // no call was made: it was no attempt
  std::string outcome;         // unknown, accepted, refused, failed
  std::string error;
  std::string provider_id;
};

struct Settlement {
  AttemptEnd attempt;
  std::string status;  // of notifications
  std::string reason;
  bool is_final = false;
  /// Of a message that is not final: when it is due, from now, and how its row goes on.
  Microseconds again_in{0};
  std::string channel;  // another one than before: the fallback
  std::string account;
  int provider = 0;
  int tries = 0;
  bool is_alone = false;
  bool is_unanswered = false;
};

/// `settings`: of the message's channel; a null pointer: nothing is known, so that there is no other provider. `fallback`: of the channel
/// that would take over.
[[nodiscard]] Settlement settle(const delivery::Report& report, const QueuedMessage& message, const ChannelSettings* settings,
                                const ChannelSettings* fallback);

/// The provider that carries a message while its own account is paused or open; nothing where there is none, or where the message may have
/// been sent already and is not to be sent twice.
[[nodiscard]] std::optional<int> provider_instead(const QueuedMessage& message, const ChannelSettings& settings);

}  // namespace weir::notifications
