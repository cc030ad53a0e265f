#include "tests/bench/gateway/http_load.hpp"

#include "common/core/await.hpp"
#include "tests/bench/support/bench.hpp"
#include "tests/bench/support/usage.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <vector>

namespace weir::bench {

namespace {

constexpr int kSilenceMs = 30'000;
constexpr std::string_view kStatusLine = "HTTP/1.1 ";
constexpr std::string_view kLength = "Content-Length: ";

struct Descriptor {
  explicit Descriptor(int opened) : number(opened) {}
  Descriptor(Descriptor&& other) noexcept : number(std::exchange(other.number, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number >= 0) ::close(number);
  }
  int number;
};

/// Its number is -1 where nobody listens.
Descriptor try_connect(int port) {
  Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket.number, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return Descriptor(-1);
  const int yes = 1;
  ::setsockopt(socket.number, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  return socket;
}

Descriptor connect_to(int port) {
  Descriptor socket = try_connect(port);
  if (socket.number < 0) give_up("the server takes no connection");
  return socket;
}

struct Client {
  explicit Client(int port) : socket(connect_to(port)) {}
  Descriptor socket;
  std::string out;
  std::size_t sent = 0;
  std::string in;
  SteadyInstant began;
};

int number_at(std::string_view text) {
  int number = -1;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

/// The status of the answer that `in` begins with, once it is there whole; 0 until then.
int whole_answer(std::string_view in) {
  const std::size_t head = in.find("\r\n\r\n");
  if (head == std::string_view::npos) return 0;
  const std::size_t length = in.substr(0, head).find(kLength);
  const int bytes = length == std::string_view::npos ? 0 : number_at(in.substr(length + kLength.size()));
  if (in.size() < head + 4 + static_cast<std::size_t>(bytes)) return 0;
  return number_at(in.substr(kStatusLine.size()));
}

class Run {
 public:
  explicit Run(const HttpLoad& load) : load_(load), poll_(::epoll_create1(EPOLL_CLOEXEC)) {
    for (int i = 0; i < load.connections; ++i) clients_.emplace_back(load.port);
  }

  HttpLoadResult go() {
    const double cpu = own_cpu_seconds();
    const Stopwatch watch;
    for (std::size_t i = 0; i < clients_.size(); ++i) {
      epoll_event wanted{.events = EPOLLIN, .data = {.u64 = i}};
      ::epoll_ctl(poll_.number, EPOLL_CTL_ADD, clients_[i].socket.number, &wanted);
      next(clients_[i], i);
    }
    std::array<epoll_event, 256> ready{};
    while (answered_ < load_.requests) {
      const int count = ::epoll_wait(poll_.number, ready.data(), static_cast<int>(ready.size()), kSilenceMs);
      if (count <= 0) give_up("the server says nothing");
      for (int i = 0; i < count; ++i) serve(ready[static_cast<std::size_t>(i)]);
    }
    result_.seconds = watch.seconds();
    result_.cpu_seconds = own_cpu_seconds() - cpu;
    return std::move(result_);
  }

 private:
  void serve(const epoll_event& event) {
    const std::size_t index = event.data.u64;
    Client& client = clients_[index];
    if ((event.events & EPOLLOUT) != 0) send(client, index);
    if ((event.events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) receive(client, index);
  }

  void next(Client& client, std::size_t index) {
    if (started_ == load_.requests) return;
    client.out.clear();
    client.sent = 0;
    load_.request(started_++, client.out);
    client.began = clock_.steady();
    send(client, index);
  }

  void send(Client& client, std::size_t index) {
    const ssize_t count =
        ::send(client.socket.number, client.out.data() + client.sent, client.out.size() - client.sent, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count < 0 && errno != EAGAIN) give_up("the server broke a connection");
    const bool was_whole = client.sent == 0;
    if (count > 0) client.sent += static_cast<std::size_t>(count);
    const bool whole = client.sent == client.out.size();
    if (whole && was_whole) return;  // the usual case: nothing changes in what is waited for
    epoll_event wanted{.events = whole ? EPOLLIN : EPOLLIN | EPOLLOUT, .data = {.u64 = index}};
    ::epoll_ctl(poll_.number, EPOLL_CTL_MOD, client.socket.number, &wanted);
  }

  void receive(Client& client, std::size_t index) {
    const ssize_t count = ::recv(client.socket.number, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0) give_up("the server ended a connection");
    client.in.append(buffer_.data(), static_cast<std::size_t>(count));
    const int status = whole_answer(client.in);
    if (status == 0) return;
    client.in.clear();
    ++answered_;
    ++result_.statuses[status];
    result_.milliseconds.add(std::chrono::duration<double, std::milli>(clock_.steady() - client.began).count());
    next(client, index);
  }

  const HttpLoad& load_;
  SystemClock clock_;
  Descriptor poll_;
  std::vector<Client> clients_;
  std::array<char, 64UL << 10U> buffer_{};
  std::uint64_t started_ = 0;
  std::uint64_t answered_ = 0;
  HttpLoadResult result_;
};

}  // namespace

void await_port(int port) {
  if (!await(Milliseconds{kSilenceMs}, [port] { return try_connect(port).number >= 0; })) give_up("nobody listens");
}

HttpLoadResult post_all(const HttpLoad& load) { return Run(load).go(); }

}  // namespace weir::bench
