// What must hold of the tape once everything has ended: every acknowledged event is in it or a dead letter, none twice, in order, under one
// writer at a time, and counted.
#pragma once

#include "tests/chaos/harness/ground.hpp"
#include "tests/chaos/harness/journal.hpp"

#include <cstdint>
#include <string>

namespace weir::chaos {

struct TapeExpectation {
  std::string topic = kEventsTopic;
  bool places = true;    // the journal tells partition and offset of each event
  bool repeats = false;  // the road may have sent an event twice
};

/// Numbers of events, except where another thing is named. All but the first three must be 0.
struct TapeVerdict {
  std::int64_t acknowledged = 0;
  std::int64_t rows = 0;
  std::int64_t dead = 0;
  std::int64_t missing = 0;        // acknowledged, and neither in the tape nor a dead letter
  std::int64_t doubled = 0;        // in the tape twice, or in the tape and a dead letter
  std::int64_t unexpected = 0;     // in the tape or a dead letter, though never acknowledged, or though it had to be refused
  std::int64_t out_of_order = 0;   // after a later one of the same key
  std::int64_t wrong_letters = 0;  // dead letters that name another reason than the true one
  std::int64_t sum_difference = 0;
  std::int64_t miscounted = 0;  // partitions whose outcome counts differ from their rows
  std::int64_t two_writers =
      0;  // epochs of partitions under which two processes wrote, and rows under an older epoch than a row before them
};

[[nodiscard]] TapeVerdict verify_tape(Ground& ground, Journal& journal, const TapeExpectation& expectation = {});
/// Reports all figures, and fails the test where one of them is not exact.
void require_exact(const Report& report, const TapeVerdict& verdict);

}  // namespace weir::chaos
