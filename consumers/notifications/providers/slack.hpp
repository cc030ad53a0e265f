// Slack's incoming webhooks: a URL that posts into one channel, and is a secret by itself.
//
//   POST URL   {"text": for notifications and search, "blocks": [{"type": "section", "block_id": the message's id, "text": mrkdwn}]}
//
// Slack answers "ok", or a status with a word. 404 and 410 say that the URL, its channel or its team is gone.
#pragma once

#include "consumers/notifications/providers/provider_row.hpp"

namespace weir::notifications {

[[nodiscard]] ProviderRow slack_row();

}  // namespace weir::notifications
