// `weir notifications`: the component's rows of configuration and its start.
#pragma once

#include "common/process/component.hpp"
#include "consumers/notifications/consumer.hpp"

namespace weir::notifications {

/// All but `links`, whose settings can be faulty: whoever needs them asks process::mail_links().
[[nodiscard]] Options options_from(const config::Configuration& configuration);

[[nodiscard]] process::Component notifications_component();

}  // namespace weir::notifications
