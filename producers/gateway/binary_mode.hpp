// CloudEvents' HTTP binding in binary mode (section 3.1): each attribute in a header ce-<name>, but datacontenttype, which is Content-Type;
// the data as the body. Pure.
#pragma once

#include "common/events/action.hpp"
#include "common/http/server.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace weir::gateway {

/// Whether a header holds an attribute. A name in which other characters follow "ce-" is no header of CloudEvents.
[[nodiscard]] bool is_attribute_header(std::string_view lower_name);
/// Whether a header begins with "ce-": a request that is not structured is then in binary mode.
[[nodiscard]] bool is_binary_mode(const http::Request& request);
/// The attributes in the order of their headers, decoded; datacontenttype, where Content-Type says it, is the first.
[[nodiscard]] std::vector<events::AttributeText> attributes_of(const http::Request& request);
/// A header's value as the binding decodes it (section 3.1.3.2): out of its double quotes, where it has them, and then percent-decoded
/// once. A percent sign that two hexadecimal digits do not follow stands for itself.
[[nodiscard]] std::string decoded_value(std::string_view value);

}  // namespace weir::gateway
