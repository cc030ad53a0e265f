#include "tests/component/chaos/toy_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace weir::testing {
namespace {

constexpr int kPollMs = 20;

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

bool readable(int socket, int patience_ms) {
  pollfd entry{socket, POLLIN, 0};
  return ::poll(&entry, 1, patience_ms) > 0;
}

}  // namespace

ToyServer::ToyServer() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address = loopback(0);
  socklen_t length = sizeof address;
  WEIR_ASSERT(::bind(listener_, reinterpret_cast<sockaddr*>(&address), length) == 0 && ::listen(listener_, 8) == 0);
  WEIR_ASSERT(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length) == 0);
  port_ = ntohs(address.sin_port);
  accepting_ = std::jthread([this](const std::stop_token& stop) { accept_all(stop); });
}

ToyServer::~ToyServer() {
  accepting_ = {};
  links_.clear();
  ::close(listener_);
}

std::string ToyServer::received() const {
  const std::lock_guard lock(mutex_);
  return received_;
}

void ToyServer::accept_all(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    if (!readable(listener_, kPollMs)) continue;
    const int socket = ::accept(listener_, nullptr, nullptr);
    if (socket >= 0) links_.emplace_back([this, socket](const std::stop_token& its) { serve(its, socket); });
  }
}

void ToyServer::serve(const std::stop_token& stop, int socket) {
  std::array<char, 4096> buffer{};
  while (!stop.stop_requested()) {
    if (!readable(socket, kPollMs)) continue;
    const ssize_t got = ::recv(socket, buffer.data(), buffer.size(), 0);
    if (got <= 0) {
      if (got < 0 && errno == ECONNRESET) ++reset_;
      ++ended_;
      break;
    }
    const std::string bytes(buffer.data(), static_cast<std::size_t>(got));
    {
      const std::lock_guard lock(mutex_);
      received_ += bytes;
    }
    for (std::size_t sent = 0; sent < bytes.size();) {
      const ssize_t written = ::send(socket, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
      if (written <= 0) break;
      sent += static_cast<std::size_t>(written);
    }
  }
  ::close(socket);
}

ToyClient::ToyClient(int port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const sockaddr_in address = loopback(port);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) connect_error_ = errno;
}

ToyClient::~ToyClient() { ::close(socket_); }

void ToyClient::send(const std::string& bytes) const {
  WEIR_ASSERT(::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size()));
}

std::string ToyClient::receive(std::size_t size, Milliseconds patience) const {
  const SystemClock clock;
  const SteadyInstant deadline = clock.steady() + patience;
  std::string all;
  while (all.size() < size && clock.steady() < deadline) {
    if (!readable(socket_, kPollMs)) continue;
    std::array<char, 4096> buffer{};
    const ssize_t got = ::recv(socket_, buffer.data(), std::min(buffer.size(), size - all.size()), 0);
    if (got <= 0) break;
    all.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return all;
}

bool ToyClient::is_reset(Milliseconds patience) const {
  if (!readable(socket_, static_cast<int>(patience.count()))) return false;
  char byte = 0;
  return ::recv(socket_, &byte, 1, 0) < 0 && errno == ECONNRESET;
}

}  // namespace weir::testing
