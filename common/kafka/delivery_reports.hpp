// A producer's own thread: it serves delivery reports and errors, and keeps the first failure and the health of the cluster. Private to
// common/kafka.
#pragma once

#include "common/kafka/cluster_probe.hpp"
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
  /// The first failed record since the last call; a failure that no later attempt could heal comes before others.
  [[nodiscard]] std::optional<Fault> take_failure();
  [[nodiscard]] Result<void> healthy() const;
  [[nodiscard]] bool fatal() const;
  void mark_full();
  void wait_for_room(Milliseconds patience);
  /// Lives as long as a call that begins or ends a transaction. An answer of the cluster is awaited meanwhile, and no report brings it.
  class Call {
   public:
    explicit Call(DeliveryReports& reports) : reports_(reports) { ++reports_.calls_; }
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;
    ~Call() { --reports_.calls_; }

   private:
    DeliveryReports& reports_;
  };
  /// An error as a Fault. For the error "fatal" it gives the error that made the client fatal.
  [[nodiscard]] Fault explain(ErrorPtr error, std::string_view where) const;

 private:
  void run();
  void serve(rd_kafka_event_t* event);
  void report(const rd_kafka_message_t& message);
  void note_error(rd_kafka_resp_err_t code, std::string_view text);
  void probe();
  [[nodiscard]] bool is_in_doubt() const;
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
  std::atomic<int> calls_{0};
  ClusterProbe cluster_;
  std::thread thread_;
};

}  // namespace weir::kafka
