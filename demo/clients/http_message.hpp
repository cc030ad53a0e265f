// Reading a message of HTTP from a blocking socket, by Boost.Beast.
#pragma once

#include "common/core/result.hpp"

#include <sys/socket.h>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>

#include <array>
#include <string>

namespace weir::demo {

/// Reads until the parser has a whole message. `pending` holds what came behind the last message, and afterwards what came behind this one.
template <class Parser>
Result<void> read_message(int socket, Parser& parser, std::string& pending) {
  parser.eager(true);
  std::array<char, 8192> buffer{};
  while (true) {
    boost::system::error_code error;
    if (!pending.empty()) pending.erase(0, parser.put(boost::asio::buffer(pending), error));
    if (error && error != boost::beast::http::error::need_more) {
      return fail(FaultKind::kIo, "a message that is not HTTP: " + error.message());
    }
    if (parser.is_done()) return {};
    const ssize_t got = ::recv(socket, buffer.data(), buffer.size(), 0);
    if (got <= 0) return fail(FaultKind::kIo, "no whole message came");
    pending.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace weir::demo
