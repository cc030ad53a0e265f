#include "tests/chaos/harness/link.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace weir::chaos {
namespace {

constexpr std::size_t kReadBytes = 65'536;
constexpr std::size_t kPipeBytes = 262'144;  // bytes beyond these stay with the sender

Direction other(Direction direction) { return direction == Direction::kUpstream ? Direction::kDownstream : Direction::kUpstream; }

void prepare(int socket) {
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::fcntl(socket, F_SETFL, ::fcntl(socket, F_GETFL) | O_NONBLOCK);
}

int connect_to(int port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  WEIR_ASSERT(socket >= 0);
  prepare(socket);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  // The first read tells whether the connection was made.
  [[maybe_unused]] const int begun = ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  return socket;
}

}  // namespace

Link::Link(int client, int server_port, bool postgres, Conditions& conditions, Traps& traps)
    : conditions_(conditions), traps_(traps), sockets_{client, connect_to(server_port)} {
  prepare(client);
  if (postgres) session_.emplace(traps);
  ++traps_.counters.links;
}

Link::~Link() {
  if (!ended_) close_both();
}

int Link::port_at_server() const {
  sockaddr_in address{};
  socklen_t length = sizeof address;
  return ::getsockname(server(), reinterpret_cast<sockaddr*>(&address), &length) == 0 ? ntohs(address.sin_port) : -1;
}

bool Link::can_give(Direction direction, SteadyInstant now) const {
  const Pipe& pipe = pipes_[index(direction)];
  if (pipe.chunks.empty()) return pipe.sender_ended && !pipe.end_told;
  return pipe.chunks.front().due <= now && (conditions_.bytes_per_second == 0 || conditions_.allowance[index(direction)] > 0);
}

// A socket from which nothing is to be read or written is not polled, because poll(2) would tell of its end again and again.
short Link::interest(Direction sent_by, SteadyInstant now) const {
  if (conditions_.silent) return 0;
  const Pipe& in = pipes_[index(sent_by)];
  const bool read = !in.sender_ended && in.size < kPipeBytes && !reset_when_given_;
  const bool write = can_give(other(sent_by), now);
  return static_cast<short>((read ? POLLIN : 0) | (write ? POLLOUT : 0));
}

std::optional<SteadyInstant> Link::due() const {
  std::optional<SteadyInstant> earliest;
  for (const Pipe& pipe : pipes_) {
    if (!pipe.chunks.empty() && (!earliest || pipe.chunks.front().due < *earliest)) earliest = pipe.chunks.front().due;
  }
  return earliest;
}

void Link::take(Direction direction, SteadyInstant now) {
  std::array<char, kReadBytes> buffer;
  const ssize_t got = ::recv(sockets_[index(direction)], buffer.data(), buffer.size(), 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got > 0 && reset_when_given_) return;
  if (got > 0) {
    received(direction, std::string(buffer.data(), static_cast<std::size_t>(got)), now);
    return;
  }
  if (direction == Direction::kUpstream && in_transaction() && !pipes_[0].sender_ended) ++traps_.counters.ended_in_transaction;
  if (got < 0) return close_both();
  sender_left(direction);
  give(direction, now);
}

void Link::sender_left(Direction direction) {
  Pipe& pipe = pipes_[index(direction)];
  pipe.sender_ended = true;
  if (!conditions_.swallowed[index(direction)]) return;
  pipe.end_told = true;
  torn_ = true;
}

void Link::received(Direction direction, std::string bytes, SteadyInstant now) {
  if (conditions_.swallowed[index(direction)]) {
    traps_.counters.swallowed_bytes += static_cast<std::int64_t>(bytes.size());
    torn_ = true;
    return;
  }
  traps_.counters.bytes += static_cast<std::int64_t>(bytes.size());
  auto& cut = conditions_.byte_cut;
  if (cut && cut->direction == direction) {
    const auto size = static_cast<std::int64_t>(bytes.size());
    if (size >= cut->left) {
      bytes.resize(static_cast<std::size_t>(cut->left));
      cut.reset();
      ++traps_.counters.byte_cuts;
      reset_when_given_ = true;
    } else {
      cut->left -= size;
    }
  }
  if (!session_) {
    enqueue(direction, std::move(bytes), now);
  } else {
    std::string to_server;
    std::string to_client;
    const Session::Next next =
        direction == Direction::kUpstream ? session_->from_client(bytes, to_server, to_client) : session_->from_server(bytes, to_client);
    if (next == Session::Next::kReset) return reset();
    if (next == Session::Next::kClose) sender_left(Direction::kDownstream);
    enqueue(Direction::kUpstream, std::move(to_server), now);
    enqueue(Direction::kDownstream, std::move(to_client), now);
  }
  give(Direction::kUpstream, now);
  give(Direction::kDownstream, now);
}

void Link::enqueue(Direction direction, std::string bytes, SteadyInstant now) {
  if (bytes.empty()) return;
  Pipe& pipe = pipes_[index(direction)];
  pipe.size += bytes.size();
  pipe.chunks.push_back({now + conditions_.delay, std::move(bytes)});
}

void Link::give(Direction direction, SteadyInstant now) {
  const std::size_t which = index(direction);
  const int receiver = sockets_[1 - which];
  Pipe& pipe = pipes_[which];
  while (!ended_ && !pipe.chunks.empty() && can_give(direction, now)) {
    std::string& bytes = pipe.chunks.front().bytes;
    std::size_t size = bytes.size();
    if (conditions_.bytes_per_second > 0) size = std::min(size, static_cast<std::size_t>(conditions_.allowance[which]));
    const ssize_t written = ::send(receiver, bytes.data(), size, MSG_NOSIGNAL);
    if (written < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (written < 0) return close_both();
    if (conditions_.bytes_per_second > 0) conditions_.allowance[which] -= written;
    pipe.size -= static_cast<std::size_t>(written);
    bytes.erase(0, static_cast<std::size_t>(written));
    if (bytes.empty()) pipe.chunks.pop_front();
  }
  if (ended_ || !pipe.chunks.empty()) return;
  if (reset_when_given_ && pipes_[1 - which].chunks.empty()) return reset();
  if (!pipe.sender_ended) return;
  if (!pipe.end_told) ::shutdown(receiver, SHUT_WR);
  pipe.end_told = true;
  if (pipes_[1 - which].end_told) close_both();
}

void Link::reset() {
  if (ended_) return;
  ++traps_.counters.resets;
  const linger at_once{1, 0};
  for (const int socket : sockets_) ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close_both();
}

void Link::close_both() {
  if (ended_) return;
  ended_ = true;
  for (const int socket : sockets_) ::close(socket);
}

}  // namespace weir::chaos
