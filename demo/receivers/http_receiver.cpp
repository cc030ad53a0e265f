#include "demo/receivers/http_receiver.hpp"

#include "common/core/text.hpp"
#include "demo/clients/http_message.hpp"

#include <boost/beast/http/string_body.hpp>

namespace weir::demo {
namespace {

std::string text_of(const Reply& reply) {
  std::string text = "HTTP/1.1 " + std::to_string(reply.status) + " \r\n";
  for (const auto& [name, value] : reply.headers) text += name + ": " + value + "\r\n";
  return text + "Content-Type: application/json\r\nContent-Length: " + std::to_string(reply.body.size()) + "\r\n\r\n" + reply.body;
}

bool send_all(int socket, std::string_view text) {
  while (!text.empty()) {
    const ssize_t sent = ::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
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
    Request request{.target = std::string(parser.get().target()), .headers = {}, .body = std::move(parser.get().body())};
    for (const auto& field : parser.get()) {
      request.headers[lower({field.name_string().data(), field.name_string().size()})] = std::string(field.value());
    }
    const std::optional<Reply> reply = answer(request);
    if (!reply) return await_end(socket);
    if (!send_all(socket, text_of(*reply))) return;
  }
}

}  // namespace weir::demo
