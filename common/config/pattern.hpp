// Pattern keys: one "*" stands for one name that the user chooses.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace weir::config {

/// What stands for "*" when `key` is read by `pattern`; nothing where it does not fit or the pattern has no "*".
[[nodiscard]] std::optional<std::string> name_in(std::string_view pattern, std::string_view key);
/// The concrete key of a name.
[[nodiscard]] std::string key_of(std::string_view pattern, std::string_view name);

}  // namespace weir::config
