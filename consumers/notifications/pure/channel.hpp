// The ways in which messages reach people, and what each of them takes.
#pragma once

#include "consumers/notifications/pure/texts.hpp"

#include <optional>
#include <string_view>

namespace weir::notifications {

enum class Channel : std::uint8_t { kPusher, kEmail, kPush, kSlack, kWebhook, kInApp, kDashboard };

struct ChannelFacts {
  std::string_view name;   // in tables and rules
  Language body;           // the language of a template's body; subjects are plain, except that Slack reads marks there too
  std::size_t most_bytes;  // of subject and body together, as they are sent
  bool is_called;          // a provider is called; false: the row in the ledger is the message
};

[[nodiscard]] const ChannelFacts& facts_of(Channel channel);
[[nodiscard]] std::string_view name_of(Channel channel);
[[nodiscard]] std::optional<Channel> channel_named(std::string_view name);
/// How many bytes the texts take in the form in which the channel's size is measured.
[[nodiscard]] std::size_t bytes_in(Channel channel, std::string_view subject, std::string_view body);

}  // namespace weir::notifications
