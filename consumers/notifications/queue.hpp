// The queue of deliveries over weir.delivery_queue. Any number of processes share it: a message is claimed by one of them at a time, tokens
// are taken in the transaction of the claim, and the attempt is committed with it.
//
//   due messages, locked ─► their buckets, locked by key ─► the plan (pure) ─► buckets, deferred, ended, claims and attempts written
//
// A claim and a report may go on at the same time, each on a thread of its own: each kind has its session. What a report learns about
// accounts is told to the next claim. What else the queue needs is done beside both (upkeep.hpp).
#pragma once

#include "common/delivery/queue.hpp"
#include "consumers/notifications/accounts_store.hpp"
#include "consumers/notifications/addresses.hpp"
#include "consumers/notifications/claim_store.hpp"
#include "consumers/notifications/links.hpp"
#include "consumers/notifications/outgoing.hpp"
#include "consumers/notifications/queue_metrics.hpp"
#include "consumers/notifications/queue_session.hpp"
#include "consumers/notifications/report_store.hpp"
#include "consumers/notifications/shared_knowledge.hpp"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

namespace weir::notifications {

struct QueueParts {
  postgres::Settings session;  // as weir_notifications
  std::shared_ptr<const encryption::MasterKeys> masters;
  Accounts accounts;  // the platform's own
  Links links{};
  const Clock& clock;
  telemetry::Metrics* metrics = nullptr;  // none: nothing is measured
  Microseconds clock_step{0};             // moves Postgres' clock, for tests
};

class DeliveryQueue final : public delivery::Queue {
 public:
  explicit DeliveryQueue(QueueParts parts);
  /// Looks whether the tables are there and can be read.
  [[nodiscard]] Result<void> prepare();
  [[nodiscard]] Result<delivery::Claimed> claim(const delivery::Wanted& wanted) override;
  [[nodiscard]] Result<std::size_t> report(std::span<const delivery::Report> reports, std::span<const delivery::Refund> refunds) override;
  /// For tests: moves Postgres' clock.
  void step_clock(Microseconds step) { parts_.clock_step += step; }
  [[nodiscard]] Microseconds clock_step() const { return parts_.clock_step; }

 private:
  struct Claim;
  [[nodiscard]] Result<void> refresh(postgres::Statements& connection);
  /// Sets `plan` to the decisions about the messages.
  [[nodiscard]] Result<delivery::Claimed> claim(postgres::Statements& connection, const delivery::Wanted& wanted, ClaimPlan& plan);
  [[nodiscard]] Result<void> find_rooms(postgres::Statements& connection, Claim& claim);
  void go_over(Claim& claim);
  [[nodiscard]] static bool has_room_left(const Claim& claim);
  [[nodiscard]] Result<void> lock(postgres::Statements& connection, Claim& claim);
  [[nodiscard]] Result<void> take_tokens(postgres::Statements& connection, Claim& claim);
  [[nodiscard]] Result<delivery::Claimed> take(postgres::Statements& connection, Claim& claim);
  [[nodiscard]] std::shared_ptr<const ProviderAccount> account(const std::string& name) const;
  [[nodiscard]] std::map<std::string, Microseconds> pauses_of(std::span<const StandingMessage> standing,
                                                              std::span<const delivery::Report> reports);

  QueueParts parts_;
  QueueSession of_claims_;
  QueueSession of_reports_;
  SharedKnowledge known_;
  // Used by claims alone:
  Addresses addresses_;
  Limits limits_;
  Accounts own_accounts_;  // of organizations
  SteadyInstant refresh_at_{};
  std::map<std::string, Turn> turns_;                           // of channels
  std::map<std::string, std::optional<OrganizationId>> after_;  // the organization that was served last, of channels
  std::set<std::string> unknown_;                               // accounts that are not configured
};

}  // namespace weir::notifications
