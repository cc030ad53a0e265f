// From a host's name to all its addresses.
#pragma once

#include "common/http/address.hpp"

#include <tl/expected.hpp>

#include <string>
#include <vector>

namespace weir::http {

/// Thread-safe, and may block.
class Resolver {
 public:
  Resolver() = default;
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;
  virtual ~Resolver() = default;
  /// Every A and AAAA; or why they cannot be had.
  [[nodiscard]] virtual tl::expected<std::vector<Address>, std::string> resolve(const std::string& host) = 0;
};

/// The system's resolver: /etc/hosts, DNS, and all else that the machine is told to ask.
class SystemResolver final : public Resolver {
 public:
  [[nodiscard]] tl::expected<std::vector<Address>, std::string> resolve(const std::string& host) override;
};

}  // namespace weir::http
