// A blocking socket with timeouts.
#include "demo/clients/http_message.hpp"

#include "demo/clients/http_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <boost/beast/http/string_body.hpp>

#include <cerrno>
#include <cstring>

namespace weir::demo {

Result<void> HttpClient::connect() {
  if (socket_ >= 0) return {};
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval timeout{patience_.count() / 1000, (patience_.count() % 1000) * 1000};
  const int yes = 1;
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
  ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port_));
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return {};
  const std::string reason = std::strerror(errno);
  disconnect();
  return fail(FaultKind::kIo, "cannot connect to 127.0.0.1:" + std::to_string(port_) + ": " + reason);
}

void HttpClient::disconnect() {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
}

Result<HttpAnswer> HttpClient::exchange(std::string_view method, const std::string& target, const Headers& headers, std::string_view body) {
  WEIR_TRY(connect());
  std::string request = std::string(method) + " " + target + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port_) + "\r\n";
  for (const auto& [name, value] : headers) request += name + ": " + value + "\r\n";
  if (method != "GET") request += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  request.append("\r\n").append(body);
  if (!send_all(socket_, request)) {
    disconnect();
    return fail(FaultKind::kIo, "the request was cut off");
  }
  return read_answer();
}

Result<HttpAnswer> HttpClient::read_answer() {
  namespace http = boost::beast::http;
  http::response_parser<http::string_body> parser;
  std::string pending;
  if (const Result<void> read = read_message(socket_, parser, pending); !read) {
    disconnect();
    return fail(read.error().in("127.0.0.1:" + std::to_string(port_)));
  }
  HttpAnswer answer{static_cast<int>(parser.get().result_int()), std::move(parser.get().body()), headers_of(parser.get())};
  if (!parser.get().keep_alive()) disconnect();
  return answer;
}

}  // namespace weir::demo
