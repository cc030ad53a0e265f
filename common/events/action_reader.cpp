#include "common/events/action_reader.hpp"

#include "common/core/base64.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace weir::events {

namespace {

namespace dom = simdjson::dom;

constexpr std::string_view kBase64Data = "data_base64";

const Rule* envelope_rule(std::string_view name) {
  for (const Rule& rule : envelope_rules()) {
    if (rule.name == name) return &rule;
  }
  return nullptr;
}

ActionFault wrong_type(const std::string& pointer, std::string_view expected) {
  return fault_at("wrong_type", pointer, fmt::format("{} must be {}", pointer.substr(1), expected));
}

/// An extension's value as CloudEvents writes it in a header; none where its type is none that an attribute may have.
std::optional<std::string> attribute_text(dom::element value) {
  if (value.is_string()) return std::string(value.get_string().value());
  if (value.is_bool()) return value.get_bool().value() ? "true" : "false";
  if (is_whole_number(value)) return fmt::format("{:.0f}", value.get_double().value() + 0.0);  // -0.0 becomes 0
  return std::nullopt;
}

MaybeFault check_extension(dom::element value, const std::string& pointer) {
  if (!attribute_text(value)) return wrong_type(pointer, "a string, a whole number or a truth value");
  const double number = is_whole_number(value) ? value.get_double().value() : 0;
  if (number >= std::numeric_limits<std::int32_t>::min() && number <= std::numeric_limits<std::int32_t>::max()) return std::nullopt;
  return fault_at("out_of_domain", pointer, fmt::format("{} must be a whole number of 32 bits", pointer.substr(1)));
}

MaybeFault misnamed(std::string_view name, const std::string& pointer) {
  if (is_attribute_name(name)) return std::nullopt;
  return fault_at("unknown_field", pointer,
                  fmt::format("{} is no name of an attribute: 1 to {} lower-case letters and digits", name, kMaxNameSize));
}

}  // namespace

MaybeFault Attributes::take(std::string_view name, std::string_view text, const std::string& pointer) {
  if (++count_ > kMaxAttributes) return too_many();
  if (auto fault = misnamed(name, pointer)) return fault;
  const Rule* const rule = envelope_rule(name);
  if (rule != nullptr && rule->type != JsonType::kString) {
    return fault_at("unknown_field", pointer, fmt::format("{} is no attribute: it is the record's value", name));
  }
  MaybeFault fault = check_text(rule == nullptr ? extension_rule() : *rule, text, pointer);
  if (fault) {
    if (name == "type") fault->reason = "unknown_type";
    return fault;
  }
  if (rule != nullptr) seen_.set(static_cast<std::size_t>(rule - envelope_rules().data()));
  keep(name, text);
  return std::nullopt;
}

ActionFault Attributes::too_many() {
  return fault_at("out_of_domain", "", fmt::format("the event must have 0 to {} members, not more", kMaxAttributes));
}

MaybeFault Attributes::leave_out(std::string_view name, const std::string& pointer) { return misnamed(name, pointer); }

void Attributes::keep(std::string_view name, std::string_view text) {
  if (name == "id") {
    action_.id = text;
  } else if (name == "source") {
    action_.source = text;
  } else if (name == "type") {
    action_.type = text;
  } else if (name == "subject") {
    action_.subject = text;
  } else if (name == "time") {
    action_.time = parse_instant(text).value_or(Instant{});
  } else if (name == "organizationid") {
    action_.organization = OrganizationId{Uuid::parse(text).value_or(Uuid{})};
  } else if (name == "userid") {
    action_.user = UserId{Uuid::parse(text).value_or(Uuid{})};
  } else if (name == "sessionid") {
    action_.session = std::string(text);
  } else if (name == "traceparent") {
    action_.traceparent = text;
  } else if (envelope_rule(name) == nullptr || (name == "datacontenttype" && text != "application/json")) {
    action_.extensions.emplace_back(name, text);
  }
}

MaybeFault Attributes::missing() const {
  const auto rules = envelope_rules();
  for (std::size_t i = 0; i < rules.size(); ++i) {
    if (!rules[i].required || seen_.test(i)) continue;
    return fault_at("missing_field", fmt::format("/{}", rules[i].name), fmt::format("{} is missing", rules[i].name));
  }
  return std::nullopt;
}

MaybeFault take_data(dom::object data, std::string_view text, Action& action) {
  const auto* const rules = data_rules(action.type);
  WEIR_ASSERT(rules != nullptr);
  if (auto fault = check_members(*rules, data, "/data")) return fault;
  if (action.type == "user.action") action.action_name = std::string(data["action"].get_string().value());
  action.data.resize(text.size());
  std::size_t length = 0;
  WEIR_ASSERT(simdjson::minify(text.data(), text.size(), action.data.data(), length) == simdjson::SUCCESS);
  action.data.resize(length);
  return std::nullopt;
}

namespace {

/// Parses a text that StrictJson has accepted.
MaybeFault parse(dom::parser& parser, std::string_view json, dom::object& object) {
  dom::element root;
  if (const auto error = parser.parse(json.data(), json.size()).get(root); error != simdjson::SUCCESS) return json_fault(error, "");
  const auto error = root.get(object);
  return error == simdjson::SUCCESS ? MaybeFault{} : json_fault(error, "");
}

}  // namespace

MaybeFault ActionReader::State::read_data(std::string_view json, Action& action) {
  std::string_view unused;
  if (auto fault = strict.check(json, unused)) {
    fault->pointer.insert(0, "/data");
    return fault;
  }
  dom::object data;
  if (auto fault = parse(data_parser, json, data)) return fault;
  return take_data(data, json, action);
}

MaybeFault ActionReader::State::read_binary(std::span<const AttributeView> texts, std::string_view data, Action& action) {
  Attributes attributes(action);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto& [name, text] = texts[i];
    std::string pointer;
    append_step(pointer, name);
    if (!simdjson::validate_utf8(name.data(), name.size()) || !simdjson::validate_utf8(text.data(), text.size())) {
      return fault_at("bad_utf8", pointer, fmt::format("the header of attribute number {} is not UTF-8", i + 1));
    }
    const auto is_same = [name = name](const AttributeView& other) { return other.first == name; };
    if (std::ranges::any_of(texts.first(i), is_same)) {
      return fault_at("duplicate_key", pointer, fmt::format("the header of attribute {} stands twice: which one counts?", name));
    }
    if (auto fault = attributes.take(name, text, pointer)) return fault;
  }
  if (auto fault = attributes.missing()) return fault;
  return read_data(data, action);
}

MaybeFault ActionReader::State::read_structured(std::string_view json, Action& action) {
  std::string_view data;
  if (auto fault = strict.check(json, data)) return fault;
  dom::object event;
  if (auto fault = parse(parser, json, event)) return fault;
  auto fault = read_members(event, data, action);
  // The organization of a refused event is needed too, even where its attribute comes after the faulty one.
  std::string_view organization;
  if (fault && !action.organization && event["organizationid"].get(organization) == simdjson::SUCCESS) {
    if (const auto id = Uuid::parse(organization)) action.organization = OrganizationId{*id};
  }
  return fault;
}

namespace {

MaybeFault take_member(const Rule* rule, const dom::key_value_pair& member, const std::string& pointer, Attributes& attributes) {
  if (rule != nullptr && !member.value.is_string()) return check_value(*rule, member.value, pointer);
  if (rule == nullptr && is_attribute_name(member.key)) {
    if (auto fault = check_extension(member.value, pointer)) return fault;
  }
  return attributes.take(member.key, attribute_text(member.value).value_or(""), pointer);
}

}  // namespace

MaybeFault ActionReader::State::read_members(dom::object event, std::string_view data, Action& action) {
  Attributes attributes(action);
  if (event.size() > kMaxAttributes) return attributes.too_many();
  std::optional<dom::object> content;
  std::optional<std::string> bytes;  // of data_base64
  for (const dom::key_value_pair member : event) {
    std::string pointer;
    append_step(pointer, member.key);
    const Rule* const rule = envelope_rule(member.key);
    if (member.key == kBase64Data) {
      if (member.value.is_null()) continue;
      if (auto fault = check_value(*rule, member.value, pointer)) return fault;
      bytes = base64_decoded(member.value.get_string().value());
    } else if (rule != nullptr && rule->type != JsonType::kString) {
      if (auto fault = check_value(*rule, member.value, pointer)) return fault;
      content = member.value.get_object().value();
    } else if (member.value.is_null()) {
      if (auto fault = Attributes::leave_out(member.key, pointer)) return fault;
    } else {
      if (auto fault = take_member(rule, member, pointer, attributes)) return fault;
    }
  }
  if (auto fault = attributes.missing()) return fault;
  if (content && bytes) return fault_at("unknown_field", "/data", "data stands beside data_base64: which one counts?");
  if (content) return take_data(*content, data, action);
  if (!bytes) return fault_at("missing_field", "/data", "data is missing");
  auto fault = read_data(*bytes, action);
  // No pointer leads into a text.
  if (fault) fault->pointer = "/data_base64";
  return fault;
}

tl::expected<std::vector<std::string_view>, ActionFault> ActionReader::State::split(std::string_view json) {
  const auto refused = [](ActionFault fault) { return tl::unexpected(std::move(fault)); };
  const auto padded = array_text.assign(json);
  ondemand::document document;
  if (const auto error = array_parser.iterate(padded).get(document); error != simdjson::SUCCESS) return refused(json_fault(error, ""));
  ondemand::json_type type{};
  if (const auto error = document.type().get(type); error != simdjson::SUCCESS) return refused(json_fault(error, ""));
  if (type != ondemand::json_type::array) return refused(fault_at("wrong_type", "", "a batch must be a JSON array of events"));
  ondemand::array array;
  if (const auto error = document.get_array().get(array); error != simdjson::SUCCESS) return refused(json_fault(error, ""));
  std::vector<std::string_view> texts;
  for (auto result : array) {
    std::string pointer = fmt::format("/{}", texts.size());
    ondemand::value value;
    if (const auto error = std::move(result).get(value); error != simdjson::SUCCESS) return refused(json_fault(error, std::move(pointer)));
    const Token token = token_of(value);
    std::string_view text = token.text;
    const bool is_nested = token.kind == TokenKind::kObject || token.kind == TokenKind::kArray;
    if (!walk(value, kWalkDepth) || (is_nested && !bytes_since(token.text.data(), document, text))) {
      return refused(json_fault(simdjson::TAPE_ERROR, std::move(pointer)));
    }
    texts.push_back(json.substr(static_cast<std::size_t>(text.data() - padded.data()), text.size()));
  }
  if (!ends_here(document)) return refused(json_fault(simdjson::TRAILING_CONTENT, ""));
  return texts;
}

ActionReader::ActionReader() : state_(std::make_unique<State>()) {}

ActionReader::~ActionReader() = default;

tl::expected<Action, ActionFault> ActionReader::read_json(std::string_view json) {
  Action action;
  if (auto fault = state_->read_structured(json, action)) return tl::unexpected(std::move(*fault));
  return action;
}

tl::expected<Action, ActionFault> ActionReader::read_binary(std::span<const AttributeText> attributes, std::string_view data) {
  const std::vector<AttributeView> texts(attributes.begin(), attributes.end());
  Action action;
  if (auto fault = state_->read_binary(texts, data, action)) return tl::unexpected(std::move(*fault));
  return action;
}

tl::expected<std::vector<std::string_view>, ActionFault> ActionReader::split_array(std::string_view json) { return state_->split(json); }

}  // namespace weir::events
