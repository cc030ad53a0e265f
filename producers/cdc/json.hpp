// Appends JSON to a string: the forms that an envelope needs beside common/core/json.hpp's strings.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace weir::cdc::json {

/// A string that holds the base64 (RFC 4648, padded) of `bytes`.
void append_base64(std::string& out, std::string_view bytes);
void append_integer(std::string& out, std::int64_t value);
void append_unsigned(std::string& out, std::uint64_t value);

}  // namespace weir::cdc::json
