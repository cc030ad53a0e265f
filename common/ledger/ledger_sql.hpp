// The ledger's statements, each with its name.
#pragma once

#include <string>
#include <string_view>

namespace weir::ledger {

struct Statement {
  std::string_view name;
  std::string sql;
};

extern const Statement kAdopt;
extern const Statement kIntroduce;
extern const Statement kLookAtOwner;
extern const Statement kEndOwner;
extern const Statement kDispossess;
extern const Statement kClaim;
extern const Statement kOpenGap;
extern const Statement kAdmitKeyForm;
extern const Statement kKeepRefusedWakeup;
extern const Statement kForgetRefusedWakeup;
extern const Statement kRefusedKeys;
extern const Statement kAcceptedDeaths;
extern const Statement kBindTopic;
extern const Statement kRelease;
extern const Statement kMarkAttempt;
extern const Statement kMove;
extern const Statement kCount;
extern const Statement kMark;
extern const Statement kBury;
extern const Statement kForgetLetters;
extern const Statement kStandings;
extern const Statement kRecordGap;
extern const Statement kPauses;
extern const Statement kWatermarks;

/// The end of a statement whose WITH clause `kept` gives letters with their status: a row of weir.outbox for each that is dead, so that
/// whoever reads weir.dlq hears of it. Nobody hears of those that are parked.
inline constexpr std::string_view kTellDeaths = R"(
INSERT INTO weir.outbox (aggregate_type, aggregate_id, type, payload, headers)
SELECT e.aggregate_type, e.aggregate_id, e.type, e.payload, e.headers
  FROM kept k
 CROSS JOIN LATERAL weir.dead_letter_event(k.id, k.group_id, k.topic, k.partition, k.record_offset, k.reason, k.fault_path, k.attempts) e
 WHERE k.status = 'dead')";

/// Makes a session's temporary table, which COPY fills and the transaction's end empties.
extern const std::string kDeadLetterTable;
extern const std::string kDeadLetterCopy;

}  // namespace weir::ledger
