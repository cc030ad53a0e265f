#include "tests/chaos/harness/proxy.hpp"

#include "common/local/scratch.hpp"
#include "tests/chaos/harness/link.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <list>
#include <mutex>
#include <thread>
#include <vector>

namespace weir::chaos {
namespace {

constexpr Milliseconds kThrottleStep{5};
constexpr int kBacklog = 128;

int listen_on(int port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int on = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 && ::listen(socket, kBacklog) == 0) return socket;
  ::close(socket);
  return -1;
}

}  // namespace

// All members belong to the thread of the loop; other threads hand it actions to run.
class Proxy::Loop {
 public:
  explicit Loop(Protocol protocol) : protocol_(protocol), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    // Another process may take a port between its choice and its use.
    while (listener_ < 0) {
      port_ = local::free_port().value();
      listener_ = listen_on(port_);
    }
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  }
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  ~Loop() {
    thread_.request_stop();
    wake();
    thread_.join();
    links_.clear();
    if (listener_ >= 0) ::close(listener_);
    ::close(wake_);
  }

  /// Runs `action` on the thread of the loop, and waits for its end.
  void perform(std::function<void(Loop&)> action) {
    std::unique_lock lock(mutex_);
    const std::uint64_t ticket = ++asked_;
    actions_.push_back(std::move(action));
    wake();
    performed_.wait(lock, [&] { return done_ >= ticket; });
  }

  [[nodiscard]] int port() const { return port_; }

  void heal() {
    conditions_ = Conditions{.byte_cut = conditions_.byte_cut};
    for (const auto& link : links_) {
      if (link->torn()) link->reset();
    }
    while (listener_ < 0) listener_ = listen_on(port_);
  }
  void refuse() {
    if (listener_ >= 0) ::close(listener_);
    listener_ = -1;
  }
  void reset_all() {
    for (const auto& link : links_) link->reset();
  }
  template <class Predicate>
  [[nodiscard]] std::int64_t count(Predicate holds) const {
    return std::count_if(links_.begin(), links_.end(), [&](const auto& link) { return holds(*link); });
  }

  int server_port_ = 0;
  Conditions conditions_;
  Traps traps_;

 private:
  void wake() const { ::eventfd_write(wake_, 1); }

  void run(const std::stop_token& stop) {
    refilled_ = clock_.steady();
    while (!stop.stop_requested()) {
      const SteadyInstant now = clock_.steady();
      refill(now);
      wait(now);
      std::uint64_t wakes = 0;
      ::eventfd_read(wake_, &wakes);
      serve(clock_.steady());
      perform_actions();
      links_.remove_if([](const auto& link) { return link->ended(); });
    }
    perform_actions();
  }

  void refill(SteadyInstant now) {
    if (conditions_.bytes_per_second > 0) {
      const auto nanoseconds = (now - refilled_).count();
      const std::int64_t more = conditions_.bytes_per_second * nanoseconds / 1'000'000'000;
      if (more == 0) return;
      const std::int64_t most = std::max<std::int64_t>(1, conditions_.bytes_per_second / 10);
      for (std::int64_t& allowance : conditions_.allowance) allowance = std::min(most, allowance + more);
    }
    refilled_ = now;
  }

  // polled_ holds the wake-up, the listener, then two entries a link.
  void wait(SteadyInstant now) {
    polled_.clear();
    polled_.push_back({wake_, POLLIN, 0});
    const bool accepts = server_port_ > 0 && !conditions_.silent;
    polled_.push_back({accepts ? listener_ : -1, POLLIN, 0});
    std::optional<SteadyInstant> due;
    for (const auto& link : links_) {
      const short client = link->interest_client(now);
      const short server = link->interest_server(now);
      polled_.push_back({client == 0 ? -1 : link->client(), client, 0});
      polled_.push_back({server == 0 ? -1 : link->server(), server, 0});
      if (const auto its = link->due(); its && (!due || *its < *due)) due = its;
    }
    int timeout = -1;
    if (due && !conditions_.silent) {
      auto left = std::chrono::ceil<Milliseconds>(std::max(*due - now, SteadyInstant::duration{0}));
      if (conditions_.bytes_per_second > 0) left = std::max(left, kThrottleStep);
      // POLLOUT tells when the receiver can take the bytes that are due.
      if (left.count() > 0) timeout = static_cast<int>(left.count());
    }
    ::poll(polled_.data(), polled_.size(), timeout);
  }

  void serve(SteadyInstant now) {
    std::size_t at = 2;
    for (const auto& link : links_) {
      const short client = polled_[at++].revents;
      const short server = polled_[at++].revents;
      const auto readable = static_cast<short>(POLLIN | POLLHUP | POLLERR);
      if (!link->ended() && (client & POLLOUT) != 0) link->give(Direction::kDownstream, now);
      if (!link->ended() && (server & POLLOUT) != 0) link->give(Direction::kUpstream, now);
      if (!link->ended() && (client & readable) != 0) link->take(Direction::kUpstream, now);
      if (!link->ended() && (server & readable) != 0) link->take(Direction::kDownstream, now);
    }
    if ((polled_[1].revents & POLLIN) == 0) return;
    while (true) {
      const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (client < 0) return;
      links_.push_back(std::make_unique<Link>(client, server_port_, protocol_ == Protocol::kPostgres, conditions_, traps_));
    }
  }

  void perform_actions() {
    const std::lock_guard lock(mutex_);
    for (const auto& action : std::exchange(actions_, {})) {
      action(*this);
      ++done_;
    }
    performed_.notify_all();
  }

  const Protocol protocol_;
  const SystemClock clock_;
  int wake_;
  int port_ = 0;
  int listener_ = -1;
  std::list<std::unique_ptr<Link>> links_;
  std::vector<pollfd> polled_;
  SteadyInstant refilled_{};
  std::mutex mutex_;  // guards what follows
  std::condition_variable performed_;
  std::vector<std::function<void(Loop&)>> actions_;
  std::uint64_t asked_ = 0;
  std::uint64_t done_ = 0;
  std::jthread thread_;
};

Proxy::Proxy(Protocol protocol) : loop_(std::make_unique<Loop>(protocol)) {}
Proxy::~Proxy() = default;
int Proxy::port() const { return loop_->port(); }

void Proxy::aim(int server_port) {
  loop_->perform([&](Loop& loop) { loop.server_port_ = server_port; });
}
void Proxy::delay(Milliseconds one_way) {
  loop_->perform([&](Loop& loop) { loop.conditions_.delay = one_way; });
}
void Proxy::throttle(std::int64_t bytes_per_second) {
  loop_->perform([&](Loop& loop) { loop.conditions_.bytes_per_second = bytes_per_second; });
}
void Proxy::partition() {
  loop_->perform([](Loop& loop) { loop.conditions_.silent = true; });
}
void Proxy::half_open(Direction lost) {
  loop_->perform([&](Loop& loop) { loop.conditions_.swallowed[static_cast<std::size_t>(lost)] = true; });
}
void Proxy::refuse() { loop_->perform(&Loop::refuse); }
void Proxy::heal() { loop_->perform(&Loop::heal); }
void Proxy::reset_all() { loop_->perform(&Loop::reset_all); }

void Proxy::cut_at_byte(Direction direction, std::int64_t bytes, bool goes_through) {
  WEIR_ASSERT(bytes > 0);
  loop_->perform([&](Loop& loop) { loop.conditions_.byte_cut = {direction, goes_through ? bytes : bytes - 1}; });
}
void Proxy::set(const CommitTrap& trap) {
  loop_->perform([&](Loop& loop) { loop.traps_.set(trap); });
}
void Proxy::set(const Refusal& refusal) {
  loop_->perform([&](Loop& loop) { loop.traps_.set(refusal); });
}
void Proxy::set(const StreamStop& stop) {
  loop_->perform([&](Loop& loop) { loop.traps_.set(stop); });
}
void Proxy::clear_traps() {
  loop_->perform([](Loop& loop) {
    loop.traps_.clear();
    loop.conditions_.byte_cut.reset();
  });
}

std::int64_t Proxy::traps_waiting() const {
  std::int64_t waiting = 0;
  loop_->perform([&](Loop& loop) { waiting = loop.traps_.waiting() + (loop.conditions_.byte_cut ? 1 : 0); });
  return waiting;
}
Counters Proxy::counters() const {
  Counters counters;
  loop_->perform([&](Loop& loop) { counters = loop.traps_.counters; });
  return counters;
}
std::int64_t Proxy::open_links() const {
  std::int64_t open = 0;
  loop_->perform([&](Loop& loop) { open = loop.count([](const Link&) { return true; }); });
  return open;
}
std::vector<int> Proxy::server_side_ports() const {
  std::vector<int> ports;
  loop_->perform([&](Loop& loop) {
    static_cast<void>(loop.count([&](const Link& link) {
      ports.push_back(link.port_at_server());
      return true;
    }));
  });
  return ports;
}
std::int64_t Proxy::open_transactions() const {
  std::int64_t open = 0;
  loop_->perform([&](Loop& loop) { open = loop.count([](const Link& link) { return link.in_transaction(); }); });
  return open;
}

}  // namespace weir::chaos
