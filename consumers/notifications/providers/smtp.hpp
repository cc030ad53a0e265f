// Mail by a server of one's own, over SMTP with STARTTLS. The message's id is its Message-ID, "<id@domain of the sender>", by which a
// receiver's program knows a repetition.
#pragma once

#include "consumers/notifications/providers/provider_row.hpp"

namespace weir::notifications {

/// 530 to 538 are faults of the login, and so of the account. Any other code of 500 refuses the mail; an enhanced code of RFC 3463 may say
/// that there is no such mailbox (5.1.1, 5.1.10, 5.2.1).
[[nodiscard]] ProviderRow smtp_row();

}  // namespace weir::notifications
