#include "consumers/notifications/pure/plan.hpp"

#include "consumers/notifications/pure/link_marks.hpp"
#include "consumers/notifications/pure/message_id.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace weir::notifications {

namespace {

constexpr std::string_view kDigestTemplate = "digest";
constexpr Seconds kUnsaidTimeToLive{86'400};  // of a message without template, which is never sent
constexpr std::array kUtc{ZoneOffset{Instant{}, Seconds{0}}};

/// Where a message goes: a name, and the row of its address where there is one.
struct Destination {
  std::string name;
  std::optional<Uuid> address;
};

std::vector<Destination> addresses_of(std::span<const Address> addresses, Channel channel) {
  std::vector<Destination> out;
  for (const Address& address : addresses) {
    if (address.channel == channel) out.push_back({address.id.text(), address.id});
  }
  return out;
}

std::vector<Destination> destinations_of(const Person& person, Channel channel) {
  switch (channel) {
    case Channel::kInApp:
    case Channel::kDashboard:
      return {{"", std::nullopt}};
    case Channel::kPusher:
      return {{room_of(person.user), std::nullopt}};
    case Channel::kEmail: {
      auto out = addresses_of(person.addresses, channel);
      if (out.empty()) out.push_back({"user:" + person.user.text(), std::nullopt});  // users.email
      return out;
    }
    case Channel::kPush:
    case Channel::kSlack:
    case Channel::kWebhook:
      return addresses_of(person.addresses, channel);
  }
  return {};
}

std::vector<Destination> destinations_of(const Occurrence& event, const Rule& rule, std::span<const Address> addresses, Channel channel) {
  if (channel == Channel::kPusher) return {{room_of(event.organization, rule.room), std::nullopt}};
  if (!facts_of(channel).is_called) return {{"", std::nullopt}};
  return addresses_of(addresses, channel);
}

void end(PlannedMessage& message, std::string_view status, std::string_view reason) {
  message.status = status;
  message.reason = reason;
}

/// Decides what becomes of a message, in the order in which the reasons count.
void decide(PlannedMessage& message, const Wishes& wishes, Zone zone, const MessageSettings& settings, Instant now) {
  struct Fate {
    PlannedMessage& message;
    Instant now;
    void operator()(const Due& due) const {
      const bool is_now = due.at <= now;
      message.due_at = due.at;
      if (!is_now) return end(message, "deferred", due.reason);
      end(message, facts_of(message.channel).is_called ? "queued" : "delivered", due.reason);
    }
    void operator()(const Suppressed& suppressed) const { end(message, "suppressed", suppressed.reason); }
    void operator()(const Gathered& gathered) const {
      message.digest_after = gathered.after;
      end(message, "suppressed", gathered.reason);
    }
    void operator()(const Expired& expired) const { end(message, "expired", expired.reason); }
  };
  message.due_at = now;
  if (message.text == nullptr) return end(message, "suppressed", "no_template");
  if (!settings.channels.is_enabled(message.organization, message.channel)) return end(message, "suppressed", "channel_disabled");
  const Fate fate{message, now};
  std::visit(fate, timing_of(wishes, message.priority, zone, now, message.expires_at));
}

}  // namespace

std::string cause_of(const Occurrence& event, const Rule& rule) {
  if (rule.dedupe.empty()) return event.id.text();
  std::string cause = "dedupe";
  const Fields& row = newest(event.row);
  for (const std::string& column : rule.dedupe) {
    const auto value = row.find(column);
    const bool is_there = value != row.end() && value->second.has_value();
    // With its length before it, no value can pass for the end of one and the beginning of the next.
    cause += is_there ? fmt::format(":{}:{}", value->second->size(), *value->second) : std::string(":null");
  }
  return cause;
}

std::string room_of(const OrganizationId& organization, std::string_view room) {
  return fmt::format("private-organization-{}{}{}", organization.text(), room.empty() ? "" : "-", room);
}

std::string room_of(const UserId& user) { return "private-user-" + user.text(); }

void ChannelBook::add(std::optional<OrganizationId> organization, Channel channel, ChannelSetting setting) {
  settings_.insert_or_assign({organization, channel}, std::move(setting));
}

const ChannelSetting* ChannelBook::find(const OrganizationId& organization, Channel channel) const {
  for (const auto& whose : {std::optional(organization), std::optional<OrganizationId>()}) {
    if (const auto found = settings_.find({whose, channel}); found != settings_.end()) return &found->second;
  }
  return nullptr;
}

bool ChannelBook::is_enabled(const OrganizationId& organization, Channel channel) const {
  const ChannelSetting* const setting = find(organization, channel);
  if (setting == nullptr) return !facts_of(channel).is_called;
  return setting->is_enabled && (!facts_of(channel).is_called || !setting->providers.empty());
}

std::string ChannelBook::account(const OrganizationId& organization, Channel channel, std::string_view destination) const {
  const ChannelSetting* const setting = find(organization, channel);
  if (setting == nullptr || setting->providers.empty()) return "";
  const std::string& provider = setting->providers.front();
  if (channel == Channel::kWebhook || channel == Channel::kSlack) return fmt::format("{}:{}", provider, destination);
  return fmt::format("{}:{}", provider, setting->has_own_account ? organization.text() : "default");
}

void plan(const Occurrence& event, const Rule& rule, const Receivers& receivers, const MessageSettings& settings, Instant now,
          std::vector<PlannedMessage>& out) {
  const std::string cause = cause_of(event, rule);
  const std::string& key = event.request ? event.request->template_key : rule.template_key;
  const Priority priority = event.request ? event.request->priority.value_or(rule.priority) : rule.priority;
  const auto add = [&](Channel channel, const Person* person, Destination destination, std::string_view lacking) {
    PlannedMessage message;
    message.organization = event.organization;
    if (person != nullptr) message.user = person->user;
    message.rule = rule.id;
    message.cause = cause;
    message.template_key = key;
    message.channel = channel;
    message.priority = priority;
    message.text = settings.templates.find(event.organization, key, channel, person == nullptr ? "en" : person->locale);
    message.expires_at = event.at + (message.text == nullptr ? kUnsaidTimeToLive : message.text->row().time_to_live);
    message.account = settings.channels.account(event.organization, channel, destination.name);
    // A room has no row of its own, so that its name tells its messages apart.
    const std::string receiver = person == nullptr ? room_of(event.organization, rule.room) : person->user.text();
    message.id = message_id({event.organization, cause, rule.id, receiver, std::string(name_of(channel)), destination.name});
    message.destination = std::move(destination.name);
    message.address = destination.address;
    message.has_unsubscribe_link = settings.has_links && person != nullptr && channel == Channel::kEmail;
    const Wishes wishes = person == nullptr ? Wishes{} : wishes_of(person->preferences, group_of(key), name_of(channel));
    decide(message, wishes, person == nullptr || person->zone.empty() ? Zone(kUtc) : person->zone, settings, now);
    if (!lacking.empty() && message.status != "expired") end(message, "suppressed", wishes.is_enabled ? lacking : "preference");
    out.push_back(std::move(message));
  };
  for (const Channel channel : event.request ? event.request->channels : rule.channels) {
    if (receivers.is_room) {
      for (Destination& each : destinations_of(event, rule, receivers.room_addresses, channel)) add(channel, nullptr, std::move(each), "");
      continue;
    }
    for (const Person* person : receivers.people) {
      auto destinations = destinations_of(*person, channel);
      if (destinations.empty()) add(channel, person, {}, "no_destination");
      for (Destination& each : destinations) add(channel, person, std::move(each), "");
    }
  }
}

Texts fill(PlannedMessage& message, Variables variables) {
  if (message.has_unsubscribe_link) variables.insert_or_assign("unsubscribeUrl", Variable::of_text(std::string(kUnsubscribeMark)));
  auto texts = message.text->fill(std::move(variables));
  if (texts) return *std::move(texts);
  end(message, "suppressed", "too_long");
  message.digest_after.reset();
  return {};
}

PlannedMessage plan_digest(const ClosedDigest& digest, const Person& person, std::optional<Uuid> address, const MessageSettings& settings,
                           Instant now) {
  PlannedMessage message;
  const DigestKey& key = digest.key;
  message.organization = key.organization;
  message.user = key.user;
  message.cause = digest.id.text();
  message.template_key = kDigestTemplate;
  message.channel = key.channel;
  message.text = settings.templates.find(key.organization, kDigestTemplate, key.channel, person.locale);
  message.expires_at = now + (message.text == nullptr ? kUnsaidTimeToLive : message.text->row().time_to_live);
  message.address = address;
  auto destinations = destinations_of(person, key.channel);
  message.destination = address ? address->text() : destinations.empty() ? "" : destinations.front().name;
  message.account = settings.channels.account(key.organization, key.channel, message.destination);
  message.id =
      message_id({key.organization, message.cause, digest.id, key.user.text(), std::string(name_of(key.channel)), message.destination});
  message.has_unsubscribe_link = settings.has_links && key.channel == Channel::kEmail;
  // A digest does not go into another digest. Only quiet hours hold it back, or a user who has turned off its group since, or digests as
  // such: the link in a digest's mail turns off the group "digest".
  Wishes wishes = wishes_of(person.preferences, key.group, name_of(key.channel));
  wishes.digest.reset();
  const auto is_off = [&](const Preference& row) {
    return row.group == kDigestTemplate && (row.channel.empty() || row.channel == name_of(key.channel)) && !row.is_enabled;
  };
  if (std::ranges::any_of(person.preferences, is_off)) wishes.is_enabled = false;
  decide(message, wishes, person.zone.empty() ? Zone(kUtc) : person.zone, settings, now);
  return message;
}

}  // namespace weir::notifications
