#include "common/http/url.hpp"

#include "common/core/text.hpp"

#include <algorithm>
#include <charconv>

namespace weir::http {

namespace {

constexpr std::size_t kLongest = 2'048;

tl::unexpected<std::string> refuse(std::string why) { return tl::unexpected<std::string>(std::move(why)); }

bool is_letter(char c) { return c >= 'a' && c <= 'z'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); }

/// Programs take a host for an IPv4 address where its last label is a number, in whichever notation: 2130706433, 0x7f.1, 127.0.0.0x1.
bool ends_in_number(std::string_view host) {
  const std::string_view last = host.substr(host.rfind('.') + 1);
  if (std::all_of(last.begin(), last.end(), is_digit)) return true;
  return last.starts_with("0x") && std::all_of(last.begin() + 2, last.end(), is_hex);
}

/// Why `host`, in lower case, is no name; "" where it is.
std::string fault_of_name(std::string_view host) {
  if (host.size() > 253) return "the host is longer than a name may be";
  for (std::string_view rest = host;;) {
    const std::size_t end = std::min(rest.find('.'), rest.size());
    const std::string_view label = rest.substr(0, end);
    if (label.empty()) return "the host has an empty label";
    if (label.size() > 63) return "the host has a label of more than 63 characters";
    if (label.front() == '-' || label.back() == '-') return "the host has a label that begins or ends with a hyphen";
    const bool fits = std::all_of(label.begin(), label.end(), [](char c) { return is_letter(c) || is_digit(c) || c == '-'; });
    if (!fits) return "the host has a character that no name has";
    if (end == rest.size()) break;
    rest.remove_prefix(end + 1);
  }
  if (ends_in_number(host)) return "the host is a number that is no address in canonical form";
  return "";
}

std::optional<std::uint16_t> port_of(std::string_view text) {
  if (text.empty() || text.size() > 5 || text.front() == '0' || !std::all_of(text.begin(), text.end(), is_digit)) return std::nullopt;
  int port = 0;
  std::from_chars(text.data(), text.data() + text.size(), port);
  if (port > 65'535) return std::nullopt;
  return static_cast<std::uint16_t>(port);
}

/// Reads host and port into `url`, and gives why they are refused; "" where they are not.
std::string read_authority(std::string_view authority, Url& url) {
  if (authority.find('@') != std::string_view::npos) return "it has a user's name or password";
  if (authority.find('%') != std::string_view::npos) return "its host has a percent sign";
  std::string_view port;
  bool has_port = false;
  const bool is_bracketed = authority.starts_with('[');
  const std::size_t close = is_bracketed ? authority.find(']') : 0;
  if (close == std::string_view::npos) return "its host has no closing bracket";
  if (const std::size_t colon = authority.find(':', close); colon != std::string_view::npos) {
    has_port = true;
    port = authority.substr(colon + 1);
    authority = authority.substr(0, colon);
  }
  if (has_port) {
    const auto number = port_of(port);
    if (!number) return "its port is no number from 1 to 65535";
    url.port = *number;
  }
  url.host = lower(authority);
  if (is_bracketed) {
    if (!authority.ends_with(']') || authority.size() < 3) return "its host has text behind the bracket";
    url.host = url.host.substr(1, url.host.size() - 2);
    url.address = Address::parse(url.host);
    return url.address && url.address->is_v6 ? "" : "its host is no IPv6 address in canonical form";
  }
  if (url.host.empty()) return "it has no host";
  url.address = Address::parse(url.host);
  return url.address ? "" : fault_of_name(url.host);
}

/// Why the characters of `text` make no URL; "" where they may.
std::string fault_of_characters(std::string_view text) {
  if (text.size() > kLongest) return "it is longer than 2048 characters";
  for (const char c : text) {
    if (c <= ' ' || c > '~') return "it has a blank, a control character, or one that is not ASCII";
  }
  return text.find('\\') == std::string_view::npos ? "" : "it has a backslash";
}

}  // namespace

std::string Url::text() const {
  std::string out = has_tls ? "https://" : "http://";
  out += host_text();
  if (port != (has_tls ? 443 : 80)) out += ":" + std::to_string(port);
  return out + target;
}

tl::expected<Url, std::string> parse_url(std::string_view text) {
  if (std::string why = fault_of_characters(text); !why.empty()) return refuse(std::move(why));
  Url url;
  const std::size_t colon = text.find("://");
  const std::string scheme = colon == std::string_view::npos ? "" : lower(text.substr(0, colon));
  if (scheme != "https" && scheme != "http") return refuse("it begins with neither https:// nor http://");
  url.has_tls = scheme == "https";
  url.port = url.has_tls ? 443 : 80;
  std::string_view rest = text.substr(colon + 3);
  rest = rest.substr(0, rest.find('#'));
  const std::size_t path = std::min(rest.find_first_of("/?"), rest.size());
  if (std::string why = read_authority(rest.substr(0, path), url); !why.empty()) return refuse(std::move(why));
  url.target = rest.substr(path);
  if (!url.target.starts_with('/')) url.target.insert(0, "/");
  return url;
}

tl::expected<Url, std::string> parse_smtp_url(std::string_view text) {
  constexpr std::string_view kScheme = "smtp://";
  if (std::string why = fault_of_characters(text); !why.empty()) return refuse(std::move(why));
  if (lower(text.substr(0, kScheme.size())) != kScheme) return refuse("it does not begin with smtp://");
  text.remove_prefix(kScheme.size());
  if (text.ends_with('/')) text.remove_suffix(1);
  if (text.find_first_of("/?#") != std::string_view::npos) return refuse("it has more than host and port");
  Url url;
  url.port = 587;
  url.target = "/";
  if (std::string why = read_authority(text, url); !why.empty()) return refuse(std::move(why));
  return url;
}

}  // namespace weir::http
