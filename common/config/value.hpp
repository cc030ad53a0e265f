// One value against its row: its type, range and choices. Lists are written a,b and maps a=b,c=d where they are one text.
#pragma once

#include "common/config/config.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace weir::config {

/// What is wrong with `value` for this row, for a person: "0 is out of the range 1 to 100". Nothing where it fits. Secrets are not shown.
[[nodiscard]] std::optional<std::string> complaint(const Field& field, std::string_view value);

/// A setting out of one text (environment, flag, default): splits lists and maps. The text must have passed complaint().
[[nodiscard]] Setting setting_of(const Field& field, std::string_view text, std::string origin);

[[nodiscard]] std::optional<std::int64_t> integer_of(std::string_view text);
[[nodiscard]] std::optional<double> real_of(std::string_view text);
/// "512", "64KiB", "8MiB", "1GiB".
[[nodiscard]] std::optional<std::uint64_t> bytes_of(std::string_view text);

/// The type and range of a row as one text: "whole number, 1 to 100".
[[nodiscard]] std::string domain_of(const Field& field);

}  // namespace weir::config
