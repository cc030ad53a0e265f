// How channels are served: rows of notification_channels, of which an organization may have its own.
#pragma once

#include "common/postgres/statements.hpp"
#include "consumers/notifications/settlement.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace weir::notifications {

class Channels {
 public:
  /// No organization: of every one that has none of its own.
  void set(std::optional<OrganizationId> organization, std::string channel, ChannelSettings settings) {
    rows_[{organization, std::move(channel)}] = std::move(settings);
  }
  /// A null pointer where nothing is said of the channel.
  [[nodiscard]] const ChannelSettings* of(const OrganizationId& organization, std::string_view channel) const;

 private:
  std::map<std::pair<std::optional<OrganizationId>, std::string>, ChannelSettings> rows_;
};

[[nodiscard]] Result<Channels> load_channels(postgres::Statements& connection);

}  // namespace weir::notifications
