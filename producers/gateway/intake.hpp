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
#include "producers/gateway/strangers.hpp"
#include "producers/gateway/token_verifier.hpp"

namespace weir::gateway {

struct IntakeOptions {
  BodyLimits body;
  JudgeOptions judge;
  Rate stranger_rate;  // requests without a valid key or token, for each address
  TokenRights token_rights;
  std::size_t max_buckets = 100'000;
};

/// Thread-safe. The objects that it is given must outlive it and all requests in hand.
class Intake {
 public:
  /// `tokens` is nullptr where no token is accepted.
  Intake(KeyDirectory& keys, TokenVerifier* tokens, Publisher& publisher, IntakeOptions options, const Clock& clock, telemetry::Log& log,
         telemetry::Metrics& metrics);

  void take(http::Request request, http::Responder respond);
  /// Judges the head of a request that expects 100 Continue: answers 100 where its publisher is known, else the refusal.
  void admit(http::Request request, http::Responder respond);
  /// All requests of this gateway count in it that have no valid key or token, or need none.
  [[nodiscard]] Strangers& strangers() { return strangers_; }

 private:
  struct Work;  // one request whose events are on their way to Kafka
  /// What is done for a publisher who is known.
  using Next = void (Intake::*)(http::Request& request, const Principal& publisher, const http::Responder& respond);

  void identify(http::Request request, http::Responder respond, Next next);
  void with_key(http::Request& request, const KeyAnswer& answer, const http::Responder& respond, Next next);
  void with_token(http::Request& request, const std::string& token, const http::Responder& respond, Next next);
  void invite(http::Request& request, const Principal& publisher, const http::Responder& respond);
  void publish_all(http::Request& request, const Principal& publisher, const http::Responder& respond);
  void publish(const std::shared_ptr<Work>& work, std::vector<std::optional<events::Action>> actions);
  [[nodiscard]] Refusal not_taken(const Fault& fault);
  void finish_one(const std::shared_ptr<Work>& work);

  KeyDirectory& keys_;
  TokenVerifier* tokens_;
  Publisher& publisher_;
  const IntakeOptions options_;
  const Clock& clock_;
  telemetry::Log& log_;
  telemetry::Metrics& metrics_;
  RateTable rates_;
  Strangers strangers_;
  Judge judge_;
  ReaderPool readers_;
};

}  // namespace weir::gateway
