// Two members of a group: partitions change hands in good order, are lost where a member stops polling, and no record is read twice.
#include "tests/component/group/member.hpp"

#include "common/group/group_source.hpp"

#include "common/kafka/admin_request.hpp"

using namespace weir;
using namespace weir::group;
using namespace weir::kafka;

namespace {

/// The positions that Postgres would hold: a member goes on where another has stopped.
struct Positions {
  std::map<TopicPartition, std::int64_t> next;
  std::optional<std::int64_t> operator()(const TopicPartition& partition) { return next[partition]; }
};

void poll_both(Member& one, Member& other, Positions& positions) {
  for (Member* member : {&one, &other}) {
    member->poll(Milliseconds{20});
    for (const auto& [partition, next] : member->next) positions.next[partition] = std::max(positions.next[partition], next);
  }
}

std::int64_t committed(const std::string& group, const std::string& topic) {
  const Settings settings = broker();
  const std::vector<Property> properties{{"group.id", group}};
  const auto client = make_client(RD_KAFKA_CONSUMER, make_conf(settings, properties).value()).value();
  const auto list = partition_list(1);
  rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), 0);
  REQUIRE(rd_kafka_committed(client.get(), list.get(), to_ms(kSoon)) == RD_KAFKA_RESP_ERR_NO_ERROR);
  return list->elems[0].offset;
}

}  // namespace

TEST_CASE("a second member takes its share, the first keeps the rest without pause, and each record is read once") {
  const std::string topic = make_topic(4);
  const auto producer = plain_producer();
  Positions positions;
  const auto begin = [&](const TopicPartition& partition) { return positions(partition); };
  const GroupOptions options = group_of(topic);
  Member first(options, begin);
  for (int p = 0; p < 4; ++p) produce(*producer, topic, p, 0, 250);
  REQUIRE(first.poll_until([&] { return first.owned.size() == 4 && first.reads.size() == 1'000; }));
  for (const auto& [partition, next] : first.next) positions.next[partition] = next;
  CHECK(first.revocations == 0);

  Member second(options, begin);
  REQUIRE(await(kSoon, [&] {
    poll_both(first, second, positions);
    return first.owned.size() == 2 && second.owned.size() == 2;
  }));
  CHECK(first.revocations == 1);
  CHECK(first.losses == 0);
  for (const auto& partition : second.owned) CHECK_FALSE(first.owned.contains(partition));

  for (int p = 0; p < 4; ++p) produce(*producer, topic, p, 250, 250);
  REQUIRE(await(kSoon, [&] {
    poll_both(first, second, positions);
    return first.reads.size() + second.reads.size() >= 2'000;
  }));
  REQUIRE(second.source->close());
  CHECK(second.owned.empty());
  CHECK(second.revocations == 1);
  REQUIRE(first.poll_until([&] { return first.owned.size() == 4; }));
  for (int p = 0; p < 4; ++p) produce(*producer, topic, p, 500, 250);
  REQUIRE(first.poll_until([&] { return first.reads.size() + second.reads.size() >= 3'000; }));

  std::map<std::pair<TopicPartition, std::int64_t>, int> seen;
  for (const Member* member : {&first, &second}) {
    for (const auto& read : member->reads) ++seen[{read.partition, read.offset}];
  }
  CHECK(seen.size() == 3'000);
  for (const auto& [place, times] : seen) REQUIRE(times == 1);
}

TEST_CASE("a member that stops polling loses its partitions, learns of that, and gets partitions again") {
  const std::string topic = make_topic(2);
  const auto producer = plain_producer();
  Positions positions;
  const auto begin = [&](const TopicPartition& partition) { return positions(partition); };
  GroupOptions options = group_of(topic);
  // No member waits for anything else than a poll until one of them is to stall: on a busy machine that takes its time.
  for (int p = 0; p < 2; ++p) produce(*producer, topic, p, 0, 10);
  options.session_timeout = Milliseconds{4'000};
  options.max_poll_interval = Milliseconds{4'000};
  Member stalled(options, begin);
  REQUIRE(stalled.poll_until([&] { return stalled.owned.size() == 2 && stalled.reads.size() == 20; }));

  Member other(options, begin);
  REQUIRE(other.poll_until([&] { return other.owned.size() == 2; }));  // meanwhile `stalled` does not poll
  CHECK(stalled.owned.size() == 2);
  REQUIRE(await(kSoon, [&] {
    poll_both(stalled, other, positions);
    return stalled.losses == 1;
  }));
  REQUIRE(await(kSoon, [&] {
    poll_both(stalled, other, positions);
    return stalled.owned.size() == 1 && other.owned.size() == 1;
  }));
}

TEST_CASE("closing lets partitions go in good order, and lag tools see the positions that were told to Kafka") {
  const std::string topic = make_topic();
  const auto producer = plain_producer();
  produce(*producer, topic, 0, 0, 10);
  const GroupOptions options = group_of(topic);
  Member member(options, from_zero);
  REQUIRE(member.poll_until([&] { return member.reads.size() == 10; }));
  CHECK(committed(options.group, topic) == RD_KAFKA_OFFSET_INVALID);
  member.source->publish_positions(std::vector<runtime::PublishedPosition>{{{topic, 0}, 7}});
  CHECK(await(kSoon, [&] { return committed(options.group, topic) == 7; }));
  REQUIRE(member.source->close());
  CHECK(member.revocations == 1);
  CHECK(member.owned.empty());
  CHECK(committed(options.group, topic) == 7);  // closing commits nothing

  // Kafka's offset is not used: the next member begins at the offset that it is given.
  Member next(options, from_zero);
  REQUIRE(next.poll_until([&] { return next.reads.size() == 10; }));
}

TEST_CASE("a paused partition that was let go is read by its next owner, and by this one when it comes back") {
  const std::string topic = make_topic(2);
  const auto producer = plain_producer();
  Positions positions;
  const auto begin = [&](const TopicPartition& partition) { return positions(partition); };
  const GroupOptions options = group_of(topic);
  Member first(options, begin);
  REQUIRE(first.poll_until([&] { return first.ends.size() == 2; }));
  REQUIRE(first.source->pause(std::vector<TopicPartition>{{topic, 0}, {topic, 1}}));
  {
    Member second(options, begin);
    REQUIRE(await(kSoon, [&] {
      poll_both(first, second, positions);
      return first.owned.size() == 1 && second.owned.size() == 1;
    }));
  }
  REQUIRE(first.poll_until([&] { return first.owned.size() == 2; }));
  REQUIRE(first.source->resume(std::vector<TopicPartition>{{topic, 0}, {topic, 1}}));
  for (int p = 0; p < 2; ++p) produce(*producer, topic, p, 0, 10);
  CHECK(first.poll_until([&] { return first.reads.size() == 20; }));
}

TEST_CASE("a static member may come back within the session without any partition changing hands") {
  const std::string topic = make_topic(2);
  GroupOptions options = group_of(topic);
  options.group_instance = "one";
  {
    Member first(options, from_zero);
    REQUIRE(first.poll_until([&] { return first.owned.size() == 2; }));
  }
  Member again(options, from_zero);
  CHECK(again.poll_until([&] { return again.owned.size() == 2; }));
}

TEST_CASE("a group changes over from one protocol to the other member by member, and each record is read once") {
  const std::string topic = make_topic(4);
  const auto producer = plain_producer();
  Positions positions;
  const auto begin = [&](const TopicPartition& partition) { return positions(partition); };
  GroupOptions options = group_of(topic);
  GroupOptions changed = options;
  changed.protocol = options.protocol == GroupProtocol::kClassic ? GroupProtocol::kConsumer : GroupProtocol::kClassic;
  Member before(options, begin);
  REQUIRE(before.poll_until([&] { return before.owned.size() == 4; }));
  Member after(changed, begin);
  REQUIRE(await(kSoon, [&] {
    poll_both(before, after, positions);
    return before.owned.size() == 2 && after.owned.size() == 2;
  }));
  for (int p = 0; p < 4; ++p) produce(*producer, topic, p, 0, 100);
  REQUIRE(await(kSoon, [&] {
    poll_both(before, after, positions);
    return before.reads.size() + after.reads.size() >= 400;
  }));
  REQUIRE(before.source->close());
  REQUIRE(after.poll_until([&] { return after.owned.size() == 4; }));
  for (int p = 0; p < 4; ++p) produce(*producer, topic, p, 100, 100);
  REQUIRE(after.poll_until([&] { return before.reads.size() + after.reads.size() >= 800; }));
  CHECK(before.reads.size() + after.reads.size() == 800);
}

TEST_CASE("a session shorter than the broker allows is refused before the group is joined, with a hint what to change") {
  GroupOptions options = group_of("any");
  options.protocol = GroupProtocol::kConsumer;
  options.session_timeout = Milliseconds{500};  // the private broker's floor is one second
  const auto refused = configure_group(broker(), options);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().kind == FaultKind::kConfiguration);
  CHECK(refused.error().hint.find("group.consumer.min.session.timeout.ms") != std::string::npos);
  options.session_timeout = Milliseconds{6'000};
  CHECK(configure_group(broker(), options).has_value());
  CHECK(configure_group(broker(), options).has_value());  // nothing is left to set
}

TEST_CASE("a property that carries a guarantee cannot be set by the user") {
  auto settings = broker();
  settings.properties = {{"isolation.level", "read_uncommitted"}};
  struct Silent final : runtime::RebalanceListener {
    void assigned(std::span<const TopicPartition>) override {}
    void revoked(std::span<const TopicPartition>) override {}
    void lost(std::span<const TopicPartition>) override {}
  } listener;
  const auto refused = open_group_source(settings, group_of("t"), listener);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().kind == FaultKind::kConfiguration);
  CHECK(refused.error().message.find("kafka.properties.isolation.level") == 0);
}
