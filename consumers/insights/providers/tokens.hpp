// Numbers of tokens in providers' answers. Pure.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

namespace weir::insights {

/// A number of tokens at a path of names in an answer, as Usage has it.
[[nodiscard]] std::optional<std::int64_t> tokens_at(std::string_view json, std::initializer_list<std::string_view> path);

}  // namespace weir::insights
