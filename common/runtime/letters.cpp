// Decides when and how letters are tried again. A letter is taken as a record is, but in pieces of letters: by the same consumer, in a
// transaction that checks the same positions.
#include "common/runtime/metric_rows.hpp"
#include "common/runtime/run_lookup.hpp"
#include "common/runtime/worker.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace weir::runtime {

namespace {

constexpr std::size_t kLettersAtOnce = 500;

std::string letters_condition(const TopicPartition& key) { return fmt::format("letters:{}/{}", key.topic, key.partition); }

std::vector<std::int64_t> ids_of(const Piece& piece) {
  std::vector<std::int64_t> ids;
  for (const Incoming& incoming : piece.events) ids.push_back(incoming.letter->id);
  return ids;
}

}  // namespace

/// Letters take turns with units of work, so that neither holds the other up.
bool Worker::letters_due() const {
  if (draining_ || stop_after_unit_ || any_broken_) return false;
  return turns_.letters_due(around_.clock.steady(), unit_.opened()) && holdings_.any(&Partition::may_try_letters);
}

/// Reads letters whose time has come, and makes pieces of them.
Result<void> Worker::take_letters() {
  const SteadyInstant now = around_.clock.steady();
  turns_.letters_had(now);
  std::vector<LettersWanted> wanted;
  std::size_t left = kLettersAtOnce;
  for (const Partition& partition : holdings_.all()) {
    if (!partition.may_try_letters()) continue;
    LettersWanted of{&partition.claim, partition.waiting.due(now, left)};
    left -= of.offsets.size();
    wanted.push_back(std::move(of));
  }
  auto connected = around_.ledger.ensure_connected(holdings_.claims());
  Result<std::vector<Incoming>> found = connected ? around_.letters.read(wanted, kLettersAtOnce) : fail(std::move(connected).error());
  if (!found) {
    around_.ledger.rollback();
    if (next_action(found.error(), 1) == Action::kStop) return fail(found.error().in("reading letters"));
    around_.log.fault("letters_not_read", found.error());
    return {};
  }
  RunLookup<PartitionSlot> slot;
  for (Incoming& incoming : *found)
    incoming.slot = slot.of(incoming.event.record, [this](const TopicPartition& key) { return holdings_.find(key)->slot; });
  forget_ended(wanted, *found, holdings_, now);
  if (found->size() >= kLettersAtOnce) turns_.more_letters(now);
  close_letters(std::move(*found));
  return {};
}

/// A letter with which an owner died in hand gets a piece of its own; the others go together.
void Worker::close_letters(std::vector<Incoming> letters) {
  Piece together;
  together.of_letters = true;
  std::deque<Piece> pieces;
  for (Incoming& incoming : letters) {
    incoming.event.redriven = !incoming.letter->parked;
    if (incoming.letter->deaths > 0) {
      pieces.emplace_back().of_letters = true;
      pieces.back().events.push_back(std::move(incoming));
      continue;
    }
    decoders_.decode(incoming);
    together.events.push_back(std::move(incoming));
  }
  if (!together.events.empty()) pieces.push_front(std::move(together));
  begin_settling(std::move(pieces));
}

/// Called before letters are tried: says in Postgres that they are in hand, and only then decodes a letter with which owners died, or
/// buries it.
Result<void> Worker::prepare_letters(Piece& piece) {
  WEIR_TRY(around_.letters.mark(holdings_.claims(), ids_of(piece)));
  if (piece.events.size() != 1 || piece.events.front().decoded) return {};
  Incoming& incoming = piece.events.front();
  if (incoming.letter->deaths < kDeathsToBury) {
    decoders_.decode(incoming);
    return {};
  }
  incoming.decoded = true;
  Dead why{"killed_the_process", "", "the process ended three times with this letter in hand"};
  incoming.ended = std::make_unique<Ended>(Ended{std::move(why), "crash"});
  return {};
}

/// Within the transaction: locks the letters, and drops those that an operator ended meanwhile or that a commit in doubt has ended.
Result<void> Worker::lock_letters(Piece& piece) {
  const std::vector<std::int64_t> locked = WEIR_TRY(around_.letters.lock(ids_of(piece)));
  const SteadyInstant now = around_.clock.steady();
  const auto gone = [&](const Incoming& incoming) {
    if (std::binary_search(locked.begin(), locked.end(), incoming.letter->id)) return false;
    holdings_.at(incoming.slot).waiting.remove(incoming.event.record.offset, now);
    return true;
  };
  if (std::erase_if(piece.events, gone) > 0) piece.fold.reset();
  return {};
}

/// Pauses reading while no more letters may be parked, and resumes once a tenth of the room is free again.
void Worker::pace_parking(Partition& partition) {
  const TopicPartition& key = partition.key;
  const ParkingLimits& limits = options_.parking;
  around_.metrics.of(kParkedLetters, {key.topic, std::to_string(key.partition)}).set(static_cast<double>(partition.waiting.size()));
  if (!partition.full_of_letters && partition.waiting.full(limits)) {
    partition.full_of_letters = true;
    read_on(partition);
    around_.health.not_ready(letters_condition(key), fmt::format("{} partition {}: {} letters are parked, so reading pauses until they are "
                                                                 "tried; `weir dlq list --status parked` shows what they wait for",
                                                                 key.topic, key.partition, partition.waiting.size()));
    around_.log.warning("partition_paused", {{"topic", key.topic}, {"partition", key.partition}, {"parked", partition.waiting.size()}});
  } else if (partition.full_of_letters && !partition.waiting.full({limits.per_key * 9 / 10, limits.per_partition * 9 / 10})) {
    partition.full_of_letters = false;
    read_on(partition);
    around_.health.ready(letters_condition(key));
    around_.log.info("partition_resumed", {{"topic", key.topic}, {"partition", key.partition}});
  }
}

}  // namespace weir::runtime
