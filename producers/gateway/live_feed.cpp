#include "producers/gateway/live_feed.hpp"

#include "common/postgres/listener.hpp"

namespace weir::gateway {

namespace {

constexpr std::size_t kMostWaiting = 1'000;
constexpr Milliseconds kLongestQuestion{10'000};

postgres::Settings brief(postgres::Settings settings) {
  settings.statement_timeout = std::min(settings.statement_timeout, kLongestQuestion);
  return settings;
}

}  // namespace

LiveFeed::LiveFeed(LiveFeedOptions options, TokenVerifier& tokens, Strangers& strangers, const Clock& clock, telemetry::Log& log,
                   telemetry::Metrics& metrics)
    : options_(std::move(options)),
      log_(log),
      feed_(brief(options_.questions), static_cast<std::size_t>(options_.threads)),
      work_(std::make_unique<WorkQueue>("feed", options_.threads, kMostWaiting)),
      streams_(feed_, *work_, options_.streams, clock, log, metrics),
      api_(tokens, strangers, feed_, streams_, *work_, clock, log) {}

LiveFeed::~LiveFeed() {
  listener_.reset();
  work_.reset();
}

Result<void> LiveFeed::check() {
  WEIR_TRY(feed_.after({}, {}, 1));
  // Given up at once: a pooler that would give the session to others is a fault of the configuration, which ends the start.
  WEIR_TRY(postgres::Listener::open(options_.notices, kNoticesChannel));
  return {};
}

void LiveFeed::listen(telemetry::Health& health) {
  listener_ = std::make_unique<FeedListener>(
      options_.notices,
      FeedRinger{.ring = [this](std::span<const UserId> users) { streams_.ring(users); }, .ring_all = [this] { streams_.ring_all(); }},
      log_, health);
}

}  // namespace weir::gateway
