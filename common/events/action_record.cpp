// Actions as Kafka records. Binary mode is CloudEvents' Kafka protocol binding: each attribute in a header `ce_<name>` as UTF-8 text but
// datacontenttype, which is the header `content-type`; the data as the record's value; traceparent is a plain header. Structured mode: the
// whole event as the value.
#include "common/events/action_reader.hpp"

#include <vector>

namespace weir::events {

namespace {

constexpr std::string_view kPrefix = "ce_";
constexpr std::size_t kInstantBytes = 32;  // 2026-11-18T01:02:03.123456Z, with room for longer years
constexpr std::size_t kUuidBytes = 36;
constexpr std::size_t kMostHeaders = 11;  // beside extensions
constexpr std::string_view kContentType = "content-type";
constexpr std::string_view kDataContentType = "datacontenttype";
constexpr std::string_view kJson = "application/json";
constexpr std::string_view kStructuredType = "application/cloudevents";

bool is_structured(const runtime::Record& record) {
  const auto content_type = record.header(kContentType);
  if (content_type && content_type->starts_with(kStructuredType)) return true;
  return !record.header("ce_specversion");
}

/// A content type that is no JSON says nothing, because the value is read as JSON all the same.
std::vector<AttributeView> attributes_of(const runtime::Record& record) {
  std::vector<AttributeView> attributes;
  attributes.reserve(record.headers.size());
  const auto content_type = record.header(kContentType);
  const bool says_more = content_type && *content_type != kJson && has_form(TextForm::kJsonType, *content_type);
  if (says_more && !record.header("ce_datacontenttype")) attributes.emplace_back(kDataContentType, *content_type);
  for (const auto& [header, text] : record.headers) {
    if (header == "traceparent") attributes.emplace_back(header, text);
    if (header.starts_with(kPrefix)) attributes.emplace_back(header.substr(kPrefix.size()), text);
  }
  return attributes;
}

std::optional<OrganizationId> organization_of(std::string_view text) {
  const auto id = Uuid::parse(text);
  return id ? std::optional(OrganizationId{*id}) : std::nullopt;
}

/// An unknown type is a fault of the record's meaning and not of its form, because the record may be well-formed.
runtime::Dead dead(ActionFault fault) {
  const bool of_form = fault.reason != "out_of_domain" && fault.reason != "unknown_type";
  return {std::move(fault.reason), std::move(fault.pointer), std::move(fault.message), of_form};
}

}  // namespace

std::variant<Action, NoAction> ActionReader::read_record(const runtime::Record& record) {
  const auto header = organization_of(record.header("ce_organizationid").value_or(""));
  if (!record.value) {
    return NoAction{{"missing_field", "/data", "the record has no value: an action without data says nothing", true}, header};
  }
  Action action;
  MaybeFault fault = is_structured(record) ? state_->read_structured(*record.value, action)
                                           : state_->read_binary(attributes_of(record), *record.value, action);
  if (fault) return NoAction{dead(std::move(*fault)), action.organization ? action.organization : header};
  if (!action.organization) {
    return NoAction{{"missing_organization", "/organizationid",
                     "the action belongs to no organization: it has no attribute organizationid, which the gateway fills in", true}};
  }
  return action;
}

RecordView::RecordView(const Action& action) {
  std::size_t bytes = kInstantBytes + 2 * kUuidBytes;
  for (const auto& [name, text] : action.extensions) bytes += kPrefix.size() + name.size();
  made_.reserve(bytes);
  const auto keep = [this](const auto&... parts) {
    const std::size_t begin = made_.size();
    (made_.append(parts), ...);
    return std::string_view(made_).substr(begin);
  };
  headers_.reserve(kMostHeaders + action.extensions.size());
  headers_ = {{"ce_specversion", "1.0"},
              {"ce_id", action.id},
              {"ce_source", action.source},
              {"ce_type", action.type},
              {"ce_time", keep(format_instant(action.time))},
              {"ce_subject", action.subject}};
  key_ = action.subject;
  if (action.organization) headers_.emplace_back("ce_organizationid", keep(action.organization->text()));
  if (action.user) key_ = headers_.emplace_back("ce_userid", keep(action.user->text())).second;
  if (action.session) headers_.emplace_back("ce_sessionid", *action.session);
  std::string_view content_type = kJson;
  for (const auto& [name, text] : action.extensions) {
    if (name == kDataContentType) {
      content_type = text;
    } else {
      headers_.emplace_back(keep(kPrefix, name), text);
    }
  }
  headers_.emplace_back(kContentType, content_type);
  if (!action.traceparent.empty()) headers_.emplace_back("traceparent", action.traceparent);
  WEIR_ASSERT(made_.size() <= bytes);
}

std::vector<std::pair<std::string, std::string>> to_headers(const Action& action) {
  const RecordView record(action);
  return {record.headers().begin(), record.headers().end()};
}

}  // namespace weir::events
