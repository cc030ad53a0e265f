// Messages of HTTP over a blocking socket, read by Boost.Beast.
#pragma once

#include "common/core/result.hpp"
#include "common/core/text.hpp"

#include <sys/socket.h>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>

#include <array>
#include <map>
#include <string>
#include <string_view>

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

/// By their names in lower case; of a header that comes twice the last value.
template <class Message>
std::map<std::string, std::string> headers_of(const Message& message) {
  std::map<std::string, std::string> headers;
  for (const auto& field : message) {
    headers[lower({field.name_string().data(), field.name_string().size()})] = std::string(field.value());
  }
  return headers;
}

/// False: the other side took not all of it.
inline bool send_all(int socket, std::string_view text) {
  while (!text.empty()) {
    const ssize_t sent = ::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

}  // namespace weir::demo
