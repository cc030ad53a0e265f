// `weir notifications`: the component's rows of configuration and its start.
#pragma once

#include "common/process/component.hpp"
#include "consumers/notifications/consumer.hpp"

namespace weir::notifications {

/// Without the links in mails, which only who makes messages needs.
[[nodiscard]] Options options_from(const config::Configuration& configuration);

[[nodiscard]] process::Component notifications_component();

}  // namespace weir::notifications
