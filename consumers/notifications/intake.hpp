// The messages of a batch of events, step by step: which rules match, whom they ask for, what is planned, and what is written of it once it
// is known which messages are new. Between the steps the consumer asks Postgres.
#pragma once

#include "common/runtime/event.hpp"
#include "consumers/notifications/messages_store.hpp"
#include "consumers/notifications/receivers_store.hpp"

#include <set>
#include <span>
#include <unordered_set>
#include <vector>

namespace weir::notifications {

class Intake {
 public:
  Intake(const MessageSettings& settings, Instant now) : settings_(settings), now_(now) {}

  /// The events must outlive this object.
  void add(const Occurrence& event);
  [[nodiscard]] const Wanted& wanted() const { return wanted_; }
  [[nodiscard]] bool is_empty() const { return matches_.empty(); }
  void plan_all(const Found& found);
  /// In order of id, each id once.
  [[nodiscard]] std::vector<const PlannedMessage*> messages() const;
  /// The rows of the messages that are new, filled.
  [[nodiscard]] std::vector<MessageRow> fill(const std::unordered_set<Uuid>& fresh, const Found& found);
  [[nodiscard]] std::set<Cancellation> cancellations(const std::unordered_set<Uuid>& fresh) const;
  /// How each event ended, in the order in which they were added. A repeat within the batch is one, too.
  [[nodiscard]] std::vector<runtime::Outcome> outcomes(const std::unordered_set<Uuid>& fresh) const;

 private:
  struct Match {
    std::size_t event;
    const Rule* rule;
  };
  struct Planned {
    PlannedMessage message;
    Match of;
  };
  void want(const Occurrence& event, const Rule& rule);
  [[nodiscard]] Receivers receivers_of(const Occurrence& event, const Rule& rule, const Found& found) const;
  [[nodiscard]] Variables values_of(const Planned& planned, const Found& found) const;
  [[nodiscard]] runtime::Outcome outcome_of(std::size_t event) const;

  const MessageSettings& settings_;
  Instant now_;
  std::vector<const Occurrence*> events_;
  std::vector<Match> matches_;
  std::vector<std::size_t> matched_;  // of each event, how many rules
  std::vector<Planned> planned_;
  Wanted wanted_;
};

}  // namespace weir::notifications
