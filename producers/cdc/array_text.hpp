// Reads the text of a Postgres array and writes it as a JSON array.
//
//   array   := [bounds '='] list               bounds: "[2:3]", one a dimension; they have no place in JSON
//   list    := '{' [item {delimiter item}] '}'
//   item    := list | 'NULL' | quoted | bare   bare: no braces, delimiter, quote or backslash
//   quoted  := '"' { any | '\' any } '"'
#pragma once

#include "producers/cdc/types.hpp"

namespace weir::cdc {

/// False where the text is not an array; `out` may then hold a part of it.
[[nodiscard]] bool append_array(std::string& out, const ColumnType& type, std::string_view text);

}  // namespace weir::cdc
