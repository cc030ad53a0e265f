#include "consumers/notifications/pure/rule.hpp"

#include "common/core/time.hpp"
#include "common/events/json_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace weir::notifications {

namespace {

using Form = VariableSource::Form;
using Kind = Variable::Kind;

/// In ascending order of Priority.
constexpr std::array<std::string_view, 4> kPriorities{"low", "normal", "high", "critical"};
constexpr std::array<std::string_view, 4> kAudiences{"user", "followers", "admins", "organization"};

struct FormName {
  std::string_view name;
  Form form;
  Lookup lookup = Lookup::kAgentType;
};
constexpr std::array<FormName, 6> kForms{{{"text", Form::kText},
                                          {"seconds", Form::kSeconds},
                                          {"iso8601", Form::kTime},
                                          {"agent_type", Form::kLookup, Lookup::kAgentType},
                                          {"achievement_name", Form::kLookup, Lookup::kAchievementName},
                                          {"file_name", Form::kLookup, Lookup::kFileName}}};

const std::string* value_in(const Fields& row, std::string_view column) {
  const auto found = row.find(column);
  return found == row.end() || !found->second ? nullptr : &*found->second;
}

std::optional<Instant> time_in(const Fields& row, std::string_view column) {
  const std::string* const value = value_in(row, column);
  return value == nullptr ? std::nullopt : parse_instant(*value);
}

/// Reads a member of a source; gives what is wrong with it, or "".
std::string read_member(const std::string& name, const Variable& value, VariableSource& out) {
  if (name == "channels") {
    for (const Variable& each : value.list) {
      const auto channel = channel_named(each.text);
      if (!channel) return "channels has " + each.text + ", which is no channel";
      out.channels.push_back(*channel);
    }
    return out.channels.empty() ? "channels is no list of channels" : "";
  }
  if (value.kind != Kind::kText) return name + " is no text";
  if (name == "column") {
    out.column = value.text;
  } else if (name == "from") {
    out.from = value.text;
  } else if (name == "until") {
    out.until = value.text;
  } else if (name == "as") {
    const auto* const form = std::ranges::find(kForms, value.text, &FormName::name);
    if (form == kForms.end()) return "as is " + value.text + ", which is none of the forms";
    out.form = form->form;
    out.lookup = form->lookup;
  } else {
    return "it may not have the member " + name;
  }
  return "";
}

std::string read_source(const Variable& source, VariableSource& out) {
  if (source.kind == Kind::kText) {
    out.column = source.text;
    return "";
  }
  if (source.kind != Kind::kObject) return "it is neither a column nor an object";
  for (const auto& [name, value] : source.members) {
    if (auto fault = read_member(name, value, out); !fault.empty()) return fault;
  }
  return out.column.empty() ? "it names no column" : "";
}

/// Milliseconds, or the time between two columns where they are null.
std::optional<double> milliseconds_in(const Fields& row, const VariableSource& source) {
  if (const std::string* const value = value_in(row, source.column)) {
    double number = 0;
    const auto [end, error] = std::from_chars(value->data(), value->data() + value->size(), number);
    if (error == std::errc{} && end == value->data() + value->size()) return number;
    return std::nullopt;
  }
  const auto from = time_in(row, source.from);
  const auto until = time_in(row, source.until);
  if (!from || !until) return std::nullopt;
  return std::chrono::duration<double, std::milli>(*until - *from).count();
}

Variable value_of(const VariableSource& source, const Fields& row, const FindName& find) {
  switch (source.form) {
    case Form::kText: {
      const std::string* const value = value_in(row, source.column);
      return value == nullptr ? Variable{} : Variable::of_text(*value);
    }
    case Form::kSeconds: {
      const auto milliseconds = milliseconds_in(row, source);
      return milliseconds ? Variable::of_number(fmt::format("{}", *milliseconds / 1'000)) : Variable{};
    }
    case Form::kTime: {
      const auto time = time_in(row, source.column);
      return time ? Variable::of_text(format_instant(*time)) : Variable{};
    }
    case Form::kLookup: {
      const auto id = uuid_in(row, source.column);
      auto name = id ? find(source.lookup, *id) : std::nullopt;
      return Variable::of_text(std::move(name).value_or(""));
    }
  }
  return {};
}

}  // namespace

std::string_view name_of(Priority priority) { return kPriorities[static_cast<std::size_t>(priority)]; }

std::optional<Priority> priority_named(std::string_view name) {
  const auto* const found = std::ranges::find(kPriorities, name);
  if (found == kPriorities.end()) return std::nullopt;
  return static_cast<Priority>(found - kPriorities.begin());
}

std::int16_t rank_of(Priority priority) {
  return static_cast<std::int16_t>(static_cast<int>(Priority::kCritical) - static_cast<int>(priority));
}

tl::expected<Rule, std::string> Rule::parse(const RuleRow& row) {
  auto condition = Condition::parse(row.condition);
  if (!condition) return tl::unexpected("condition: " + condition.error());
  const auto* const audience = std::ranges::find(kAudiences, row.audience);
  if (audience == kAudiences.end()) return tl::unexpected("audience is " + row.audience + ", which is none");
  const auto priority = priority_named(row.priority);
  if (!priority) return tl::unexpected("priority is " + row.priority + ", which is none");
  Rule rule{row.id,
            row.organization,
            row.key,
            row.source,
            *std::move(condition),
            row.template_key,
            static_cast<Audience>(audience - kAudiences.begin()),
            row.receiver,
            row.subject_type,
            row.subject_column,
            row.room,
            row.dedupe,
            {},
            *priority,
            {},
            row.cancels};
  for (const std::string& name : row.channels) {
    const auto channel = channel_named(name);
    if (!channel) return tl::unexpected("channels has " + name + ", which is no channel");
    if (std::ranges::find(rule.channels, *channel) == rule.channels.end()) rule.channels.push_back(*channel);
  }
  const auto variables = read_variables(row.variables);
  if (!variables) return tl::unexpected<std::string>("variables is no JSON object");
  for (const auto& [name, source] : *variables) {
    VariableSource read{name, ""};
    if (auto fault = read_source(source, read); !fault.empty()) return tl::unexpected("variables/" + name + ": " + fault);
    rule.variables.push_back(std::move(read));
  }
  return rule;
}

Variables values_of(const Rule& rule, Channel channel, const Fields& row, const FindName& find) {
  Variables values;
  for (const VariableSource& source : rule.variables) {
    const bool is_for_all = source.channels.empty();
    if (!is_for_all && std::ranges::find(source.channels, channel) == source.channels.end()) continue;
    values[source.name] = value_of(source, row, find);
  }
  return values;
}

void for_each_lookup(const Rule& rule, const Fields& row, const std::function<void(Lookup, const Uuid&)>& visit) {
  for (const VariableSource& source : rule.variables) {
    if (source.form != Form::kLookup) continue;
    if (const auto id = uuid_in(row, source.column)) visit(source.lookup, *id);
  }
}

const Fields& newest(const RowEvent& event) {
  static const Fields nothing;
  if (event.after) return *event.after;
  return event.before ? *event.before : nothing;
}

std::optional<Uuid> uuid_in(const Fields& row, std::string_view column) {
  const std::string* const value = value_in(row, column);
  return value == nullptr ? std::nullopt : Uuid::parse(*value);
}

void RuleBook::add(Rule rule, bool is_active) {
  if (rule.organization && !rule.key.empty()) replaced_[rule.key].push_back(*rule.organization);
  if (!is_active) return;
  std::vector<Rule>& rules = by_source_[rule.source];
  rules.push_back(std::move(rule));
}

void RuleBook::for_each(const OrganizationId& organization, std::string_view source, std::string_view topic, const RowEvent& event,
                        const std::function<void(const Rule&)>& visit) const {
  const auto is_for = [&](const Rule& rule) {
    if (rule.organization) return *rule.organization == organization;
    const auto replaced = replaced_.find(rule.key);
    return replaced == replaced_.end() || std::ranges::find(replaced->second, organization) == replaced->second.end();
  };
  for (const std::string_view name : {source, topic}) {
    const auto rules = by_source_.find(name);
    if (rules == by_source_.end()) continue;
    for (const Rule& rule : rules->second) {
      if (is_for(rule) && rule.condition.matches(event)) visit(rule);
    }
    if (source == topic) break;
  }
}

}  // namespace weir::notifications
