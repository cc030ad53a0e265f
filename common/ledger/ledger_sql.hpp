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
extern const Statement kBury;
extern const Statement kForgetLetters;
extern const Statement kStandings;
extern const Statement kRecordGap;
extern const Statement kWatermarks;

/// Makes a session's temporary table, which COPY fills and the transaction's end empties.
extern const std::string kDeadLetterTable;
extern const std::string kDeadLetterCopy;

}  // namespace weir::ledger
