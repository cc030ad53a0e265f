#include "consumers/notifications/intake.hpp"

#include "consumers/notifications/pure/challenge.hpp"
#include "consumers/notifications/pure/confirmation.hpp"

#include <algorithm>

namespace weir::notifications {

namespace {

using runtime::Dead;
using runtime::Done;
using runtime::Outcome;
using runtime::Parked;
using runtime::Skipped;

// No row of the table can keep a new webhook endpoint from being asked, or a new e-mail address from being confirmed: these rules stand in
// their messages' matches, where a rule of the table would.
const Rule& challenge_rule() {
  static const Rule rule;
  return rule;
}
const Rule& confirmation_rule() {
  static const Rule rule;
  return rule;
}

/// The user whose address a row of notification_destinations has; none where it is the organization's.
std::optional<UserKey> owner_of(const Occurrence& event) {
  const auto user = uuid_in(newest(event.row), "user_id");
  return user ? std::optional(UserKey{event.organization, UserId{*user}}) : std::nullopt;
}

}  // namespace

void Intake::add(const Occurrence& event) {
  const std::size_t number = events_.size();
  events_.push_back(&event);
  matched_.push_back(0);
  const auto match = [&](const Rule& rule) {
    matches_.push_back({number, &rule});
    ++matched_[number];
  };
  if (plan_challenge(event, now_)) match(challenge_rule());
  if (asks_for_confirmation(event)) {
    match(confirmation_rule());
    if (const auto owner = owner_of(event)) wanted_.users.insert(*owner);
  }
  settings_.rules.for_each(event.organization, event.source, event.topic, event.row, [&](const Rule& rule) {
    // Without a request the rule of requests has no template.
    if (rule.template_key.empty() != event.request.has_value()) return;
    match(rule);
    want(event, rule);
  });
}

void Intake::want(const Occurrence& event, const Rule& rule) {
  const Fields& row = newest(event.row);
  for_each_lookup(rule, row, [&](Lookup lookup, const Uuid& id) { wanted_.names[lookup].insert(id); });
  switch (rule.audience) {
    case Audience::kUser:
      if (const auto user = uuid_in(row, rule.receiver)) wanted_.users.emplace(event.organization, UserId{*user});
      break;
    case Audience::kFollowers:
      if (const auto id = uuid_in(row, rule.subject_column)) wanted_.subjects.insert({event.organization, rule.subject_type, *id});
      break;
    case Audience::kAdmins:
      wanted_.admins.insert(event.organization);
      break;
    case Audience::kOrganization:
      wanted_.rooms.insert(event.organization);
      break;
  }
}

Receivers Intake::receivers_of(const Occurrence& event, const Rule& rule, const Found& found) const {
  Receivers out;
  const auto add = [&](const UserId& user) {
    const auto person = found.people.find({event.organization, user});
    if (person != found.people.end()) out.people.push_back(&person->second);
  };
  const Fields& row = newest(event.row);
  switch (rule.audience) {
    case Audience::kUser:
      if (const auto user = uuid_in(row, rule.receiver)) add(UserId{*user});
      break;
    case Audience::kFollowers:
      if (const auto id = uuid_in(row, rule.subject_column)) {
        const auto followers = found.followers.find({event.organization, rule.subject_type, *id});
        if (followers != found.followers.end()) std::ranges::for_each(followers->second, add);
      }
      break;
    case Audience::kAdmins:
      if (const auto admins = found.admins.find(event.organization); admins != found.admins.end())
        std::ranges::for_each(admins->second, add);
      break;
    case Audience::kOrganization:
      out.is_room = true;
      if (const auto room = found.rooms.find(event.organization); room != found.rooms.end()) out.room_addresses = room->second;
      break;
  }
  return out;
}

void Intake::plan_all(const Found& found) {
  std::vector<PlannedMessage> made;
  for (const Match& match : matches_) {
    const Occurrence& event = *events_[match.event];
    made.clear();
    if (match.rule == &challenge_rule()) {
      planned_.push_back({*plan_challenge(event, now_), match});
      continue;
    }
    if (match.rule == &confirmation_rule()) {
      const auto owner = owner_of(event);
      const auto person = owner ? found.people.find(*owner) : found.people.end();
      if (owner && person == found.people.end()) continue;  // a user who is gone confirms nothing
      planned_.push_back({plan_confirmation(event, owner ? &person->second : nullptr, settings_, now_), match});
      continue;
    }
    // A request that names no template of ours is refused as a whole.
    if (event.request && !settings_.templates.has(event.organization, event.request->template_key)) continue;
    plan(event, *match.rule, receivers_of(event, *match.rule, found), settings_, now_, made);
    for (PlannedMessage& message : made) planned_.push_back({std::move(message), match});
  }
  // Of equal messages the first event's stays first.
  std::ranges::stable_sort(planned_, {}, [](const Planned& each) { return each.message.id; });
}

std::vector<const PlannedMessage*> Intake::messages() const {
  std::vector<const PlannedMessage*> out;
  for (const Planned& each : planned_) {
    if (out.empty() || out.back()->id != each.message.id) out.push_back(&each.message);
  }
  return out;
}

Variables Intake::values_of(const Planned& planned, const Found& found) const {
  const Occurrence& event = *events_[planned.of.event];
  if (event.request) return event.request->variables;
  if (planned.of.rule == &confirmation_rule()) return confirmation_values();
  const FindName find = [&](Lookup lookup, const Uuid& id) -> std::optional<std::string> {
    const auto name = found.names.find({lookup, id});
    return name == found.names.end() ? std::nullopt : std::optional(name->second);
  };
  return notifications::values_of(*planned.of.rule, planned.message.channel, newest(event.row), find);
}

std::vector<MessageRow> Intake::fill(const std::unordered_set<Uuid>& fresh, const Found& found) {
  std::vector<MessageRow> rows;
  const Uuid* last = nullptr;
  for (Planned& each : planned_) {
    PlannedMessage& message = each.message;
    const bool is_repeat = last != nullptr && *last == message.id;
    last = &message.id;
    if (is_repeat || !fresh.contains(message.id)) continue;
    MessageRow row{&message, {}, events_[each.of.event]->trace_id, std::nullopt};
    // A message that is not sent is filled, too, so that the ledger shows what the user did not get.
    if (message.text != nullptr) row.texts = notifications::fill(message, values_of(each, found));
    if (each.of.rule == &challenge_rule()) row.texts.body = challenge_body(Uuid::random());
    rows.push_back(std::move(row));
  }
  return rows;
}

std::set<Cancellation> Intake::cancellations(const std::unordered_set<Uuid>& fresh) const {
  std::set<Cancellation> out;
  for (const Planned& each : planned_) {
    const Rule& rule = *each.of.rule;
    if (rule.cancels.empty() || !each.message.user || !fresh.contains(each.message.id)) continue;
    const auto source = std::ranges::find(rule.variables, rule.cancels, &VariableSource::name);
    if (source == rule.variables.end()) continue;
    const Fields& row = newest(events_[each.of.event]->row);
    const auto value = row.find(source->column);
    if (value == row.end() || !value->second) continue;
    out.insert({each.message.organization, *each.message.user, each.message.template_key, rule.cancels, *value->second});
  }
  return out;
}

Outcome Intake::outcome_of(std::size_t event) const {
  const Occurrence& of = *events_[event];
  if (matched_[event] == 0) return Skipped{"no_rule"};
  if (!of.request) return Skipped{"no_receiver"};
  if (!settings_.templates.has(of.organization, of.request->template_key)) {
    return Dead{"unknown_template", "/data/template", "there is no template " + of.request->template_key};
  }
  return Parked{"user_missing", "the user whom the request names"};
}

std::vector<Outcome> Intake::outcomes(const std::unordered_set<Uuid>& fresh) const {
  std::vector<std::size_t> made(events_.size(), 0);
  std::vector<std::size_t> written(events_.size(), 0);
  const Uuid* last = nullptr;
  for (const Planned& each : planned_) {
    const bool is_repeat = last != nullptr && *last == each.message.id;
    last = &each.message.id;
    ++made[each.of.event];
    if (!is_repeat && fresh.contains(each.message.id)) ++written[each.of.event];
  }
  std::vector<Outcome> out;
  for (std::size_t event = 0; event < events_.size(); ++event) {
    if (written[event] > 0) {
      out.emplace_back(Done{});
    } else if (made[event] > 0) {
      out.emplace_back(Skipped{"duplicate"});
    } else {
      out.push_back(outcome_of(event));
    }
  }
  return out;
}

}  // namespace weir::notifications
