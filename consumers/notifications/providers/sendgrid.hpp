// SendGrid's v3 Mail Send.
//
//   POST /v3/mail/send   {"personalizations": [{"to": [{"email"}], "custom_args": {"message_id"}}], "from": {"email", "name"}, "subject",
//                         "content": [{"type": "text/plain", "value"}, {"type": "text/html", "value"}], "headers": {…}}
//
// 202 means that SendGrid has it; the header X-Message-Id is the beginning of the id in its callbacks, which bring custom_args too.
#pragma once

#include "consumers/notifications/providers/provider_row.hpp"

namespace weir::notifications {

[[nodiscard]] ProviderRow sendgrid_row();

}  // namespace weir::notifications
