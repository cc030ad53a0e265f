#include "tests/bench/recovery/pair.hpp"

#include "tests/bench/support/bench.hpp"

#include <algorithm>
#include <utility>

namespace weir::bench {

namespace {

constexpr Milliseconds kPatience{120'000};
constexpr Milliseconds kStep{5};

}  // namespace

Pair::Pair(std::string dsn, std::string topic, std::size_t partitions, std::map<std::string, std::string> environment)
    : topic_(std::move(topic)),
      partitions_(partitions),
      environment_(std::move(environment)),
      connection_(must(postgres::Connection::open({std::move(dsn), "weir bench"}))) {
  Member& first = members_.front();
  first.component.emplace("rollups", environment_);
  first.component->await("its partitions", kPatience, [&] {
    for (const auto& [partition, position] : positions()) first.owner = position.owner;
    return !first.owner.empty();
  });
  start(members_.back(), first.owner);
}

Positions Pair::positions() {
  Positions all;
  const auto rows = must(connection_.script(R"(
SELECT topic, partition, coalesce(owner, ''), epoch, coalesce(next_offset, 0)
  FROM weir.consumer_offsets)"));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    all[{rows[i].get<std::string>(0), rows[i].get<std::int32_t>(1)}] = {rows[i].get<std::string>(2), rows[i].get<std::int64_t>(3),
                                                                        rows[i].get<std::int64_t>(4)};
  }
  return all;
}

bool Pair::has_begun() {
  const Positions now = positions();
  return std::all_of(now.begin(), now.end(), [&](const auto& entry) { return entry.first.first != topic_ || entry.second.next > 0; });
}

bool Pair::settled(const Positions& positions, const std::string& known) {
  if (positions.size() < partitions_) return false;
  bool has_known = false;
  bool has_new = false;
  for (const auto& [partition, position] : positions) {
    if (position.owner.empty()) return false;
    if (partition.first != topic_) continue;
    has_known = has_known || position.owner == known;
    has_new = has_new || position.owner != known;
  }
  return has_known && has_new;
}

void Pair::start(Member& member, const std::string& other) {
  member.component.emplace("rollups", environment_);
  member.component->await("its share", kPatience, [&] {
    const Positions now = positions();
    if (!settled(now, other)) return false;
    for (const auto& [partition, position] : now) {
      if (partition.first == topic_ && position.owner != other) member.owner = position.owner;
    }
    return true;
  });
}

Death Pair::death() {
  Member& victim = members_[older_];
  Member& survivor = members_[1 - older_];
  Positions last = positions();
  victim.component->kill();
  const Stopwatch watch;
  // What the victim had, as it last stood in its name: its last commit may have been under way.
  std::erase_if(last, [&](const auto& entry) { return entry.first.first != topic_ || entry.second.owner != victim.owner; });
  Death death;
  std::set<std::int32_t> moved;
  survivor.component->await(
      "the first rows for each of the victim's partitions", kPatience,
      [&] {
        for (const auto& [partition, now] : positions()) {
          const auto entry = last.find(partition);
          if (entry == last.end()) continue;
          if (now.owner == victim.owner) {
            entry->second = now;
            continue;
          }
          if (death.claimed == 0) death.claimed = watch.seconds();
          if (now.epoch > entry->second.epoch && now.next > entry->second.next) moved.insert(partition.second);
        }
        if (!moved.empty() && death.first_written == 0) death.first_written = watch.seconds();
        return moved.size() == last.size();
      },
      kStep);
  death.all_written = watch.seconds();
  start(victim, survivor.owner);
  older_ = 1 - older_;
  return death;
}

void Pair::stop() {
  for (Member& member : members_) member.component->stop();
}

std::int64_t changes_of_hands(const Positions& before, const Positions& after) {
  std::int64_t sum = 0;
  for (const auto& [partition, now] : after) {
    const auto then = before.find(partition);
    sum += now.epoch - (then == before.end() ? 0 : then->second.epoch);
  }
  return sum;
}

}  // namespace weir::bench
