// librdkafka's C client behind RAII: what producers, the group source and the admin share. Nothing outside common/kafka includes rdkafka.h.
#pragma once

#include "common/core/result.hpp"
#include "common/core/time.hpp"

#include <map>
#include <string>

namespace weir::kafka {

/// How to reach the cluster; from the `kafka` section of the configuration.
struct Settings {
  std::string brokers;  // bootstrap.servers
  std::string client_id = "weir";
  std::map<std::string, std::string>
      properties;  // any librdkafka property (security.protocol, …); it wins over weir's choice, unless that carries a guarantee
};

/// Fault kConfiguration where librdkafka is of an older version, which loses or repeats records; the fault names both versions.
[[nodiscard]] Result<void> check_library_version();

}  // namespace weir::kafka
