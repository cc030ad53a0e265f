// weir.operator_actions: what an operator decides by command, with who and why. Only appended to, in the transaction that does it.
#pragma once

#include "common/postgres/connection.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace weir::cli {

struct OperatorAction {
  std::string command;        // without weir: "offsets accept-gap"
  std::string filter = "{}";  // JSON: what it was done to
  std::string counts = "{}";  // JSON: how much it concerned
  std::string by;
  std::string why;
};

/// One count as `counts` has it: {"letters":3}.
[[nodiscard]] std::string counts_of(std::string_view what, std::int64_t count);

/// Gives the number of the action.
[[nodiscard]] Result<std::int64_t> note_action(postgres::Connection& connection, const OperatorAction& action);

}  // namespace weir::cli
