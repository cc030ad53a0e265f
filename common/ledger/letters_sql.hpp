// The statements by which kept records are tried again.
#pragma once

#include "common/ledger/ledger_sql.hpp"

namespace weir::ledger {

extern const Statement kLettersParked;
extern const Statement kLettersRead;
extern const Statement kLettersRedriven;
extern const Statement kLettersMark;
extern const Statement kLettersLock;
extern const Statement kLettersEnd;

}  // namespace weir::ledger
