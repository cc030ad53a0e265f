#include "operations/commands/letters_store.hpp"

#include "common/cli/operator_action.hpp"
#include "common/core/json.hpp"

#include <fmt/format.h>

#include <functional>
#include <map>
#include <tuple>

namespace weir::operations {

namespace {

const std::string kWhere = R"(
 WHERE ($1::bigint IS NULL OR id = $1)
   AND ($2::text IS NULL OR group_id = $2)
   AND ($3::text IS NULL OR topic = $3)
   AND ($4::bigint IS NULL OR partition = $4)
   AND ($5::text IS NULL OR status = $5)
   AND ($6::text IS NULL OR kind = $6)
   AND ($7::text IS NULL OR reason = $7)
   AND ($8::text IS NULL OR fault_path = $8)
   AND ($9::timestamptz IS NULL OR occurred_at >= $9)
   AND ($10::timestamptz IS NULL OR occurred_at < $10)
   AND ($11::text IS NULL OR record_key = convert_to($11, 'UTF8'))
   AND ($12::uuid IS NULL OR organization_id = $12))";

const std::string kColumns = R"(
SELECT id, group_id, topic, partition, record_offset, status, kind, reason, fault_path, attempts, waits_for, occurred_at)";

/// A header of which a byte was replaced cannot be handed to a consumer as it was.
const std::string kUnfaithful = "(raw_headers IS NULL AND headers::text LIKE '%?%')";

const std::string kList = kColumns + "\n  FROM weir.dead_letters" + kWhere + R"(
 ORDER BY occurred_at, id
 LIMIT $13)";

const std::string kPage = kColumns + "\n  FROM weir.dead_letters" + kWhere + R"(
   AND id > $13
 ORDER BY id
 LIMIT $14)";

const std::string kSum = R"(
SELECT count(*), (coalesce(sum(id), 0) % 1000000007)::bigint
  FROM weir.dead_letters)" +
                         kWhere +
                         R"(
   AND status = ANY($13) AND NOT ($14 AND )" +
                         kUnfaithful + ")";

const std::string kReasons = R"(
SELECT group_id, topic, status, kind, reason, fault_path, count(*), count(*) FILTER (WHERE )" +
                             kUnfaithful + R"()
  FROM weir.dead_letters)" + kWhere +
                             R"(
 GROUP BY group_id, topic, status, kind, reason, fault_path
 ORDER BY count(*) DESC, group_id, topic, status, kind, reason, fault_path)";

const std::string kWhole = kColumns + R"(,
       message, constraint_name, trace_id, record_key, value
  FROM weir.dead_letters
 WHERE id = $1)";

const std::string kHeaders = R"(
SELECT h.name, h.value
  FROM weir.dead_letters d,
       LATERAL (SELECT d.raw_headers[2 * n - 1] AS name, d.raw_headers[2 * n] AS value, n AS place
                  FROM generate_series(1, cardinality(d.raw_headers) / 2) AS n
                UNION ALL
                SELECT convert_to(e.pair ->> 0, 'UTF8'), convert_to(e.pair ->> 1, 'UTF8'), e.place::int
                  FROM jsonb_array_elements(d.headers) WITH ORDINALITY AS e(pair, place)
                 WHERE d.raw_headers IS NULL) AS h
 WHERE d.id = $1
 ORDER BY h.place)";

// In the order of the log, and locked: an owner that is at a letter is waited for, and what it has ended by then is left alone.
const std::string kPick = R"(
SELECT id, group_id, topic, partition, status, reason, )" +
                          kUnfaithful + R"(
  FROM weir.dead_letters)" +
                          kWhere + R"(
   AND status = ANY($13)
 ORDER BY topic, partition, record_offset
   FOR UPDATE)";

// $4: letters a second; 0: all at once.
const std::string kRedrive = R"(
UPDATE weir.dead_letters d
   SET status = 'redriving', action_id = $2, updated_at = now(),
       due_at = now() + CASE WHEN $3 > 0 THEN (p.place - 1) / $3::float8 * interval '1 second' ELSE interval '0' END
  FROM unnest($1) WITH ORDINALITY AS p(id, place)
 WHERE d.id = p.id)";

const std::string kDiscard = R"(
UPDATE weir.dead_letters
   SET status = 'discarded', action_id = $2, updated_at = now(), resolved_at = now(), trying_since = NULL
 WHERE id = ANY($1))";

// A parked letter that is given up is counted as dead from now on.
const std::string kRecount = R"(
INSERT INTO weir.outcome_counts AS o (group_id, topic, partition, outcome, reason, n)
SELECT c.group_id, c.topic, c.partition, c.outcome, c.reason, c.n
  FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::bigint[])
       AS c(group_id, topic, partition, outcome, reason, n)
ON CONFLICT (group_id, topic, partition, outcome, reason) DO UPDATE SET n = o.n + excluded.n)";

postgres::Params params_of(const LetterFilter& filter) {
  postgres::Params params;
  params.add(filter.id).add(filter.group).add(filter.topic).add(filter.partition).add(filter.status).add(filter.kind);
  params.add(filter.reason).add(filter.path).add(filter.from).add(filter.to).add(filter.key).add(filter.organization);
  return params;
}

LetterRow row_of(const postgres::Row& row) {
  return {.id = row.get<std::int64_t>(0),
          .group = row.get<std::string>(1),
          .topic = row.get<std::string>(2),
          .partition = row.get<std::int32_t>(3),
          .offset = row.get<std::int64_t>(4),
          .status = row.get<std::string>(5),
          .kind = row.get<std::string>(6),
          .reason = row.get<std::string>(7),
          .path = row.get<std::string>(8),
          .attempts = row.get<std::int64_t>(9),
          .waits_for = row.maybe<std::string>(10),
          .occurred_at = row.get<Instant>(11)};
}

std::optional<std::string> bytes_or_none(const postgres::Row& row, int column) {
  return row.is_null(column) ? std::nullopt : std::optional(row.bytes(column));
}

/// Letters that were picked, and how those of them that are parked are counted.
struct Picked {
  using Counted = std::tuple<std::string, std::string, std::int64_t, std::string>;  // group, topic, partition, reason
  std::vector<std::int64_t> ids;
  std::int64_t unfaithful = 0;
  std::map<Counted, std::int64_t> parked;
};

Result<Picked> pick(postgres::Connection& connection, const LetterFilter& filter, const std::vector<std::string>& statuses,
                    bool faithful_only) {
  postgres::Params params = params_of(filter);
  params.add_array(statuses);
  const postgres::Rows rows = WEIR_TRY(connection.query("letters_pick", kPick, params));
  Picked picked;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const postgres::Row row = rows[i];
    if (faithful_only && row.get<bool>(6)) {
      ++picked.unfaithful;
      continue;
    }
    picked.ids.push_back(row.get<std::int64_t>(0));
    if (row.text(4) == "parked") {
      ++picked.parked[{row.get<std::string>(1), row.get<std::string>(2), row.get<std::int64_t>(3), row.get<std::string>(5)}];
    }
  }
  return picked;
}

/// As kSum has it.
LetterSum sum_of(const std::vector<std::int64_t>& ids) {
  constexpr std::int64_t kModulus = 1'000'000'007;
  LetterSum sum{static_cast<std::int64_t>(ids.size()), 0};
  for (const std::int64_t id : ids) sum.ids = (sum.ids + id % kModulus) % kModulus;
  return sum;
}

std::vector<std::string> statuses_of(LetterDecision decision) {
  return decision == LetterDecision::kRedrive ? std::vector<std::string>{"dead"} : std::vector<std::string>{"dead", "parked"};
}

std::vector<LetterRow> rows_of(const postgres::Rows& rows) {
  std::vector<LetterRow> found;
  for (std::size_t i = 0; i < rows.size(); ++i) found.push_back(row_of(rows[i]));
  return found;
}

Result<void> recount(postgres::Connection& connection, const Picked& picked) {
  if (picked.parked.empty()) return {};
  std::vector<std::string> groups, topics, outcomes, reasons;
  std::vector<std::int64_t> partitions, numbers;
  for (const auto& [of, n] : picked.parked) {
    for (const bool now : {false, true}) {
      groups.push_back(std::get<0>(of));
      topics.push_back(std::get<1>(of));
      partitions.push_back(std::get<2>(of));
      reasons.push_back(std::get<3>(of));
      outcomes.emplace_back(now ? "dead" : "parked");
      numbers.push_back(now ? n : -n);
    }
  }
  postgres::Params params;
  params.add_array(groups).add_array(topics).add_array(partitions).add_array(outcomes).add_array(reasons).add_array(numbers);
  WEIR_TRY(connection.execute("letters_recount", kRecount, params));
  return {};
}

Result<std::int64_t> note(postgres::Connection& connection, const char* command, const LetterFilter& filter, std::size_t letters,
                          const std::string& by, const std::string& why) {
  return cli::note_action(connection, {.command = command,
                                       .filter = filter.json(),
                                       .counts = cli::counts_of("letters", static_cast<std::int64_t>(letters)),
                                       .by = by,
                                       .why = why});
}

}  // namespace

std::string LetterFilter::json() const {
  std::string out;
  JsonWriter json(out);
  const auto add = [&json](std::string_view name, const auto& value) {
    if (value) json.member(name, *value);
  };
  const auto add_instant = [&json](std::string_view name, const std::optional<Instant>& value) {
    if (value) json.member(name, format_instant(*value));
  };
  json.begin_object();
  add("id", id);
  add("group", group);
  add("topic", topic);
  add("partition", partition);
  add("status", status);
  add("kind", kind);
  add("reason", reason);
  add("path", path);
  add_instant("from", from);
  add_instant("to", to);
  // The key may name a person, and what operators did is kept for ever: it is said that there was one, not which.
  if (key) json.member("key", "***");
  if (organization) json.member("organization", organization->text());
  json.end_object();
  return out;
}

Result<std::vector<LetterRow>> letters(postgres::Connection& connection, const LetterFilter& filter, std::int64_t most) {
  postgres::Params params = params_of(filter);
  params.add(most);
  return rows_of(WEIR_TRY(connection.query("letters_list", kList, params)));
}

Result<std::vector<LetterRow>> letters_after(postgres::Connection& connection, const LetterFilter& filter, std::int64_t after,
                                             std::int64_t most) {
  postgres::Params params = params_of(filter);
  params.add(after).add(most);
  return rows_of(WEIR_TRY(connection.query("letters_page", kPage, params)));
}

Result<std::vector<LetterReason>> letter_reasons(postgres::Connection& connection, const LetterFilter& filter) {
  const postgres::Rows rows = WEIR_TRY(connection.query("letters_reasons", kReasons, params_of(filter)));
  std::vector<LetterReason> reasons;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const postgres::Row row = rows[i];
    reasons.push_back({row.get<std::string>(0), row.get<std::string>(1), row.get<std::string>(2), row.get<std::string>(3),
                       row.get<std::string>(4), row.get<std::string>(5), row.get<std::int64_t>(6), row.get<std::int64_t>(7)});
  }
  return reasons;
}

Result<WholeLetter> whole_letter(postgres::Connection& connection, std::int64_t id) {
  const postgres::Rows rows = WEIR_TRY(connection.query("letters_whole", kWhole, postgres::Params().add(id)));
  if (rows.empty()) return fail(FaultKind::kData, fmt::format("there is no letter {}", id), "weir dlq list lists them");
  const postgres::Row row = rows[0];
  WholeLetter letter{row_of(row),
                     row.get<std::string>(12),
                     row.get<std::string>(13),
                     row.get<std::string>(14),
                     bytes_or_none(row, 15),
                     bytes_or_none(row, 16),
                     {}};
  const postgres::Rows headers = WEIR_TRY(connection.query("letters_headers", kHeaders, postgres::Params().add(id)));
  for (std::size_t i = 0; i < headers.size(); ++i) letter.headers.emplace_back(headers[i].bytes(0), headers[i].bytes(1));
  return letter;
}

Result<Rehearsal> rehearse(postgres::Connection& connection, const LetterFilter& filter, LetterDecision decision) {
  const bool faithful_only = decision == LetterDecision::kRedrive;
  Rehearsal rehearsal;
  postgres::Params params = params_of(filter);
  params.add_array(statuses_of(decision)).add(faithful_only);
  const postgres::Rows sum = WEIR_TRY(connection.query("letters_sum", kSum, params));
  rehearsal.sum = {sum[0].get<std::int64_t>(0), sum[0].get<std::int64_t>(1)};
  for (const std::string& status : statuses_of(decision)) {
    LetterFilter of = filter;
    of.status = status;
    for (LetterReason& row : WEIR_TRY(letter_reasons(connection, of))) {
      if (faithful_only) {
        rehearsal.unfaithful += row.unfaithful;
        row.letters -= row.unfaithful;
      }
      if (row.letters > 0) rehearsal.reasons.push_back(std::move(row));
    }
  }
  return rehearsal;
}

Result<Decided> redrive(postgres::Connection& connection, const LetterFilter& filter, std::int64_t rate, const std::string& by,
                        const std::string& why, const std::optional<LetterSum>& only) {
  return connection.within_transaction([&]() -> Result<Decided> {
    const Picked picked = WEIR_TRY(pick(connection, filter, statuses_of(LetterDecision::kRedrive), true));
    if (only && sum_of(picked.ids) != *only) return Decided{.differs = true};
    if (picked.ids.empty()) return Decided{0, picked.unfaithful};
    const std::int64_t action = WEIR_TRY(note(connection, "dlq redrive", filter, picked.ids.size(), by, why));
    WEIR_TRY(connection.execute("letters_redrive", kRedrive, postgres::Params().add_array(picked.ids).add(action).add(rate)));
    return Decided{static_cast<std::int64_t>(picked.ids.size()), picked.unfaithful};
  });
}

Result<Decided> discard(postgres::Connection& connection, const LetterFilter& filter, const std::string& by, const std::string& why,
                        const std::optional<LetterSum>& only) {
  return connection.within_transaction([&]() -> Result<Decided> {
    const Picked picked = WEIR_TRY(pick(connection, filter, statuses_of(LetterDecision::kDiscard), false));
    if (only && sum_of(picked.ids) != *only) return Decided{.differs = true};
    if (picked.ids.empty()) return Decided{};
    const std::int64_t action = WEIR_TRY(note(connection, "dlq discard", filter, picked.ids.size(), by, why));
    WEIR_TRY(connection.execute("letters_discard", kDiscard, postgres::Params().add_array(picked.ids).add(action)));
    WEIR_TRY(recount(connection, picked));
    return Decided{static_cast<std::int64_t>(picked.ids.size()), 0};
  });
}

Result<void> note_unmasked(postgres::Connection& connection, std::int64_t id, const std::string& by, const std::string& why) {
  LetterFilter filter;
  filter.id = id;
  WEIR_TRY(note(connection, "dlq show --unmask", filter, 1, by, why));
  return {};
}

}  // namespace weir::operations
