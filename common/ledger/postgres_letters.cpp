#include "common/ledger/postgres_letters.hpp"

#include "common/ledger/letters_sql.hpp"
#include "common/postgres/storable.hpp"

#include <utility>

namespace weir::ledger {

using postgres::Params;
using runtime::Claim;
using runtime::Incoming;

namespace {

/// Owns the bytes that a letter's record points to.
struct KeptRecord {
  std::string topic;
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::string headers;
};

std::string_view take(std::string_view& rest) {
  std::uint32_t length = 0;
  for (int i = 0; i < 4; ++i) length = length << 8U | static_cast<unsigned char>(rest[static_cast<std::size_t>(i)]);
  const std::string_view part = rest.substr(4, length);
  rest.remove_prefix(4 + length);
  return part;
}

std::optional<std::string> maybe_bytes(const postgres::Row& row, int column) {
  return row.is_null(column) ? std::nullopt : std::optional(row.bytes(column));
}

Incoming incoming_of(const postgres::Row& row) {
  auto kept = std::make_shared<KeptRecord>();
  kept->topic = row.get<std::string>(1);
  kept->key = maybe_bytes(row, 4);
  kept->value = maybe_bytes(row, 5);
  kept->headers = maybe_bytes(row, 10).value_or("");
  Incoming incoming;
  runtime::Record& record = incoming.event.record;
  record.topic = kept->topic;
  record.partition = row.get<std::int32_t>(2);
  record.offset = row.get<std::int64_t>(3);
  record.timestamp = row.get<Instant>(6);
  if (kept->key) record.key = *kept->key;
  if (kept->value) record.value = *kept->value;
  for (std::string_view rest = kept->headers; !rest.empty();) {
    const std::string_view name = take(rest);
    record.headers.emplace_back(name, take(rest));
  }
  incoming.letter = std::make_unique<runtime::Letter>();
  incoming.letter->id = row.get<std::int64_t>(0);
  incoming.letter->parked = row.text(7) == "parked";
  incoming.letter->reason = row.get<std::string>(8);
  incoming.letter->deaths = row.get<int>(9);
  incoming.letter->overdue = row.get<bool>(11);
  incoming.letter->memory = std::move(kept);
  return incoming;
}

}  // namespace

Result<std::vector<runtime::ParkedPlace>> PostgresLetters::parked(const Claim& claim) {
  Params params;
  params.add(options_.group).add(claim.partition.topic).add(claim.partition.partition).add(claim.deaths > 0 ? 1 : 0);
  const postgres::Rows rows = WEIR_TRY(ledger_.connection().query(kLettersParked.name, kLettersParked.sql, params));
  std::vector<runtime::ParkedPlace> places;
  places.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) places.push_back({rows[i].get<std::int64_t>(0), maybe_bytes(rows[i], 1)});
  return places;
}

Result<std::vector<Incoming>> PostgresLetters::read(std::span<const runtime::LettersWanted> wanted, std::size_t most_redriven) {
  std::vector<std::string> topics;
  std::vector<std::int64_t> partitions;
  std::vector<std::string> topics_of_offsets;
  std::vector<std::int64_t> partitions_of_offsets;
  std::vector<std::int64_t> offsets;
  for (const runtime::LettersWanted& of : wanted) {
    topics.push_back(of.claim->partition.topic);
    partitions.push_back(of.claim->partition.partition);
    for (const std::int64_t offset : of.offsets) {
      topics_of_offsets.push_back(topics.back());
      partitions_of_offsets.push_back(partitions.back());
      offsets.push_back(offset);
    }
  }
  std::vector<Incoming> letters;
  const auto add = [&letters](const postgres::Rows& rows) {
    for (std::size_t i = 0; i < rows.size(); ++i) letters.push_back(incoming_of(rows[i]));
  };
  if (!offsets.empty()) {
    Params params;
    params.add(options_.group).add_array(topics_of_offsets).add_array(partitions_of_offsets).add_array(offsets).add(options_.grace.count());
    add(WEIR_TRY(ledger_.connection().query(kLettersRead.name, kLettersRead.sql, params)));
  }
  if (most_redriven > 0) {
    Params params;
    params.add(options_.group).add_array(topics).add_array(partitions).add(most_redriven);
    add(WEIR_TRY(ledger_.connection().query(kLettersRedriven.name, kLettersRedriven.sql, params)));
  }
  return letters;
}

Result<void> PostgresLetters::mark(std::span<const Claim> held, std::span<const std::int64_t> ids) {
  std::vector<std::string> topics;
  std::vector<std::int64_t> partitions;
  std::vector<std::int64_t> epochs;
  for (const Claim& claim : held) {
    topics.push_back(claim.partition.topic);
    partitions.push_back(claim.partition.partition);
    epochs.push_back(claim.epoch);
  }
  Params params;
  params.add(options_.group).add_array(topics).add_array(partitions).add_array(epochs).add_array(ids);
  WEIR_TRY(ledger_.connection().execute(kLettersMark.name, kLettersMark.sql, params));
  return {};
}

Result<std::vector<std::int64_t>> PostgresLetters::lock(std::span<const std::int64_t> ids) {
  const postgres::Rows rows = WEIR_TRY(ledger_.connection().query(kLettersLock.name, kLettersLock.sql, Params().add_array(ids)));
  std::vector<std::int64_t> locked;
  for (std::size_t i = 0; i < rows.size(); ++i) locked.push_back(rows[i].get<std::int64_t>(0));
  return locked;
}

Result<void> PostgresLetters::end(std::span<const runtime::LetterEnd> ends) {
  if (ends.empty()) return {};
  std::vector<std::int64_t> ids, tried;
  std::vector<std::string> statuses, kinds, reasons, paths, messages, constraints, waits, resolved;
  for (const runtime::LetterEnd& end : ends) {
    ids.push_back(end.id);
    statuses.push_back(end.status);
    kinds.push_back(end.kind);
    reasons.push_back(postgres::storable(end.reason));
    paths.push_back(postgres::storable(end.why.path));
    messages.push_back(postgres::storable(end.why.message));
    constraints.push_back(postgres::storable(end.constraint));
    waits.push_back(postgres::storable(end.waits_for));
    resolved.push_back(postgres::storable(end.resolved_as));
    tried.push_back(end.tried ? 1 : 0);
  }
  Params params;
  params.add_array(ids).add_array(statuses).add_array(kinds).add_array(reasons).add_array(paths).add_array(messages);
  params.add_array(constraints).add_array(waits).add_array(resolved).add_array(tried);
  WEIR_TRY(ledger_.connection().execute(kLettersEnd.name, kLettersEnd.sql, params));
  return {};
}

}  // namespace weir::ledger
