#include "common/config/config.hpp"
#include "common/config/pattern.hpp"
#include "common/config/value.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace weir::config {

namespace {

bool is_one_of(Type type, std::initializer_list<Type> types) {
  for (const Type allowed : types) {
    if (type == allowed) return true;
  }
  return false;
}

/// The setting of a key: given, or what its row says stands for it; asked for by the right type.
std::optional<Setting> lookup(const Schema* schema, const std::map<std::string, Setting, std::less<>>& settings, std::string_view key,
                              std::initializer_list<Type> types) {
  WEIR_ASSERT(schema != nullptr);
  const Field* field = schema->find(key);
  WEIR_ASSERT(field != nullptr && is_one_of(field->type, types));
  const auto given = settings.find(key);
  if (given != settings.end()) return given->second;
  if (!field->instead.empty()) return lookup(schema, settings, field->instead, types);
  if (!field->fallback) return std::nullopt;
  WEIR_ASSERT(!complaint(*field, *field->fallback));
  return setting_of(*field, *field->fallback, "default");
}

constexpr std::initializer_list<Type> kEveryType{Type::kText,  Type::kInteger, Type::kReal,     Type::kBoolean, Type::kDuration,
                                                 Type::kBytes, Type::kChoice,  Type::kTextList, Type::kTextMap};

}  // namespace

bool Configuration::has(std::string_view key) const { return lookup(schema_, settings_, key, kEveryType).has_value(); }

std::string Configuration::text(std::string_view key) const {
  const auto setting = lookup(schema_, settings_, key, {Type::kText, Type::kChoice});
  return setting ? setting->value : std::string();
}

std::int64_t Configuration::integer(std::string_view key) const {
  const auto setting = lookup(schema_, settings_, key, {Type::kInteger});
  WEIR_ASSERT(setting.has_value());
  return integer_of(setting->value).value();
}

double Configuration::real(std::string_view key) const {
  const auto setting = lookup(schema_, settings_, key, {Type::kReal});
  WEIR_ASSERT(setting.has_value());
  return real_of(setting->value).value();
}

bool Configuration::boolean(std::string_view key) const {
  const auto setting = lookup(schema_, settings_, key, {Type::kBoolean});
  WEIR_ASSERT(setting.has_value());
  return setting->value == "true";
}

Microseconds Configuration::duration(std::string_view key) const {
  const auto setting = lookup(schema_, settings_, key, {Type::kDuration});
  WEIR_ASSERT(setting.has_value());
  return parse_duration(setting->value).value();
}

std::uint64_t Configuration::bytes(std::string_view key) const {
  const auto setting = lookup(schema_, settings_, key, {Type::kBytes});
  WEIR_ASSERT(setting.has_value());
  return bytes_of(setting->value).value();
}

std::vector<std::string> Configuration::list(std::string_view key) const {
  const auto setting = lookup(schema_, settings_, key, {Type::kTextList});
  return setting ? setting->list : std::vector<std::string>();
}

std::map<std::string, std::string> Configuration::map(std::string_view key) const {
  const auto setting = lookup(schema_, settings_, key, {Type::kTextMap});
  return setting ? setting->map : std::map<std::string, std::string>();
}

std::vector<std::string> Configuration::names(std::string_view pattern) const {
  std::vector<std::string> names;
  for (const auto& [key, setting] : settings_) {
    if (const auto name = name_in(pattern, key)) names.push_back(*name);
  }
  return names;
}

std::string Configuration::origin(std::string_view key) const {
  const auto setting = lookup(schema_, settings_, key, kEveryType);
  return setting ? setting->origin : std::string();
}

Result<void> Configuration::require(std::span<const std::string_view> keys) const {
  std::vector<std::string> missing;
  for (const std::string_view key : keys) {
    const Field* field = schema_->find(key);
    WEIR_ASSERT(field != nullptr);
    if (has(key)) continue;
    const std::string variable = variable_of(key);
    const std::string by_file = field->secret ? fmt::format(", {}_FILE", variable) : std::string();
    const std::string flag = field->flag.empty() ? fmt::format("--set {}=…", key) : field->flag;
    const std::string instead = field->instead.empty() ? std::string() : fmt::format(", or set {}", field->instead);
    missing.push_back(fmt::format("{}: has no value, and this command needs it: set it in weir.yaml, or by {}{} or {}{}", key, variable,
                                  by_file, flag, instead));
  }
  if (missing.empty()) return {};
  return fail(FaultKind::kConfiguration, fmt::format("{}", fmt::join(missing, "\n")));
}

}  // namespace weir::config
