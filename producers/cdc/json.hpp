// Appends JSON to a string: the few forms that an envelope needs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace weir::cdc::json {

/// A string with its quotes. Control characters, quote and backslash are escaped, all else is passed on as UTF-8.
void append_string(std::string& out, std::string_view text);
/// A string that holds the base64 (RFC 4648, padded) of `bytes`.
void append_base64(std::string& out, std::string_view bytes);
void append_integer(std::string& out, std::int64_t value);
void append_unsigned(std::string& out, std::uint64_t value);

}  // namespace weir::cdc::json
