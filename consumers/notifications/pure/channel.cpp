#include "consumers/notifications/pure/channel.hpp"

#include <algorithm>
#include <array>

namespace weir::notifications {

namespace {

/// In the order of Channel. Pusher takes 10 KB of data, FCM 4,096 bytes of payload, a block of Slack 3,000 characters, and Gmail shows
/// 102 KB of a mail; the id and the names that a provider adds need the rest. Where nobody else says a size it is weir's own.
constexpr std::array<ChannelFacts, 7> kFacts{{{"pusher", Language::kJson, 10'000, true},
                                              {"email", Language::kHtml, 100'000, true},
                                              {"push", Language::kPlain, 3'500, true},
                                              {"slack", Language::kSlack, 3'000, true},
                                              {"webhook", Language::kJson, 65'536, true},
                                              {"in_app", Language::kPlain, 65'536, false},
                                              {"dashboard", Language::kPlain, 65'536, false}}};

}  // namespace

const ChannelFacts& facts_of(Channel channel) { return kFacts[static_cast<std::size_t>(channel)]; }

std::string_view name_of(Channel channel) { return facts_of(channel).name; }

std::optional<Channel> channel_named(std::string_view name) {
  const auto* const found = std::ranges::find(kFacts, name, &ChannelFacts::name);
  if (found == kFacts.end()) return std::nullopt;
  return static_cast<Channel>(found - kFacts.begin());
}

std::size_t bytes_in(Channel channel, std::string_view subject, std::string_view body) {
  // FCM measures the JSON that the texts are put into.
  if (channel == Channel::kPush) return escaped(subject, Language::kJson).size() + escaped(body, Language::kJson).size();
  // The texts of the other channels are measured as they are; a subject of Pusher or of a webhook is not sent.
  const bool has_subject = facts_of(channel).body != Language::kJson;
  return body.size() + (has_subject ? subject.size() : 0);
}

}  // namespace weir::notifications
