#include "tests/bench/notifications/receiver.hpp"

#include "tests/bench/support/bench.hpp"

#include <fmt/format.h>

#include <charconv>
#include <utility>

namespace weir::bench {

namespace {

constexpr std::size_t kMostConnections = 4'096;
constexpr std::size_t kIdLength = 36;

}  // namespace

Receiver::Receiver(Milliseconds delay) : delay_(delay) {
  http::Limits limits;
  limits.max_connections = kMostConnections;
  server_ = must(http::Server::start(
      "127.0.0.1:0",
      [this](http::Request request, http::Responder respond) {
        took(request.body);
        const std::lock_guard lock(mutex_);
        waiting_.push_back({clock_.steady() + delay_, std::move(respond)});
        changed_.notify_one();
      },
      limits));
  answering_ = std::thread([this] { answer(); });
}

Receiver::~Receiver() {
  {
    const std::lock_guard lock(mutex_);
    is_over_ = true;
  }
  changed_.notify_one();
  answering_.join();
}

std::string Receiver::url() const { return fmt::format("http://127.0.0.1:{}", server_->port()); }

std::size_t Receiver::messages() const {
  const std::lock_guard lock(mutex_);
  return arrivals_.size();
}

std::unordered_map<std::string, Instant> Receiver::arrivals() const {
  const std::lock_guard lock(mutex_);
  return arrivals_;
}

std::size_t Receiver::repeats() const {
  const std::lock_guard lock(mutex_);
  return repeats_;
}

std::size_t Receiver::calls() const {
  const std::lock_guard lock(mutex_);
  return calls_;
}

Percentiles Receiver::take_delays() {
  const std::lock_guard lock(mutex_);
  return std::exchange(delays_, Percentiles());
}

void Receiver::took(std::string_view body) {
  // The data of an event is JSON within a string of JSON.
  constexpr std::string_view kId = R"(\"id\":\")";
  constexpr std::string_view kAt = R"(\"at\":)";
  const Instant came = clock_.now();
  const std::int64_t now = unix_us(came);
  const std::lock_guard lock(mutex_);
  ++calls_;
  for (std::size_t at = body.find(kId); at != std::string_view::npos; at = body.find(kId, at)) {
    at += kId.size();
    if (!arrivals_.emplace(body.substr(at, kIdLength), came).second) ++repeats_;
    const std::size_t time = body.find(kAt, at);
    if (time == std::string_view::npos) continue;
    std::int64_t began = 0;
    std::from_chars(body.data() + time + kAt.size(), body.data() + body.size(), began);
    delays_.add(static_cast<double>(now - began) / 1e3);
  }
}

void Receiver::answer() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return is_over_ || !waiting_.empty(); });
    if (is_over_) return;
    const SteadyInstant due = waiting_.front().due;
    if (changed_.wait_until(lock, due, [this] { return is_over_; })) return;
    const http::Responder respond = std::move(waiting_.front().respond);
    waiting_.pop_front();
    lock.unlock();
    http::Response answer;
    answer.body = "{}";
    respond(std::move(answer));
    lock.lock();
  }
}

}  // namespace weir::bench
