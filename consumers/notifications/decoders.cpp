#include "consumers/notifications/decoders.hpp"

#include "common/events/action.hpp"
#include "common/events/action_id.hpp"
#include "common/events/change_decoder.hpp"
#include "consumers/notifications/facts.hpp"
#include "consumers/notifications/row_fields.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace weir::notifications {

namespace {

using events::Change;
using runtime::Dead;
using runtime::DecodeResult;
using runtime::Skipped;

constexpr std::string_view kRequested = "notification.requested";

Operation operation_of(char op) {
  if (op == 'd') return Operation::kDelete;
  return op == 'u' ? Operation::kUpdate : Operation::kInsert;
}

class ChangeDecoder final : public events::ChangeDecoder {
 public:
  // The organization may be absent: a deletion of a table without full replica identity names the primary key alone.
  ChangeDecoder() : events::ChangeDecoder({{"organization_id", events::ColumnType::kUuid, true, true}}) {}

 private:
  DecodeResult take(Change& change, const runtime::Record& record) override {
    if (change.position.op == 't') return ends(Skipped{"truncate"}, change);
    if (change.position.op == 'r') return ends(Skipped{"snapshot"}, change);
    for (auto* fault : {&change.after_fault, &change.before_fault}) {
      if (*fault) return ends(std::move(**fault), change);
    }
    const auto organization = events::known_of(change).organization;
    if (!organization && change.position.op == 'd') return ends(Skipped{"deleted"}, change);
    if (!organization) {
      return ends(Dead{"missing_organization", "/after/organization_id", "the row belongs to no organization", true}, change);
    }
    auto images = fields_.read(*record.value);
    Occurrence event;
    event.organization = *organization;
    event.source = fmt::format("{}.{}", change.schema, change.table);
    event.topic = record.topic;
    event.row = {operation_of(change.position.op), std::move(images.before), std::move(images.after)};
    event.id = runtime::change_event_id(change.position, change.schema, change.table, record.key.value_or(""));
    event.at = change.position.recorded_at;
    return events::decoded(std::make_unique<Fact>(std::move(event)), change, change.position.recorded_at);
  }

  RowFieldsReader fields_;
};

/// ActionReader has judged the data by the type's rules, so each member has its form.
std::optional<Request> request_of(const std::string& data) {
  const auto members = read_variables(data);
  if (!members) return std::nullopt;
  const auto text = [&](std::string_view name) {
    const auto member = members->find(name);
    return member == members->end() ? std::string() : member->second.text;
  };
  const auto user = Uuid::parse(text("user_id"));
  if (!user) return std::nullopt;
  Request request{UserId{*user}, text("template"), {}, priority_named(text("priority")), {}};
  if (const auto channels = members->find("channels"); channels != members->end()) {
    for (const Variable& each : channels->second.list) {
      if (const auto channel = channel_named(each.text)) request.channels.push_back(*channel);
    }
  }
  if (const auto variables = members->find("variables"); variables != members->end()) {
    for (const auto& [name, value] : variables->second.members) request.variables.insert_or_assign(name, value);
  }
  return request;
}

/// The trace of a traceparent, "00-{trace}-{span}-{flags}".
std::string trace_of(std::string_view traceparent) { return traceparent.size() < 35 ? "" : std::string(traceparent.substr(3, 32)); }

class RequestDecoder final : public runtime::Decoder {
 public:
  DecodeResult decode(const runtime::Record& record) override {
    auto read = reader_.read_record(record);
    runtime::Decoded out;
    out.recorded_at = record.timestamp;
    if (auto* none = std::get_if<events::NoAction>(&read)) {
      out.organization = none->organization;
      return {std::move(none->why), std::move(out)};
    }
    const events::Action& action = std::get<events::Action>(read);
    out.organization = action.organization;
    out.event_time = std::min(action.time, record.timestamp);
    if (action.type != kRequested) return {Skipped{"other_action"}, std::move(out)};
    out.event_id = events::action_event_id(*action.organization, action.source, action.id);
    auto request = request_of(action.data);
    if (!request) return {Dead{"missing_field", "/data/user_id", "the request names no user"}, std::move(out)};
    Occurrence event;
    event.organization = *action.organization;
    event.source = action.type;
    event.topic = record.topic;
    event.row.after = Fields{{"type", action.type}, {"user_id", request->user.text()}, {"template", request->template_key}};
    event.id = *out.event_id;
    event.at = *out.event_time;
    event.trace_id = trace_of(action.traceparent);
    event.request = *std::move(request);
    out.payload = std::make_unique<Fact>(std::move(event));
    return out;
  }

 private:
  events::ActionReader reader_;
};

}  // namespace

std::shared_ptr<runtime::Decoder> change_decoder() { return std::make_shared<ChangeDecoder>(); }
std::shared_ptr<runtime::Decoder> request_decoder() { return std::make_shared<RequestDecoder>(); }

}  // namespace weir::notifications
