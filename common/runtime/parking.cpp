// Letters: which records have to wait behind them, when they are tried again, and how they end. A letter goes the way of every record, in
// pieces of its own: through the same consumer, in a transaction that is checked against the same positions.
#include "common/runtime/metric_rows.hpp"
#include "common/runtime/run_lookup.hpp"
#include "common/runtime/worker.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace weir::runtime {

namespace {

constexpr std::size_t kLettersAtOnce = 500;
constexpr Milliseconds kLookEvery{1'000};
constexpr std::string_view kBehind = "behind_a_letter";

std::string letters_condition(const TopicPartition& key) { return fmt::format("letters:{}/{}", key.topic, key.partition); }

std::unique_ptr<Ended> waits_behind(std::int64_t offset) {
  return std::make_unique<Ended>(Ended{Parked{kBehind, fmt::format("the letter at offset {}", offset)}, "rule"});
}

bool is_parked(const Incoming& incoming) { return incoming.ended && std::holds_alternative<Parked>(incoming.ended->how); }

/// How a letter that was tried is kept, from how it ended.
LetterEnd letter_end(const Incoming& incoming, const End& how) {
  LetterEnd end;
  end.id = incoming.letter->id;
  std::tie(end.status, end.reason) = counted(how);
  if (const auto* parked = std::get_if<Parked>(&how)) {
    end.waits_for = parked->waits_for;
    end.tried = !incoming.letter->parked || parked->reason != kBehind;
  } else if (const auto* dead = std::get_if<Dead>(&how)) {
    end.why = *dead;
    end.kind = incoming.ended ? incoming.ended->dead_kind : "rule";
    end.constraint = incoming.ended ? incoming.ended->constraint : "";
  } else {
    end.resolved_as = end.reason.empty() ? end.status : fmt::format("{} {}", end.status, end.reason);
    end.status = "resolved";
  }
  return end;
}

}  // namespace

/// Ends what has to wait behind a letter: a record whose key waits already, or whose key has been parked earlier in this piece, and a
/// letter that is not the next of its line. True where something ended that had not: a fold or an attempt that held it is to be made anew.
bool Worker::queue_behind(Piece& piece) {
  std::map<std::pair<TopicPartition, std::string>, std::int64_t> parked;   // in this piece: the first letter of the key
  std::map<std::pair<TopicPartition, std::string>, std::int64_t> in_turn;  // the letter that was allowed last
  const bool any_waits = std::any_of(partitions_.begin(), partitions_.end(), [](const auto& one) { return !one.second.waiting.empty(); });
  if (!any_waits && std::none_of(piece.events.begin(), piece.events.end(), is_parked)) return false;
  RunLookup<Partition*> run;
  bool any_ended = false;
  for (Incoming& incoming : piece.events) {
    const Record& record = incoming.event.record;
    if (!record.key) continue;
    Partition& partition = *run.of(record, [this](const TopicPartition& key) { return &partitions_.at(key); });
    std::pair key{TopicPartition{std::string(record.topic), record.partition}, std::string(*record.key)};
    if (is_parked(incoming)) {
      parked.try_emplace(std::move(key), record.offset);
      continue;
    }
    if (incoming.ended) continue;
    std::optional<std::int64_t> before;
    if (const auto found = parked.find(key); found != parked.end()) {
      before = found->second;
    } else if (!incoming.letter) {
      before = partition.waiting.first(*record.key);
    } else if (incoming.letter->parked) {
      const auto last = in_turn.find(key);
      const auto next = last == in_turn.end() ? partition.waiting.first(*record.key) : partition.waiting.behind(last->second);
      if (next && *next != record.offset) before = next;
      if (!before) in_turn[key] = record.offset;
    }
    // A letter that an operator sent through again is older than what waits: its consumer gives the same rows in any order.
    if (!before || (incoming.letter && !incoming.letter->parked)) continue;
    incoming.ended = waits_behind(*before);
    any_ended = true;
  }
  if (any_ended) piece.fold.reset();
  return any_ended;
}

/// What the consumer itself parked. True where the attempt is to be made anew, without the records that have to wait behind it.
bool Worker::park(Piece& piece, std::span<End> ends) {
  for (std::size_t i = 0; i < ends.size(); ++i) {
    Incoming& incoming = piece.events[i];
    const auto* parked = std::get_if<Parked>(&ends[i]);
    if (parked == nullptr || incoming.ended) continue;
    if (incoming.letter && incoming.letter->overdue) {
      incoming.ended = std::make_unique<Ended>(Ended{grace_over(*parked), "rule"});
    } else {
      incoming.ended = std::make_unique<Ended>(Ended{*parked, "rule"});
    }
    ends[i] = incoming.ended->how;
    piece.fold.reset();
  }
  return queue_behind(piece);
}

/// How an event ends that Postgres refused since a row is missing that it refers to.
Ended Worker::missing_row(const Incoming& incoming, const Fault& fault) {
  Parked parked{"missing_row", fault.constraint.empty() ? fault.message : fmt::format("the row that {} refers to", fault.constraint)};
  if (incoming.letter && incoming.letter->overdue) return {grace_over(parked), "database", fault.constraint};
  return {std::move(parked), "database", fault.constraint};
}

Dead Worker::grace_over(const Parked& parked) {
  return {"grace_over", "", fmt::format("it waited for {} for longer than the grace of a parked letter", parked.waits_for)};
}

/// Whether letters are to be looked for now. They take turns with units of work, so that neither holds the other up.
bool Worker::letters_due() const {
  if (draining_ || stop_after_unit_ || any_broken_) return false;
  if (letters_since_unit_ && unit_opened_) return false;
  const SteadyInstant now = around_.clock.steady();
  return now >= next_letters_ &&
         std::any_of(partitions_.begin(), partitions_.end(), [](const auto& one) { return may_try_letters(one.second); });
}

/// Reads letters whose time has come, and makes pieces of them.
Result<void> Worker::take_letters() {
  letters_since_unit_ = true;
  next_letters_ = around_.clock.steady() + kLookEvery;
  std::vector<LettersWanted> wanted;
  std::size_t left = kLettersAtOnce;
  for (const auto& [key, partition] : partitions_) {
    if (!may_try_letters(partition)) continue;
    LettersWanted of{&partition.claim, partition.waiting.due(around_.clock.steady(), left)};
    left -= of.offsets.size();
    wanted.push_back(std::move(of));
  }
  auto read = around_.ledger.ensure_connected(held_claims());
  Result<std::vector<Incoming>> found = read ? around_.letters.read(wanted, kLettersAtOnce) : fail(std::move(read).error());
  if (!found) {
    around_.ledger.rollback();
    if (found.error().action() == Action::kStop) return fail(found.error().in("reading letters"));
    around_.log.fault("letters_not_read", found.error());
    return {};
  }
  forget_ended(wanted, *found);
  // Where so many were there more may be: they are looked for at once.
  if (found->size() >= kLettersAtOnce) next_letters_ = around_.clock.steady();
  close_letters(std::move(*found));
  return {};
}

/// What an operator ended meanwhile waits no more.
void Worker::forget_ended(std::span<const LettersWanted> wanted, std::span<const Incoming> found) {
  const SteadyInstant now = around_.clock.steady();
  for (const LettersWanted& of : wanted) {
    Partition& partition = partitions_.at(of.claim->partition);
    std::set<std::int64_t> missing(of.offsets.begin(), of.offsets.end());
    for (const Incoming& incoming : found) {
      const Record& record = incoming.event.record;
      if (record.topic == of.claim->partition.topic && record.partition == of.claim->partition.partition) missing.erase(record.offset);
    }
    for (const std::int64_t offset : missing) partition.waiting.remove(offset, now);
  }
}

/// Letters whose owners died with them in hand stand alone; the others go together.
void Worker::close_letters(std::vector<Incoming> letters) {
  Piece together;
  std::vector<Piece> alone;
  for (Incoming& incoming : letters) {
    incoming.event.redriven = !incoming.letter->parked;
    if (incoming.letter->deaths > 0) {
      alone.emplace_back().events.push_back(std::move(incoming));
      continue;
    }
    around_.decoders.decode(incoming);
    together.events.push_back(std::move(incoming));
  }
  if (!together.events.empty()) pieces_.push_back(std::move(together));
  for (Piece& piece : alone) pieces_.push_back(std::move(piece));
  for (Piece& piece : pieces_) piece.of_letters = true;
  topic_ids_known_ = false;
  tries_ = 0;
  retry_at_ = {};
}

/// Before letters are tried: says that they are in hand, and only then decodes a letter that owners died of, or buries it.
Result<void> Worker::prepare_letters(Piece& piece) {
  std::vector<std::int64_t> ids;
  for (const Incoming& incoming : piece.events) ids.push_back(incoming.letter->id);
  WEIR_TRY(around_.letters.mark(held_claims(), ids));
  if (piece.events.size() != 1 || piece.events.front().decoded) return {};
  Incoming& incoming = piece.events.front();
  if (incoming.letter->deaths < kDeathsToBury) {
    around_.decoders.decode(incoming);
    return {};
  }
  incoming.decoded = true;
  Dead why{"killed_the_process", "", "the process ended three times with this letter in hand"};
  incoming.ended = std::make_unique<Ended>(Ended{std::move(why), "crash"});
  return {};
}

/// Within the transaction: locks the letters, and drops those that an operator ended meanwhile or that a commit in doubt has ended.
Result<void> Worker::lock_letters(Piece& piece) {
  std::vector<std::int64_t> ids;
  for (const Incoming& incoming : piece.events) ids.push_back(incoming.letter->id);
  const std::vector<std::int64_t> locked = WEIR_TRY(around_.letters.lock(ids));
  const SteadyInstant now = around_.clock.steady();
  const auto gone = [&](const Incoming& incoming) {
    if (std::binary_search(locked.begin(), locked.end(), incoming.letter->id)) return false;
    const Record& record = incoming.event.record;
    partitions_.at({std::string(record.topic), record.partition}).waiting.remove(record.offset, now);
    return true;
  };
  if (std::erase_if(piece.events, gone) > 0) piece.fold.reset();
  return {};
}

/// Writes how letters ended, and moves each in the counts from what it was to what it is now.
Result<void> Worker::end_letters(const Piece& piece, std::span<const End> ends, OutcomeCounts& counts) {
  std::vector<LetterEnd> all;
  for (std::size_t i = 0; i < ends.size(); ++i) {
    const Incoming& incoming = piece.events[i];
    const Record& record = incoming.event.record;
    LetterEnd end = letter_end(incoming, ends[i]);
    if (end.tried) {
      auto [outcome, reason] = counted(ends[i]);
      const TopicPartition partition{std::string(record.topic), record.partition};
      --counts[{partition, incoming.letter->parked ? "parked" : "dead", incoming.letter->reason}];
      ++counts[{partition, std::move(outcome), std::move(reason)}];
    }
    all.push_back(std::move(end));
  }
  return around_.letters.end(all);
}

/// After the commit: who waits now.
void Worker::note_letters(const Piece& piece) {
  const SteadyInstant now = around_.clock.steady();
  RunLookup<Partition*> run;
  for (const Incoming& incoming : piece.events) {
    const Record& record = incoming.event.record;
    if (!incoming.letter && !is_parked(incoming)) continue;
    Partition& partition = *run.of(record, [this](const TopicPartition& key) { return &partitions_.at(key); });
    if (!is_parked(incoming)) {
      partition.waiting.remove(record.offset, now);
    } else if (!incoming.letter || !incoming.letter->parked) {
      partition.waiting.add(record.key, record.offset, now);
    } else if (std::get<Parked>(incoming.ended->how).reason != kBehind) {
      partition.waiting.postpone(record.offset, now);
    }
  }
}

/// Reading pauses where no more letters may be parked, and goes on once a tenth of the room is free again.
void Worker::pace_parking(const TopicPartition& key, Partition& partition) {
  const ParkingLimits& limits = options_.parking;
  around_.metrics.of(kParkedLetters, {key.topic, std::to_string(key.partition)}).set(static_cast<double>(partition.waiting.size()));
  if (!partition.full_of_letters && partition.waiting.full(limits)) {
    partition.full_of_letters = true;
    partition.order = around_.mailbox.order({key, partition.tentative.next_offset, partition.tentative.leader_epoch, true, 0, true});
    around_.health.not_ready(letters_condition(key), fmt::format("{} partition {}: {} letters are parked, so reading pauses until they are "
                                                                 "tried; `weir dlq list --status parked` shows what they wait for",
                                                                 key.topic, key.partition, partition.waiting.size()));
    around_.log.warning("partition_paused", {{"topic", key.topic}, {"partition", key.partition}, {"parked", partition.waiting.size()}});
  } else if (partition.full_of_letters && !partition.waiting.full({limits.per_key * 9 / 10, limits.per_partition * 9 / 10})) {
    partition.full_of_letters = false;
    partition.order = around_.mailbox.order({key, partition.tentative.next_offset, partition.tentative.leader_epoch, true, 0});
    around_.health.ready(letters_condition(key));
    around_.log.info("partition_resumed", {{"topic", key.topic}, {"partition", key.partition}});
  }
}

}  // namespace weir::runtime
