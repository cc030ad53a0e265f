// Webhooks as Standard Webhooks 1.0.0 describes them: a signed POST to a URL that a receiver gave.
//
//   body              := {"type": template, "timestamp": of the message, "data": {…}}
//   webhook-id        := the message's id: a receiver that has it already drops the repetition
//   webhook-timestamp := seconds of the try
//   webhook-signature := signature of the newest secret [ ' ' signature of an older one ]…
//   signature         := "v1," base64(HMAC-SHA256(secret, webhook-id '.' webhook-timestamp '.' body))
//   secret            := [ "whsec_" ] base64
//
// While an endpoint's secret is changed, it has both: each request bears a signature by each.
#pragma once

#include "consumers/notifications/providers/provider_row.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace weir::notifications {

/// Only 410 is permanent, and says that the endpoint is gone; 429 and 529 ask to wait. Every other answer that is not 2xx is a failure,
/// redirects too. A challenge is accepted where the answer repeats it, and refuses the endpoint for good where its URL may not be called;
/// later a name that leads astray is a failure like others, since it may lead back.
[[nodiscard]] ProviderRow webhook_row();

struct WebhookRequest {
  std::string_view id;
  Instant at;
  std::string_view body;
};
/// The header webhook-signature; nothing where a secret has another form, or there is none.
[[nodiscard]] std::optional<std::string> webhook_signature(const WebhookRequest& request, std::span<const std::string> secrets);

}  // namespace weir::notifications
