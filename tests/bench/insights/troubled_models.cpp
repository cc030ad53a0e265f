#include "tests/bench/insights/troubled_models.hpp"

#include "common/core/result.hpp"
#include "tests/bench/support/bench.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace weir::bench {

namespace {

constexpr std::size_t kMostConnections = 8'192;
constexpr int kNotFound = 404;

http::Response response_of(const demo::Reply& reply) {
  http::Response response;
  response.status = reply.status;
  response.body = reply.body;
  for (const auto& [name, value] : reply.headers) {
    if (name != "content-type") response.headers.emplace_back(name, value);
  }
  return response;
}

}  // namespace

TroubledModels::TroubledModels(demo::ModelServers::Script script) : script_(std::move(script)) {
  http::Limits limits;
  limits.max_connections = kMostConnections;
  server_ = must(http::Server::start(
      "127.0.0.1:0", [this](const http::Request& request, http::Responder respond) { take(request, std::move(respond)); }, limits));
  answering_ = std::thread([this] { answer(); });
}

TroubledModels::~TroubledModels() {
  {
    const std::lock_guard lock(mutex_);
    is_over_ = true;
  }
  changed_.notify_one();
  answering_.join();
  server_.reset();
}

std::string TroubledModels::url() const { return fmt::format("http://127.0.0.1:{}", server_->port()); }

Microseconds TroubledModels::latest() const {
  const std::lock_guard lock(mutex_);
  return latest_;
}

void TroubledModels::take(const http::Request& raw, http::Responder respond) {
  demo::Request request{.target = raw.path, .headers = {raw.headers.begin(), raw.headers.end()}, .body = raw.body};
  auto read = demo::read_model_request(request);
  if (!read) {
    respond(response_of(demo::Reply{.status = kNotFound, .headers = {}}));
    return;
  }
  const std::lock_guard lock(mutex_);
  const demo::ModelBehaviour behaviour = script_(*read, ++calls_);
  if (behaviour.act == demo::ModelAct::kSilent) {
    silent_.push_back(std::move(respond));
    return;
  }
  const SteadyInstant due = clock_.steady() + behaviour.delay;
  const auto at = owed_.emplace(due, Owed{*std::move(read), behaviour, std::move(respond)});
  if (at == owed_.begin()) changed_.notify_one();
}

void TroubledModels::answer() {
  std::unique_lock lock(mutex_);
  while (!is_over_) {
    if (owed_.empty()) {
      changed_.wait(lock);
      continue;
    }
    const SteadyInstant due = owed_.begin()->first;
    const SteadyInstant now = clock_.steady();
    if (due > now) {
      changed_.wait_for(lock, due - now);
      continue;
    }
    latest_ = std::max(latest_, std::chrono::duration_cast<Microseconds>(now - due));
    const Owed owed = std::move(owed_.extract(owed_.begin()).mapped());
    lock.unlock();
    owed.respond(response_of(demo::model_reply(owed.request, owed.behaviour).value_or(demo::Reply{.status = kNotFound, .headers = {}})));
    lock.lock();
  }
}

}  // namespace weir::bench
