// A consumer client and the records taken from it. Private to common/group.
#pragma once

#include "common/kafka/rdkafka.hpp"

#include <memory>
#include <vector>

namespace weir::group {

struct ConsumerHandle {
  kafka::ClientPtr client;
  kafka::QueuePtr queue;  // destroyed before the client
  void* owner = nullptr;  // the object that the client's callbacks tell; null once it is closed
};

/// The messages of one poll. They must be destroyed before their client.
class TakenMessages {
 public:
  explicit TakenMessages(const ConsumerHandle& handle) : handle_(handle) {}
  TakenMessages(const TakenMessages&) = delete;
  TakenMessages& operator=(const TakenMessages&) = delete;
  ~TakenMessages() {
    for (rd_kafka_message_t* message : messages_) rd_kafka_message_destroy(message);
  }

  /// Waits up to `patience` for a first message, then takes all other messages that are there, up to `most` in all.
  void take(std::size_t most, Milliseconds patience, bool& waiting) {
    // The first message is taken alone, because the batch call would go on waiting for a full batch, and because the rebalance callback
    // ends this wait by rd_kafka_yield, which would lose a message inside the batch call.
    waiting = true;
    rd_kafka_message_t* first = rd_kafka_consumer_poll(handle_.client.get(), kafka::to_ms(patience));
    waiting = false;
    if (first == nullptr) return;
    messages_.resize(most);
    messages_[0] = first;
    std::size_t count = 1;
    if (most > 1) {
      const ssize_t more = rd_kafka_consume_batch_queue(handle_.queue.get(), 0, messages_.data() + 1, most - 1);
      if (more > 0) count += static_cast<std::size_t>(more);
    }
    messages_.resize(count);
  }

  [[nodiscard]] const std::vector<rd_kafka_message_t*>& messages() const { return messages_; }

 private:
  const ConsumerHandle& handle_;
  std::vector<rd_kafka_message_t*> messages_;
};

}  // namespace weir::group
