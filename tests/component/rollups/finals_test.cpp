// What others are told of windows through the outbox, where they ask for it.
#include "tests/component/rollups/application.hpp"

using namespace weir;
using namespace weir::rollups;

namespace {

Options telling() {
  Options options = by_default();
  options.closing.publish_finals = true;
  return options;
}

/// "organization type: agent window version, agent …" a line for each event, ids by their last digits.
constexpr const char* kTold = R"(
SELECT right(aggregate_id, 2) || ' ' || type || ': '
       || (SELECT string_agg(concat_ws(' ', right(r ->> 'agent_id', 2), to_char((r ->> 'window_start')::timestamptz, 'HH24:MI'), r ->> 'version'), ', '
                             ORDER BY r ->> 'window_start', r ->> 'agent_id')
             FROM jsonb_array_elements(payload -> 'rows') r)
  FROM weir.outbox
 WHERE aggregate_type = 'agent_metrics'
 ORDER BY created_at, 1)";

}  // namespace

TEST_CASE("rows that become final are told by one event for each organization, and so is what corrects them later") {
  const std::string dsn = migrated_database();
  Instance instance(dsn, telling());
  ExecutionRow elsewhere = execution(3, kStart);
  elsewhere.organization = OrganizationId{id(2)};
  const AgentRow known = agent_row(4, AgentStatus::kIdle, kStart);
  instance.apply({change(std::nullopt, execution(1, kStart)), change(std::nullopt, execution(2, kStart)), change(std::nullopt, elsewhere),
                  agent_change(std::nullopt, known, 1, kStart)});
  CHECK(dump(dsn, kTold) == "");
  instance.now += Seconds{1};
  instance.close(kStart + kWindowLength + std::chrono::minutes{2});
  CHECK(dump(dsn, kTold) == "01 agent_metrics.final: 65 12:00 2, 66 12:00 2, 68 12:00 1\n02 agent_metrics.final: 67 12:00 2\n");
  REQUIRE(instance.connection().script("DELETE FROM weir.outbox"));
  instance.now += Seconds{1};
  instance.apply({change(std::nullopt, execution(1, kStart + Seconds{60})), change(std::nullopt, execution(1, kStart + Seconds{400}))});
  CHECK(dump(dsn, kTold) == "01 agent_metrics.final: 65 12:00 3\n");
}

TEST_CASE("an event has up to a thousand rows, and whoever does not ask is told nothing") {
  const std::string dsn = migrated_database();
  Instance silent(dsn);
  Instance instance(dsn, telling());
  Events events;
  for (int agent = 0; agent < 1'001; ++agent) events.push_back(change(std::nullopt, execution(agent, kStart)));
  silent.apply(events);
  instance.now += Seconds{1};
  instance.close(kStart + kWindowLength + std::chrono::minutes{2});
  CHECK(dump(dsn, "SELECT jsonb_array_length(payload -> 'rows') FROM weir.outbox ORDER BY 1") == "1\n1000\n");
  REQUIRE(instance.connection().script("DELETE FROM weir.outbox"));
  silent.now += Seconds{2};
  silent.apply({change(std::nullopt, execution(1, kStart + Seconds{60}))});
  silent.close(kStart + 2 * kWindowLength + std::chrono::minutes{2});
  CHECK(dump(dsn, "SELECT count(*) FROM weir.outbox") == "0\n");
}

TEST_CASE("final rows that a recomputation corrects or completes are told, and so are rows that are in doubt from now on") {
  const std::string dsn = begun_later();
  Application app(dsn);
  app.write(1, rated(1, kStart, 2));
  app.write(2, rated(2, kStart, 2));
  Instance instance(dsn, telling());
  instance.apply({app.write(3, rated(3, kStart, 2))});
  instance.close(kLater);
  REQUIRE(instance.connection().script("DELETE FROM weir.outbox"));
  Recomputing work(dsn, {app.settings()}, true);
  work.run();
  CHECK(dump(dsn, kTold) == "01 agent_metrics.final: 65 12:00 1, 66 12:00 1, 67 12:00 3\n");
  REQUIRE(instance.connection().script("DELETE FROM weir.outbox"));
  instance.apply({event_of(Incomplete{Source::kExecutions, kLater + std::chrono::hours{2}, "snapshot"})});
  instance.close(kLater);
  CHECK(dump(dsn, kTold) == "01 agent_metrics.final: 65 12:00 2, 66 12:00 2, 67 12:00 4\n");
}
