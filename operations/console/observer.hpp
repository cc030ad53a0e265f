// Takes a snapshot a second while somebody wants one: the positions and pauses by one session of Postgres, the ends of logs and the ages of
// records by one client of Kafka. What costs more is asked each five seconds.
#pragma once

#include "common/core/waiting.hpp"
#include "common/kafka/log_probe.hpp"
#include "common/process/component.hpp"
#include "operations/console/snapshot.hpp"
#include "operations/console/viewers.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

namespace weir::console {

struct ObserverOptions {
  postgres::Settings postgres;
  kafka::Settings kafka;
  Milliseconds interval{1'000};
  Milliseconds status_interval{5'000};
  Milliseconds patience{2'000};  // of each question to Kafka
};

class Observer {
 public:
  Observer(ObserverOptions options, Viewers& viewers, const Clock& clock, telemetry::Log& log);
  Observer(const Observer&) = delete;
  Observer& operator=(const Observer&) = delete;
  /// Stops the viewers too, whose interest it waits for.
  ~Observer();

  /// The topics that there are, as far as they are known; asked for now and then. Thread-safe.
  [[nodiscard]] std::vector<std::string> topics() const;

 private:
  void run();
  [[nodiscard]] Snapshot look();
  [[nodiscard]] Result<void> ask_postgres(Snapshot& snapshot);
  [[nodiscard]] Result<void> ask_kafka(Snapshot& snapshot);
  void ask_topics();
  void note(std::string_view source, const Result<void>& went);

  const ObserverOptions options_;
  Viewers& viewers_;
  const Clock& clock_;
  telemetry::Log& log_;
  std::optional<postgres::Connection> session_;
  std::unique_ptr<kafka::LogProbe> probe_;
  std::vector<operations::PositionRow> positions_;
  std::optional<Snapshot> before_;
  std::map<std::string, KnownFault, std::less<>> faults_;
  Pause topics_known_{Milliseconds{60'000}};
  mutable std::mutex mutex_;
  std::vector<std::string> topics_;  // under the mutex
  process::StopSignal stop_;
  std::thread thread_;
};

}  // namespace weir::console
