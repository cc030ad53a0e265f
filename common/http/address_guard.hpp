// Where a call may lead: the guard against server-side request forgery. A stranger's URL leads only to addresses that everybody can reach
// anyway, or that the operator allowed, and this holds for every address of the URL's host. Pure.
#pragma once

#include "common/http/caller.hpp"
#include "common/http/url.hpp"

#include <span>
#include <string>
#include <vector>

namespace weir::http {

class AddressGuard {
 public:
  AddressGuard() = default;
  explicit AddressGuard(std::vector<Network> allowed) : allowed_(std::move(allowed)) {}

  /// Says why a call to `url`, whose host has these addresses, is refused; "" where the call may be made. Without an address it is refused.
  [[nodiscard]] std::string refusal(const Url& url, std::span<const Address> addresses, Reach reach) const;

 private:
  [[nodiscard]] bool allows(const Address& address) const;
  std::vector<Network> allowed_;
};

}  // namespace weir::http
