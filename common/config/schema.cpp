#include "common/config/config.hpp"
#include "common/config/pattern.hpp"

#include <algorithm>
#include <cctype>

namespace weir::config {

std::string variable_of(std::string_view key) {
  std::string name = "WEIR_";
  for (const char c : key) name += std::isalnum(static_cast<unsigned char>(c)) != 0 ? static_cast<char>(std::toupper(c)) : '_';
  return name;
}

std::optional<std::string> name_in(std::string_view pattern, std::string_view key) {
  const std::size_t star = pattern.find('*');
  if (star == std::string_view::npos) return std::nullopt;
  const std::string_view head = pattern.substr(0, star);
  const std::string_view tail = pattern.substr(star + 1);
  if (key.size() <= head.size() + tail.size() || !key.starts_with(head) || !key.ends_with(tail)) return std::nullopt;
  return std::string(key.substr(head.size(), key.size() - head.size() - tail.size()));
}

std::string key_of(std::string_view pattern, std::string_view name) {
  const std::size_t star = pattern.find('*');
  WEIR_ASSERT(star != std::string_view::npos);
  return std::string(pattern.substr(0, star)).append(name).append(pattern.substr(star + 1));
}

Schema& Schema::add(Field field) {
  WEIR_ASSERT(std::count(field.key.begin(), field.key.end(), '*') <= 1);
  const auto known = std::find_if(fields_.begin(), fields_.end(), [&](const Field& row) { return row.key == field.key; });
  if (known == fields_.end()) {
    fields_.push_back(std::move(field));
  } else {
    WEIR_ASSERT(known->type == field.type && known->secret == field.secret);
  }
  return *this;
}

Schema& Schema::add(std::span<const Field> fields) {
  for (const Field& field : fields) add(field);
  return *this;
}

const Field* Schema::find(std::string_view key) const {
  for (const Field& field : fields_) {
    if (field.key == key) return &field;
  }
  for (const Field& field : fields_) {
    if (name_in(field.key, key)) return &field;
  }
  return nullptr;
}

}  // namespace weir::config
