// Who may act: the operators of console.tokens_file, each known by a token. Pure.
//
//   file := line*
//   line := space* [NAME space+ TOKEN] space* ['#' text] newline        NAME and TOKEN hold no space and no '#'
#pragma once

#include "common/core/result.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::console {

struct Operator {
  std::string name;
  std::string token;
};

/// Fault kConfiguration names the line that is no operator, whose token is too short or plainly not made at random, or whose name or token
/// stands in a line before.
[[nodiscard]] Result<std::vector<Operator>> operators_of(std::string_view text);

/// The digest of a token, which is kept and compared instead of it. Digests are of one length, so that not even the length of a token is
/// told.
[[nodiscard]] std::string token_hash(std::string_view token);

/// The name of the operator with this token, in a time that tells nothing about any token.
[[nodiscard]] std::optional<std::string> name_of(const std::vector<Operator>& operators, std::string_view token);

}  // namespace weir::console
