// All providers, and what is made of their rows: rows of configuration, the platform's own accounts, and the providers themselves.
#pragma once

#include "consumers/notifications/providers/provider_row.hpp"

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir::notifications {

/// A row each, providers of one channel in the order in which they are tried.
[[nodiscard]] std::span<const ProviderRow> provider_rows();
/// A null pointer where there is no such provider.
[[nodiscard]] const ProviderRow* find_provider(std::string_view name);

/// The rows of configuration of all providers: whom they may call, their accounts, and the terms of their calls.
[[nodiscard]] std::vector<config::Field> provider_fields();

using Providers = std::map<std::string, std::unique_ptr<delivery::Provider>>;
[[nodiscard]] Providers make_providers(const config::Configuration& configuration);

/// "pusher:default"
[[nodiscard]] std::string default_account(std::string_view provider);
/// The platform's own accounts, those that are configured; of a provider whose accounts are its destinations one without values.
/// kConfiguration where one is configured in part, or has a fault.
[[nodiscard]] Result<std::vector<std::shared_ptr<const ProviderAccount>>> default_accounts(const config::Configuration& configuration);
/// An organization's own account, from its row of notification_channels. Values that it lacks are the defaults of the provider's rows.
/// kConfiguration where it has a fault.
[[nodiscard]] Result<std::shared_ptr<const ProviderAccount>> account_of(const OrganizationId& organization, std::string_view provider,
                                                                        std::map<std::string, std::string, std::less<>> settings,
                                                                        std::map<std::string, std::string, std::less<>> secrets);
/// Says why an account cannot be used: a value that is missing, or one that is wrong. "" where it can be.
[[nodiscard]] std::string fault_of(const ProviderAccount& account);

}  // namespace weir::notifications
