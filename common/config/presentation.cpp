// Configuration for a person to read: the effective one with its origins, and the reference with every row.
#include "common/config/config.hpp"
#include "common/config/pattern.hpp"
#include "common/config/value.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace weir::config {

namespace {

/// Quoted where YAML would read the plain word as something else.
std::string yaml_scalar(const Field& field, const std::string& value) {
  if (field.secret) return "\"***\"";
  const bool plain = !value.empty() && value.find_first_of(":#{}[],&*!|>'\"%@`\\\n\t") == std::string::npos && value.front() != ' ' &&
                     value.back() != ' ' && value.front() != '-' && value != "null" && value != "~";
  const bool text = field.type == Type::kText || field.type == Type::kTextList || field.type == Type::kTextMap;
  const bool looks_typed = text && (value == "true" || value == "false" || real_of(value));
  if (plain && !looks_typed) return value;
  std::string quoted = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') quoted += '\\';
    if (c == '\n') {
      quoted += "\\n";
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

std::string yaml_value(const Field& field, const Setting& setting) {
  if (field.secret) return "\"***\"";
  std::vector<std::string> parts;
  if (field.type == Type::kTextList) {
    for (const std::string& item : setting.list) parts.push_back(yaml_scalar(field, item));
    return fmt::format("[{}]", fmt::join(parts, ", "));
  }
  if (field.type == Type::kTextMap) {
    for (const auto& [name, value] : setting.map) {
      const bool is_shown = field.harmless.empty() || std::ranges::find(field.harmless, name) != field.harmless.end();
      parts.push_back(fmt::format("{}: {}", yaml_scalar(field, name), is_shown ? yaml_scalar(field, value) : "\"***\""));
    }
    return fmt::format("{{{}}}", fmt::join(parts, ", "));
  }
  return yaml_scalar(field, setting.value);
}

/// Writes dotted keys as nested YAML, opening each section once.
class Outline {
 public:
  /// `remarks` stand above the line, `rest` after the key: ": value".
  void add(const std::vector<std::string>& steps, const std::vector<std::string>& remarks, std::string_view mark, const std::string& rest) {
    std::size_t same = 0;
    while (same + 1 < steps.size() && same < open_.size() && open_[same] == steps[same]) ++same;
    if (same == 0 && !text_.empty() && (steps.size() > 1 || !open_.empty())) text_ += '\n';
    for (std::size_t i = same; i + 1 < steps.size(); ++i) text_ += fmt::format("{:{}}{}{}:\n", "", i * 2, mark, steps[i]);
    const std::size_t indent = (steps.size() - 1) * 2;
    for (const std::string& remark : remarks) text_ += fmt::format("{:{}}# {}\n", "", indent, remark);
    text_ += fmt::format("{:{}}{}{}{}\n", "", indent, mark, steps.back(), rest);
    open_.assign(steps.begin(), steps.end() - 1);
  }
  [[nodiscard]] std::string text() const { return text_; }

 private:
  std::string text_;
  std::vector<std::string> open_;
};

/// The steps of a key; `name` stands for "*", quoted, since it may hold dots.
std::vector<std::string> steps_of(std::string_view key, const std::optional<std::string>& name) {
  std::vector<std::string> steps;
  while (true) {
    const std::size_t dot = key.find('.');
    const std::string_view step = key.substr(0, dot);
    steps.push_back(step == "*" && name ? *name : std::string(step));
    if (dot == std::string_view::npos) return steps;
    key = key.substr(dot + 1);
  }
}

/// Rows in the order of their sections: a section's rows stand together even where two components share it.
std::vector<const Field*> by_section(const Schema& schema) {
  std::vector<const Field*> rows;
  for (const Field& field : schema.fields()) {
    const std::string section = field.key.substr(0, field.key.find('.') + 1);
    auto place = rows.end();
    for (auto row = rows.begin(); row != rows.end(); ++row) {
      if (!section.empty() && (*row)->key.starts_with(section)) place = row + 1;
    }
    rows.insert(place, &field);
  }
  return rows;
}

/// The value behind its key, also of a secret.
std::string written_value(const Field& field, const std::string& value, std::size_t indent) {
  Field open = field;
  open.secret = false;
  const Setting setting = setting_of(open, value, "");
  std::string items;
  for (const std::string& item : setting.list) items += fmt::format("\n{:{}}- {}", "", indent, yaml_scalar(open, item));
  for (const auto& [name, text] : setting.map) {
    items += fmt::format("\n{:{}}{}: {}", "", indent, yaml_scalar(open, name), yaml_scalar(open, text));
  }
  return items.empty() ? " " + yaml_value(open, setting) : items;
}

}  // namespace

std::string yaml_of(const Schema& schema, std::span<const Line> lines) {
  Outline outline;
  for (const Line& line : lines) WEIR_ASSERT(schema.find(line.key) != nullptr);
  for (const Field* field : by_section(schema)) {
    for (const Line& line : lines) {
      if (schema.find(line.key) != field) continue;
      const auto steps = steps_of(field->key, name_in(field->key, line.key));
      const std::vector<std::string> remarks = line.remark.empty() ? std::vector<std::string>{} : std::vector<std::string>{line.remark};
      outline.add(steps, remarks, "", ":" + written_value(*field, line.value, steps.size() * 2));
    }
  }
  return outline.text();
}

std::string Configuration::show() const {
  Outline outline;
  for (const Field* field : by_section(*schema_)) {
    std::vector<std::optional<std::string>> of_names{std::nullopt};
    if (field->key.find('*') != std::string::npos) {
      of_names.clear();
      for (std::string& name : names(field->key)) of_names.emplace_back(std::move(name));
    }
    for (const auto& name : of_names) {
      const auto steps = steps_of(field->key, name);
      const std::string key = name ? key_of(field->key, *name) : field->key;
      const auto given = settings_.find(key);
      if (given != settings_.end()) {
        outline.add(steps, {}, "", fmt::format(": {}  # {}", yaml_value(*field, given->second), given->second.origin));
      } else if (field->fallback) {
        outline.add(steps, {}, "", fmt::format(": {}  # default", yaml_value(*field, setting_of(*field, *field->fallback, ""))));
      } else if (!field->instead.empty()) {
        outline.add(steps, {}, "", fmt::format(":  # that of {}", field->instead));
      } else {
        outline.add(steps, {}, "", ":  # no value");
      }
    }
  }
  return outline.text();
}

std::string reference(const Schema& schema) {
  Outline outline;
  for (const Field* field : by_section(schema)) {
    std::string facts = domain_of(*field);
    if (field->secret) facts += "; secret, also as " + field->key.substr(field->key.rfind('.') + 1) + "_file";
    if (field->key.find('*') == std::string::npos) facts += "; " + variable_of(field->key);
    if (!field->flag.empty()) facts += ", " + field->flag;
    if (!field->instead.empty()) {
      facts += fmt::format("; {} where not set", field->instead);
    } else if (!field->fallback) {
      facts += field->required ? "; required" : "; no default";
    }
    std::string rest = ":";
    if (field->fallback) rest += " " + yaml_value(*field, setting_of(*field, *field->fallback, ""));
    outline.add(steps_of(field->key, "NAME"), {field->help, fmt::format("({})", facts)}, "#", rest);
  }
  return outline.text();
}

}  // namespace weir::config
