// Listening, accepting within bounds, draining.
#include "common/http/server.hpp"

#include "common/core/thread_name.hpp"
#include "common/http/connection.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <thread>

namespace weir::http {

namespace {

using Error = boost::system::error_code;
using net::ip::tcp;

constexpr std::size_t kRefusedAtOnce = 64;  // connections over the bound that are told so; more are closed without a word
constexpr Milliseconds kAcceptPause{100};   // after an accept that failed for want of descriptors
constexpr Milliseconds kCloseTime{5'000};   // for connections that were told to close
constexpr std::string_view kListenHint = "give address:port, such as 127.0.0.1:8080 or [::1]:8080 (port 0: a free one)";

Result<tcp::endpoint> parse_listen(const std::string& listen) {
  const std::size_t colon = listen.rfind(':');
  if (colon == std::string::npos)
    return fail(FaultKind::kConfiguration, "listen address '" + listen + "' has no port", std::string(kListenHint));
  std::string host = listen.substr(0, colon);
  const std::string port_text = listen.substr(colon + 1);
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  if (host.empty() || host == "*") host = "0.0.0.0";
  if (host == "localhost") host = "127.0.0.1";
  Error error;
  const net::ip::address address = net::ip::make_address(host, error);
  if (error)
    return fail(FaultKind::kConfiguration, "listen address '" + listen + "': '" + host + "' is no IP address", std::string(kListenHint));
  const bool digits = !port_text.empty() && port_text.size() <= 5 && port_text.find_first_not_of("0123456789") == std::string::npos;
  const int port = digits ? std::stoi(port_text) : -1;
  if (port < 0 || port > 65'535) {
    return fail(FaultKind::kConfiguration, "listen address '" + listen + "': '" + port_text + "' is no port", std::string(kListenHint));
  }
  return tcp::endpoint(address, static_cast<std::uint16_t>(port));
}

using Guard = net::executor_work_guard<net::io_context::executor_type>;

class AsioServer final : public Server {
 public:
  AsioServer(Handler handler, Handler admit, const Limits& limits, int threads)
      : shared_(std::make_shared<Shared>(std::move(handler), std::move(admit), limits, threads)),
        acceptor_(front().io),
        pause_(front().io) {
    for (const auto& io_thread : shared_->io_threads) guards_.emplace_back(io_thread->io.get_executor());
  }
  AsioServer(const AsioServer&) = delete;
  AsioServer& operator=(const AsioServer&) = delete;

  ~AsioServer() override {
    drain(Milliseconds{0});
    for (Guard& guard : guards_) guard.reset();
    for (std::thread& thread : threads_) thread.join();
  }

  Result<void> listen(const std::string& where) {
    const tcp::endpoint endpoint = WEIR_TRY(parse_listen(where));
    Error error;
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(net::socket_base::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(net::socket_base::max_listen_connections, error);
    if (error)
      return fail(FaultKind::kIo, "cannot listen on " + where + ": " + error.message(), "choose an address and port that are free");
    port_ = acceptor_.local_endpoint().port();
    net::post(front().io, [this] { accept(); });
    for (const auto& io_thread : shared_->io_threads)
      threads_.emplace_back([shared = shared_, &io = io_thread->io] {
        name_thread("http");
        io.run();
      });
    return {};
  }

  [[nodiscard]] int port() const override { return port_; }

  void drain(Milliseconds patience) override {
    shared_->draining = true;
    net::post(front().io, [this] {
      Error ignored;
      acceptor_.close(ignored);
      pause_.cancel();
    });
    for (const auto& connection : shared_->connections()) connection->stop_if_idle();
    if (shared_->wait_until_empty(patience)) return;
    for (const auto& connection : shared_->connections()) connection->close_now();
    static_cast<void>(shared_->wait_until_empty(kCloseTime));
  }

 private:
  /// The io_thread that accepts.
  [[nodiscard]] IoThread& front() const { return *shared_->io_threads.front(); }

  /// The threads take connections in turns.
  void accept() {
    IoThread& io_thread = *shared_->io_threads[next_io_thread_++ % shared_->io_threads.size()];
    acceptor_.async_accept(io_thread.io, [this, &io_thread](Error error, tcp::socket socket) {
      if (!acceptor_.is_open() || error == net::error::operation_aborted) return;
      if (error) return accept_later();
      admit(std::move(socket), io_thread);
      accept();
    });
  }

  void accept_later() {
    pause_.expires_after(kAcceptPause);
    pause_.async_wait([this](Error error) {
      if (!error && acceptor_.is_open()) accept();
    });
  }

  void admit(tcp::socket socket, IoThread& io_thread) {
    if (shared_->draining) return;
    const auto connection = make_connection(std::move(socket), io_thread, shared_);
    if (shared_->enter(connection, 0)) return connection->start();
    if (shared_->enter(connection, kRefusedAtOnce)) return connection->refuse();
  }

  std::shared_ptr<Shared> shared_;
  tcp::acceptor acceptor_;
  net::steady_timer pause_;
  std::vector<Guard> guards_;
  std::vector<std::thread> threads_;
  std::size_t next_io_thread_ = 0;
  int port_ = 0;
};

}  // namespace

void IoThread::answer(std::weak_ptr<Connection> connection, Response response) {
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    first = answers_.empty();
    answers_.emplace_back(std::move(connection), std::move(response));
  }
  // Answers that are added before these are taken find the thread woken already.
  if (first) net::post(io, [this] { take_answers(); });
}

void IoThread::take_answers() {
  std::vector<std::pair<std::weak_ptr<Connection>, Response>> answers;
  {
    const std::lock_guard lock(mutex_);
    answers.swap(answers_);
  }
  for (auto& [connection, response] : answers) {
    if (const auto alive = connection.lock()) alive->take(std::move(response));
  }
}

Shared::Shared(Handler handle, Handler admission, const Limits& limit, int threads)
    : handler(std::move(handle)), admit(std::move(admission)), limits(limit) {
  for (int thread = 0; thread < std::max(threads, 1); ++thread) io_threads.push_back(std::make_unique<IoThread>());
}

bool Shared::enter(const std::shared_ptr<Connection>& connection, std::size_t spare) {
  const std::lock_guard lock(mutex_);
  if (connections_.size() >= limits.max_connections + spare) return false;
  connections_.insert(connection);
  return true;
}

void Shared::leave(const std::shared_ptr<Connection>& connection) {
  const std::lock_guard lock(mutex_);
  connections_.erase(connection);
  if (connections_.empty()) left_.notify_all();
}

std::size_t Shared::open() const {
  const std::lock_guard lock(mutex_);
  return connections_.size();
}

std::unordered_set<std::shared_ptr<Connection>> Shared::connections() const {
  const std::lock_guard lock(mutex_);
  return connections_;
}

bool Shared::wait_until_empty(Milliseconds patience) {
  std::unique_lock lock(mutex_);
  return left_.wait_for(lock, patience, [this] { return connections_.empty(); });
}

bool Shared::reserve_body(std::size_t bytes) {
  std::size_t now = body_bytes.load();
  while (now + bytes <= limits.max_total_body_bytes) {
    if (body_bytes.compare_exchange_weak(now, now + bytes)) return true;
  }
  return false;
}

std::string_view Request::header(std::string_view lower_name) const {
  for (const auto& [name, value] : headers) {
    if (name == lower_name) return value;
  }
  return {};
}

Result<std::unique_ptr<Server>> Server::start(const std::string& listen, Handler handler, const Limits& limits, int threads,
                                              Handler admit) {
  auto server = std::make_unique<AsioServer>(std::move(handler), std::move(admit), limits, threads);
  WEIR_TRY(server->listen(listen));
  return server;
}

}  // namespace weir::http
