// Addresses that take no messages any more: a destination is disabled, and a user's own address (users.email, which belongs to the
// application) is kept in weir.dead_mail_addresses for as long as it is the user's.
#pragma once

#include "common/core/time.hpp"
#include "common/core/uuid.hpp"
#include "common/postgres/statements.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace weir::notifications {

struct DeadAddress {
  OrganizationId organization;
  std::optional<Uuid> destination{};  // none: the user's own address
  std::optional<UserId> user{};
  std::string address{};    // that the provider named; "": the address that the user has now
  std::string_view reason;  // as in notification_destinations.disabled_reason
  Instant sent_at{};        // when the message that did not arrive was made; an address that was confirmed later stays in use
};

/// Writes since when a webhook's endpoint fails, until it answers again. An endpoint that still fails after five days is disabled.
[[nodiscard]] Result<void> mark_endpoints(postgres::Statements& connection, std::span<const Uuid> failed, std::span<const Uuid> answered);

[[nodiscard]] Result<void> disable_addresses(postgres::Statements& connection, std::span<const DeadAddress> addresses);

}  // namespace weir::notifications
