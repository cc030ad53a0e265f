#include "tests/chaos/scenarios/refusals.hpp"

#include "tests/chaos/harness/roads.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace weir::chaos {
namespace {

constexpr int kMostAttempts = 7;
constexpr int kGivenUp = 8;  // attempts of a unit that fails by what nobody named
constexpr std::size_t kInTransaction = 4;
constexpr std::int64_t kEventsAUnit = 10;
constexpr std::int64_t kMoreThanEnough = 100'000'000;
constexpr std::int64_t kOwnKeys = 1'000'000;
// By text or name: where a unit of work begins, the consumer reads and writes, counts, moves its positions, and commits.
constexpr std::array<const char*, 6> kStatements{"BEGIN", "tape_epochs", "tape.events", "ledger_count", "ledger_move", "COMMIT"};
constexpr const char* kWrite = "tape.events";

}  // namespace

Refusals::Refusals(std::uint64_t seed, Ground& ground, Journal& journal)
    : dice_(seed),
      ground_(ground),
      begin_(position()),
      generator_({.seed = seed, .events = kMoreThanEnough, .first_key = kOwnKeys}, topic_road(ground.kafka(), kEventsTopic), journal) {
  generator_.allow(0);
}

void Refusals::stop() { CHECK(tape_->stop()); }

void Refusals::settle() {
  allow_more();
  await_settled();
}

void Refusals::hit(const Report& report, std::string_view state, int times) {
  const std::int64_t before = link().counters().refusals;
  int opened = 0;
  for (int hits = 0; hits < times;) {
    const int attempts = std::min(times - hits, some_attempts());
    refuse_one_unit(state, attempts, kStatements[dice_() % kStatements.size()]);
    hits += attempts;
    ++opened;
  }
  // Said to a session that begins: for each unit one more refusal ended the session before.
  const std::int64_t beside = state == "53300" ? opened : 0;
  report.witness("refused_" + std::string(state), link().counters().refusals - before - beside, times);
}

void Refusals::pass_over_one() {
  refuse_one_unit(kStates[dice_() % kInTransaction], some_attempts(), kWrite);
  ++passed_over_;
}

Result<void> Refusals::pass_over_until_given_up(const Report& report) {
  const std::int64_t before = position();
  link().set(Refusal{.sqlstate = "40001", .times = kGivenUp, .of = kWrite});
  allow_more();
  ground_.await("it has given up", [&] { return tape_->ended(); });
  auto outcome = tape_->stop();
  report.exact("records_passed_over", position() - before, 0);
  return outcome;
}

void Refusals::refuse_one_unit(std::string_view state, int attempts, const char* statement) {
  Refusal refusal{.sqlstate = std::string(state), .times = attempts, .of = statement};
  if (state == "53300") {
    link().set(Refusal{.sqlstate = "57P01", .of = statement});
    refusal.of.clear();
  }
  link().set(refusal);
  settle();
  most_attempts_ = std::max(most_attempts_, attempts);
}

int Refusals::some_attempts() { return 1 + static_cast<int>(dice_() % kMostAttempts); }

std::int64_t Refusals::position() { return ground_.number("SELECT coalesce(sum(next_offset), 0)::bigint FROM weir.consumer_offsets"); }

void Refusals::allow_more() { generator_.allow(allowed_ += kEventsAUnit); }

// The road sends an event once, so that positions and events can be compared.
void Refusals::await_settled() {
  ground_.await("the unit of work has succeeded", [&] { return position() == begin_ + allowed_ && link().traps_waiting() == 0; });
  CHECK_FALSE(tape_->ended());
}

}  // namespace weir::chaos
