#include "tests/component/ledger/severing_proxy.hpp"

#include "common/core/result.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <string_view>

namespace weir::testing {

namespace {

constexpr int kPollMs = 50;

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

bool readable(int socket) {
  pollfd entry{socket, POLLIN, 0};
  return poll(&entry, 1, kPollMs) > 0;
}

bool write_all(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

std::string read_some(int socket) {
  std::array<char, 65536> buffer{};
  const auto got = recv(socket, buffer.data(), buffer.size(), 0);
  return got <= 0 ? std::string() : std::string(buffer.data(), static_cast<std::size_t>(got));
}

}  // namespace

SeveringProxy::SeveringProxy(int postgres_port) : postgres_port_(postgres_port), listener_(socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in address = loopback(0);
  socklen_t length = sizeof address;
  WEIR_ASSERT(bind(listener_, reinterpret_cast<sockaddr*>(&address), length) == 0 && listen(listener_, 8) == 0);
  WEIR_ASSERT(getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length) == 0);
  port_ = ntohs(address.sin_port);
  accepting_ = std::jthread([this](const std::stop_token& stop) { accept_all(stop); });
}

SeveringProxy::~SeveringProxy() {
  accepting_ = {};
  relays_.clear();
  close(listener_);
}

void SeveringProxy::accept_all(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    if (!readable(listener_)) continue;
    const int client = accept(listener_, nullptr, nullptr);
    if (client >= 0) relays_.emplace_back([this, client](const std::stop_token& relay_stop) { relay(relay_stop, client); });
  }
}

void SeveringProxy::relay(const std::stop_token& stop, int client) {
  const int server = socket(AF_INET, SOCK_STREAM, 0);
  const sockaddr_in address = loopback(postgres_port_);
  bool open = connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  while (open && !stop.stop_requested()) {
    std::array<pollfd, 2> entries{pollfd{client, POLLIN, 0}, pollfd{server, POLLIN, 0}};
    if (poll(entries.data(), entries.size(), kPollMs) <= 0) continue;
    if (entries[0].revents != 0) {
      const std::string bytes = read_some(client);
      Sever severed = Sever::kNothing;
      // A simple query: 'Q', its length, the text and a zero.
      if (bytes.find(std::string_view("COMMIT\0", 7)) != std::string::npos) severed = sever_.exchange(Sever::kNothing);
      if (severed == Sever::kCommitRequest) break;
      open = !bytes.empty() && write_all(server, bytes);
      if (severed == Sever::kCommitAnswer) {
        while (open && !readable(server)) {
        }
        break;
      }
    }
    if (entries[1].revents != 0) {
      const std::string bytes = read_some(server);
      open = !bytes.empty() && write_all(client, bytes);
    }
  }
  close(client);
  close(server);
}

}  // namespace weir::testing
