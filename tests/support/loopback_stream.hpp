// A connection to a server on loopback whose answer goes on and on, such as a stream of events: it is read with deadlines, and can be cut
// at any moment.
#pragma once

#include "common/core/waiting.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace weir::testing {

class LoopbackStream {
 public:
  /// Sends `request` as it is. `holds`: how many bytes the socket keeps while nothing is read; 0: as many as the system wants.
  LoopbackStream(int port, std::string_view request, int holds = 0) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    if (holds > 0) ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &holds, sizeof holds);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return;
    static_cast<void>(::send(socket_, request.data(), request.size(), MSG_NOSIGNAL));
  }
  LoopbackStream(const LoopbackStream&) = delete;
  LoopbackStream& operator=(const LoopbackStream&) = delete;
  LoopbackStream(LoopbackStream&& other) noexcept : socket_(std::exchange(other.socket_, -1)), received_(std::move(other.received_)) {}
  LoopbackStream& operator=(LoopbackStream&&) = delete;
  ~LoopbackStream() {
    if (socket_ >= 0) ::close(socket_);
  }

  /// What has come and was not taken yet.
  [[nodiscard]] const std::string& received() const { return received_; }
  /// Waits for more; false where nothing comes in time, or the stream has ended.
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
  /// Takes what has come up to an empty line, with the end of its last line; none where that does not come in time.
  std::optional<std::string> take_block(const Deadline& deadline) {
    std::size_t end = 0;
    while ((end = received_.find("\n\n")) == std::string::npos) {
      if (!more(deadline)) return std::nullopt;
    }
    std::string block = received_.substr(0, end + 1);
    received_.erase(0, end + 2);
    return block;
  }
  /// Whether the other side ends it in time.
  bool ends(Milliseconds patience) {
    const Deadline deadline(patience);
    while (more(deadline)) continue;
    return ended_;
  }

 private:
  int socket_;
  bool ended_ = false;
  std::string received_;
};

}  // namespace weir::testing
