// The life of one connection over Boost.Beast, whose headers are slow to compile and are included here alone.
#include "common/http/connection.hpp"

#include "common/core/text.hpp"
#include "common/core/waiting.hpp"
#include "common/http/connection_stream.hpp"
#include "common/http/problem.hpp"
#include "common/http/request_head.hpp"
#include "common/http/response_text.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/read_size.hpp>
#include <boost/beast/http.hpp>

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
    on_lane([](BeastConnection& self) { self.await_request(); });
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
    if (!handling_) return;
    if (!std::exchange(admitting_, false)) return answer(std::move(response));
    if (response.status == kContinue) return invite_body();
    close_after_ = true;  // the body, which the client may or may not send now, is not read
    answer(std::move(response));
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

  /// The deadline of a head begins at its first byte; between requests a connection may be silent for longer.
  void await_request() {
    if (shared_->draining && buffer_.size() == 0) return close();
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(shared_->limits.max_header_bytes));
    parser_->body_limit(shared_->limits.max_body_bytes);
    reading_head_ = true;
    head_only_ = false;
    close_after_ = true;
    if (buffer_.size() > 0) return read_head();
    arm(has_answered_ ? shared_->limits.idle_timeout : shared_->limits.header_timeout);
    socket_.async_read_some(buffer_.prepare(beast::read_size(buffer_, kReadBytes)),
                            [self = shared_from_this()](Error error, std::size_t bytes) {
                              if (error) return self->close();
                              self->buffer_.commit(bytes);
                              self->read_head();
                            });
  }

  void read_head() {
    arm(shared_->limits.header_timeout);
    Error error;
    buffer_.consume(parser_->put(buffer_.data(), error));
    if (error != beast::http::error::need_more) return on_head(error);  // most heads come whole
    beast::http::async_read_header(socket_, buffer_, *parser_,
                                   [self = shared_from_this()](Error failure, std::size_t) { self->on_head(failure); });
  }

  void on_head(Error error) {
    reading_head_ = false;
    if (error) return read_failed(error);
    const auto& message = parser_->get();
    request_ = Request{};
    request_.method = view(message.method_string());
    split_target(view(message.target()), request_);
    request_.peer = peer_;
    for (const auto& field : message) request_.headers.emplace_back(lower(view(field.name_string())), view(field.value()));
    head_only_ = request_.method == "HEAD";
    if (const auto refused = head_refusal(request_, message.version())) return answer_error(refused->status, refused->detail);
    close_after_ = !parser_->keep_alive();
    if (parser_->is_done()) return hand_over(shared_->handler, std::move(request_));
    const bool is_awaiting = message.version() > 10 && !request_.header("expect").empty();
    if (is_awaiting && shared_->admit) return ask_admission();
    if (is_awaiting) return invite_body();
    if (reserve_body()) read_body();
  }

  /// False where it has answered that there is no room.
  [[nodiscard]] bool reserve_body() {
    const auto announced = parser_->content_length();
    const std::size_t bytes = announced ? static_cast<std::size_t>(*announced) : shared_->limits.max_body_bytes;
    if (shared_->reserve_body(bytes)) {
      reserved_ = bytes;
      return true;
    }
    answer_error(503, "The server holds as many request bodies as it may; try again soon.");
    return false;
  }

  /// Expect: 100-continue. The client sends its body only after a handler has seen the head.
  void ask_admission() {
    admitting_ = true;
    hand_over(shared_->admit, request_);
  }

  void invite_body() {
    static constexpr std::string_view kInvitation = "HTTP/1.1 100 Continue\r\n\r\n";
    handling_ = false;
    if (!reserve_body()) return;
    arm(shared_->limits.write_timeout);
    net::async_write(socket_, net::buffer(kInvitation.data(), kInvitation.size()), [self = shared_from_this()](Error error, std::size_t) {
      if (error) return self->close();
      self->read_body();
    });
  }

  void read_body() {
    arm(shared_->limits.body_timeout);
    beast::http::async_read(socket_, buffer_, *parser_, [self = shared_from_this()](Error error, std::size_t) {
      if (error) return self->read_failed(error);
      self->request_.body = std::move(self->parser_->get().body());
      self->hand_over(self->shared_->handler, std::move(self->request_));
    });
  }

  void hand_over(const Handler& handler, Request request) {
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
      handler(std::move(request), [ticket](Response response) { ticket->answer(std::move(response)); });
    } catch (...) {
      // An exception while one request is handled must not end the others.
      ticket->answer({.status = 0, .content_type = {}, .body = {}, .headers = {}});
    }
  }

  void read_failed(Error failure) {
    using beast::http::error;
    if (timed_out_) return answer_error(408, "The request did not arrive in time.");
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
    has_answered_ = true;
    release_body();
    if (response.status == 0) response = problem_response(500, "The request could not be carried out; the server's log says why.");
    if (shared_->draining || response.writer) close_after_ = true;
    write_buffer_ = response_text(
        response, {.head_only = head_only_, .closes = close_after_, .date = date_.text(std::chrono::floor<Seconds>(stamp()))});
    writer_ = std::move(response.writer);
    arm(shared_->limits.write_timeout);
    net::async_write(socket_, net::buffer(write_buffer_), [self = shared_from_this()](Error error, std::size_t) {
      if (error) return self->close();
      if (self->writer_) return self->begin_stream();
      if (self->close_after_) return self->linger();
      self->await_request();
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
  HttpDate date_;
  std::string linger_buffer_;
  std::shared_ptr<StreamWriter> writer_;  // of the answer in hand, until the connection is closed
  std::string pending_;                   // of a stream, behind write_buffer_
  std::shared_ptr<std::atomic<std::size_t>> waiting_ = std::make_shared<std::atomic<std::size_t>>(0);
  std::size_t reserved_ = 0;
  std::optional<net::steady_timer::time_point> deadline_;
  bool watching_ = false;  // the timer is set
  bool reading_head_ = false;
  bool handling_ = false;   // a handler, or the server itself, owes an answer
  bool admitting_ = false;  // it is owed by the handler that admits bodies
  bool has_answered_ = false;
  bool head_only_ = false;
  bool close_after_ = true;
  bool timed_out_ = false;
  bool has_begun_ = false;  // the stream
  bool writing_ = false;    // a part of it
  bool ending_ = false;     // it, by our side
};

}  // namespace

std::shared_ptr<Connection> make_connection(net::ip::tcp::socket socket, IoThread& io_thread, std::shared_ptr<Shared> shared) {
  return std::make_shared<BeastConnection>(std::move(socket), io_thread, std::move(shared));
}

}  // namespace weir::http
