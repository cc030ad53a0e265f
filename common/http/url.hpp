// URLs that may be called. The reader is strict on purpose: it refuses every text that two programs may read differently, so that the host
// that is checked is the host that is called. Pure.
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
  std::optional<Address> address;  // where the host is an address
  std::uint16_t port = 443;
  std::string target;  // with its "/"

  /// The host as a URL has it: an IPv6 address stands in brackets.
  [[nodiscard]] std::string host_text() const { return address && address->is_v6 ? "[" + host + "]" : host; }
  /// Put together anew from the parts, so that the next reader reads the same parts.
  [[nodiscard]] std::string text() const;
};

/// The URL, or the reason for its refusal.
[[nodiscard]] tl::expected<Url, std::string> parse_url(std::string_view text);
/// "smtp://host[:port]", port 587 where none is said: a server for mails, which must offer TLS. A URL of its own kind, which strangers
/// cannot give: parse_url refuses it.
[[nodiscard]] tl::expected<Url, std::string> parse_smtp_url(std::string_view text);

}  // namespace weir::http
