// IP addresses and networks, and which of them everybody can reach. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir::http {

/// IPv4 or IPv6, without a zone.
struct Address {
  std::array<std::uint8_t, 16> bytes{};  // of IPv4 the first four
  bool is_v6 = false;
  friend bool operator==(const Address&, const Address&) = default;

  /// Reads the canonical form alone: four decimal numbers without leading zeros, or IPv6 as RFC 5952 writes it. Other forms that name an
  /// address (127.1, 0x7f000001, ::ffff:7f00:1) are read differently by different programs.
  [[nodiscard]] static std::optional<Address> parse(std::string_view text);
  [[nodiscard]] std::string text() const;
};

/// All addresses that begin with the same bits: "10.0.0.0/8", or one address without a prefix.
struct Network {
  Address address;
  int prefix = 0;

  [[nodiscard]] static std::optional<Network> parse(std::string_view text);
  [[nodiscard]] bool contains(const Address& other) const;
};

/// Why not everybody can reach the address: "loopback", "private use". Nothing where everybody can.
[[nodiscard]] std::optional<std::string_view> not_public(const Address& address);
[[nodiscard]] bool is_loopback(const Address& address);

}  // namespace weir::http
