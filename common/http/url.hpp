// URLs that calls may be made to. Strict on purpose: what two programs may read differently is refused, so that the host that is checked is
// the host that is called. Pure.
//
//   url    = ("https" / "http") "://" host [":" port] [target]
//   host   = name / IPv4 address / "[" IPv6 address "]"     (addresses in canonical form)
//   target = ("/" / "?") and printable ASCII; a fragment is cut off
#pragma once

#include "common/http/address.hpp"

#include <tl/expected.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir::http {

struct Url {
  bool has_tls = true;
  std::string host;                // in lower case; of IPv6 without its brackets
  std::optional<Address> address;  // where the host is one
  std::uint16_t port = 443;
  std::string target;  // with its "/"

  /// Put together anew from what was read, so that whoever reads it next reads the same.
  [[nodiscard]] std::string text() const;
};

/// The URL, or why it is refused.
[[nodiscard]] tl::expected<Url, std::string> parse_url(std::string_view text);

}  // namespace weir::http
