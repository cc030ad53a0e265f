// How the receivers of the demo misbehave: each provider's calls are counted, and some of them are answered as a provider in trouble would.
// Pure: the time is an argument.
#pragma once

#include "common/core/time.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace weir::demo {

enum class Provider : std::uint8_t { kPusher, kSendgrid, kSmtp, kWebhook };
/// As in notification_attempts.provider.
[[nodiscard]] std::string_view name_of(Provider provider);

struct Behaviour {
  int status = 200;                      // 0: none, although the messages are taken
  std::optional<Seconds> retry_after{};  // that the answer asks for
};

class Script {
 public:
  explicit Script(Provider provider) : provider_(provider) {}
  /// For the call that comes now.
  [[nodiscard]] Behaviour next(SteadyInstant now);

 private:
  [[nodiscard]] bool is_out(SteadyInstant now);

  Provider provider_;
  std::uint64_t calls_ = 0;
  std::optional<SteadyInstant> out_since_;
};

}  // namespace weir::demo
