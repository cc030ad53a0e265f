// Live tails (GET /api/tail): each has a thread and a reader of Kafka of its own, and few are open at once. Records are masked by the code
// of `weir tail`. What comes faster than a person reads is counted instead of shown.
//
// A tail reads on only once its viewer has taken what was sent, so that a slow one costs one page of memory; the server drops it when it
// does not take that page within write_timeout. Nothing is lost by that: the log keeps the records, and an event's id says where to go on.
#pragma once

#include "common/http/server.hpp"
#include "common/kafka/client.hpp"
#include "common/telemetry/log.hpp"
#include "operations/commands/tail.hpp"
#include "operations/console/parameters.hpp"
#include "operations/console/tail_place.hpp"

#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace weir::console {

struct TailRequest {
  operations::TailWanted wanted;  // its limit: how many of the last records come first
  std::optional<TailPlace> place{};
};

/// Fault kUsage says what is wrong.
[[nodiscard]] Result<TailRequest> tail_request(const Parameters& parameters, std::string_view last_event_id);

/// Thread-safe. It must outlive the server whose connections its writers are given to.
class Tails {
 public:
  Tails(kafka::Settings kafka, std::size_t most, const Clock& clock);
  ~Tails();
  Tails(const Tails&) = delete;
  Tails& operator=(const Tails&) = delete;

  /// Null where as many are open as may be.
  [[nodiscard]] std::shared_ptr<http::StreamWriter> make(TailRequest request);
  /// Ends all of them, and lets no new one begin.
  void stop();

 private:
  class Tail;
  void reap();

  const kafka::Settings kafka_;
  const std::size_t most_;
  const Clock& clock_;
  std::mutex mutex_;
  std::vector<std::shared_ptr<Tail>> tails_;
  bool stopping_ = false;
};

}  // namespace weir::console
