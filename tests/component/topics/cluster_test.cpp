// `weir topics apply` on a cluster of three brokers, whose own default lets one replica acknowledge alone.
#include "common/core/await.hpp"
#include "common/local/services.hpp"
#include "common/topics/plan.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::topics;

namespace {

constexpr Milliseconds kSoon{60'000};

}  // namespace

TEST_CASE("topics that are made on three brokers have three replicas, of which two acknowledge; one that is away is told") {
  const auto services = local::Services::start({.brokers = 3, .kafka_options = {}, .postgres_options = {}, .started = {}}).value();
  kafka::Settings settings;
  settings.brokers = services->bootstrap();
  const auto admin = kafka::Admin::open(settings).value();
  TopicEntry entry;
  entry.name = "t";
  entry.partitions = 3;
  REQUIRE(apply_topics(*admin, {entry}));
  const auto state = [&] { return admin->describe_topics({"t"}).value().at(0); };
  CHECK(state().replication == 3);
  CHECK(await(kSoon, [&] { return state().configuration.at("min.insync.replicas") == "2"; }));
  CHECK(await(kSoon, [&] { return diff_topics(*admin, {entry}).value().empty(); }));

  REQUIRE(services->kafka(2).stop(local::Kafka::Shutdown::kKill));
  const auto away = [&] {
    const auto differences = diff_topics(*admin, {entry});
    return differences && differences->size() == 1 && differences->front().setting == "in-sync replicas" && differences->front().is == "2";
  };
  CHECK(await(kSoon, away));
  REQUIRE(services->kafka(2).resume());
  CHECK(await(kSoon, [&] {
    const auto differences = diff_topics(*admin, {entry});
    return differences && differences->empty();
  }));
}
