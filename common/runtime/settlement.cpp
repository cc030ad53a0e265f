// How a piece of work is applied and committed, and what each fault leads to (docs/architecture.md, "Fault to action").
#include "common/runtime/metric_rows.hpp"
#include "common/runtime/worker.hpp"

#include <fmt/format.h>

namespace weir::runtime {

void Worker::begin_settling(std::deque<Piece> pieces) {
  settling_.take(std::move(pieces));
  topic_ids_.forget();
  retries_.reset();
}

Result<void> Worker::attempt() {
  Result<void> done{};
  if (settling_.in_doubt()) {
    done = resolve();
  } else {
    done = around_.ledger.ensure_connected(holdings_.claims());
    if (done) done = attempt_piece(settling_.front());
  }
  if (done) return {};
  return piece_failed(std::move(done).error());
}

Result<void> Worker::attempt_piece(Piece& piece) {
  WEIR_TRY(piece.of_letters ? prepare_letters(piece) : prepare_alone(piece));
  queue_behind(piece, holdings_);
  const std::vector<PositionMove> moves = settling_.moves(holdings_);
  if (moves.empty()) {
    static_cast<void>(settling_.pop());
    return {};
  }
  topic_ids_.ask(holdings_);  // answered while the consumer writes
  // Where the last question had no answer, nothing is written before the broker answers.
  if (topic_ids_.silent() && !WEIR_TRY(topic_ids_stand())) return {};
  around_.ledger.meanwhile([this] { return gather_ahead(); });
  auto written = write_piece(piece, moves);
  around_.ledger.meanwhile({});
  return written;
}

/// While events are taken one at a time: says in Postgres which event is in hand before it is even decoded, or buries it after the third
/// death.
Result<void> Worker::prepare_alone(Piece& piece) {
  if (piece.events.size() != 1 || piece.events.front().decoded) return {};
  Incoming& incoming = piece.events.front();
  Partition& partition = holdings_.at(incoming.slot);
  const std::int64_t offset = incoming.event.record.offset;
  if (partition.poison == offset) {
    incoming.decoded = true;
    Dead why{"killed_the_process", "", "the process ended three times with this event in hand"};
    incoming.ended = std::make_unique<Ended>(Ended{std::move(why), "crash"});
    return {};
  }
  // Postgres is asked about this move in case another owner has taken over.
  settling_.expect({partition.move_to(partition.claim.position)});
  WEIR_TRY(around_.ledger.mark_attempt(partition.claim, offset));
  decoders_.decode(incoming);
  switch (partition.judge(incoming)) {
    case Admission::kNewForm:
      break_at_new_form(partition, *incoming.event.decoded.change);
      partition.claimed = false;
      forget_events([slot = partition.slot](PartitionSlot other) { return other == slot; });
      return {};
    case Admission::kRebuilt: {
      const Fault fault = rebuilt(partition, incoming);
      keep_rebuilt();
      return fail(fault);
    }
    case Admission::kTaken:
    case Admission::kBelow:
    case Admission::kEnough:
      break;
  }
  return {};
}

/// Whether the records of the unit came from the topics that the positions belong to. False: some did not; their partitions are claimed
/// again, and then held.
Result<bool> Worker::topic_ids_stand() {
  if (topic_ids_.known()) return true;
  const std::vector<TopicPartition> others = WEIR_TRY(topic_ids_.answer(holdings_));
  around_.health.ready(own(kKafkaTopics));
  if (others.empty()) return true;
  around_.ledger.rollback();
  for (const TopicPartition& key : others) lose(key, "topic_recreated");
  return false;
}

Result<void> Worker::write_piece(Piece& piece, const std::vector<PositionMove>& moves) {
  const SteadyInstant started = around_.clock.steady();
  Work* work = WEIR_TRY(around_.ledger.begin(moves));
  if (piece.of_letters) WEIR_TRY(lock_letters(piece));
  std::vector<End> ends = WEIR_TRY(apply(piece, *work));
  if (park(piece, ends, holdings_)) {
    // The piece is taken again without the records that have to wait, and this attempt is undone.
    around_.ledger.rollback();
    consumer_.settled(Settlement::kRolledBack);
    return {};
  }
  tally_ = {{}, {}, dead_shares_};
  if (piece.of_letters) {
    const std::vector<LetterEnd> letters = end_letters(piece, ends, holdings_, tally_.counts);
    WEIR_TRY(around_.letters.end(letters));
  } else {
    WEIR_TRY(tally_.add(piece, ends, holdings_, description_.group));
  }
  if (!WEIR_TRY(topic_ids_stand())) return {};
  settling_.expect(moves);
  WEIR_TRY(around_.ledger.commit(tally_.kept, tally_.counts, moves));
  around_.metrics.of(kBatchSeconds, {description_.group}).observe(around_.clock.steady() - started);
  commit_succeeded(moves);
  return {};
}

Result<std::vector<End>> Worker::apply(Piece& piece, Work& work) {
  if (const std::vector<Burial> burials = piece.burials(); !burials.empty()) WEIR_TRY(consumer_.bury(burials, work, around_.clock.now()));
  const std::vector<const Event*> batch = piece.batch();
  std::vector<Outcome> outcomes;
  if (!batch.empty()) {
    piece.fold_rest(consumer_);
    const auto folded = std::move(piece.fold);  // used up, whether the attempt succeeds or not
    outcomes = WEIR_TRY(consumer_.apply(batch, folded.get(), work, around_.clock.now()));
  }
  WEIR_ASSERT(outcomes.size() == batch.size());
  return piece.ends(std::move(outcomes));
}

void Worker::commit_succeeded(std::span<const PositionMove> moves) {
  Piece piece = settling_.pop();
  measure(piece);
  dead_shares_ = std::move(tally_.shares);
  tally_ = {};
  note_letters(piece, holdings_, around_.clock.steady());
  std::vector<PublishedPosition> published;
  for (const PositionMove& move : moves) {
    Partition* partition = holdings_.find(move.partition);
    if (partition == nullptr) continue;
    if (partition->relax(partition->pass(move))) read_on(*partition);
    pace_parking(*partition);
    if (!piece.of_letters) published.push_back({move.partition, move.position.next_offset});
  }
  if (!published.empty()) around_.source.publish_positions(published);
  unit_.reuse(std::move(piece.events));
  retries_.reset();
  if (settling_.empty()) {
    for (Partition& partition : holdings_.all()) partition.oldest.reset();
  }
  around_.health.ready(own(kPostgres));
  consumer_.settled(Settlement::kCommitted);
  publish_progress();
}

void Worker::measure(const Piece& piece) {
  for (const auto& [key, n] : tally_.counts) {
    // A letter that ends in another way than before is counted once more, because the metric counts ends and never falls.
    if (n <= 0) continue;
    around_.metrics.of(kEvents, {key.partition.topic, key.outcome}).add(static_cast<double>(n));
    if (!key.reason.empty()) around_.metrics.of(kReasons, {key.partition.topic, key.outcome, key.reason}).add(static_cast<double>(n));
  }
  const Instant now = around_.clock.now();
  const telemetry::Histogram end_to_end = around_.metrics.of(kEndToEnd, {description_.group});
  const std::size_t stride = piece.events.size() / 64 + 1;  // a sample is enough for a histogram
  for (std::size_t i = 0; i < piece.events.size(); i += stride) {
    const Event& event = piece.events[i].event;
    end_to_end.observe(now - (event.decoded.payload ? event.decoded.recorded_at : event.record.timestamp));
  }
}

Result<void> Worker::piece_failed(Fault fault) {
  around_.ledger.rollback();
  if (!settling_.in_doubt()) consumer_.settled(Settlement::kRolledBack);
  const bool may_heal = recourse_of(fault, 1) == Recourse::kAgain;
  switch (recourse_of(fault, may_heal ? retries_.count() : retries_.tries())) {
    case Recourse::kAgain:
      retry_later(fault);
      return {};
    case Recourse::kDivide:
      return divide(fault);
    case Recourse::kAskPostgres:
      around_.log.fault("commit_in_doubt", fault);
      settling_.doubt();
      retries_.at_once();
      return {};
    case Recourse::kStop:
      break;
  }
  if (!may_heal) return fail(std::move(fault));
  return fail(fault.in(fmt::format("given up after {} tries", retries_.tries())));
}

void Worker::retry_later(const Fault& fault) {
  around_.health.not_ready(own(topic_ids_.silent() ? kKafkaTopics : kPostgres), fault.line());
  around_.metrics.of(kRetries, {fault.name()}).add();
  around_.log.fault("retry", fault);
  // The pause is short here: asking again costs a server little, and a server that is back should be used at once.
  const bool no_session = fault.kind == FaultKind::kPgConnection || topic_ids_.silent();
  const Backoff backoff{options_.backoff_base, no_session ? options_.reconnect_limit : options_.backoff_limit};
  retries_.postpone(around_.clock.steady() + jittered_pause_after(backoff, retries_.tries() + 1, random_()));
}

/// Halves the piece that Postgres refused; an event that is refused alone is parked, or becomes a dead letter with the message of Postgres.
Result<void> Worker::divide(const Fault& fault) {
  Piece& piece = settling_.front();
  piece.fold.reset();
  const std::size_t live = piece.live();
  if (live == 0) return fail(fault.in("writing dead letters and positions"));
  around_.metrics.of(kDivisions).add();
  if (live > 1) {
    settling_.divide();
    return {};
  }
  Incoming& bad = piece.first_live();
  if (next_action(fault, 1) == Action::kPark) {
    park_for_missing_row(piece, bad, fault);
    return {};
  }
  Dead why{std::string(fault.name()), fault.column.empty() ? std::string() : "/after/" + fault.column, fault.message};
  bad.ended = std::make_unique<Ended>(Ended{std::move(why), "database", fault.constraint});
  return {};
}

/// Called after a commit that the check of positions refused, or whose answer was lost. Postgres is asked what became of it, because
/// repeating the commit without knowing could write twice.
Result<void> Worker::resolve() {
  const std::vector<Claim> claims = settling_.doubted(holdings_);
  const Settling::Resolution found = settling_.resolve(claims, WEIR_TRY(around_.ledger.standings(claims)));
  around_.metrics.of(kInDoubt, {found.committed ? kFound[0] : found.lost.empty() ? kFound[1] : kFound[2]}).add();
  around_.log.warning("doubt_resolved", {{"committed", found.committed}, {"lost_partitions", found.lost.size()}});
  if (found.committed && !settling_.empty()) {
    commit_succeeded(found.moves);
  } else {
    consumer_.settled(Settlement::kReset);
  }
  for (const TopicPartition& key : found.lost) lose(key, "fenced");
  return {};
}

}  // namespace weir::runtime
