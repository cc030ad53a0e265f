// The load of the bench of notifications: a database with users and a template, and requests for messages in the topic of actions.
#pragma once

#include "common/kafka/client.hpp"
#include "common/kafka/producer.hpp"
#include "common/postgres/connection.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace weir::bench {

struct Site {
  std::string dsn;
  std::string prefix;  // of the topics of changes
  std::string actions;
  kafka::Settings broker;
  std::int64_t users = 0;
  std::int64_t organizations = 1;
  std::int64_t history = 0;
};

/// The n-th user is of the organization that is the rest of n by the number of organizations.
[[nodiscard]] std::string user_id(std::int64_t number);
[[nodiscard]] std::string organization_id(std::int64_t number);

/// `history`: so many messages of the last 30 days, with their attempts, are there already.
[[nodiscard]] Site make_site(std::int64_t users, std::int64_t organizations, std::int64_t history);

class Application {
 public:
  explicit Application(const Site& site);
  /// Requests a message to the next user; messages tell when they were requested.
  void request() { request_for(requested_ % site_.users); }
  void request_for(std::int64_t user);
  /// Waits until Kafka has all requests.
  void flush();

 private:
  const Site& site_;
  SystemClock clock_;
  std::unique_ptr<kafka::Producer> producer_;
  std::int64_t requested_ = 0;
};

}  // namespace weir::bench
