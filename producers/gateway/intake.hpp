// Handles POST /v1/events: finds the publisher, judges the events, publishes them and answers. An event gets 202 only after Kafka has
// acknowledged it.
#pragma once

#include "common/http/server.hpp"
#include "common/telemetry/log.hpp"
#include "producers/gateway/answers.hpp"
#include "producers/gateway/body.hpp"
#include "producers/gateway/judge.hpp"
#include "producers/gateway/key_directory.hpp"
#include "producers/gateway/publisher.hpp"
#include "producers/gateway/reader_pool.hpp"

namespace weir::gateway {

struct IntakeOptions {
  BodyLimits body;
  JudgeOptions judge;
  Rate stranger_rate;      // requests without a valid key, for each address
  Seconds retry_after{5};  // sent with 503
  std::size_t max_buckets = 100'000;
};

/// Thread-safe. The objects that it is given must outlive it and all requests in hand.
class Intake {
 public:
  Intake(KeyDirectory& keys, Publisher& publisher, IntakeOptions options, const Clock& clock, telemetry::Log& log,
         telemetry::Metrics& metrics);

  void take(http::Request request, http::Responder respond);
  /// Counts a request that needs no key against its address. Returns an answer where the address has sent too many.
  [[nodiscard]] std::optional<http::Response> check_stranger(const std::string& peer);

 private:
  struct Work;  // one request whose events are on their way to Kafka

  void with_key(const http::Request& request, const KeyAnswer& answer, const http::Responder& respond);
  [[nodiscard]] http::Response refuse_stranger(const std::string& peer, std::string detail);
  void publish(const std::shared_ptr<Work>& work, std::vector<std::optional<events::Action>> actions);
  [[nodiscard]] Refusal not_taken(const Fault& fault);
  void finish_one(const std::shared_ptr<Work>& work);

  KeyDirectory& keys_;
  Publisher& publisher_;
  const IntakeOptions options_;
  const Clock& clock_;
  telemetry::Log& log_;
  telemetry::Metrics& metrics_;
  RateTable rates_;
  RateTable strangers_;
  Judge judge_;
  ReaderPool readers_;
};

}  // namespace weir::gateway
