// A new e-mail address is used once its owner has confirmed it by a link that is mailed to it. Pure.
#pragma once

#include "common/core/time.hpp"
#include "consumers/notifications/pure/variables.hpp"

#include <string_view>

namespace weir::notifications {

struct MessageSettings;  // plan.hpp
struct Occurrence;       // likewise
struct Person;           // likewise
struct PlannedMessage;   // likewise

/// The template of the mail, whose variable confirmUrl is the link.
inline constexpr std::string_view kConfirmationTemplate = "destination.confirmation";

/// Whether a change leaves an e-mail address that is neither confirmed nor disabled: each such change voids the links from before, because
/// another address may stand in the row.
[[nodiscard]] bool asks_for_confirmation(const Occurrence& event);
/// Plans the mail. `person`: the owner of the address; a null pointer where it is the organization's. Wishes and quiet hours do not hold
/// the mail back, because its owner waits for it.
[[nodiscard]] PlannedMessage plan_confirmation(const Occurrence& event, const Person* person, const MessageSettings& settings, Instant now);
[[nodiscard]] Variables confirmation_values();

}  // namespace weir::notifications
