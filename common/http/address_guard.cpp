#include "common/http/address_guard.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace weir::http {

bool AddressGuard::allows(const Address& address) const {
  return std::any_of(allowed_.begin(), allowed_.end(), [&](const Network& network) { return network.contains(address); });
}

std::string AddressGuard::refusal(const Url& url, std::span<const Address> addresses, Reach reach) const {
  if (addresses.empty()) return "its host has no address";
  for (const Address& address : addresses) {
    if (allows(address)) continue;
    const auto what = not_public(address);
    if (reach == Reach::kPublic && what) return fmt::format("its host has the address {}, which is refused: {}", address.text(), *what);
    if (!url.has_tls && (reach == Reach::kPublic || !is_loopback(address))) return "it is plain http, which is for allowed addresses alone";
  }
  return "";
}

}  // namespace weir::http
