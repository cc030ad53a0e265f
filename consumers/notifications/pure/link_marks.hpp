// Links in mails are made when a mail is sent. Until then a mark stands in its text, because the ledger keeps the text, and users and
// admins read the ledger: a link that confirms an address is for its mailbox alone. Pure.
#pragma once

#include <string>
#include <string_view>

namespace weir::notifications {

/// The value of the variable unsubscribeUrl.
inline constexpr std::string_view kUnsubscribeMark = "weir-link:unsubscribe";
/// The value of the variable confirmUrl.
inline constexpr std::string_view kConfirmMark = "weir-link:confirm";

/// The text with the link in the place of each mark.
[[nodiscard]] std::string with_link(std::string text, std::string_view mark, std::string_view link);

}  // namespace weir::notifications
