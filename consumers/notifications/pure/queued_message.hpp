// A message that waits to be delivered, as weir.delivery_queue has it.
#pragma once

#include "common/core/time.hpp"
#include "common/core/uuid.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir::notifications {

inline constexpr int kCriticalRank = 0;

struct QueuedMessage {
  Uuid id;
  OrganizationId organization;
  Instant created_at{};
  std::optional<UserId> user;
  std::string channel;
  std::string account;      // "pusher:default": the provider, and whose account of it
  std::string destination;  // names the bucket of the destination; never an address
  std::optional<Uuid> destination_id;
  std::string template_key;
  int rank = 2;  // 0 critical, 1 high, 2 normal, 3 low
  Instant due_at{};
  Instant expires_at{};
  std::int64_t claim = 0;
  int attempt = 0;   // number of the last attempt
  int tries = 0;     // failed ones at the present provider
  int provider = 0;  // which of its channel's providers carries the message
  bool is_alone = false;
  bool is_unanswered = false;  // the last attempt has no recorded answer
  bool holds_in_doubt = false;
  bool is_granted = false;  // has the tokens that are taken once a message
  std::string waits_for{};  // key of the line that it stands in; "": of none
  bool is_spare = false;    // is not due yet, but the next in its line: takes a token that is left over
  Instant started_at{};     // of the last attempt
  std::string unwanted{};   // why it is not to be sent again: "preference", "needless"; "": it is wanted
};

/// "pusher" of "pusher:default".
[[nodiscard]] constexpr std::string_view provider_of(std::string_view account) { return account.substr(0, account.find(':')); }

}  // namespace weir::notifications
