// A ground with receivers of messages: an organization whose users follow it and have an endpoint each, and processes of weir notifications
// that call the receivers.
#pragma once

#include "common/encryption/key_ring.hpp"
#include "tests/chaos/harness/ground.hpp"
#include "tests/chaos/scenarios/arrival_log.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace weir::chaos {

inline constexpr int kFollowers = 50;

/// A message that is put into the queue as the intake would.
struct Draft {
  std::string channel;  // pusher, webhook or email
  int place = 0;        // which channel of Pusher, which endpoint, or which user's mail it goes to
  std::string words;    // that tell its receiver how to behave
};

class MessageGround {
 public:
  explicit MessageGround(const Report& report);

  [[nodiscard]] Ground& ground() { return ground_; }
  [[nodiscard]] ArrivalLog& log() { return log_; }
  [[nodiscard]] demo::SqlSession& session() { return *session_; }
  [[nodiscard]] const Uuid& organization() const { return organization_; }
  [[nodiscard]] const Uuid& agent() const { return agent_; }

  /// A process of weir notifications. `part`: INTAKE, DELIVER, or "" for both.
  Instance& add(const std::string& name, const std::string& part, const std::map<std::string, std::string>& environment = {});
  void insert(std::span<const Draft> drafts);
  /// Adds an endpoint with this URL, and gives its number for a draft's place.
  [[nodiscard]] int add_endpoint(const std::string& url);
  void run(const std::string& sql);
  /// Messages that are in the queue.
  [[nodiscard]] std::int64_t waiting() { return ground_.number("SELECT count(*) FROM weir.delivery_queue"); }

 private:
  static GroundOptions options();
  void found();

  Ground ground_;
  std::optional<demo::SqlSession> session_;
  postgres::Connection owner_;
  encryption::MasterKeys masters_;
  encryption::KeyRing ring_{owner_, masters_};
  ArrivalLog log_;
  Uuid organization_ = Uuid::random();
  Uuid agent_ = Uuid::random();
  std::vector<Uuid> users_;
  std::vector<Uuid> endpoints_;
};

}  // namespace weir::chaos
