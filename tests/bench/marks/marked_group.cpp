#include "tests/bench/marks/marked_group.hpp"

#include "tests/bench/support/bench.hpp"

#include <fmt/format.h>

namespace weir::bench {

namespace {

const std::string kTopic = "app.public.agent_executions";
constexpr std::int64_t kDone = 970;  // of the records of a partition in a commit
constexpr std::int64_t kSkipped = 30;

Uuid topic_id() { return Uuid::parse("6e1f0a52-1f0b-4a8e-9a57-0d6b6f1f2c11").value(); }

ledger::LedgerOptions options(const std::string& group, Microseconds mark_every) {
  return {.group = group, .idle_timeout = Milliseconds{60'000}, .letter_retention = std::chrono::days{30}, .mark_every = mark_every};
}

}  // namespace

std::string group_name(std::int64_t number) { return fmt::format("weir.group-{:02}", number); }

void fill(postgres::Connection& connection, const Marks& marks) {
  postgres::Params params;
  params.add(marks.days * 24).add(marks.groups).add(marks.partitions).add(kTopic).add(topic_id()).add(kDone + kSkipped);
  must(connection.execute("fill_marks", R"(
INSERT INTO weir.position_marks (group_id, topic, partition, marked_at, topic_uuid, next_offset, counts)
SELECT 'weir.group-' || to_char(g, 'FM00'), $4, p, now() - h * interval '1 hour' + g * interval '1 second', $5, ($1 - h) * 100 * $6,
       jsonb_build_object('done', ($1 - h) * 97 * $6, 'skipped', ($1 - h) * 3 * $6)
  FROM generate_series(1, $1) h, generate_series(0, $2 - 1) g, generate_series(0, $3 - 1) p
 ORDER BY h DESC, g, p)",
                          params));
  must(connection.script("VACUUM ANALYZE weir.position_marks"));
}

void add_expired(postgres::Connection& connection, const std::string& group, std::size_t partitions) {
  postgres::Params params;
  params.add(group).add(kTopic).add(topic_id()).add(static_cast<std::int64_t>(partitions));
  must(connection.execute("add_expired", R"(
INSERT INTO weir.position_marks (group_id, topic, partition, marked_at, topic_uuid, next_offset, counts)
SELECT $1, $2, p, now() - interval '91 days', $3, 0, '{}'
  FROM generate_series(0, $4 - 1) p)",
                          params));
}

MarkedGroup::MarkedGroup(const std::string& dsn, const std::string& group, std::int64_t partitions, Microseconds mark_every)
    : name_(group), ledger_({.dsn = dsn, .application_name = "weir bench"}, options(group, mark_every)) {
  must(ledger_.ensure_connected({}));
  must(ledger_.introduce(kTopic, topic_id(), std::vector<runtime::LogRange>(static_cast<std::size_t>(partitions)), false));
  for (std::int32_t partition = 0; partition < partitions; ++partition) {
    claims_.push_back(must(ledger_.claim({kTopic, partition})));
  }
}

double MarkedGroup::commit(std::size_t partitions) {
  std::vector<runtime::PositionMove> moves;
  runtime::OutcomeCounts counts;
  for (std::size_t i = 0; i < partitions; ++i) {
    runtime::Claim& claim = claims_[i];
    const std::int64_t expected = claim.position.next_offset;
    claim.position.next_offset += kDone + kSkipped;
    moves.push_back({claim.partition, claim.epoch, expected, claim.position});
    counts[{claim.partition, "done", ""}] = kDone;
    counts[{claim.partition, "skipped", "not_mine"}] = kSkipped;
  }
  const Stopwatch watch;
  must(ledger_.begin(moves));
  must(ledger_.commit({}, counts, moves));
  return watch.seconds() * 1e3;
}

}  // namespace weir::bench
