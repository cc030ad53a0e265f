// What becomes of an event for which there is a rule: from its receivers, their preferences and the time, one message a receiver, channel
// and address, each with its fate and the reason for it.
#pragma once

#include "consumers/notifications/pure/preferences.hpp"
#include "consumers/notifications/pure/rule.hpp"
#include "consumers/notifications/pure/template.hpp"

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace weir::notifications {

/// What an application asks for by the action notification.requested.
struct Request {
  UserId user;
  std::string template_key;
  std::vector<Channel> channels;
  std::optional<Priority> priority;
  Variables variables;
};

/// An event, whatever its source.
struct Occurrence {
  OrganizationId organization;
  std::string source;  // schema.table, or the type of an action
  std::string topic;
  RowEvent row;
  Uuid id;       // the same however often the event comes
  Instant at{};  // its message's time to live counts from here
  std::string trace_id{};
  std::optional<Request> request{};
};

/// A confirmed row of notification_destinations.
struct Address {
  Channel channel = Channel::kEmail;
  Uuid id;
};

/// A user who may receive messages.
struct Person {
  UserId user;
  std::string locale = "en";
  Zone zone;
  std::vector<Preference> preferences{};
  std::vector<Address> addresses{};
};

/// A row of notification_channels.
struct ChannelSetting {
  std::vector<std::string> providers;
  bool is_enabled = true;
  bool has_own_account = false;  // the organization's own, instead of the platform's
};

/// Who serves the channels.
class ChannelBook {
 public:
  void add(std::optional<OrganizationId> organization, Channel channel, ChannelSetting setting);
  [[nodiscard]] bool is_enabled(const OrganizationId& organization, Channel channel) const;
  /// The account that a message goes over first: "pusher:default"; of an organization's own its id; of a webhook or Slack the destination,
  /// so that one receiver's trouble is no other's. Empty: nothing is called.
  [[nodiscard]] std::string account(const OrganizationId& organization, Channel channel, std::string_view destination) const;

 private:
  /// The organization's own row, else that of all.
  [[nodiscard]] const ChannelSetting* find(const OrganizationId& organization, Channel channel) const;
  std::map<std::pair<std::optional<OrganizationId>, Channel>, ChannelSetting> settings_;
};

/// What is kept in memory of the tables that say which messages are made.
struct MessageSettings {
  RuleBook rules;
  TemplateBook templates;
  ChannelBook channels;
  bool has_links = false;  // links can be put into mails
};

/// Messages that wait for each other, to go as one.
struct DigestKey {
  OrganizationId organization;
  UserId user;
  std::string group;
  Channel channel = Channel::kInApp;
  friend auto operator<=>(const DigestKey&, const DigestKey&) = default;
};

struct PlannedMessage {
  Uuid id;
  OrganizationId organization;
  std::optional<UserId> user;  // none: a room
  std::optional<Uuid> rule{};  // none: a digest
  std::string cause;
  std::string template_key;
  const Template* text = nullptr;  // null: nothing is sent
  Channel channel = Channel::kInApp;
  std::string destination;
  std::optional<Uuid> address;
  Priority priority = Priority::kNormal;
  std::string_view status;  // as notifications.status has it
  std::string_view reason;
  Instant due_at{};
  Instant expires_at{};
  std::string account;
  std::optional<std::chrono::minutes> digest_after{};  // its digest closes so long after it is opened
  bool has_unsubscribe_link = false;
};

/// What a rule's messages of an event are made for: the identity of the event, or the values of the columns by which the rule takes events
/// for the same.
[[nodiscard]] std::string cause_of(const Occurrence& event, const Rule& rule);

/// Whom a rule's event is for. Where a room is set there are no people.
struct Receivers {
  std::vector<const Person*> people{};
  bool is_room = false;
  std::span<const Address> room_addresses{};
};

/// Adds the messages that a rule makes of an event. Nothing is filled in yet: most repeats end before that.
void plan(const Occurrence& event, const Rule& rule, const Receivers& receivers, const MessageSettings& settings, Instant now,
          std::vector<PlannedMessage>& out);

/// The texts of a message that has a template. Where they do not fit into the channel's size, the message is suppressed and has none.
[[nodiscard]] Texts fill(PlannedMessage& message, Variables variables);

/// What the message of a digest is made of.
struct ClosedDigest {
  Uuid id;
  DigestKey key;
};
/// The message of a digest. Its time to live counts from now.
[[nodiscard]] PlannedMessage plan_digest(const ClosedDigest& digest, const Person& person, std::optional<Uuid> address,
                                         const MessageSettings& settings, Instant now);

/// The name of an organization's Pusher channel, or of a user's.
[[nodiscard]] std::string room_of(const OrganizationId& organization, std::string_view room);
[[nodiscard]] std::string room_of(const UserId& user);

}  // namespace weir::notifications
