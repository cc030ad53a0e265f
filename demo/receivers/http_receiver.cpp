#include "demo/receivers/http_receiver.hpp"

#include "demo/clients/http_message.hpp"

#include <boost/beast/http/string_body.hpp>

namespace weir::demo {
namespace {

std::string text_of(const Reply& reply) {
  std::string text = "HTTP/1.1 " + std::to_string(reply.status) + " \r\n";
  for (const auto& [name, value] : reply.headers) text += name + ": " + value + "\r\n";
  return text + "Content-Type: application/json\r\nContent-Length: " + std::to_string(reply.body.size()) + "\r\n\r\n" + reply.body;
}

void await_end(int socket) {
  std::array<char, 512> ignored{};
  while (::recv(socket, ignored.data(), ignored.size(), 0) > 0) continue;
}

}  // namespace

void serve_http(int socket, const Answerer& answer) {
  namespace http = boost::beast::http;
  std::string pending;
  while (true) {
    http::request_parser<http::string_body> parser;
    if (!read_message(socket, parser, pending)) return;
    const std::optional<Reply> reply =
        answer({.target = std::string(parser.get().target()), .headers = headers_of(parser.get()), .body = std::move(parser.get().body())});
    if (!reply) return await_end(socket);
    if (!send_all(socket, text_of(*reply))) return;
  }
}

}  // namespace weir::demo
