// The end of a streaming connection that its writer holds. Internal to common/http.
#pragma once

#include "common/http/connection.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <atomic>
#include <memory>

namespace weir::http {

/// `waiting` counts the bytes that were handed over and not taken by the client; the connection counts down.
[[nodiscard]] std::shared_ptr<Stream> make_stream(std::weak_ptr<Connection> connection, net::any_io_executor executor,
                                                  std::shared_ptr<std::atomic<std::size_t>> waiting);

}  // namespace weir::http
