#include "demo/receivers/listener.hpp"

#include "common/core/thread_name.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace weir::demo {

Result<std::unique_ptr<Listener>> Listener::open(Serve serve) {
  const int listening = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (listening < 0 || ::bind(listening, generic, size) != 0 || ::listen(listening, SOMAXCONN) != 0 ||
      ::getsockname(listening, generic, &size) != 0) {
    const std::string reason = std::strerror(errno);
    if (listening >= 0) ::close(listening);
    return fail(FaultKind::kIo, "cannot listen on loopback: " + reason);
  }
  return std::unique_ptr<Listener>(new Listener(listening, ntohs(address.sin_port), std::move(serve)));
}

Listener::Listener(int socket, int port, Serve serve)
    : socket_(socket), port_(port), serve_(std::move(serve)), acceptor_([this] { accept_all(); }) {}

Listener::~Listener() {
  {
    const std::lock_guard lock(mutex_);
    is_closing_ = true;
    ::shutdown(socket_, SHUT_RDWR);
    for (const int connection : connections_) ::shutdown(connection, SHUT_RDWR);
  }
  acceptor_.join();
  std::unique_lock lock(mutex_);
  ended_.wait(lock, [this] { return connections_.empty(); });
  ::close(socket_);
}

void Listener::accept_all() {
  name_thread("receivers");
  while (true) {
    const int connection = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
    const std::lock_guard lock(mutex_);
    if (is_closing_) {
      if (connection >= 0) ::close(connection);
      return;
    }
    if (connection < 0) continue;  // a caller that went before it was taken
    const int yes = 1;
    ::setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    connections_.insert(connection);
    std::thread([this, connection] { run(connection); }).detach();
  }
}

void Listener::run(int connection) {
  name_thread("receiver");
  serve_(connection);
  const std::lock_guard lock(mutex_);
  connections_.erase(connection);
  ::close(connection);
  // Under the lock: the listener may be gone as soon as the last connection is known to have ended.
  ended_.notify_all();
}

}  // namespace weir::demo
