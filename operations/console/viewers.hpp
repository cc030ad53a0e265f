// The pages that look (GET /api/stream): each is sent the snapshots in their order, those of the history first that it has missed. A
// snapshot is taken once for all of them, and none while nobody looks.
//
// A viewer is sent to only once it has taken what was sent before, so that a slow one costs one page of memory. It is dropped when it does
// not take that page within the server's write_timeout, or when the history no longer has what comes next.
#pragma once

#include "common/http/server.hpp"
#include "common/telemetry/log.hpp"
#include "operations/console/history.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

namespace weir::console {

struct ViewerOptions {
  std::size_t most = 50;
  std::size_t history = 60;               // snapshots
  std::size_t page_bytes = 256UL << 10U;  // at most so many, and one snapshot more, wait for a viewer
  Seconds interest{30};                   // after the last viewer has left: whoever comes back within it misses nothing
};

/// Thread-safe. It must outlive the server whose connections its writers are given to.
class Viewers {
 public:
  Viewers(std::string boot, const ViewerOptions& options, const Clock& clock, telemetry::Log& log);
  ~Viewers();
  Viewers(const Viewers&) = delete;
  Viewers& operator=(const Viewers&) = delete;

  /// Null where as many look as may.
  [[nodiscard]] std::shared_ptr<http::StreamWriter> make(std::string last_event_id);
  /// Answers with the next snapshot's JSON.
  void ask(http::Responder respond);

  /// Waits until somebody wants a snapshot. False: it was stopped.
  [[nodiscard]] bool await_interest();
  /// The number of the snapshot that comes next.
  [[nodiscard]] std::uint64_t next() const;
  void publish(std::string json);
  /// Ends all streams, and lets no new one begin.
  void stop();

 private:
  class Viewer;
  using Lives = std::vector<std::shared_ptr<Viewer>>;

  void opened(const std::shared_ptr<Viewer>& viewer, std::shared_ptr<http::Stream> stream);
  void drained(const std::shared_ptr<Viewer>& viewer);
  void closed(const std::shared_ptr<Viewer>& viewer, http::StreamEnd end);
  void send(Viewer& viewer);
  [[nodiscard]] bool is_wanted() const;

  const ViewerOptions options_;
  const Clock& clock_;
  telemetry::Log& log_;
  mutable std::mutex mutex_;
  std::condition_variable wanted_;
  History history_;
  Lives lives_;
  std::vector<http::Responder> asked_;
  std::optional<SteadyInstant> published_at_;
  std::optional<SteadyInstant> left_at_;  // when the last viewer left
  bool stopping_ = false;
};

}  // namespace weir::console
