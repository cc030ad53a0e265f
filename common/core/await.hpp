// Waiting for a condition of the outside world (a port that answers, a process that is gone), with a deadline.
#pragma once

#include "common/core/waiting.hpp"

#include <thread>

namespace weir {

/// Asks `holds` every `step` until it says yes (true) or `patience` is over (its last answer).
template <class Condition>
bool await(Milliseconds patience, Condition holds, Milliseconds step = Milliseconds{10}) {
  const Deadline deadline(patience);
  while (!holds()) {
    if (deadline.over()) return holds();
    std::this_thread::sleep_for(step);
  }
  return true;
}

}  // namespace weir
