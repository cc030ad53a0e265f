// How a piece of work is applied and committed, and what each fault leads to (docs/architecture.md, "Fault to action").
#include "common/runtime/metric_rows.hpp"
#include "common/runtime/worker.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace weir::runtime {

namespace {

constexpr std::string_view kPostgres = "postgres";
constexpr int kFewTries = 8;

TopicPartition key_of(const Incoming& incoming) { return {std::string(incoming.event.record.topic), incoming.event.record.partition}; }

End to_end(Outcome outcome) {
  return std::visit([](auto&& value) -> End { return std::forward<decltype(value)>(value); }, std::move(outcome));
}

void move_past(Position& position, const Incoming& incoming) {
  const Record& record = incoming.event.record;
  position.next_offset = record.offset + 1;
  position.leader_epoch = std::max(position.leader_epoch, record.leader_epoch);
  position.idle_since.reset();
  const Decoded& decoded = incoming.event.decoded;
  if (decoded.change && position.sources.judge(*decoded.change) == SourcePositions::Verdict::kNew)
    position.sources.advance(*decoded.change);
}

}  // namespace

Result<void> Worker::attempt() {
  Result<void> done{};
  if (in_doubt_) {
    done = resolve();
  } else {
    done = around_.ledger.ensure_connected(held_claims());
    if (done) done = attempt_piece(pieces_.front());
  }
  if (done) return {};
  return piece_failed(std::move(done).error());
}

/// Postgres' positions after this piece: what all of the unit comes to for the last piece, otherwise its events alone.
std::vector<PositionMove> Worker::moves_of(const Piece& piece) {
  std::map<TopicPartition, Position> moved;
  if (piece.of_letters) {
    for (const Incoming& incoming : piece.events) {
      const Claim& claim = partitions_.at(key_of(incoming)).claim;
      moved.try_emplace(claim.partition, claim.position);  // it stays, and is checked all the same
    }
  } else if (pieces_.size() == 1) {
    for (const auto& [key, partition] : partitions_) {
      if (partition.claimed && partition.closed.next_offset != partition.claim.position.next_offset) moved[key] = partition.closed;
    }
  } else {
    for (const Incoming& incoming : piece.events) {
      const auto& claim = partitions_.at(key_of(incoming)).claim;
      move_past(moved.try_emplace(claim.partition, claim.position).first->second, incoming);
    }
  }
  std::vector<PositionMove> moves;
  for (auto& [key, position] : moved) {
    const Partition& partition = partitions_.at(key);
    moves.push_back({key, partition.claim.epoch, partition.claim.position.next_offset, std::move(position), partition.caution});
  }
  return moves;
}

Result<void> Worker::attempt_piece(Piece& piece) {
  WEIR_TRY(piece.of_letters ? prepare_letters(piece) : prepare_alone(piece));
  queue_behind(piece);
  const std::vector<PositionMove> moves = moves_of(piece);
  if (moves.empty()) {
    pieces_.pop_front();
    return {};
  }
  if (!topic_ids_known_) ask_topic_ids();  // answered while the consumer writes
  // Where it was not answered last time, nothing is written before it is.
  if (topic_ids_silent_ && !WEIR_TRY(topic_ids_stand())) return {};
  around_.ledger.meanwhile([this] { return gather_ahead(); });
  auto written = write_piece(piece, moves);
  around_.ledger.meanwhile({});
  return written;
}

Result<void> Worker::write_piece(Piece& piece, const std::vector<PositionMove>& moves) {
  const SteadyInstant started = around_.clock.steady();
  Work* work = WEIR_TRY(around_.ledger.begin(moves));
  if (piece.of_letters) WEIR_TRY(lock_letters(piece));
  std::vector<End> ends = WEIR_TRY(apply(piece, *work));
  if (park(piece, ends)) {
    // Taken again without what has to wait; nothing of this attempt stays.
    around_.ledger.rollback();
    consumer_.settled(Settlement::kRolledBack);
    return {};
  }
  tally_ = {{}, {}, dead_shares_};
  WEIR_TRY(piece.of_letters ? end_letters(piece, ends, tally_.counts) : tally(piece, ends));
  if (!WEIR_TRY(topic_ids_stand())) return {};
  moves_in_doubt_ = moves;
  WEIR_TRY(around_.ledger.commit(tally_.kept, tally_.counts, moves));
  around_.metrics.of(kBatchSeconds, {description_.group}).observe(around_.clock.steady() - started);
  commit_succeeded(piece, moves);
  return {};
}

/// While events go one at a time: says which one is in hand before it is even decoded, or buries it after its third death.
Result<void> Worker::prepare_alone(Piece& piece) {
  if (piece.events.size() != 1 || piece.events.front().decoded) return {};
  Incoming& incoming = piece.events.front();
  Partition& partition = partitions_.at(key_of(incoming));
  if (partition.poison == incoming.event.record.offset) {
    incoming.decoded = true;
    Dead why{"killed_the_process", "", "the process ended three times with this event in hand"};
    incoming.ended = std::make_unique<Ended>(Ended{std::move(why), "crash"});
    return {};
  }
  // Should another owner have taken over, this is what Postgres is asked about.
  const Claim& claim = partition.claim;
  moves_in_doubt_ = {{claim.partition, claim.epoch, claim.position.next_offset, claim.position}};
  WEIR_TRY(around_.ledger.mark_attempt(claim, incoming.event.record.offset));
  around_.decoders.decode(incoming);
  if (break_at_new_form(partition, incoming)) {
    partition.claimed = false;
    forget_events([&](const TopicPartition& key) { return key == claim.partition; });
    return {};
  }
  auto judged = judge(partition, incoming);
  if (!judged) keep_rebuilt();
  return judged;
}

Result<void> Worker::bury(const Piece& piece, Work& work) {
  std::vector<Burial> burials;
  for (const Incoming& incoming : piece.events) {
    if (!incoming.ended) continue;
    if (const auto* why = std::get_if<Dead>(&incoming.ended->how)) burials.push_back({&incoming.event, incoming.ended->dead_kind, why});
  }
  if (burials.empty()) return {};
  return consumer_.bury(burials, work, around_.clock.now());
}

Result<std::vector<End>> Worker::apply(Piece& piece, Work& work) {
  WEIR_TRY(bury(piece, work));
  std::vector<const Event*> batch;
  batch.reserve(piece.events.size());
  for (const Incoming& incoming : piece.events) {
    if (!incoming.ended) batch.push_back(&incoming.event);
  }
  std::vector<Outcome> outcomes;
  if (!batch.empty()) {
    fold(piece);
    const auto folded = std::move(piece.fold);  // used up, whatever comes of it
    outcomes = WEIR_TRY(consumer_.apply(batch, folded.get(), work, around_.clock.now()));
  }
  WEIR_ASSERT(outcomes.size() == batch.size());
  std::vector<End> ends;
  ends.reserve(piece.events.size());
  std::size_t next = 0;
  for (const Incoming& incoming : piece.events) ends.push_back(incoming.ended ? incoming.ended->how : to_end(std::move(outcomes[next++])));
  return ends;
}

void Worker::commit_succeeded(const Piece& piece, std::span<const PositionMove> moves) {
  for (const auto& [key, n] : tally_.counts) {
    // A letter that ended otherwise is counted once more: a metric counts ends, and never falls.
    if (n <= 0) continue;
    around_.metrics.of(kEvents, {key.partition.topic, key.outcome, key.reason}).add(static_cast<double>(n));
  }
  dead_shares_ = std::move(tally_.shares);
  tally_ = {};
  const Instant now = around_.clock.now();
  const telemetry::Histogram end_to_end = around_.metrics.of(kEndToEnd, {description_.group});
  const std::size_t stride = piece.events.size() / 64 + 1;  // a sample is enough for a histogram
  for (std::size_t i = 0; i < piece.events.size(); i += stride) {
    const Event& event = piece.events[i].event;
    const Instant from = event.decoded.payload ? event.decoded.recorded_at : event.record.timestamp;
    end_to_end.observe(now - from);
  }
  note_letters(piece);
  std::vector<PublishedPosition> published;
  for (const PositionMove& move : moves) {
    const auto found = partitions_.find(move.partition);
    if (found == partitions_.end()) continue;
    Partition& partition = found->second;
    const std::int64_t passed = move.position.next_offset - partition.claim.position.next_offset;
    partition.claim.position = move.position;
    partition.claim.deaths = deaths_on_record(move.caution);
    if (partition.caution != Caution::kNone) relax(move.partition, partition, passed);
    pace_parking(move.partition, partition);
    if (!piece.of_letters) published.push_back({move.partition, move.position.next_offset});
  }
  if (!published.empty()) around_.source.publish_positions(published);
  spent_ = std::move(pieces_.front().events);
  pieces_.pop_front();
  tries_ = 0;
  if (pieces_.empty()) {
    for (auto& [key, partition] : partitions_) partition.oldest.reset();
  }
  around_.health.ready(own(kPostgres));
  consumer_.settled(Settlement::kCommitted);
  publish_progress();
}

/// After deaths: once what was in hand then is passed, or nothing is in hand at the log's end, events are taken as ever.
void Worker::relax(const TopicPartition& key, Partition& partition, std::int64_t passed) {
  const Caution before = partition.caution;
  partition.alone_left -= passed;
  partition.suspect_left -= passed;
  const bool all_taken = partition.at_end && partition.claim.position.next_offset == partition.tentative.next_offset;
  if (partition.suspect_left <= 0 || all_taken) {
    partition.caution = Caution::kNone;
  } else if (partition.alone_left <= 0) {
    partition.caution = Caution::kCareful;
  }
  if (before == Caution::kAlone && partition.caution != Caution::kAlone) {
    partition.order = around_.mailbox.order({key, partition.tentative.next_offset, partition.tentative.leader_epoch, true, 0});
  }
}

Result<void> Worker::piece_failed(Fault fault) {
  around_.ledger.rollback();
  if (!in_doubt_) consumer_.settled(Settlement::kRolledBack);
  switch (fault.action()) {
    case Action::kRetry:
      return retry_later(fault, false);
    case Action::kRetryFew:
      return retry_later(fault, true);
    case Action::kPark:
    case Action::kDivide:
      return divide(fault);
    case Action::kResolveDoubt:
      around_.log.fault("commit_in_doubt", fault);
      in_doubt_ = true;
      retry_at_ = {};
      return {};
    case Action::kStop:
      break;
  }
  return fail(std::move(fault));
}

Result<void> Worker::retry_later(const Fault& fault, bool few) {
  ++tries_;
  if (few && tries_ >= kFewTries) return fail(fault.in(fmt::format("given up after {} tries", tries_)));
  around_.health.not_ready(own(topic_ids_silent_ ? kKafkaTopics : kPostgres), fault.line());
  around_.metrics.of(kRetries, {fault.name()}).add();
  around_.log.fault("retry", fault);
  // Asking again costs a server little, and one that is back is not to wait for us.
  retry_at_ = backed_off(fault.kind == FaultKind::kPgConnection || topic_ids_silent_ ? options_.reconnect_limit : options_.backoff_limit);
  return {};
}

/// Exponential backoff with full jitter.
SteadyInstant Worker::backed_off(Milliseconds longest) {
  const std::int64_t limit = longest.count();
  const std::int64_t ceiling = std::min<std::int64_t>(limit, options_.backoff_base.count() << std::min(tries_, 20));
  const std::int64_t pause = static_cast<std::int64_t>(random_()) % (ceiling + 1);
  return around_.clock.steady() + Milliseconds{pause};
}

/// Halves the piece that Postgres refused; an event that is refused alone becomes a dead letter with what Postgres said.
Result<void> Worker::divide(const Fault& fault) {
  Piece& piece = pieces_.front();
  auto& events = piece.events;
  piece.fold.reset();
  const auto live = std::count_if(events.begin(), events.end(), [](const Incoming& incoming) { return !incoming.ended; });
  if (live == 0) return fail(fault.in("writing dead letters and positions"));
  around_.metrics.of(kDivisions).add();
  if (live == 1) {
    Incoming& bad = *std::find_if(events.begin(), events.end(), [](const Incoming& incoming) { return !incoming.ended; });
    if (fault.action() == Action::kPark) {
      bad.ended = std::make_unique<Ended>(missing_row(bad, fault));
      return {};
    }
    Dead why{std::string(fault.name()), fault.column.empty() ? std::string() : "/after/" + fault.column, fault.message};
    bad.ended = std::make_unique<Ended>(Ended{std::move(why), "database", fault.constraint});
    return {};
  }
  Piece second;
  second.of_letters = piece.of_letters;
  auto middle = events.begin();
  for (auto seen = live / 2; seen > 0; ++middle) {
    if (!middle->ended) --seen;
  }
  second.events.assign(std::make_move_iterator(middle), std::make_move_iterator(events.end()));
  events.erase(middle, events.end());
  pieces_.insert(pieces_.begin() + 1, std::move(second));
  return {};
}

/// A commit was refused by the check of positions, or its answer was lost: Postgres says what is true. Never blindly repeated.
Result<void> Worker::resolve() {
  std::vector<Claim> claims;
  for (const PositionMove& move : moves_in_doubt_) {
    const auto found = partitions_.find(move.partition);
    if (found != partitions_.end() && found->second.claimed) claims.push_back(found->second.claim);
  }
  const std::vector<Standing> standings = WEIR_TRY(around_.ledger.standings(claims));
  bool committed = false;
  std::vector<TopicPartition> lost;
  for (std::size_t i = 0; i < claims.size(); ++i) {
    const auto move = std::find_if(moves_in_doubt_.begin(), moves_in_doubt_.end(),
                                   [&](const PositionMove& candidate) { return candidate.partition == claims[i].partition; });
    if (!standings[i].mine) {
      lost.push_back(claims[i].partition);
    } else if (standings[i].next_offset == move->position.next_offset && move->position.next_offset != move->expected) {
      committed = true;
    } else if (standings[i].next_offset != move->expected) {
      lost.push_back(claims[i].partition);
    }
  }
  // What became of letters is read anew with the claim: their positions stay where they are, and tell nothing.
  if (!pieces_.empty() && pieces_.front().of_letters) {
    for (const Claim& claim : claims) lost.push_back(claim.partition);
  }
  in_doubt_ = false;
  around_.metrics.of(kInDoubt, {committed ? "committed" : lost.empty() ? "not_committed" : "fenced"}).add();
  around_.log.warning("doubt_resolved", {{"committed", committed}, {"lost_partitions", lost.size()}});
  if (committed && !pieces_.empty()) {
    commit_succeeded(pieces_.front(), std::exchange(moves_in_doubt_, {}));
  } else {
    consumer_.settled(Settlement::kReset);
  }
  for (const TopicPartition& key : lost) lose(key, "fenced");
  return {};
}

}  // namespace weir::runtime
