// Puts file, environment and flags over each other. Each source is checked wholly, so that one run shows every fault.
#include "common/config/pattern.hpp"
#include "common/config/suggestion.hpp"
#include "common/config/upgrade.hpp"
#include "common/config/value.hpp"
#include "common/config/yaml_file.hpp"
#include "common/core/text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>

extern char** environ;

namespace weir::config {

namespace {

using Settings = std::map<std::string, Setting, std::less<>>;

/// Kubernetes gives every pod variables of each service: WEIR_SERVICE_HOST, WEIR_PORT_8080_TCP, … They are not ours.
bool is_from_kubernetes(std::string_view name, std::string_view value) {
  return name.ends_with("_SERVICE_HOST") || name.find("_SERVICE_PORT") != std::string_view::npos || value.starts_with("tcp://") ||
         value.starts_with("udp://") || name.find("_TCP_") != std::string_view::npos || name.find("_UDP_") != std::string_view::npos;
}

/// A row and the concrete key that a variable names.
struct Target {
  const Field* field = nullptr;
  std::string key;
  bool is_file = false;  // WEIR_…_FILE of a secret
};

/// The concrete key for a variable of a pattern row: a name that the file uses, else the lower-case one.
std::string named_key(const Field& field, const std::string& variable, const Settings& file) {
  for (const auto& [key, setting] : file) {
    if (name_in(field.key, key) && variable_of(key) == variable) return key;
  }
  const std::size_t star = field.key.find('*');
  const std::string head = variable_of(field.key.substr(0, star));
  const std::size_t tail = field.key.size() - star - 1;
  return key_of(field.key, lower(variable.substr(head.size(), variable.size() - head.size() - tail)));
}

std::optional<Target> target_of(const Schema& schema, const std::string& variable, const Settings& file) {
  for (const Field& field : schema.fields()) {
    const std::size_t star = field.key.find('*');
    if (star == std::string::npos) {
      if (variable_of(field.key) == variable) return Target{&field, field.key, false};
      if (field.secret && variable_of(field.key) + "_FILE" == variable) return Target{&field, field.key, true};
      continue;
    }
    const std::string head = variable_of(field.key.substr(0, star));
    const std::string tail = variable_of(field.key.substr(star + 1)).substr(std::string_view("WEIR_").size());
    if (variable.size() > head.size() + tail.size() && variable.starts_with(head) && variable.ends_with(tail)) {
      return Target{&field, named_key(field, variable, file), false};
    }
  }
  return std::nullopt;
}

}  // namespace

struct Loader {
  const Schema& schema;
  const Inputs& inputs;
  Settings merged;
  std::vector<std::string> faults;

  void read_the_file() {
    std::error_code error;
    if (!inputs.path && !std::filesystem::exists(inputs.default_path, error)) return;
    const std::string name = inputs.path.value_or(inputs.default_path);
    const Result<std::string> text = read_text(name);
    if (!text) {
      faults.push_back(text.error().message);
      return;
    }
    FileSettings file = read_yaml(schema, name, *text);
    faults.insert(faults.end(), file.faults.begin(), file.faults.end());
    lay_over(std::move(file.settings));
  }

  /// One layer over those before it: `<key>_file` becomes the secret's value; both in one layer contradict each other.
  void lay_over(Settings layer) {
    for (auto& [key, setting] : layer) {
      const Field* field = schema.find(key);
      if (field != nullptr) {
        merged[key] = std::move(setting);
        continue;
      }
      const std::string secret = key.substr(0, key.size() - std::string_view("_file").size());
      if (layer.contains(secret)) {
        faults.push_back(fmt::format("{}: {}: given beside {}; keep one of them", setting.origin, key, secret));
        continue;
      }
      const Result<std::string> text = read_text(setting.value);
      if (!text) {
        faults.push_back(fmt::format("{}: {}: {}", setting.origin, key, text.error().message));
        continue;
      }
      std::string value = *text;
      while (value.ends_with('\n') || value.ends_with('\r')) value.pop_back();
      if (value.empty()) faults.push_back(fmt::format("{}: {}: {} is empty", setting.origin, key, setting.value));
      merged[secret] = Setting{std::move(value), {}, {}, fmt::format("{} ({})", setting.origin, setting.value)};
    }
  }

  void take(Settings& layer, const Target& target, const std::string& value, const std::string& origin) {
    if (target.is_file) {
      layer[target.key + "_file"] = Setting{value, {}, {}, origin};
      return;
    }
    if (const auto wrong = complaint(*target.field, value)) {
      faults.push_back(fmt::format("{}: {}: {}", origin, target.key, *wrong));
      return;
    }
    layer[target.key] = setting_of(*target.field, value, origin);
  }

  void read_the_environment() {
    Settings layer;
    for (const auto& [name, value] : inputs.environment) {
      if (const auto target = target_of(schema, name, merged)) {
        take(layer, *target, value, name);
      } else if (!is_from_kubernetes(name, value)) {
        judge_unknown_variable(name);
      }
    }
    lay_over(std::move(layer));
  }

  /// A variable that begins like one of our sections, or is nearly one of ours, is a slip; any other WEIR_… is somebody else's.
  void judge_unknown_variable(const std::string& name) {
    std::vector<std::string> known;
    bool of_a_section = false;
    for (const Field& field : schema.fields()) {
      known.push_back(variable_of(field.key));
      const std::size_t dot = field.key.find('.');
      of_a_section = of_a_section || (dot != std::string::npos && name.starts_with(variable_of(field.key.substr(0, dot)) + "_"));
    }
    const auto near = nearest(name, known);
    if (const auto present = present_variable(schema, name)) {
      faults.push_back(fmt::format("{}: is {} now", name, *present));
    } else if (near) {
      faults.push_back(fmt::format("{}: unknown variable (did you mean {}?)", name, *near));
    } else if (of_a_section) {
      faults.push_back(fmt::format("{}: unknown variable (weir config --reference lists every key)", name));
    }
  }

  void read_the_flags() {
    Settings layer;
    for (const auto& [key, value] : inputs.flags) {
      Target target{schema.find(key), key, false};
      if (target.field == nullptr && key.ends_with("_file")) {
        target = {schema.find(key.substr(0, key.size() - 5)), key.substr(0, key.size() - 5), true};
        if (target.field != nullptr && !target.field->secret) target.field = nullptr;
      }
      const bool has_flag = target.field != nullptr && !target.field->flag.empty() && !target.is_file;
      const std::string origin = has_flag ? target.field->flag : fmt::format("--set {}", key);
      if (target.field != nullptr) {
        take(layer, target, value, origin);
        continue;
      }
      if (const auto present = present_key(schema, key)) {
        faults.push_back(fmt::format("{}: is {} now", origin, *present));
        continue;
      }
      std::vector<std::string> known;
      for (const Field& field : schema.fields()) known.push_back(field.key);
      const auto near = nearest(key, known);
      faults.push_back(fmt::format("{}: unknown key{}", origin, near ? fmt::format(" (did you mean {}?)", *near) : ""));
    }
    lay_over(std::move(layer));
  }

  Result<Configuration> load() {
    read_the_file();
    read_the_environment();
    read_the_flags();
    if (!faults.empty()) return fail(FaultKind::kConfiguration, fmt::format("{}", fmt::join(faults, "\n")));
    Configuration configuration;
    configuration.schema_ = &schema;
    configuration.settings_ = std::move(merged);
    return configuration;
  }
};

Result<Configuration> load(const Schema& schema, const Inputs& inputs) { return Loader{schema, inputs, {}, {}}.load(); }

std::map<std::string, std::string> environment() {
  std::map<std::string, std::string> variables;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::size_t equals = text.find('=');
    if (text.starts_with("WEIR_") && equals != std::string_view::npos) {
      variables.emplace(std::string(text.substr(0, equals)), std::string(text.substr(equals + 1)));
    }
  }
  return variables;
}

}  // namespace weir::config
