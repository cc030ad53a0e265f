// Organizations' own accounts at providers, from their rows of notification_channels.
#pragma once

#include "common/encryption/master_key.hpp"
#include "common/postgres/statements.hpp"
#include "consumers/notifications/outgoing.hpp"

#include <map>
#include <memory>
#include <string>

namespace weir::notifications {

using Accounts = std::map<std::string, std::shared_ptr<const ProviderAccount>>;

/// By name. A null pointer where the row has a fault or its secret cannot be read: its messages wait. `masters` may be a null pointer.
[[nodiscard]] Result<Accounts> own_accounts(postgres::Statements& connection, const encryption::MasterKeys* masters);

}  // namespace weir::notifications
