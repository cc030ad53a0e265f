// A single lock guards the state of all streams. No question is put to the feed under the lock, and the server is called under it only to
// hand bytes over or to end a stream, neither of which waits.
#include "producers/gateway/live_streams.hpp"

#include "common/core/rate_limit.hpp"
#include "producers/gateway/feed_json.hpp"
#include "producers/gateway/metrics.hpp"

#include <algorithm>
#include <utility>

namespace weir::gateway {

namespace {

constexpr Rate kLogRate{10, Seconds{10}};
constexpr Seconds kAfterFault{1};

std::string_view reason_of(http::StreamEnd end) {
  switch (end) {
    case http::StreamEnd::kEnded:
      return "stopped";
    case http::StreamEnd::kClientLeft:
      return "client_left";
    case http::StreamEnd::kTooSlow:
      return "too_slow";
  }
  return {};
}

}  // namespace

class LiveStreams::Live final : public http::StreamWriter, public std::enable_shared_from_this<Live> {
 public:
  Live(LiveStreams& streams, const Identity& who, const std::optional<FeedPlace>& last_seen) : caller(who), streams_(streams) {
    if (last_seen) cursor.emplace(*last_seen);
  }
  void opened(std::shared_ptr<http::Stream> body) override { streams_.opened(shared_from_this(), std::move(body)); }
  void drained() override { streams_.drained(shared_from_this()); }
  void closed(http::StreamEnd end) override { streams_.closed(shared_from_this(), end); }

  const Identity caller;
  // Only the task that reads for the stream uses these, and there is never a second such task.
  std::optional<StreamCursor> cursor;
  bool sweep_over = false;
  // Under the lock of the streams.
  std::shared_ptr<http::Stream> stream;
  bool has_news = true;     // since the sweep began, or the last one ended
  bool in_sweep = false;    // a sweep has begun, and is not over
  bool is_in_line = false;  // a task reads for it, or will
  bool is_expired = false;
  SteadyInstant sent_at{};
  SteadyInstant read_at{};
  SteadyInstant not_before{};  // after a fault

 private:
  LiveStreams& streams_;
};

LiveStreams::LiveStreams(Feed& feed, WorkQueue& work, const StreamOptions& options, const Clock& clock, telemetry::Log& log,
                         telemetry::Metrics& metrics)
    : feed_(feed), work_(work), options_(options), clock_(clock), log_(log), metrics_(metrics) {}

LiveStreams::~LiveStreams() = default;

LiveStreams::Room LiveStreams::room_for(const UserId& user) const {
  const std::lock_guard lock(mutex_);
  if (stopping_) return Room::kStopping;
  if (open_ >= options_.max_streams) return Room::kFull;
  const auto found = lives_.find(user);
  return found != lives_.end() && found->second.size() >= options_.max_of_user ? Room::kUserFull : Room::kFree;
}

std::shared_ptr<http::StreamWriter> LiveStreams::make(const Identity& caller, const std::optional<FeedPlace>& last_seen) {
  return std::make_shared<Live>(*this, caller, last_seen);
}

void LiveStreams::opened(const std::shared_ptr<Live>& live, std::shared_ptr<http::Stream> stream) {
  const std::lock_guard lock(mutex_);
  if (stopping_) stream->end();
  live->stream = std::move(stream);
  live->sent_at = live->read_at = clock_.steady();
  lives_[live->caller.user].push_back(live);
  ++open_;
  metrics_.of(kStreams).set(static_cast<double>(open_));
  put_in_line(live);
}

void LiveStreams::drained(const std::shared_ptr<Live>& live) {
  const std::lock_guard lock(mutex_);
  put_in_line(live);
}

void LiveStreams::closed(const std::shared_ptr<Live>& live, http::StreamEnd end) {
  const std::lock_guard lock(mutex_);
  live->stream = nullptr;
  const auto found = lives_.find(live->caller.user);
  if (found == lives_.end() || std::erase(found->second, live) == 0) return;
  if (found->second.empty()) lives_.erase(found);
  --open_;
  metrics_.of(kStreams).set(static_cast<double>(open_));
  const bool expired = live->is_expired && end == http::StreamEnd::kEnded;
  metrics_.of(kStreamsEnded, {expired ? "expired" : reason_of(end)}).add();
}

/// Under the lock.
void LiveStreams::put_in_line(const std::shared_ptr<Live>& live) {
  if (!live->stream || live->is_in_line || live->is_expired || !(live->has_news || live->in_sweep)) return;
  if (live->stream->waiting() > 0 || clock_.steady() < live->not_before) return;
  live->is_in_line = true;
  // A sweep that is under way may be past the place at which a row becomes visible, so its news are kept for the next sweep.
  if (!live->in_sweep) live->has_news = false;
  live->in_sweep = true;
  live->read_at = clock_.steady();
  work_.add([this, live] { read_for(live); });
}

void LiveStreams::read_for(const std::shared_ptr<Live>& live) {
  auto page = next_page(*live);
  const std::lock_guard lock(mutex_);
  live->is_in_line = false;
  if (!page) {
    live->not_before = clock_.steady() + kAfterFault;
    if (take(log_full_at_, kLogRate, clock_.steady()).allowed) log_.fault("stream_not_read", page.error());
    return;
  }
  live->in_sweep = !live->sweep_over;
  if (live->stream && !page->empty()) {
    live->sent_at = clock_.steady();
    live->stream->send(std::move(*page));
  }
  put_in_line(live);
}

Result<std::string> LiveStreams::next_page(Live& live) {
  if (!live.cursor) live.cursor.emplace(FeedPlace{WEIR_TRY(feed_.now()), Uuid{}});
  const auto messages = WEIR_TRY(feed_.after(live.caller, live.cursor->place(), options_.page_rows));
  std::string text;
  std::size_t events = 0;
  std::size_t taken = 0;
  while (taken < messages.size() && text.size() < options_.page_bytes) {
    const FeedMessage& message = messages[taken++];
    const Instant now = clock_.now();
    if (!live.cursor->take(message.place(), now)) continue;
    text += message_event(message, now);
    ++events;
  }
  live.sweep_over = taken == messages.size() && messages.size() < options_.page_rows;
  if (live.sweep_over) live.cursor->finish_sweep();
  metrics_.of(kStreamEvents).add(static_cast<double>(events));
  return text;
}

void LiveStreams::ring(std::span<const UserId> users) {
  const std::lock_guard lock(mutex_);
  for (const UserId& user : users) {
    const auto found = lives_.find(user);
    if (found == lives_.end()) continue;
    for (const auto& live : found->second) {
      live->has_news = true;
      put_in_line(live);
    }
  }
}

void LiveStreams::ring_all() {
  for (const auto& live : all()) {
    const std::lock_guard lock(mutex_);
    live->has_news = true;
    put_in_line(live);
  }
}

void LiveStreams::tick() {
  for (const auto& live : all()) {
    const std::lock_guard lock(mutex_);
    if (live->stream) tick_one(live);
  }
}

/// Under the lock.
void LiveStreams::tick_one(const std::shared_ptr<Live>& live) {
  const SteadyInstant now = clock_.steady();
  if (live->caller.expires_at <= clock_.now() && !live->is_expired) {
    live->is_expired = true;
    return live->stream->end();
  }
  if (now - live->read_at >= options_.reread) live->has_news = true;
  if (now - live->sent_at >= options_.heartbeat && live->stream->waiting() == 0) {
    live->sent_at = now;
    live->stream->send(":\n\n");
  }
  put_in_line(live);
}

void LiveStreams::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  for (const auto& live : all()) {
    const std::lock_guard lock(mutex_);
    if (live->stream) live->stream->end();
  }
}

std::size_t LiveStreams::open() const {
  const std::lock_guard lock(mutex_);
  return open_;
}

LiveStreams::Lives LiveStreams::all() const {
  const std::lock_guard lock(mutex_);
  Lives out;
  for (const auto& [user, lives] : lives_) out.insert(out.end(), lives.begin(), lives.end());
  return out;
}

}  // namespace weir::gateway
