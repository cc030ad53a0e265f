// The harness itself: that each road brings its events to the tape, that clients stay behind their proxies, and that the verifier and the
// watcher see what must not be.
#include "tests/chaos/harness/ground.hpp"

#include "producers/gateway/key_store.hpp"
#include "tests/chaos/harness/crew.hpp"
#include "tests/chaos/harness/generator.hpp"
#include "tests/chaos/harness/roads.hpp"
#include "tests/chaos/harness/schedule.hpp"
#include "tests/chaos/harness/verifier.hpp"
#include "tests/chaos/harness/watcher.hpp"

#include <doctest/doctest.h>

#include <array>

using namespace weir;
using namespace weir::chaos;

namespace {

constexpr std::int64_t kEvents = 400;

std::string api_key(const Ground& ground) {
  auto connection = ground.connect().value();
  gateway::NewKey key;
  key.organization = OrganizationId{Uuid::random()};
  REQUIRE(connection.execute("organization", "INSERT INTO organizations (id, name) VALUES ($1, 'chaos')",
                             postgres::Params().add(key.organization)));
  return gateway::create_key(connection, key).value().key;
}

}  // namespace

TEST_CASE("each road brings its events to the tape, and the verifier finds what is tampered with") {
  const Report report("roads", Parameters{});
  Ground ground(report, {.pipeline = true, .session_timeout = Milliseconds{1'000}});
  const std::string key = api_key(ground);
  for (const char* component : {"cdc", "gateway"}) ground.add({.name = component, .component = component}).start();
  for (const char* component : {"cdc", "gateway"}) ground.await(component, [&] { return ground.instance(component).ready(); });
  struct Way {
    std::string topic;
    std::unique_ptr<Road> road;
    std::unique_ptr<Journal> journal;
  };
  std::array<Way, 3> ways{{{kEventsTopic, topic_road(ground.kafka(), kEventsTopic), nullptr},
                           {"weir.actions.v1", gateway_road(ground.gateway_port(), key), nullptr},
                           {"weir.cdc.public.chaos_events", postgres_road(ground.dsn()), nullptr}}};
  for (Way& way : ways) {
    way.journal = std::make_unique<Journal>(ground.folder() / way.topic);
    Generator generator({.events = kEvents, .keys = 20}, std::move(way.road), *way.journal);
    ground.await(way.topic + " to be acknowledged", [&] { return generator.done(); });
    REQUIRE(way.journal->read().size() == kEvents);
  }
  Instance& tape = ground.add({.name = "tape",
                               .component = "tape",
                               .environment = {{"WEIR_TAPE_TOPICS", "chaos.events,weir.actions.v1,weir.cdc.public.chaos_events"}}});
  tape.start();
  ground.await("the tape", [&] { return ground.try_number("SELECT count(*) FROM tape.events") == 3 * kEvents; });
  for (Way& way : ways) {
    require_exact(report, verify_tape(ground, *way.journal, {.topic = way.topic, .places = way.topic == kEventsTopic}));
  }
  tape.stop_well();

  auto connection = ground.connect().value();
  const auto verdict_after = [&](const std::string& sql) {
    REQUIRE(connection.script(sql));
    return verify_tape(ground, *ways[0].journal);
  };
  const std::string own = "topic = 'chaos.events' AND key = 7";
  CHECK(verdict_after("UPDATE tape.events SET seq = seq + 100000 WHERE number = 0 AND " + own).out_of_order == 1);
  CHECK(verdict_after("UPDATE tape.events SET epoch = epoch + 1 WHERE number = 1 AND " + own).two_writers >= 1);
  CHECK(verdict_after("UPDATE tape.events SET amount = amount + 3 WHERE number = 1 AND " + own).sum_difference == 3);
  const std::string columns = "topic, partition, record_offset, key, number, amount, epoch, writer";
  const TapeVerdict twice =
      verdict_after("INSERT INTO tape.events (" + columns + ") SELECT " + columns + " FROM tape.events WHERE number = 2 AND " + own);
  CHECK(twice.doubled == 2);  // by its place, and by its name
  CHECK(twice.miscounted == 1);
  CHECK(verdict_after("DELETE FROM tape.events WHERE number = 3 AND " + own).missing == 1);
  CHECK(verdict_after("UPDATE tape.events SET record_offset = record_offset + 1000000 WHERE number = 4 AND " + own).unexpected == 1);

  Watcher watcher(ground);
  ground.await("a look", [&] { return watcher.looks() > 0; });
  const std::int64_t before = watcher.wrong();  // the rows that were added and taken away above do not fit what is counted
  REQUIRE(connection.script("INSERT INTO tape.events (" + columns + ") SELECT topic, partition, next_offset, 1, 1, 1, 1, 'nobody'" +
                            " FROM weir.consumer_offsets WHERE topic = 'weir.actions.v1' AND partition = 0"));
  ground.await("the row ahead to be seen", [&] { return watcher.wrong() > before; });
}

TEST_CASE("a client of the broker stays behind its proxy, and a member of the tape that is killed in a transaction goes on") {
  const Report report("small", Parameters{});
  Ground ground(report, {.kafka_links = {"consumers", "generator"}, .session_timeout = Milliseconds{1'000}});
  Journal journal(ground.folder() / "journal");
  Generator generator({.events = 8 * kEvents, .rate = 400}, topic_road(ground.kafka_through("generator"), kEventsTopic), journal);
  generator.allow(kEvents);
  ground.await("half to be acknowledged", [&] { return generator.acknowledged() == kEvents; });
  Proxy& link = ground.kafka_link("generator");
  CHECK(link.counters().bytes > kEvents);
  CHECK(ground.kafka_link("consumers").counters().links == 0);
  link.partition();
  generator.allow(kEvents + 50);
  ground.await("more to be sent", [&] { return generator.sent() == kEvents + 50; });
  CHECK(generator.acknowledged() == kEvents);
  link.heal();
  ground.await("more to be acknowledged", [&] { return generator.acknowledged() == kEvents + 50; });

  Crew crew(ground);
  crew.hire(1, {{"WEIR_TAPE_FLUSH_INTERVAL", "10ms"}});
  crew.delay(Milliseconds{5});
  crew.start(0);
  Instance& member = crew.member(0);
  crew.await_work(member);
  ground.await("the member to be ready", [&] { return member.ready(); });
  CHECK(member.resident_kib() > 0);
  generator.allow(2 * kEvents);
  ground.await("a transaction", [&] { return crew.link(0).open_transactions() > 0; });
  member.pause();
  CHECK_FALSE(member.get("/readyz", Milliseconds{200}).has_value());
  member.resume();
  // A transaction that was seen may be over when the signal comes.
  std::int64_t allowed = 2 * kEvents;
  ground.await("a kill in a transaction", [&] {
    if (crew.link(0).open_transactions() == 0) {
      if (generator.acknowledged() == allowed) generator.allow(allowed += 50);
      return false;
    }
    const bool in_transaction = crew.kill(member);
    CHECK_FALSE(member.running());
    member.start();
    return in_transaction;
  });
  generator.allow(8 * kEvents);
  ground.await("everything has ended", [&] { return generator.done() && ground.tape_caught_up(); });
  crew.stop();
  require_exact(report, verify_tape(ground, journal));
}

TEST_CASE("a schedule follows its seed and its weights") {
  const auto inflicted = [](std::uint64_t seed) {
    std::string order;
    Schedule schedule(seed, {{"often", 3, [&](std::mt19937_64&) { order += 'o'; }},
                             {"seldom", 1, [&](std::mt19937_64&) { order += 's'; }},
                             {"never", 0, [&](std::mt19937_64&) { order += 'n'; }}});
    std::string phases;
    schedule.run(Report("schedule", Parameters{}),
                 {[&] { phases += 'w'; }, [&] { return order.size() == 60; }, [] {}, [&] { phases += 'c'; }});
    CHECK(phases == "wc");
    CHECK(schedule.inflicted().at("often") + schedule.inflicted().at("seldom") == 60);
    CHECK(schedule.inflicted().at("often") > schedule.inflicted().at("seldom"));
    CHECK(schedule.inflicted().at("never") == 0);
    return order;
  };
  CHECK(inflicted(1) == inflicted(1));
  CHECK(inflicted(1) != inflicted(2));
}
