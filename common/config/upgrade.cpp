#include "common/config/upgrade.hpp"

#include "common/config/yaml_file.hpp"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <filesystem>

namespace weir::config {

namespace {

constexpr std::string_view kSection = "consumers";

/// Moves what has a present key; the rest stays where it is. False where nothing is left in `from`.
bool move_children(const Schema& schema, const std::string& key, const YAML::Node& from, YAML::Node to, YAML::Node rest) {
  bool leaves = false;
  for (const auto& entry : from) {
    const std::string name = entry.first.Scalar();
    if (present_key(schema, key + "." + name)) {
      to[name] = entry.second;
    } else {
      rest[name] = entry.second;
      leaves = true;
    }
  }
  return leaves;
}

std::string rewritten(const Schema& schema, const YAML::Node& file) {
  YAML::Node out(YAML::NodeType::Map);
  YAML::Node consumers(YAML::NodeType::Map);
  if (file[std::string(kSection)]) consumers = YAML::Clone(file[std::string(kSection)]);
  for (const auto& entry : file) {
    const std::string name = entry.first.Scalar();
    if (name == kSection) continue;
    if (!entry.second.IsMap()) {
      out[name] = entry.second;
      continue;
    }
    YAML::Node moved(YAML::NodeType::Map);
    YAML::Node rest(YAML::NodeType::Map);
    if (move_children(schema, name, entry.second, moved, rest)) out[name] = rest;
    for (const auto& child : moved) consumers[name][child.first.Scalar()] = child.second;
  }
  if (consumers.size() > 0) out[std::string(kSection)] = consumers;
  YAML::Emitter emitter;
  emitter << out;
  return out.size() == 0 ? std::string() : std::string(emitter.c_str()) + "\n";
}

}  // namespace

std::optional<std::string> present_key(const Schema& schema, std::string_view former) {
  std::string present = fmt::format("{}.{}", kSection, former);
  if (schema.find(former) != nullptr || schema.find(present) == nullptr) return std::nullopt;
  return present;
}

std::optional<std::string> present_variable(const Schema& schema, std::string_view former) {
  constexpr std::string_view kPrefix = "WEIR_";
  if (!former.starts_with(kPrefix)) return std::nullopt;
  const std::string present = variable_of(kSection) + "_" + std::string(former.substr(kPrefix.size()));
  for (const Field& field : schema.fields()) {
    if (variable_of(field.key) == former) return std::nullopt;
  }
  for (const Field& field : schema.fields()) {
    if (variable_of(field.key) == present) return present;
  }
  return std::nullopt;
}

Result<std::string> upgraded(const Schema& schema, const Inputs& inputs) {
  std::string out;
  std::error_code error;
  const std::string path = inputs.path.value_or(inputs.default_path);
  if (inputs.path || std::filesystem::exists(path, error)) {
    const std::string text = WEIR_TRY(read_text(path));
    try {
      const YAML::Node file = YAML::Load(text);
      if (file.IsMap()) out = rewritten(schema, file);
    } catch (const YAML::Exception& broken) {
      return fail(FaultKind::kConfiguration, fmt::format("{}: is not YAML: {}", path, broken.msg));
    }
  }
  for (const auto& [name, value] : inputs.environment) {
    if (const auto present = present_variable(schema, name)) out += fmt::format("# in the environment: {} is {} now\n", name, *present);
  }
  return out;
}

}  // namespace weir::config
