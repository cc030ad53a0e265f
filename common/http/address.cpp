#include "common/http/address.hpp"

#include "common/core/result.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <string>
#include <vector>

namespace weir::http {

namespace {

struct Row {
  std::string_view network;
  std::string_view what;
};

// What IANA's registries of special-purpose addresses do not call globally reachable (RFC 6890), multicast, and what clouds keep for
// themselves. The first row that fits decides; those that end in "" are exceptions from a wider row below.
constexpr std::array kIpv4{
    Row{"0.0.0.0/8", "this network"},
    Row{"10.0.0.0/8", "private use"},
    Row{"100.64.0.0/10", "shared by a carrier's customers"},
    Row{"127.0.0.0/8", "loopback"},
    Row{"168.63.129.16/32", "a cloud's platform"},
    Row{"169.254.0.0/16", "link-local"},
    Row{"172.16.0.0/12", "private use"},
    Row{"192.0.0.9/32", ""},
    Row{"192.0.0.10/32", ""},
    Row{"192.0.0.0/24", "protocol assignments"},
    Row{"192.0.2.0/24", "documentation"},
    Row{"192.88.99.0/24", "a former relay of 6to4"},
    Row{"192.168.0.0/16", "private use"},
    Row{"198.18.0.0/15", "benchmarks"},
    Row{"198.51.100.0/24", "documentation"},
    Row{"203.0.113.0/24", "documentation"},
    Row{"224.0.0.0/4", "multicast"},
    Row{"240.0.0.0/4", "reserved"},
};

constexpr std::array kIpv6{
    Row{"::/128", "unspecified"},
    Row{"::1/128", "loopback"},
    Row{"::ffff:0:0/96", "a mapped IPv4 address"},
    Row{"64:ff9b:1::/48", "local translation"},
    Row{"100::/16", "discard-only"},
    Row{"2001:1::1/128", ""},
    Row{"2001:1::2/128", ""},
    Row{"2001:1::3/128", ""},
    Row{"2001:3::/32", ""},
    Row{"2001:4:112::/48", ""},
    Row{"2001:20::/27", ""},
    Row{"2001::/23", "protocol assignments"},
    Row{"2001:db8::/32", "documentation"},
    Row{"2002::/16", "6to4"},
    Row{"3fff::/20", "documentation"},
    Row{"5f00::/16", "segment routing"},
    Row{"fc00::/7", "unique local"},
    Row{"fe80::/10", "link-local"},
    Row{"fec0::/10", "site-local"},
    Row{"ff00::/8", "multicast"},
    Row{"2000::/3", ""},
    Row{"::/0", "not allocated"},
};

struct Known {
  Network network;
  std::string_view what;
};

template <std::size_t N>
std::vector<Known> parsed(const std::array<Row, N>& rows) {
  std::vector<Known> known;
  for (const Row& row : rows) {
    // inet_pton reads forms that Address does not take: a mapped network is written with its bits in hexadecimal.
    Network network;
    const std::size_t slash = row.network.find('/');
    const std::string address(row.network.substr(0, slash));
    network.address.is_v6 = address.find(':') != std::string::npos;
    WEIR_ASSERT(inet_pton(network.address.is_v6 ? AF_INET6 : AF_INET, address.c_str(), network.address.bytes.data()) == 1);
    network.prefix = std::stoi(std::string(row.network.substr(slash + 1)));
    known.push_back({network, row.what});
  }
  return known;
}

std::optional<std::string_view> look_up(const std::vector<Known>& rows, const Address& address) {
  const auto row = std::find_if(rows.begin(), rows.end(), [&](const Known& each) { return each.network.contains(address); });
  if (row == rows.end() || row->what.empty()) return std::nullopt;
  return row->what;
}

/// The IPv4 address that a translator between IPv6 and IPv4 makes of 64:ff9b::/96 (RFC 6052).
std::optional<Address> translated(const Address& address) {
  static constexpr std::array<std::uint8_t, 12> kPrefix{0, 0x64, 0xff, 0x9b};
  if (!address.is_v6 || !std::equal(kPrefix.begin(), kPrefix.end(), address.bytes.begin())) return std::nullopt;
  Address inner;
  std::copy(address.bytes.begin() + 12, address.bytes.end(), inner.bytes.begin());
  return inner;
}

}  // namespace

std::optional<Address> Address::parse(std::string_view text) {
  Address address;
  address.is_v6 = text.find(':') != std::string_view::npos;
  if (inet_pton(address.is_v6 ? AF_INET6 : AF_INET, std::string(text).c_str(), address.bytes.data()) != 1) return std::nullopt;
  if (address.text() != text) return std::nullopt;
  return address;
}

std::string Address::text() const {
  std::array<char, INET6_ADDRSTRLEN> out{};
  WEIR_ASSERT(inet_ntop(is_v6 ? AF_INET6 : AF_INET, bytes.data(), out.data(), out.size()) != nullptr);
  return out.data();
}

std::optional<Network> Network::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = Address::parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  const int longest = address->is_v6 ? 128 : 32;
  Network network{*address, longest};
  if (slash == std::string_view::npos) return network;
  const std::string_view digits = text.substr(slash + 1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), network.prefix);
  if (error != std::errc{} || end != digits.data() + digits.size() || network.prefix < 0 || network.prefix > longest) return std::nullopt;
  return network;
}

bool Network::contains(const Address& other) const {
  if (address.is_v6 != other.is_v6) return false;
  for (int bit = 0; bit < prefix; bit += 8) {
    const auto at = static_cast<std::size_t>(bit / 8);
    const int bits = std::min(8, prefix - bit);
    const auto mask = static_cast<std::uint8_t>(0xff00U >> static_cast<unsigned>(bits));
    if ((address.bytes[at] & mask) != (other.bytes[at] & mask)) return false;
  }
  return true;
}

std::optional<std::string_view> not_public(const Address& address) {
  static const std::vector<Known> ipv4 = parsed(kIpv4);
  static const std::vector<Known> ipv6 = parsed(kIpv6);
  if (const auto inner = translated(address)) return look_up(ipv4, *inner);
  return look_up(address.is_v6 ? ipv6 : ipv4, address);
}

bool is_loopback(const Address& address) { return not_public(address) == "loopback"; }

}  // namespace weir::http
