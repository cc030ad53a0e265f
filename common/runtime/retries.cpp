#include "common/runtime/retries.hpp"

namespace weir::runtime {

Recourse recourse_of(const Fault& fault, int tries) {
  switch (next_action(fault, tries)) {
    case Action::kRetry:
    case Action::kRetryFew:
      return Recourse::kAgain;
    case Action::kPark:
    case Action::kDivide:
      return Recourse::kDivide;
    case Action::kResolveDoubt:
      return Recourse::kAskPostgres;
    case Action::kStop:
      break;
  }
  return Recourse::kStop;
}

bool passes(const Fault& fault) {
  const Recourse last = recourse_of(fault, kFewTries);
  return last == Recourse::kAgain || last == Recourse::kAskPostgres;
}

Recourse recourse_undivided(const Fault& fault, int tries) {
  switch (recourse_of(fault, tries)) {
    case Recourse::kAgain:
    case Recourse::kAskPostgres:
      return Recourse::kAgain;
    case Recourse::kDivide:
      return tries < kFewTries ? Recourse::kAgain : Recourse::kStop;
    case Recourse::kStop:
      break;
  }
  return Recourse::kStop;
}

}  // namespace weir::runtime
