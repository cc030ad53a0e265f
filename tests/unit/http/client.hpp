// A raw client on loopback for tests of servers: it sends bytes as they are and reads what comes, with a deadline.
#pragma once

#include <doctest/doctest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

namespace weir::testing {

class RawClient {
 public:
  explicit RawClient(int port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;
  RawClient(RawClient&& other) noexcept : socket_(std::exchange(other.socket_, -1)), connected_(other.connected_) {}
  RawClient& operator=(RawClient&&) = delete;
  ~RawClient() {
    if (socket_ >= 0) ::close(socket_);
  }

  [[nodiscard]] bool connected() const { return connected_; }

  /// False where the other side no longer takes bytes.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  /// One whole response: head and as many bytes of body as it announces. Shorter where the other side closes before.
  std::string response() {
    while (received_.find("\r\n\r\n") == std::string::npos) {
      if (!more()) return std::exchange(received_, {});
    }
    const std::size_t head = received_.find("\r\n\r\n") + 4;
    std::size_t body = 0;
    const std::size_t length = received_.find("Content-Length: ");
    if (length != std::string::npos && length < head) body = std::stoul(received_.substr(length + 16));
    while (received_.size() < head + body) {
      if (!more()) return std::exchange(received_, {});
    }
    std::string one = received_.substr(0, head + body);
    received_.erase(0, head + body);
    return one;
  }

  /// Everything until the other side closes.
  std::string rest() {
    while (more()) continue;
    return std::exchange(received_, {});
  }

  /// True where the other side closes within the deadline without sending anything more.
  bool closed() { return rest().empty(); }

 private:
  bool more() {
    pollfd waiting{.fd = socket_, .events = POLLIN, .revents = 0};
    constexpr int kDeadlineMs = 120'000;
    if (::poll(&waiting, 1, kDeadlineMs) <= 0) {
      FAIL_CHECK("no answer within the deadline");  // a client may be on a thread of its own, from where a test cannot throw
      return false;
    }
    char bytes[8192];
    const ssize_t count = ::recv(socket_, bytes, sizeof bytes, 0);
    if (count <= 0) return false;
    received_.append(bytes, static_cast<std::size_t>(count));
    return true;
  }

  int socket_;
  bool connected_ = false;
  std::string received_;
};

[[nodiscard]] inline int status_of(const std::string& response) {
  return response.starts_with("HTTP/1.1 ") ? std::stoi(response.substr(9, 3)) : 0;
}
[[nodiscard]] inline std::string body_of(const std::string& response) {
  const std::size_t end = response.find("\r\n\r\n");
  return end == std::string::npos ? std::string{} : response.substr(end + 4);
}

}  // namespace weir::testing
