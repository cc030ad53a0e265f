#include "common/ledger/postgres_ledger.hpp"

#include "common/core/json.hpp"
#include "common/ledger/ledger_sql.hpp"
#include "common/postgres/storable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

namespace weir::ledger {

using postgres::Params;
using postgres::Rows;
using runtime::Claim;
using runtime::PositionMove;
using runtime::TopicPartition;

namespace {

constexpr std::int64_t kNoTime = std::numeric_limits<std::int64_t>::min();
constexpr Seconds kOutOfOrderness{30};
constexpr std::int64_t kLettersAtOnce = 1'000;

std::int64_t time_or_none(const std::optional<Instant>& instant) { return instant ? unix_us(*instant) : kNoTime; }

std::string headers_json(const runtime::Record& record) {
  std::string out = "[";
  for (const auto& [name, value] : record.headers) {
    out +=
        fmt::format("{}[{},{}]", out.size() > 1 ? "," : "", json_string(postgres::storable(name)), json_string(postgres::storable(value)));
  }
  return out + "]";
}

/// Name, value, name, value, …
std::vector<std::string_view> raw_headers(const runtime::Record& record) {
  std::vector<std::string_view> out;
  for (const auto& [name, value] : record.headers) out.insert(out.end(), {name, value});
  return out;
}

/// The trace id of a W3C traceparent: 00-<32 hex>-<16 hex>-<2 hex>.
std::string trace_of(const runtime::Record& record) {
  const std::string_view parent = record.header("traceparent").value_or("");
  return parent.size() >= 35 ? postgres::storable(parent.substr(3, 32)) : std::string();
}

void add_claims(Params& params, std::span<const Claim> claims, bool epochs) {
  std::vector<std::string> topics;
  std::vector<std::int64_t> partitions;
  std::vector<std::int64_t> numbers;
  for (const Claim& claim : claims) {
    topics.push_back(claim.partition.topic);
    partitions.push_back(claim.partition.partition);
    numbers.push_back(claim.epoch);
  }
  params.add_array(topics).add_array(partitions);
  if (epochs) params.add_array(numbers);
}

}  // namespace

Result<void> PostgresLedger::ensure_connected(std::span<const Claim> held) {
  if (!connection_ || !connection_->usable()) WEIR_TRY(connect(held));
  return make_up_for_releases();
}

Result<void> PostgresLedger::connect(std::span<const Claim> held) {
  connection_.reset();
  auto opened = WEIR_TRY(postgres::Connection::open(settings_));
  const postgres::BackendIdentity identity = WEIR_TRY(opened.identity());
  WEIR_TRY(opened.script(kDeadLetterTable));
  const std::string owner = fmt::format("{}@{}", identity.pid, identity.start);
  if (!owner_.empty()) {
    // A server that has not noticed the loss yet keeps the lost session's locks, and may still be committing.
    WEIR_TRY(end_owner(opened, owner_));
    Params params;
    params.add(owner).add(owner_).add(options_.group);
    add_claims(params, held, true);
    WEIR_TRY(opened.execute(kAdopt.name, kAdopt.sql, params));
  }
  owner_ = owner;
  connection_ = std::move(opened);
  return {};
}

Result<void> PostgresLedger::introduce(const std::string& topic, const Uuid& topic_id, std::span<const runtime::LogRange> ranges,
                                       bool from_latest) {
  std::vector<std::int64_t> partitions;
  std::vector<std::int64_t> begins;
  std::vector<std::int64_t> starts;
  for (const runtime::LogRange& range : ranges) {
    partitions.push_back(static_cast<std::int64_t>(partitions.size()));
    begins.push_back(range.begin);
    starts.push_back(from_latest ? range.end : range.begin);
  }
  Params params;
  params.add(options_.group).add(topic).add(topic_id).add_array(partitions).add_array(begins).add_array(starts);
  WEIR_TRY(connection_->execute(kIntroduce.name, kIntroduce.sql, params));
  return {};
}

Result<bool> PostgresLedger::end_owner(postgres::Connection& connection, const std::string& owner) {
  const std::size_t at = owner.find('@');
  std::int64_t pid = 0;
  std::from_chars(owner.data(), owner.data() + std::min(at, owner.size()), pid);
  if (at == std::string::npos || pid == 0) return false;
  return !WEIR_TRY(connection.query(kEndOwner.name, kEndOwner.sql, Params().add(pid).add(owner.substr(at + 1)))).empty();
}

Result<Claim> PostgresLedger::claim(const TopicPartition& partition) {
  const auto key = [&] { return Params().add(options_.group).add(partition.topic).add(partition.partition); };
  const Rows owner = WEIR_TRY(connection_->query(kLookAtOwner.name, kLookAtOwner.sql, key()));
  Claim claim;
  claim.partition = partition;
  if (owner.empty()) return claim;
  if (const auto last = owner[0].maybe<std::string>(0); last && *last != owner_) {
    const bool lived = WEIR_TRY(end_owner(*connection_, *last));
    if (lived) WEIR_TRY(connection_->execute(kDispossess.name, kDispossess.sql, Params().add(options_.group).add(*last)));
  }
  WEIR_TRY(connection_->begin());
  WEIR_TRY(connection_->script("SET LOCAL lock_timeout = '2s'"));
  const auto rows = connection_->query(kClaim.name, kClaim.sql, key().add(owner_));
  if (!rows) {
    rollback();
    return fail(rows.error());
  }
  WEIR_TRY(connection_->commit());
  WEIR_ASSERT(rows->size() == 1);
  const postgres::Row row = (*rows)[0];
  claim.known = true;
  claim.epoch = row.get<std::int64_t>(0);
  claim.position.next_offset = row.get<std::int64_t>(1);
  claim.position.leader_epoch = row.get<std::int32_t>(2);
  claim.topic_id = row.maybe<Uuid>(3);
  claim.position.watermark = row.maybe<Instant>(4);
  claim.position.sources = WEIR_TRY(runtime::SourcePositions::parse(row.text(5)));
  claim.deaths = row.get<int>(6);
  claim.attempt_offset = row.maybe<std::int64_t>(7);
  const Rows open = WEIR_TRY(connection_->query(kOpenGap.name, kOpenGap.sql, key().add(claim.position.next_offset)));
  if (!open.empty()) {
    const runtime::LogRange log{open[0].get<std::int64_t>(1), open[0].get<std::int64_t>(2)};
    claim.open_gap = runtime::Gap{partition, open[0].get<std::string>(0), claim.position.next_offset, log};
  }
  const Rows accepted = WEIR_TRY(connection_->query(kAcceptedDeaths.name, kAcceptedDeaths.sql,
                                                    Params().add(options_.group).add(partition.topic).add(claim.position.next_offset)));
  for (std::size_t i = 0; i < accepted.size(); ++i) {
    claim.accepted_deaths.push_back({accepted[i].get<std::string>(0), accepted[i].get<std::string>(1), accepted[i].get<std::int64_t>(2)});
  }
  return claim;
}

Result<void> PostgresLedger::bind_topic(const Claim& claim, const Uuid& topic_id) {
  Params params;
  params.add(options_.group).add(claim.partition.topic).add(claim.partition.partition).add(claim.epoch).add(topic_id);
  WEIR_TRY(connection_->execute(kBindTopic.name, kBindTopic.sql, params));
  return {};
}

Result<void> PostgresLedger::release(std::span<const Claim> claims) {
  unreleased_.insert(unreleased_.end(), claims.begin(), claims.end());
  if (!connection_ || !connection_->usable()) return fail(FaultKind::kPgConnection, "no session to release partitions with");
  return make_up_for_releases();
}

Result<void> PostgresLedger::make_up_for_releases() {
  if (unreleased_.empty()) return {};
  Params params;
  params.add(options_.group);
  add_claims(params, unreleased_, true);
  WEIR_TRY(connection_->execute(kRelease.name, kRelease.sql, params));
  unreleased_.clear();
  return {};
}

Result<void> PostgresLedger::mark_attempt(const Claim& claim, std::int64_t offset) {
  Params params;
  params.add(options_.group).add(claim.partition.topic).add(claim.partition.partition).add(claim.epoch).add(offset);
  const std::uint64_t rows = WEIR_TRY(connection_->execute(kMarkAttempt.name, kMarkAttempt.sql, params));
  if (rows != 1) return fail(FaultKind::kFenced, "another owner has claimed the partition");
  return {};
}

Result<runtime::Work*> PostgresLedger::begin(std::span<const PositionMove> pending) {
  pending_.assign(pending.begin(), pending.end());
  WEIR_TRY(connection_->begin());
  return &work_;
}

Result<void> PostgresLedger::commit(std::span<const runtime::DeadLetter> dead, const runtime::OutcomeCounts& counts,
                                    std::span<const PositionMove> moves) {
  WEIR_TRY(bury(dead));
  WEIR_TRY(count(counts));
  WEIR_TRY(move(moves));
  WEIR_TRY(mark(moves));
  return connection_->commit();
}

Result<void> PostgresLedger::bury(std::span<const runtime::DeadLetter> dead) {
  if (dead.empty()) return {};
  postgres::CopyBuffer buffer;
  for (const runtime::DeadLetter& letter : dead) {
    buffer.begin_row(17);
    buffer.text(letter.record->topic);
    buffer.int4(letter.record->partition);
    buffer.int8(letter.record->offset);
    buffer.text(letter.record->key);
    buffer.jsonb(headers_json(*letter.record));
    buffer.bytea_array(raw_headers(*letter.record));
    buffer.text(letter.record->value);
    buffer.instant(letter.occurred_at);
    buffer.text(letter.kind);
    buffer.text(postgres::storable(letter.why.reason));
    buffer.text(postgres::storable(letter.why.path));
    buffer.text(postgres::storable(letter.why.message));
    buffer.text(postgres::storable(letter.constraint));
    buffer.text(trace_of(*letter.record));
    buffer.uuid(letter.organization ? std::optional(letter.organization->value) : std::nullopt);
    buffer.uuid(letter.event_id);
    buffer.text(letter.waits_for ? std::optional(postgres::storable(*letter.waits_for)) : std::nullopt);
  }
  WEIR_TRY(connection_->copy_in(kDeadLetterCopy, buffer));
  WEIR_TRY(connection_->execute(kBury.name, kBury.sql, Params().add(options_.group)));
  return {};
}

Result<void> PostgresLedger::forget_letters() {
  if (!connection_ || !connection_->usable()) return {};
  Params params;
  params.add(options_.group).add(options_.letter_retention.count()).add(kLettersAtOnce);
  WEIR_TRY(connection_->execute(kForgetLetters.name, kForgetLetters.sql, params));
  return {};
}

Result<void> PostgresLedger::count(const runtime::OutcomeCounts& counts) {
  if (counts.empty()) return {};
  std::vector<std::string> topics;
  std::vector<std::int64_t> partitions;
  std::vector<std::string> outcomes;
  std::vector<std::string> reasons;
  std::vector<std::int64_t> numbers;
  for (const auto& [key, n] : counts) {
    topics.push_back(key.partition.topic);
    partitions.push_back(key.partition.partition);
    outcomes.push_back(key.outcome);
    reasons.push_back(postgres::storable(key.reason));
    numbers.push_back(n);
  }
  Params params;
  params.add(options_.group).add_array(topics).add_array(partitions).add_array(outcomes).add_array(reasons).add_array(numbers);
  WEIR_TRY(connection_->execute(kCount.name, kCount.sql, params));
  return {};
}

Result<void> PostgresLedger::move(std::span<const PositionMove> moves) {
  std::vector<std::string> topics;
  std::vector<std::string> sources;
  std::vector<std::int64_t> partitions, epochs, expected, next, leader_epochs, watermarks, idle, deaths;
  for (const PositionMove& move : moves) {
    topics.push_back(move.partition.topic);
    partitions.push_back(move.partition.partition);
    epochs.push_back(move.epoch);
    expected.push_back(move.expected);
    next.push_back(move.position.next_offset);
    leader_epochs.push_back(move.position.leader_epoch);
    watermarks.push_back(time_or_none(move.position.watermark));
    idle.push_back(time_or_none(move.position.idle_since));
    sources.push_back(move.position.sources.to_json());
    deaths.push_back(deaths_on_record(move.caution));
  }
  Params params;
  params.add(options_.group).add_array(topics).add_array(partitions).add_array(epochs).add_array(expected).add_array(next);
  params.add_array(leader_epochs).add_array(watermarks).add_array(idle).add_array(sources).add_array(deaths);
  const std::uint64_t rows = WEIR_TRY(connection_->execute(kMove.name, kMove.sql, params));
  if (rows == moves.size()) return {};
  return fail(FaultKind::kFenced, fmt::format("{} of {} positions have moved under another owner", moves.size() - rows, moves.size()));
}

void PostgresLedger::rollback() {
  if (!connection_) return;
  // A session that cannot even roll back is closed, and the server then rolls back.
  if (!connection_->usable() || (connection_->in_transaction() && !connection_->rollback())) connection_.reset();
}

Result<std::vector<runtime::Standing>> PostgresLedger::standings(std::span<const Claim> claims) {
  WEIR_TRY(ensure_connected(claims));
  WEIR_TRY(connection_->begin());
  Params params;
  params.add(options_.group);
  add_claims(params, claims, false);
  const auto rows = connection_->query(kStandings.name, kStandings.sql, params);
  if (!rows) {
    rollback();
    return fail(rows.error());
  }
  std::vector<runtime::Standing> standings(claims.size());
  for (std::size_t i = 0; i < rows->size(); ++i) {
    const TopicPartition key{(*rows)[i].get<std::string>(0), (*rows)[i].get<std::int32_t>(1)};
    const auto claim = std::find_if(claims.begin(), claims.end(), [&](const Claim& candidate) { return candidate.partition == key; });
    runtime::Standing& standing = standings[static_cast<std::size_t>(claim - claims.begin())];
    standing.mine = (*rows)[i].get<std::int64_t>(2) == claim->epoch;
    standing.next_offset = (*rows)[i].get<std::int64_t>(3);
  }
  WEIR_TRY(connection_->rollback());
  return standings;
}

Result<bool> PostgresLedger::record_gap(const runtime::Claim& claim, const runtime::Gap& gap) {
  Params params;
  params.add(options_.group).add(gap.partition.topic).add(gap.partition.partition).add(gap.kind);
  params.add(gap.next_offset).add(gap.log.begin).add(gap.log.end).add(claim.epoch);
  return WEIR_TRY(connection_->execute(kRecordGap.name, kRecordGap.sql, params)) == 1;
}

Result<bool> PostgresLedger::admit_key_form(const runtime::Claim& claim, const runtime::SourceKeyForm& form) {
  const auto known = claim.position.sources.form_of(form);
  Params params;
  params.add(options_.group).add(claim.partition.topic).add(form.name).add(form.db);
  params.add(name_of(form.form)).add(known ? name_of(*known) : std::string_view());
  return WEIR_TRY(connection_->query(kAdmitKeyForm.name, kAdmitKeyForm.sql, params))[0].get<bool>(0);
}

Result<void> PostgresLedger::keep_refused_wakeup(const Fault& fault, Milliseconds pause) {
  Params params;
  params.add(options_.group).add(fault.name()).add(fault.table).add(fault.column).add(fault.constraint).add(pause.count());
  WEIR_TRY(connection_->execute(kKeepRefusedWakeup.name, kKeepRefusedWakeup.sql, params));
  return {};
}

Result<void> PostgresLedger::forget_refused_wakeup() {
  WEIR_TRY(connection_->execute(kForgetRefusedWakeup.name, kForgetRefusedWakeup.sql, Params().add(options_.group)));
  return {};
}

Result<runtime::RefusedKeys> PostgresLedger::refused_keys() {
  const Rows rows = WEIR_TRY(connection_->query(kRefusedKeys.name, kRefusedKeys.sql, Params().add(options_.group)));
  runtime::RefusedKeys keys;
  for (std::size_t i = 0; i < rows.size(); ++i) keys[rows[i].get<std::string>(0)] = rows[i].get<std::int64_t>(1);
  return keys;
}

Result<runtime::Pauses> PostgresLedger::pauses() {
  const Rows rows = WEIR_TRY(connection_->query(kPauses.name, kPauses.sql, Params().add(options_.group)));
  runtime::Pauses pauses;
  for (std::size_t i = 0; i < rows.size(); ++i) pauses.add({rows[i].get<std::string>(0), rows[i].get<std::int32_t>(1)});
  return pauses;
}

Result<Instant> PostgresLedger::now() { return WEIR_TRY(connection_->query("ledger_now", "SELECT clock_timestamp()"))[0].get<Instant>(0); }

Result<std::optional<Instant>> PostgresLedger::group_watermark() {
  const Rows rows =
      WEIR_TRY(connection_->query(kWatermarks.name, kWatermarks.sql, Params().add(options_.group).add_array(options_.notices)));
  std::optional<Instant> lowest;       // of the partitions that hold the group's watermark back
  std::optional<Instant> lowest_idle;  // of the idle partitions; the group's watermark does not fall below it
  Instant clock{};
  bool all_idle = true;
  bool unknown = false;
  const auto lower = [](std::optional<Instant>& least, Instant value) { least = least ? std::min(*least, value) : value; };
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const TopicPartition key{rows[i].get<std::string>(0), rows[i].get<std::int32_t>(1)};
    auto watermark = rows[i].maybe<Instant>(2);
    bool idle = rows[i].get<bool>(3);
    clock = rows[i].get<Instant>(4);
    for (const PositionMove& move : pending_) {
      if (move.partition != key) continue;
      if (move.position.watermark) watermark = watermark ? std::max(*watermark, *move.position.watermark) : *move.position.watermark;
      idle = move.position.idle_since.has_value();
    }
    if (idle) {
      if (watermark) lower(lowest_idle, *watermark);
      continue;
    }
    all_idle = false;
    if (!watermark) unknown = true;
    if (watermark) lower(lowest, *watermark);
  }
  if (rows.empty() || unknown) return std::optional<Instant>{};
  if (!all_idle) return lowest;
  const Instant quiet = clock - options_.idle_timeout - kOutOfOrderness;
  return std::optional<Instant>(lowest_idle ? std::max(quiet, *lowest_idle) : quiet);
}

}  // namespace weir::ledger
