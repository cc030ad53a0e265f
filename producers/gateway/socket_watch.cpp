// One thread looks at the armed sockets now and then; it is asleep while there are none.
#include "producers/gateway/socket_watch.hpp"

#include <sys/socket.h>

namespace weir::gateway {

namespace {

constexpr Milliseconds kTurn{50};

}  // namespace

SocketWatch::SocketWatch() : thread_([this] { run(); }) {}

SocketWatch::~SocketWatch() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

std::uint64_t SocketWatch::arm(int socket, Milliseconds patience) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t id = ++next_;
  entries_.emplace(id, Entry{socket, clock_.steady() + patience});
  changed_.notify_all();
  return id;
}

void SocketWatch::disarm(std::uint64_t id) {
  const std::lock_guard lock(mutex_);
  entries_.erase(id);
}

void SocketWatch::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (entries_.empty()) {
      changed_.wait(lock);
      continue;
    }
    changed_.wait_for(lock, kTurn);
    const SteadyInstant now = clock_.steady();
    for (const auto& [id, entry] : entries_) {
      if (entry.deadline <= now) ::shutdown(entry.socket, SHUT_RDWR);
    }
  }
}

}  // namespace weir::gateway
