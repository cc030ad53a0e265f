// A client of GET /v1/stream that reads event after event, and can be cut at any moment.
#pragma once

#include "common/core/waiting.hpp"
#include "tests/unit/http/client.hpp"

#include <optional>
#include <string>

namespace weir::testing {

struct StreamEvent {
  std::string id;
  std::string data;
};

class StreamClient {
 public:
  StreamClient(int port, const std::string& token, const std::string& last_event = {}) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return;
    std::string ask = "GET /v1/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + token + "\r\n";
    if (!last_event.empty()) ask += "Last-Event-ID: " + last_event + "\r\n";
    ask += "\r\n";
    static_cast<void>(::send(socket_, ask.data(), ask.size(), MSG_NOSIGNAL));
  }
  StreamClient(const StreamClient&) = delete;
  StreamClient& operator=(const StreamClient&) = delete;
  StreamClient(StreamClient&& other) noexcept : socket_(std::exchange(other.socket_, -1)), received_(std::move(other.received_)) {}
  StreamClient& operator=(StreamClient&&) = delete;
  ~StreamClient() {
    if (socket_ >= 0) ::close(socket_);
  }

  /// The next event; none where it does not come in time, or the stream has ended.
  std::optional<StreamEvent> next(Milliseconds patience) {
    const Deadline deadline(patience);
    while (true) {
      const std::size_t end = received_.find("\n\n");
      if (end != std::string::npos) {
        const std::string block = received_.substr(0, end + 1);
        received_.erase(0, end + 2);
        const std::size_t id = block.rfind("id: ", block.find("\nevent: "));
        const std::size_t data = block.find("\ndata: ");
        if (data == std::string::npos) continue;
        return StreamEvent{block.substr(id + 4, block.find('\n', id) - id - 4), block.substr(data + 7, block.size() - data - 8)};
      }
      if (!more(deadline)) return std::nullopt;
    }
  }

  /// The head of the answer: true once it has come.
  bool opened(Milliseconds patience) {
    const Deadline deadline(patience);
    while (received_.find("\r\n\r\n") == std::string::npos) {
      if (!more(deadline)) return false;
    }
    return received_.starts_with("HTTP/1.1 200 ");
  }

  /// Whether the other side ends it in time.
  bool ends(Milliseconds patience) {
    const Deadline deadline(patience);
    while (more(deadline)) continue;
    return ended_;
  }

 private:
  bool more(const Deadline& deadline) {
    pollfd waiting{.fd = socket_, .events = POLLIN, .revents = 0};
    if (ended_ || ::poll(&waiting, 1, static_cast<int>(deadline.left().count())) <= 0) return false;
    char bytes[16'384];
    const ssize_t count = ::recv(socket_, bytes, sizeof bytes, 0);
    if (count <= 0) {
      ended_ = true;
      return false;
    }
    received_.append(bytes, static_cast<std::size_t>(count));
    return true;
  }

  int socket_;
  bool ended_ = false;
  std::string received_;
};

}  // namespace weir::testing
