// A deliverer with all providers, libcurl and a queue in memory, whose messages a test makes. Its pauses are short.
#pragma once

#include "common/delivery/deliverer.hpp"
#include "common/testing/kept_log.hpp"
#include "consumers/notifications/providers/calls.hpp"
#include "tests/component/notification_providers/receivers.hpp"
#include "tests/unit/delivery/fake_queue.hpp"
#include "tests/unit/notifications/providers/loaded.hpp"

#include <map>
#include <memory>
#include <string>

namespace weir::testing {

using namespace notifications;

/// A queue in memory that gives messages with its rows.
class MessageQueue final : public delivery::Queue {
 public:
  explicit MessageQueue(const Clock& clock) : rows(clock) {}
  Result<delivery::Claimed> claim(const delivery::Wanted& wanted) override;
  Result<std::size_t> report(std::span<const delivery::Report> reports, std::span<const delivery::Refund> refunds) override;

  FakeQueue rows;
  std::map<Uuid, Outgoing> messages;
  std::map<Uuid, bool> gone;  // whether the receiver of a refused message is gone
};

class DeliveryWorld {
 public:
  explicit DeliveryWorld(Flags changed = {});
  DeliveryWorld(const DeliveryWorld&) = delete;
  DeliveryWorld& operator=(const DeliveryWorld&) = delete;

  /// A message of a provider, to be changed before the deliverer turns. Ids are of this program alone, and never come twice.
  Outgoing& add(const std::string& provider, const std::string& body = R"({"taskId":"t1"})");
  [[nodiscard]] const Uuid& last() const { return queue.rows.ids.back(); }
  /// Turns until every row has its end, or `patience` is over.
  void run(Milliseconds patience = Seconds{60});
  /// Turns until `holds`.
  template <class Condition>
  void run_until(Condition holds, Milliseconds patience = Seconds{60}) {
    const SteadyInstant end = clock_.steady() + patience;
    while (!holds() && clock_.steady() < end) step();
    REQUIRE(holds());
  }
  [[nodiscard]] const Row& row(const Uuid& id) const { return queue.rows.rows.at(id); }
  /// The verdicts of a row's attempts: "postponed unknown accepted".
  [[nodiscard]] std::string course(const Uuid& id) const;

 private:
  void step();
  SystemClock clock_;
  Loaded loaded_;
  Providers providers_;
  std::map<std::string, std::shared_ptr<const ProviderAccount>> accounts_;
  std::unique_ptr<http::Caller> caller_;
  KeptLog log_{telemetry::LogLevel::kInfo};
  telemetry::Metrics metrics_;
  telemetry::Health health_;
  std::unique_ptr<delivery::Deliverer> deliverer_;

 public:
  MessageQueue queue{clock_};
};

}  // namespace weir::testing
