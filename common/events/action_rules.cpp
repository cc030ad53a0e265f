#include "common/events/action_rules.hpp"

#include <algorithm>
#include <array>

namespace weir::events {

namespace {

using enum JsonType;
using enum TextForm;

constexpr std::array<std::string_view, 1> kSpecVersions{"1.0"};
constexpr std::array<std::string_view, 5> kTypes{"user.action", "notification.requested", "agent.execution.requested", "report.requested",
                                                 "search.vector.requested"};
constexpr std::array<std::string_view, 5> kChannels{"in_app", "email", "pusher", "slack", "webhook"};
constexpr std::array<std::string_view, 3> kNotificationPriorities{"low", "normal", "high"};
constexpr std::array<std::string_view, 3> kReportFormats{"csv", "json", "pdf"};

constexpr Rule name(std::string_view of, bool required) { return {.name = of, .required = required, .form = kName}; }
constexpr Rule uuid(std::string_view of, bool required) { return {.name = of, .required = required, .form = kUuid}; }
constexpr Rule time(std::string_view of) { return {.name = of, .required = true, .form = kTime}; }
constexpr Rule text(std::string_view of, bool required, std::size_t max, TextForm form = kPlain) {
  return {.name = of, .required = required, .form = form, .min_size = 1, .max_size = max};
}
constexpr Rule choice(std::string_view of, bool required, std::span<const std::string_view> texts) {
  return {.name = of, .required = required, .one_of = texts};
}
constexpr Rule integer(std::string_view of, bool required, std::int64_t minimum, std::int64_t maximum) {
  return {.name = of, .type = kInteger, .required = required, .minimum = minimum, .maximum = maximum};
}
constexpr Rule object(std::string_view of, bool required, std::size_t max) {
  return {.name = of, .type = kObject, .required = required, .max_size = max};
}

constexpr std::array kEnvelope{choice("specversion", true, kSpecVersions),
                               text("id", true, 256),
                               text("source", true, 1024, kPrintable),
                               choice("type", true, kTypes),
                               time("time"),
                               text("subject", true, 256),
                               Rule{.name = "datacontenttype", .form = kJsonType, .max_size = 128},
                               uuid("organizationid", false),
                               uuid("userid", false),
                               text("sessionid", false, 128),
                               Rule{.name = "traceparent", .form = kTraceparent},
                               Rule{.name = "data", .type = kObject},
                               Rule{.name = "data_base64", .form = kBase64}};  // an event has data or data_base64

constexpr Rule kExtension{.name = "extension", .form = kPlain, .max_size = 1024};

constexpr std::array kUserAction{name("action", true), text("target", false, 256), integer("duration_ms", false, 0, 86'400'000),
                                 object("properties", false, 64)};

constexpr Rule kChannel = choice("channel", false, kChannels);
constexpr std::array kNotification{
    name("template", true), Rule{.name = "channels", .type = kArray, .required = true, .min_size = 1, .max_size = 5, .element = &kChannel},
    uuid("user_id", true), choice("priority", false, kNotificationPriorities), object("variables", false, 64)};

constexpr std::array kAgentExecution{uuid("agent_id", true), name("task_type", true), object("input", true, 256),
                                     integer("priority", false, 0, 9)};

constexpr std::array kReport{name("report", true), time("from"), time("to"), choice("format", true, kReportFormats)};

constexpr std::array kSearch{text("query", true, 2000, kAny), integer("limit", true, 1, 100), object("filters", false, 32)};

struct TypeRow {
  std::string_view type;
  std::span<const Rule> rules;
};

constexpr std::array<TypeRow, kTypes.size()> kData{
    {{kTypes[0], kUserAction}, {kTypes[1], kNotification}, {kTypes[2], kAgentExecution}, {kTypes[3], kReport}, {kTypes[4], kSearch}}};

}  // namespace

std::span<const Rule> envelope_rules() { return kEnvelope; }

const Rule& extension_rule() { return kExtension; }

bool is_attribute_name(std::string_view of) {
  return !of.empty() && of.size() <= kMaxNameSize &&
         std::all_of(of.begin(), of.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); });
}

const std::span<const Rule>* data_rules(std::string_view type) {
  for (const TypeRow& row : kData) {
    if (row.type == type) return &row.rules;
  }
  return nullptr;
}

std::span<const std::string_view> action_types() { return kTypes; }

}  // namespace weir::events
