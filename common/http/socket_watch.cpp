#include "common/http/socket_watch.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>

namespace weir::http {

namespace {

constexpr std::size_t kMostAtOnce = 256;

void tell(int events, int socket, std::uint32_t wanted) {
  epoll_event event{};
  event.events = wanted;
  event.data.fd = socket;
  if (epoll_ctl(events, EPOLL_CTL_MOD, socket, &event) != 0 && errno == ENOENT) epoll_ctl(events, EPOLL_CTL_ADD, socket, &event);
}

}  // namespace

Result<std::unique_ptr<SocketWatch>> SocketWatch::make() {
  const int events = epoll_create1(EPOLL_CLOEXEC);
  const int bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (events < 0 || bell < 0) {
    if (events >= 0) ::close(events);
    if (bell >= 0) ::close(bell);
    return fail(FaultKind::kIo, "sockets cannot be watched");
  }
  tell(events, bell, EPOLLIN);
  return std::unique_ptr<SocketWatch>(new SocketWatch(events, bell));
}

SocketWatch::~SocketWatch() {
  ::close(events_);
  ::close(bell_);
}

void SocketWatch::watch(int socket, bool to_read, bool to_write) {
  tell(events_, socket, (to_read ? EPOLLIN : 0U) | (to_write ? EPOLLOUT : 0U));
}

void SocketWatch::forget(int socket) { epoll_ctl(events_, EPOLL_CTL_DEL, socket, nullptr); }

std::vector<ReadySocket> SocketWatch::wait(Milliseconds patience) {
  std::array<epoll_event, kMostAtOnce> events{};
  const auto most = static_cast<int>(std::clamp<std::int64_t>(patience.count(), 0, 60'000));
  const int count = epoll_wait(events_, events.data(), static_cast<int>(events.size()), most);
  std::vector<ReadySocket> ready;
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events.at(static_cast<std::size_t>(i));
    if (event.data.fd == bell_) {
      std::uint64_t rings = 0;
      static_cast<void>(::read(bell_, &rings, sizeof rings));
      continue;
    }
    ready.push_back({.socket = event.data.fd,
                     .may_read = (event.events & EPOLLIN) != 0,
                     .may_write = (event.events & EPOLLOUT) != 0,
                     .is_broken = (event.events & (EPOLLERR | EPOLLHUP)) != 0});
  }
  return ready;
}

void SocketWatch::ring() {
  const std::uint64_t once = 1;
  static_cast<void>(::write(bell_, &once, sizeof once));
}

}  // namespace weir::http
