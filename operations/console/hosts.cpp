#include "operations/console/hosts.hpp"

#include "common/core/text.hpp"

namespace weir::console {

namespace {

/// host, or [address]: without the port; the whole text where it has none.
std::string_view without_port(std::string_view host) {
  const std::size_t bracket = host.rfind(']');
  const std::size_t colon = host.rfind(':');
  const bool has_port = colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
  return has_port ? host.substr(0, colon) : host;
}

}  // namespace

Hosts::Hosts(std::string_view listen, int port, std::span<const std::string> allowed) {
  constexpr int kHttp = 80;
  const std::string address = lower(without_port(listen));
  for (const std::string_view own :
       {std::string_view("127.0.0.1"), std::string_view("localhost"), std::string_view("[::1]"), std::string_view(address)}) {
    if (own.empty() || own == "*" || own == "0.0.0.0" || own == "[::]") continue;
    with_port_.insert(std::string(own) + ":" + std::to_string(port));
    if (port == kHttp) with_port_.emplace(own);
  }
  for (const std::string& name : allowed) {
    const std::string host = lower(name);
    (without_port(host).size() == host.size() ? any_port_ : with_port_).insert(host);
  }
}

bool Hosts::is_own(std::string_view host) const {
  const std::string name = lower(host);
  return with_port_.contains(name) || any_port_.contains(without_port(name));
}

bool Hosts::is_own_origin(std::string_view origin, std::string_view host) const {
  const std::size_t scheme = origin.find("://");
  if (scheme == std::string_view::npos) return false;
  const std::string_view name = origin.substr(0, scheme);
  return (name == "http" || name == "https") && is_own(host) && lower(origin.substr(scheme + 3)) == lower(host);
}

}  // namespace weir::console
