#include "common/http/resolver.hpp"

#include <netdb.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>
#include <memory>

namespace weir::http {

tl::expected<std::vector<Address>, std::string> SystemResolver::resolve(const std::string& host) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  const int code = ::getaddrinfo(host.c_str(), nullptr, &hints, &list);
  if (code != 0) return tl::unexpected<std::string>(::gai_strerror(code));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(list, &::freeaddrinfo);
  std::vector<Address> addresses;
  for (const addrinfo* each = list; each != nullptr; each = each->ai_next) {
    Address address;
    if (each->ai_family == AF_INET) {
      sockaddr_in socket{};
      std::memcpy(&socket, each->ai_addr, sizeof socket);
      std::memcpy(address.bytes.data(), &socket.sin_addr, sizeof socket.sin_addr);
    } else if (each->ai_family == AF_INET6) {
      sockaddr_in6 socket{};
      std::memcpy(&socket, each->ai_addr, sizeof socket);
      std::memcpy(address.bytes.data(), &socket.sin6_addr, sizeof socket.sin6_addr);
      address.is_v6 = true;
    } else {
      continue;
    }
    if (std::find(addresses.begin(), addresses.end(), address) == addresses.end()) addresses.push_back(address);
  }
  return addresses;
}

}  // namespace weir::http
