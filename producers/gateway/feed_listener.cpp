#include "producers/gateway/feed_listener.hpp"

#include "common/core/thread_name.hpp"
#include "common/core/waiting.hpp"
#include "common/postgres/listener.hpp"

#include <algorithm>
#include <utility>

namespace weir::gateway {

namespace {

constexpr Milliseconds kTurn{250};
constexpr Milliseconds kBetweenTries{1'000};
constexpr Milliseconds kBetweenQuestions{15'000};  // by which a session that has died unseen is found
constexpr std::size_t kUuidSize = 36;

}  // namespace

std::vector<UserId> users_of(std::string_view payload) {
  std::vector<UserId> users;
  while (!payload.empty()) {
    const std::size_t comma = std::min(payload.find(','), payload.size());
    const std::string_view one = payload.substr(0, comma);
    if (one.size() == kUuidSize) {
      if (const auto id = Uuid::parse(one)) users.push_back(UserId{*id});
    }
    payload.remove_prefix(std::min(comma + 1, payload.size()));
  }
  return users;
}

FeedListener::FeedListener(postgres::Settings settings, FeedRinger ringer, telemetry::Log& log, telemetry::Health& health)
    : settings_(std::move(settings)), ringer_(std::move(ringer)), log_(log), health_(health), thread_([this] { run(); }) {}

FeedListener::~FeedListener() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stopped_.notify_all();
  thread_.join();
}

void FeedListener::run() {
  name_thread("listen");
  do {
    if (const auto listened = listen(); !listened) {
      health_.not_ready("stream", "nobody hears of new messages: " + listened.error().line());
      log_.fault("stream_not_listening", listened.error());
    }
  } while (pause(kBetweenTries));
}

Result<void> FeedListener::listen() {
  auto listener = WEIR_TRY(postgres::Listener::open(settings_, kNoticesChannel));
  health_.ready("stream");
  ringer_.ring_all();
  Pause question(kBetweenQuestions);
  question.begin();
  while (pause(Milliseconds{0})) {
    const auto heard = WEIR_TRY(listener.wait(kTurn));
    for (const std::string& notice : heard) ringer_.ring(users_of(notice));
    if (!question.over()) continue;
    WEIR_TRY(listener.check());
    question.begin();
  }
  return {};
}

bool FeedListener::pause(Milliseconds patience) {
  std::unique_lock lock(mutex_);
  return !stopped_.wait_for(lock, patience, [this] { return stopping_; });
}

}  // namespace weir::gateway
