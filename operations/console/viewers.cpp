// A single lock guards all of it. The server is called under it only to hand bytes over or to end a stream, neither of which waits.
#include "operations/console/viewers.hpp"

#include "operations/console/answers.hpp"

#include <algorithm>

namespace weir::console {

namespace {

constexpr Seconds kNew{3};  // a snapshot that a new viewer may begin with

}  // namespace

class Viewers::Viewer final : public http::StreamWriter, public std::enable_shared_from_this<Viewer> {
 public:
  Viewer(Viewers& viewers, std::string last_event_id) : last_event_id_(std::move(last_event_id)), viewers_(viewers) {}
  void opened(std::shared_ptr<http::Stream> body) override { viewers_.opened(shared_from_this(), std::move(body)); }
  void drained() override { viewers_.drained(shared_from_this()); }
  void closed(http::StreamEnd end) override { viewers_.closed(shared_from_this(), end); }

  [[nodiscard]] const std::string& last_event_id() const { return last_event_id_; }
  // Under the lock of the viewers.
  std::shared_ptr<http::Stream> stream;
  std::uint64_t next = 0;

 private:
  const std::string last_event_id_;
  Viewers& viewers_;
};

Viewers::Viewers(std::string boot, const ViewerOptions& options, const Clock& clock, telemetry::Log& log)
    : options_(options), clock_(clock), log_(log), history_(std::move(boot), options.history) {}

Viewers::~Viewers() = default;

std::shared_ptr<http::StreamWriter> Viewers::make(std::string last_event_id) {
  const std::lock_guard lock(mutex_);
  if (stopping_ || lives_.size() >= options_.most) return nullptr;
  return std::make_shared<Viewer>(*this, std::move(last_event_id));
}

void Viewers::ask(http::Responder respond) {
  {
    const std::lock_guard lock(mutex_);
    if (!stopping_ && asked_.size() < options_.most) {
      asked_.push_back(std::move(respond));
      wanted_.notify_all();
      return;
    }
  }
  constexpr int kTooMany = 429;
  respond(refusal(kTooMany, "too_many_viewers", "As many look as may; try again soon."));
}

bool Viewers::await_interest() {
  std::unique_lock lock(mutex_);
  wanted_.wait(lock, [this] { return stopping_ || is_wanted(); });
  return !stopping_;
}

/// Under the lock.
bool Viewers::is_wanted() const {
  return !lives_.empty() || !asked_.empty() || (left_at_ && clock_.steady() - *left_at_ < options_.interest);
}

std::uint64_t Viewers::next() const {
  const std::lock_guard lock(mutex_);
  return history_.next();
}

void Viewers::publish(std::string json) {
  std::vector<http::Responder> asked;
  {
    const std::lock_guard lock(mutex_);
    history_.add(json);
    published_at_ = clock_.steady();
    for (const auto& viewer : lives_) send(*viewer);
    asked.swap(asked_);
  }
  for (const http::Responder& respond : asked) respond(json_answer(json));
}

void Viewers::opened(const std::shared_ptr<Viewer>& viewer, std::shared_ptr<http::Stream> stream) {
  const std::lock_guard lock(mutex_);
  if (stopping_ || lives_.size() >= options_.most) return stream->end();
  viewer->stream = std::move(stream);
  const History::Place place = history_.place_after(viewer->last_event_id());
  viewer->next = place.next;
  // The newest snapshot may be of long ago, when somebody looked last: a new viewer waits for the next one.
  const bool is_old = !published_at_ || clock_.steady() - *published_at_ > kNew;
  if (viewer->last_event_id().empty() && is_old) viewer->next = history_.next();
  if (std::string reset = reset_event(place.missing); !reset.empty()) viewer->stream->send(std::move(reset));
  lives_.push_back(viewer);
  send(*viewer);
  wanted_.notify_all();
}

void Viewers::drained(const std::shared_ptr<Viewer>& viewer) {
  const std::lock_guard lock(mutex_);
  send(*viewer);
}

/// Under the lock.
void Viewers::send(Viewer& viewer) {
  if (!viewer.stream || viewer.stream->waiting() > 0) return;
  auto page = history_.from(viewer.next, options_.page_bytes);
  if (!page) {
    log_.info("viewer_dropped", {{"reason", "it is too far behind"}});
    return viewer.stream->end();
  }
  viewer.next = page->next;
  if (!page->text.empty()) viewer.stream->send(std::move(page->text));
}

void Viewers::closed(const std::shared_ptr<Viewer>& viewer, http::StreamEnd end) {
  if (end == http::StreamEnd::kTooSlow) log_.info("viewer_dropped", {{"reason", "it takes nothing"}});
  const std::lock_guard lock(mutex_);
  viewer->stream = nullptr;
  if (std::erase(lives_, viewer) > 0 && lives_.empty()) left_at_ = clock_.steady();
}

void Viewers::stop() {
  std::vector<http::Responder> asked;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (const auto& viewer : lives_) {
      if (viewer->stream) viewer->stream->end();
    }
    asked.swap(asked_);
    wanted_.notify_all();
  }
  constexpr int kUnavailable = 503;
  for (const http::Responder& respond : asked) respond(refusal(kUnavailable, "unavailable", "The console is stopping."));
}

}  // namespace weir::console
