#include "tests/chaos/harness/watcher.hpp"

#include <doctest/doctest.h>

namespace weir::chaos {
namespace {

constexpr Milliseconds kBetweenLooks{100};

// One statement, one snapshot. $1, $2, $3: the positions that were seen last.
constexpr const char* kLook = R"sql(
SELECT o.topic, o.partition, o.next_offset,
       (SELECT coalesce(max(record_offset), -1) FROM tape.events e WHERE e.topic = o.topic AND e.partition = o.partition) AS highest,
       (SELECT coalesce(sum(n), 0)::bigint FROM weir.outcome_counts c
         WHERE c.group_id = o.group_id AND c.topic = o.topic AND c.partition = o.partition AND c.outcome IN ('done', 'dead')) AS counted,
       (SELECT count(*) FROM tape.events e WHERE e.topic = o.topic AND e.partition = o.partition
           AND e.record_offset >= coalesce(s.next_offset, 0))
     + (SELECT count(*) FROM weir.dead_letters d WHERE d.group_id = o.group_id AND d.topic_uuid = o.topic_uuid
           AND d.partition = o.partition AND d.record_offset >= coalesce(s.next_offset, 0)) AS added
  FROM weir.consumer_offsets o LEFT JOIN unnest($1::text[], $2::bigint[], $3::bigint[]) AS s(topic, partition, next_offset)
       ON s.topic = o.topic AND s.partition = o.partition
 WHERE o.group_id = 'weir.tape' AND o.next_offset IS NOT NULL)sql";

}  // namespace

Watcher::Watcher(const Ground& ground) : ground_(ground), thread_([this](const std::stop_token& stop) { watch(stop); }) {}

void Watcher::watch(const std::stop_token& stop) {
  std::optional<demo::SqlSession> session;
  while (!stop.stop_requested()) {
    if (!session) {
      if (auto opened = ground_.sql_session()) session.emplace(std::move(*opened));
    }
    if (session && !look(*session)) session.reset();
    await(kBetweenLooks, [&] { return stop.stop_requested(); });
  }
}

Result<void> Watcher::look(demo::SqlSession& session) {
  std::vector<std::string> topics;
  std::vector<std::int64_t> partitions, positions;
  for (const auto& [place, seen] : seen_) {
    topics.push_back(place.first);
    partitions.push_back(place.second);
    positions.push_back(seen.next_offset);
  }
  const pqxx::result rows =
      WEIR_TRY(session.ask(kLook, {demo::Parameter::array(topics), demo::Parameter::array(partitions), demo::Parameter::array(positions)}));
  for (const auto& row : rows) {
    const std::pair place(row[0].as<std::string>(), row[1].as<std::int32_t>());
    const Seen now{row[2].as<std::int64_t>(), row[4].as<std::int64_t>()};
    const auto highest = row[3].as<std::int64_t>();
    const auto added = row[5].as<std::int64_t>();
    Seen& before = seen_[place];
    const std::string where = place.first + " " + std::to_string(place.second) + " at " + std::to_string(now.next_offset) + ": ";
    if (highest >= now.next_offset) note(where + "a row at " + std::to_string(highest) + " is ahead of the position");
    if (now.next_offset < before.next_offset) note(where + "the position went back from " + std::to_string(before.next_offset));
    if (now.counted - before.counted != added) {
      note(where + std::to_string(now.counted - before.counted) + " more are counted, and " + std::to_string(added) + " are there");
    }
    if (now.next_offset != before.next_offset) ++moves_;
    before = now;
  }
  ++looks_;
  return {};
}

void Watcher::note(const std::string& what) {
  const std::lock_guard lock(mutex_);
  if (first_wrong_.empty()) first_wrong_ = what;
  ++wrong_;
}

std::string Watcher::first_wrong() const {
  const std::lock_guard lock(mutex_);
  return first_wrong_;
}

void Watcher::finish(const Report& report) {
  thread_ = {};
  report.witness("looks", looks_.load(), 1);
  report.witness("moves_seen", moves_, 1);
  INFO(first_wrong());
  report.exact("looks_that_saw_a_row_ahead", wrong_.load(), 0);
}

}  // namespace weir::chaos
