// The life of one connection over Boost.Beast, whose headers are slow to compile and are included here alone.
#include "common/http/connection.hpp"

#include "common/core/text.hpp"
#include "common/core/waiting.hpp"
#include "common/http/connection_stream.hpp"
#include "common/http/problem.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <fmt/chrono.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace weir::http {

namespace {

namespace beast = boost::beast;
using Error = beast::error_code;

constexpr std::size_t kReadBytes = 64UL << 10U;
constexpr Milliseconds kLinger{1'000};
constexpr std::size_t kStreamReadBytes = 256;
constexpr std::size_t kLingerBytes = 8UL << 20U;  // a client that is refused may still be sending its body

std::string_view view(beast::string_view text) { return {text.data(), text.size()}; }

/// Path and query of a request target, in origin form ("/a?b") or absolute form ("http://host/a?b").
void split_target(std::string_view target, Request& request) {
  if (!target.starts_with('/')) {
    const std::size_t scheme = target.find("://");
    if (scheme != std::string_view::npos) {
      const std::size_t path = target.find('/', scheme + 3);
      target = path == std::string_view::npos ? "/" : target.substr(path);
    }
  }
  const std::size_t question = target.find('?');
  request.path = target.substr(0, question);
  if (question != std::string_view::npos) request.query = target.substr(question + 1);
}

/// Why a well-formed head is refused all the same; none: it is not refused.
std::optional<std::pair<int, std::string_view>> refusal(const Request& request, unsigned version) {
  std::size_t hosts = 0;
  for (const auto& [name, value] : request.headers) {
    if (name == "host") ++hosts;
    if (name == "transfer-encoding" && lower(value) != "chunked") return {{501, "The only transfer encoding that is read is chunked."}};
    if (name == "expect" && lower(value) != "100-continue") return {{417, "The only expectation that is met is 100-continue."}};
  }
  if (hosts > 1 || (hosts == 0 && version > 10)) return {{400, "A request has exactly one Host header."}};
  return std::nullopt;
}

class BeastConnection final : public Connection, public std::enable_shared_from_this<BeastConnection> {
 public:
  BeastConnection(net::ip::tcp::socket socket, IoThread& io_thread, std::shared_ptr<Shared> shared)
      : shared_(std::move(shared)), io_thread_(io_thread), socket_(std::move(socket)), timer_(socket_.get_executor()) {
    buffer_.max_size(shared_->limits.max_header_bytes + kReadBytes);
    Error ignored;
    socket_.set_option(net::ip::tcp::no_delay(true), ignored);
    const auto peer = socket_.remote_endpoint(ignored);
    if (!ignored) peer_ = peer.address().to_string();
  }

  void start() override {
    on_lane([](BeastConnection& self) { self.read_head(); });
  }
  void refuse() override {
    on_lane([](BeastConnection& self) { self.answer_error(503, "The server has as many connections as it may hold; try again soon."); });
  }
  void stop_if_idle() override {
    on_lane([](BeastConnection& self) {
      if (self.idle()) self.close();
    });
  }
  void close_now() override {
    on_lane([](BeastConnection& self) { self.close(); });
  }
  void take(Response response) override {
    if (handling_) answer(std::move(response));
  }
  void stream(std::string bytes) override {
    if (!writer_) return;
    pending_ += bytes;
    if (!writing_) write_pending();
  }
  void end_stream() override {
    if (!writer_) return;
    ending_ = true;
    if (!writing_) close();
  }
  /// A responder's answer: from any thread. Nothing keeps the connection, since the server may be gone when the answer is taken.
  void answer_later(Response response) { io_thread_.answer(weak_from_this(), std::move(response)); }

 private:
  template <class Work>
  void on_lane(Work work) {
    net::post(socket_.get_executor(), [self = shared_from_this(), work] { work(*self); });
  }

  [[nodiscard]] bool idle() const { return reading_head_ && buffer_.size() == 0 && !parser_->got_some(); }

  void read_head() {
    if (shared_->draining && buffer_.size() == 0) return close();
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(shared_->limits.max_header_bytes));
    parser_->body_limit(shared_->limits.max_body_bytes);
    reading_head_ = true;
    head_only_ = false;
    close_after_ = true;
    arm(shared_->limits.header_timeout);
    beast::http::async_read_header(socket_, buffer_, *parser_, [self = shared_from_this()](Error error, std::size_t) {
      const bool silent = self->idle();
      self->reading_head_ = false;
      if (error) return self->read_failed(error, silent);
      self->on_head();
    });
  }

  void on_head() {
    const auto& message = parser_->get();
    request_ = Request{};
    request_.method = view(message.method_string());
    split_target(view(message.target()), request_);
    request_.peer = peer_;
    for (const auto& field : message) request_.headers.emplace_back(lower(view(field.name_string())), view(field.value()));
    head_only_ = request_.method == "HEAD";
    if (const auto refused = refusal(request_, message.version())) return answer_error(refused->first, refused->second);
    close_after_ = !parser_->keep_alive();
    if (parser_->is_done()) return handle();
    const auto announced = parser_->content_length();
    const std::size_t bytes = announced ? static_cast<std::size_t>(*announced) : shared_->limits.max_body_bytes;
    if (!shared_->reserve_body(bytes)) {
      close_after_ = true;
      return answer_error(503, "The server holds as many request bodies as it may; try again soon.");
    }
    reserved_ = bytes;
    if (message.version() > 10 && !request_.header("expect").empty()) return invite_body();
    read_body();
  }

  /// Expect: 100-continue. The client waits for this before it sends its body.
  void invite_body() {
    static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    arm(shared_->limits.write_timeout);
    net::async_write(socket_, net::buffer(kContinue.data(), kContinue.size()), [self = shared_from_this()](Error error, std::size_t) {
      if (error) return self->close();
      self->read_body();
    });
  }

  void read_body() {
    arm(shared_->limits.body_timeout);
    beast::http::async_read(socket_, buffer_, *parser_, [self = shared_from_this()](Error error, std::size_t) {
      if (error) return self->read_failed(error, false);
      self->request_.body = std::move(self->parser_->get().body());
      self->handle();
    });
  }

  void handle() {
    disarm();
    handling_ = true;
    // Answers 500 where the handler lets go of it unanswered.
    struct Ticket {
      std::weak_ptr<BeastConnection> connection;
      std::atomic<bool> answered{false};
      void answer(Response response) {
        if (answered.exchange(true)) return;
        if (const auto alive = connection.lock()) alive->answer_later(std::move(response));
      }
      ~Ticket() { answer({.status = 0, .content_type = {}, .body = {}, .headers = {}}); }
    };
    auto ticket = std::make_shared<Ticket>();
    ticket->connection = weak_from_this();
    try {
      shared_->handler(std::move(request_), [ticket](Response response) { ticket->answer(std::move(response)); });
    } catch (...) {
      // An exception while one request is handled must not end the others.
      ticket->answer({.status = 0, .content_type = {}, .body = {}, .headers = {}});
    }
  }

  void read_failed(Error failure, bool silent) {
    using beast::http::error;
    if (timed_out_) return silent ? close() : answer_error(408, "The request did not arrive in time.");
    if (failure == error::header_limit) return answer_error(431, "The request's head is larger than this server reads.");
    if (failure == error::body_limit) {
      const std::string limit = std::to_string(shared_->limits.max_body_bytes);
      return answer_error(413, "The request's body is larger than " + limit + " bytes.");
    }
    if (failure == error::bad_version) return answer_error(505, "Only HTTP/1.0 and HTTP/1.1 are spoken here.");
    const bool ended = failure == error::end_of_stream || failure == error::partial_message;
    const bool parse_error = failure.category() == beast::http::make_error_code(error::bad_method).category();
    if (ended || !parse_error) return close();
    answer_error(400, "The request is not HTTP/1.1: " + failure.message() + ".");
  }

  void answer_error(int status, std::string_view detail) {
    close_after_ = true;
    handling_ = true;
    answer(problem_response(status, detail));
  }

  void answer(Response response) {
    handling_ = false;
    release_body();
    if (response.status == 0) response = problem_response(500, "The request could not be carried out; the server's log says why.");
    if (shared_->draining || response.writer) close_after_ = true;
    write_buffer_ = serialize(response);
    writer_ = std::move(response.writer);
    arm(shared_->limits.write_timeout);
    net::async_write(socket_, net::buffer(write_buffer_), [self = shared_from_this()](Error error, std::size_t) {
      if (error) return self->close();
      if (self->writer_) return self->begin_stream();
      if (self->close_after_) return self->linger();
      self->read_head();
    });
  }

  /// The connection gives back the memory that its request took, because many streams may be open at once, and each for long.
  void begin_stream() {
    disarm();
    parser_.reset();
    buffer_ = {};
    request_ = {};
    write_buffer_ = {};
    linger_buffer_.resize(kStreamReadBytes);
    has_begun_ = true;
    discard_while_streaming();
    writer_->opened(make_stream(weak_from_this(), socket_.get_executor(), waiting_));
  }

  /// The connection goes on reading while it streams, because only a read shows that the client has left.
  void discard_while_streaming() {
    socket_.async_read_some(net::buffer(linger_buffer_), [self = shared_from_this()](Error error, std::size_t) {
      if (error) return self->close();
      self->discard_while_streaming();
    });
  }

  void write_pending() {
    writing_ = true;
    write_buffer_ = std::exchange(pending_, {});
    arm(shared_->limits.write_timeout);
    net::async_write(socket_, net::buffer(write_buffer_), [self = shared_from_this()](Error error, std::size_t bytes) {
      self->writing_ = false;
      if (error || !self->writer_) return self->close();
      self->disarm();
      *self->waiting_ -= bytes;
      if (!self->pending_.empty()) return self->write_pending();
      self->write_buffer_ = {};
      if (self->ending_) return self->close();
      self->writer_->drained();
    });
  }

  void tell_closed() {
    const auto writer = std::exchange(writer_, nullptr);
    if (!writer || !has_begun_) return;
    writer->closed(ending_ ? StreamEnd::kEnded : timed_out_ ? StreamEnd::kTooSlow : StreamEnd::kClientLeft);
  }

  [[nodiscard]] std::string serialize(const Response& response);
  /// Sat, 21 Nov 2026 01:02:03 GMT
  const std::string& http_date();

  /// Closing a socket with unread bytes resets the connection and may take the answer with it: read on for a while.
  void linger() {
    Error ignored;
    socket_.shutdown(net::ip::tcp::socket::shutdown_send, ignored);
    arm(kLinger);
    linger_buffer_.resize(kReadBytes);
    discard(0);
  }

  void discard(std::size_t so_far) {
    socket_.async_read_some(net::buffer(linger_buffer_), [self = shared_from_this(), so_far](Error error, std::size_t bytes) {
      if (error || so_far + bytes > kLingerBytes) return self->close();
      self->discard(so_far + bytes);
    });
  }

  void close() {
    disarm();
    timer_.cancel();
    release_body();
    tell_closed();
    handling_ = false;
    Error ignored;
    socket_.shutdown(net::ip::tcp::socket::shutdown_both, ignored);
    socket_.close(ignored);
    shared_->leave(shared_from_this());
  }

  void release_body() {
    shared_->body_bytes -= reserved_;
    reserved_ = 0;
  }

  /// One deadline at a time; when it passes, what is under way on the socket ends with an error and timed_out_ says why. Nearly all are
  /// met, and to set a timer costs more than to read a request: one that is set for an earlier moment is left, and looks again then.
  void arm(Milliseconds patience) {
    timed_out_ = false;
    deadline_ = net::steady_timer::clock_type::now() + patience;
    if (!watching_ || deadline_ < timer_.expiry()) watch();
  }

  void disarm() { deadline_.reset(); }

  void watch() {
    watching_ = true;
    timer_.expires_at(*deadline_);
    timer_.async_wait([self = shared_from_this()](Error error) {
      if (error) return;  // the timer was set anew meanwhile, or the connection was closed
      self->watching_ = false;
      if (!self->deadline_) return;
      if (*self->deadline_ > net::steady_timer::clock_type::now()) return self->watch();
      self->timed_out_ = true;
      Error ignored;
      self->socket_.cancel(ignored);
    });
  }

  std::shared_ptr<Shared> shared_;
  IoThread& io_thread_;  // of shared_
  net::ip::tcp::socket socket_;
  net::steady_timer timer_;
  beast::flat_buffer buffer_;
  std::optional<beast::http::request_parser<beast::http::string_body>> parser_;
  Request request_;
  std::string peer_;
  std::string write_buffer_;
  std::string date_;  // of date_of_
  std::chrono::sys_seconds date_of_{};
  std::string linger_buffer_;
  std::shared_ptr<StreamWriter> writer_;  // of the answer in hand, until the connection is closed
  std::string pending_;                   // of a stream, behind write_buffer_
  std::shared_ptr<std::atomic<std::size_t>> waiting_ = std::make_shared<std::atomic<std::size_t>>(0);
  std::size_t reserved_ = 0;
  std::optional<net::steady_timer::time_point> deadline_;
  bool watching_ = false;  // the timer is set
  bool reading_head_ = false;
  bool handling_ = false;  // the handler, or the server itself, owes an answer
  bool head_only_ = false;
  bool close_after_ = true;
  bool timed_out_ = false;
  bool has_begun_ = false;  // the stream
  bool writing_ = false;    // a part of it
  bool ending_ = false;     // it, by our side
};

/// A header value cannot end its line.
void append_header(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += ": ";
  const auto begin = static_cast<std::ptrdiff_t>(out.size());
  out += value;
  const auto ends_line = [](char character) { return static_cast<unsigned char>(character) < 0x20 && character != '\t'; };
  std::replace_if(out.begin() + begin, out.end(), ends_line, ' ');
  out += "\r\n";
}

const std::string& BeastConnection::http_date() {
  const auto now = std::chrono::floor<Seconds>(stamp());
  if (now != date_of_) date_ = fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(now.time_since_epoch().count()));
  date_of_ = now;
  return date_;
}

std::string BeastConnection::serialize(const Response& response) {
  std::string out = "HTTP/1.1 " + std::to_string(response.status) + ' ' + std::string(status_text(response.status)) + "\r\n";
  const bool bodiless = response.status == 204 || response.status == 304;
  if (!response.body.empty() || response.writer) append_header(out, "Content-Type", response.content_type);
  if (!bodiless && !response.writer) append_header(out, "Content-Length", std::to_string(response.body.size()));
  append_header(out, "Date", http_date());
  append_header(out, "Connection", close_after_ ? "close" : "keep-alive");
  for (const auto& [name, value] : response.headers) append_header(out, name, value);
  out += "\r\n";
  if (!head_only_ && !bodiless) out += response.body;
  return out;
}

}  // namespace

std::shared_ptr<Connection> make_connection(net::ip::tcp::socket socket, IoThread& io_thread, std::shared_ptr<Shared> shared) {
  return std::make_shared<BeastConnection>(std::move(socket), io_thread, std::move(shared));
}

}  // namespace weir::http
