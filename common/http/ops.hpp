// The operations port of every process: /healthz, /readyz (with reasons), /metrics.
#pragma once

#include "common/http/server.hpp"
#include "common/telemetry/health.hpp"
#include "common/telemetry/metrics.hpp"

namespace weir::http {

/// `alive` answers whether the process still makes progress (the loop's heartbeat); it is asked at each /healthz.
[[nodiscard]] Result<std::unique_ptr<Server>> start_ops_server(const std::string& listen, const telemetry::Metrics& metrics,
                                                               const telemetry::Health& health, std::function<bool()> alive);

}  // namespace weir::http
