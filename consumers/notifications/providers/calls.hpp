// The caller that carries providers' calls out: where it may connect to, and whom it trusts.
#pragma once

#include "common/config/config.hpp"
#include "common/http/address_guard.hpp"
#include "common/http/caller.hpp"

#include <memory>
#include <vector>

namespace weir::notifications {

[[nodiscard]] std::vector<config::Field> call_fields();
/// Strangers' URLs, which are those of webhooks, Slack and organizations' own accounts, lead to public addresses, and to those that
/// consumers.notifications.webhook.allow names. kConfiguration where it names something else than addresses.
[[nodiscard]] Result<http::AddressGuard> address_guard(const config::Configuration& configuration);
/// `clock` must outlive the caller.
[[nodiscard]] Result<std::unique_ptr<http::Caller>> make_caller(const config::Configuration& configuration, const Clock& clock);

}  // namespace weir::notifications
