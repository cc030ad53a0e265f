#include "tests/chaos/harness/crew.hpp"

namespace weir::chaos {
namespace {

constexpr const char* kUneasy = R"sql(
SELECT count(*) FROM weir.consumer_offsets o LEFT JOIN pg_stat_activity a ON o.owner = a.pid || '@' || a.backend_start::text
 WHERE o.group_id = 'weir.tape' AND (a.pid IS NULL OR o.deaths > 1))sql";

}  // namespace

void Crew::hire(std::size_t count, const std::map<std::string, std::string>& environment) {
  for (std::size_t i = 0; i < count; ++i) {
    const std::string name = "tape-" + std::to_string(members_.size() + 1);
    members_.push_back(&ground_.add({.name = name, .component = "tape", .postgres_link = name, .environment = environment}));
  }
}

void Crew::delay(Milliseconds one_way) {
  delay_ = one_way;
  for (const Instance* member : members_) link(*member).delay(one_way);
}

bool Crew::is_calm() { return ground_.try_number(kUneasy) == 0; }

void Crew::calm() {
  if (is_calm()) return;
  const Milliseconds before = delay_;
  delay(Milliseconds{0});
  ground_.await("every partition has an owner, and none goes one event at a time", [&] { return is_calm(); });
  delay(before);
}

void Crew::await_work(const Instance& member) {
  ground_.await(member.name() + " has committed events", [&] { return member.metric_sum("weir_events_total") > 0; });
}

bool Crew::kill(Instance& member) {
  Proxy& its = link(member);
  const std::int64_t before = its.counters().ended_in_transaction;
  member.kill();
  ground_.await("the links of " + member.name() + " are gone", [&] { return its.open_links() == 0; });
  return its.counters().ended_in_transaction > before;
}

void Crew::stop() {
  for (Instance* member : members_) {
    if (member->running()) member->stop_well();
  }
}

}  // namespace weir::chaos
