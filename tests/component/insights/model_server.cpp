#include "tests/component/insights/model_server.hpp"

#include "common/core/result.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace weir::testing {

namespace {

constexpr std::size_t kMostConnections = 4'096;

constexpr const char* kAnswer =
    R"({"id":"msg_1","type":"message","role":"assistant","model":"bench","content":[{"type":"text","text":"{\"title\":\"You are doing well\",\"body\":\"There is something to look at.\",\"evidence\":[\"E1\"]}"}],"stop_reason":"end_turn","usage":{"input_tokens":400,"output_tokens":40}})";

}  // namespace

ModelServer::ModelServer(Milliseconds delay) : delay_(delay) {
  http::Limits limits;
  limits.max_connections = kMostConnections;
  auto started = http::Server::start(
      "127.0.0.1:0",
      [this](http::Request, http::Responder respond) {
        const std::lock_guard lock(mutex_);
        ++calls_;
        waiting_.push_back({clock_.steady() + delay_, std::move(respond)});
        most_ = std::max(most_, waiting_.size());
        changed_.notify_one();
      },
      limits);
  WEIR_ASSERT(started.has_value());
  server_ = std::move(*started);
  answering_ = std::thread([this] { answer(); });
}

ModelServer::~ModelServer() {
  {
    const std::lock_guard lock(mutex_);
    is_over_ = true;
  }
  changed_.notify_one();
  answering_.join();
}

std::string ModelServer::url() const { return fmt::format("http://127.0.0.1:{}", server_->port()); }

std::size_t ModelServer::calls() const {
  const std::lock_guard lock(mutex_);
  return calls_;
}

std::size_t ModelServer::most_in_flight() const {
  const std::lock_guard lock(mutex_);
  return most_;
}

void ModelServer::answer() {
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
    answer.body = kAnswer;
    respond(std::move(answer));
    lock.lock();
  }
}

}  // namespace weir::testing
