// A producer's own thread: serves delivery reports and errors, keeps the first failure and what is known of the cluster's health.
// Private to common/kafka.
#pragma once

#include "common/kafka/producer.hpp"
#include "common/kafka/rdkafka.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

namespace weir::kafka {

class DeliveryReports {
 public:
  /// `client` must outlive this object and have DR and ERROR events enabled.
  DeliveryReports(rd_kafka_t* client, bool transactional);
  ~DeliveryReports() { stop(); }
  DeliveryReports(const DeliveryReports&) = delete;
  DeliveryReports& operator=(const DeliveryReports&) = delete;

  void stop();
  /// The first failed delivery since the last call, or the first that no later attempt could heal.
  [[nodiscard]] std::optional<Fault> take_failure();
  [[nodiscard]] Result<void> healthy() const;
  [[nodiscard]] bool fatal() const;
  void mark_full();
  void wait_for_room(Milliseconds patience);
  /// An error as a Fault; "fatal" is replaced by what made the client fatal.
  [[nodiscard]] Fault explain(ErrorPtr error, std::string_view where) const;

 private:
  void run();
  void serve(rd_kafka_event_t* event);
  void report(const rd_kafka_message_t& message);
  void note_error(rd_kafka_resp_err_t code, std::string_view text);
  /// Errors tell when the cluster goes away, nothing tells when it is back: while it is away the thread asks.
  void probe();
  [[nodiscard]] Fault explain(rd_kafka_resp_err_t code, std::string_view where, std::string_view detail) const;

  rd_kafka_t* client_;
  bool transactional_;
  QueuePtr queue_;
  mutable std::mutex mutex_;
  std::condition_variable room_;
  std::optional<Fault> failure_;
  std::optional<Fault> down_;
  bool full_ = false;
  std::atomic<bool> stopping_{false};
  SteadyInstant next_probe_{};
  std::thread thread_;
};

}  // namespace weir::kafka
