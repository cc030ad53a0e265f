// New traceparents (W3C Trace Context) for events that come without one.
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <string>

namespace weir::gateway {

/// Ids must differ from each other, also from those of other processes, but they need not be secret. Therefore a fast generator makes them
/// (xoshiro256++), whose 256 bits of state are drawn from the system once. Thread-safe.
class TraceIds {
 public:
  TraceIds();
  /// 00-<32 hex>-<16 hex>-01, ids not zero.
  [[nodiscard]] std::string next();

 private:
  [[nodiscard]] std::uint64_t draw();

  std::mutex mutex_;
  std::array<std::uint64_t, 4> state_{};
};

}  // namespace weir::gateway
