// Records are deleted ahead of the group, topics are deleted and made again, logs are cut, while events flow and instances come and go:
// each is held as a gap of the exact size, the operator accepts it, and the tape holds what was to be had, once.
#include "tests/chaos/scenarios/positions.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace weir;
using namespace weir::chaos;

namespace {

constexpr const char* kRead = "SELECT count(*) FROM weir.consumer_offsets WHERE owner IS NOT NULL AND topic_uuid IS NOT NULL";

class Positions {
 public:
  explicit Positions(const Parameters& asked)
      : rounds_(asked.of_form(1, 25)),
        report_("positions", asked),
        dice_(asked.seed),
        ground_(report_,
                {.partitions = kPartitions, .session_timeout = Milliseconds{6'000}, .set = {{"WEIR_TAPE_FLUSH_INTERVAL", "50ms"}}}),
        readers_(ground_),
        eras_(ground_, asked.seed) {
    readers_.start();
    eras_.begin();
  }

  void run() {
    for (int round = 0; round < rounds_; ++round) {
      delete_ahead(round % 2 == 0);
      make_again();
      cut();
    }
    eras_.end();
    await("everything has ended", [&] { return ground_.tape_caught_up(); });
    readers_.stop();
    report_.witness("records_deleted_ahead", hits_["below_log_start"], rounds_);
    report_.witness("topics_made_again", hits_["topic_recreated"], rounds_);
    report_.witness("logs_cut_below_the_position", hits_["log_truncated"] + hits_["above_log_end"], rounds_);
    report_.figure("of_them_told_by_leader_epoch", hits_["log_truncated"]);
    report_.figure("longest_until_held_s", longest_);
    report_.figure("instances_that_stopped_and_came_back", readers_.revived());
    report_.figure("killed", readers_.killed());
    eras_.verify(report_);
    report_.figure("took", report_.elapsed());
  }

 private:
  std::int64_t up_to(std::int64_t most) { return 1 + static_cast<std::int64_t>(dice_() % static_cast<std::uint64_t>(most)); }

  /// The group falls behind, paused or ended, and records that it has not read are deleted.
  void delete_ahead(bool paused) {
    flow();
    readers_.rest(paused, dice_() % 2 == 0);
    const std::int32_t partition = static_cast<std::int32_t>(dice_() % kPartitions);
    // All records in hand lie before the log's present end, except those of a broker's answer that is on its way.
    const std::int64_t before = eras_.end_of(partition);
    const std::int64_t behind = 500 + up_to(800);
    ground_.await("the group is behind", [&] { return eras_.end_of(partition) >= before + behind; });
    const std::int64_t to = eras_.end_of(partition) - up_to(100);
    REQUIRE(ground_.admin().delete_records(kEventsTopic, partition, to));
    const SteadyInstant since = clock_.steady();
    readers_.go_on();
    expect({partition}, since, [&](const Found& gap) {
      CHECK(gap.kind == "below_log_start");
      CHECK(gap.log_begin == to);
      eras_.excuse(partition, gap.next_offset, to);
      return std::string();
    });
  }

  /// Makes the topic again as fast as Kafka allows, and fills it past the position at once.
  void make_again() {
    flow();
    eras_.end();
    REQUIRE(ground_.admin().delete_topic(kEventsTopic));
    ground_.await("the topic is made again", [&] {
      return ground_.admin().create_topics({kafka::TopicSpec{kEventsTopic, kPartitions, 1, {}}}).has_value();
    });
    const SteadyInstant since = clock_.steady();
    eras_.begin(true);
    expect({0, 1, 2, 3}, since, [&](const Found& gap) {
      CHECK(gap.kind == "topic_recreated");
      CHECK(gap.log_begin == 0);
      eras_.excuse_rest_of_last(gap.partition, gap.next_offset);
      return std::string();
    });
  }

  /// The broker is killed and comes back without the end of a log.
  void cut() {
    flow();
    eras_.end();
    const std::int32_t partition = static_cast<std::int32_t>(dice_() % kPartitions);
    await("the group has read it", [&] { return ground_.tape_caught_up(); });
    REQUIRE(ground_.services().kafka().stop(local::Kafka::Shutdown::kKill));
    const std::int64_t next = position(partition);
    const std::int64_t left = cut_log(ground_.services().scratch().path(), partition, next - up_to(200));
    REQUIRE(left < next);
    const auto resumed = ground_.services().kafka().resume();
    REQUIRE_MESSAGE(resumed, resumed.error().line());
    const SteadyInstant since = clock_.steady();
    eras_.begin(true);
    expect({partition}, since, [&](const Found& gap) {
      CHECK((gap.kind == "log_truncated" || gap.kind == "above_log_end"));
      CHECK(gap.next_offset == next);
      if (gap.kind == "log_truncated") CHECK(gap.log_end == left);
      CHECK(gap.log_end >= left);
      return std::to_string(left);
    });
  }

  /// Events flow for a while, and now and then an instance is killed.
  void flow() {
    const std::int64_t until = eras_.acknowledged() + 500 + up_to(1'500);
    await("every partition is read, and events flow",
          [&] { return ground_.try_number(kRead) == kPartitions && eras_.acknowledged() >= until; });
    if (dice_() % 2 == 0) readers_.kill_one(dice_());
  }

  void await(const std::string& what, const std::function<bool()>& holds) {
    ground_.await(what, [&] {
      readers_.revive();
      return holds();
    });
  }

  std::int64_t position(std::int32_t partition) {
    return ground_.number("SELECT next_offset FROM weir.consumer_offsets WHERE group_id = 'weir.tape' AND partition = " +
                          std::to_string(partition));
  }

  /// Each partition is held, seen from outside, and goes on once the operator accepts it. `judge` answers where to go on ("": by itself).
  void expect(const std::vector<std::int32_t>& partitions, SteadyInstant since, const std::function<std::string(const Found&)>& judge) {
    std::vector<Found> found;
    await("the gap is found", [&] {
      found = open_gaps(ground_);
      return found.size() >= partitions.size();
    });
    await("readiness and metric tell of it",
          [&] { return std::ranges::all_of(found, [&](const Found& gap) { return readers_.tell_of(gap); }); });
    longest_ = std::max(longest_, std::chrono::duration_cast<Milliseconds>(clock_.steady() - since));
    REQUIRE(found.size() == partitions.size());
    for (const Found& seen : open_gaps(ground_)) {
      CHECK(std::ranges::find(partitions, seen.partition) != partitions.end());
      CHECK(position(seen.partition) == seen.next_offset);
      ++hits_[seen.kind];
      accept_gap(ground_, seen.partition, judge(seen));
    }
  }

  static constexpr std::int32_t kPartitions = 4;

  int rounds_;
  Report report_;
  std::mt19937_64 dice_;
  const SystemClock clock_;
  Ground ground_;
  Readers readers_;
  Eras eras_;
  std::map<std::string, std::int64_t> hits_;
  Milliseconds longest_{0};
};

}  // namespace

TEST_CASE("a position that does not fit the log is held with the exact gap, and nothing is skipped or read again in silence") {
  Positions(parameters()).run();
}
