// Whether a connection would go over a network without encryption. Pure.
#pragma once

#include "common/kafka/client.hpp"

#include <string>
#include <string_view>

namespace weir::operations {

/// localhost, 127.0.0.0/8, ::1, or the path of a Unix socket.
[[nodiscard]] bool is_loopback(std::string_view host);
/// The first broker that is spoken to in plain text over a network; "" for none.
[[nodiscard]] std::string plain_text_broker(const kafka::Settings& settings);
/// The first host of a libpq connection string to which plain text may be spoken over a network; "" for none.
[[nodiscard]] std::string plain_text_host(const std::string& dsn);

}  // namespace weir::operations
