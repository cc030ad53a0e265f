// What each type of action must look like: the envelope's attributes and the data of each type, one row a member.
#pragma once

#include "common/events/rules.hpp"

#include <span>
#include <string_view>

namespace weir::events {

/// The attributes that CloudEvents and weir name. Any other is an extension, which extension_rule() judges.
[[nodiscard]] std::span<const Rule> envelope_rules();
[[nodiscard]] const Rule& extension_rule();
[[nodiscard]] bool is_attribute_name(std::string_view name);

/// The rules of a type's data; null where there is no such type.
[[nodiscard]] const std::span<const Rule>* data_rules(std::string_view type);

inline constexpr std::size_t kMaxAttributes = 32;
/// CloudEvents wants no more than 20 characters, and forbids nobody to use more.
inline constexpr std::size_t kMaxNameSize = 128;

}  // namespace weir::events
