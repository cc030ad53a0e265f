// Under which names the console may be asked, and from which pages. A name that an attacker owns can be made to point at this machine (DNS
// rebinding), so that the name is checked on loopback too. Pure.
#pragma once

#include <set>
#include <span>
#include <string>
#include <string_view>

namespace weir::console {

class Hosts {
 public:
  /// `listen` is the address that the console listens on ("127.0.0.1:8088"), `port` the one that it has got. `allowed` names further hosts,
  /// with their port or without.
  Hosts(std::string_view listen, int port, std::span<const std::string> allowed);

  /// Whether a Host header names the console.
  [[nodiscard]] bool is_own(std::string_view host) const;
  /// Whether an Origin header is that of the console's own page, asked for under `host`.
  [[nodiscard]] bool is_own_origin(std::string_view origin, std::string_view host) const;

 private:
  std::set<std::string, std::less<>> with_port_;
  std::set<std::string, std::less<>> any_port_;
};

}  // namespace weir::console
