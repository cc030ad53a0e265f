// The limit of requests without a valid credential, for each address that they come from.
#pragma once

#include "common/http/server.hpp"
#include "producers/gateway/rate_table.hpp"

#include <optional>
#include <string>

namespace weir::gateway {

struct StrangerOptions {
  Rate rate;
  std::size_t max_buckets = 100'000;
};

/// Thread-safe.
class Strangers {
 public:
  Strangers(const StrangerOptions& options, const Clock& clock) : options_(options), clock_(clock), rates_(options.max_buckets) {}

  /// Counts a request that needs no credential against its address. Returns an answer where the address has sent too many.
  [[nodiscard]] std::optional<http::Response> check(const std::string& peer);
  /// The answer to a request without a valid credential: 401, or 429 where its address has sent too many.
  [[nodiscard]] http::Response refuse(const std::string& peer, std::string detail);

 private:
  const StrangerOptions options_;
  const Clock& clock_;
  RateTable rates_;
};

}  // namespace weir::gateway
