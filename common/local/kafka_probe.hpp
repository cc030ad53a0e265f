// Asks a broker whether it serves clients, with one request of Kafka's protocol and no client library.
#pragma once

#include "common/core/time.hpp"

namespace weir::local {

/// Whether the broker on this port of loopback answers a Metadata request and names at least one broker: it does so only once it is
/// registered and unfenced. Waits for the answer up to `patience`.
[[nodiscard]] bool kafka_serves(int port, Milliseconds patience);

}  // namespace weir::local
