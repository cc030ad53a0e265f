// `weir topics apply` against a real broker: it adds, it changes what keeps more, and twice is as good as once.
#include "common/topics/plan.hpp"

#include "common/core/await.hpp"
#include "tests/component/kafka/fixture.hpp"

using namespace weir;
using namespace weir::kafka;
using namespace weir::topics;

TEST_CASE("the shipped topics are made, and then nothing differs") {
  const auto catalog = shipped_topics().value();
  const auto asked = admin();
  const auto made = apply_topics(*asked, catalog);
  INFO((made ? std::string() : made.error().line()));
  REQUIRE(made.has_value());
  CHECK_FALSE(made->empty());
  const auto left = diff_topics(*asked, catalog).value();
  for (const auto& difference : left) MESSAGE(difference.topic << " " << difference.setting << " " << difference.is);
  CHECK(left.empty());
  CHECK(apply_topics(*asked, catalog).value().empty());
}

TEST_CASE("partitions are raised and records thrown away only on demand") {
  const std::string topic = make_topic(2, {{"retention.ms", "2000000"}, {"segment.ms", "3000000"}});
  TopicEntry entry;
  entry.name = topic;
  entry.partitions = 4;
  entry.configuration = {{"retention.ms", "1000000"}, {"segment.ms", "4000000"}};
  const auto asked = admin();
  const auto state = [&] { return asked->describe_topics({topic}).value().at(0); };

  CHECK(apply_topics(*asked, {entry}).value().size() == 3);
  // A configuration is told to the brokers a moment after it is decided.
  CHECK(await(kSoon, [&] { return state().configuration.at("segment.ms") == "4000000"; }));
  CHECK(state().configuration.at("retention.ms") == "2000000");
  CHECK(state().partitions == 2);

  REQUIRE(apply_topics(*asked, {entry}, {.raise = true, .shrink = true}));
  CHECK(state().partitions == 4);
  CHECK(await(kSoon, [&] { return state().configuration.at("retention.ms") == "1000000"; }));
  CHECK(diff_topics(*asked, {entry}).value().empty());

  entry.partitions = 1;
  CHECK(apply_topics(*asked, {entry}, {.raise = true, .shrink = true}).value().at(0).step == TopicStep::kKeep);
  CHECK(state().partitions == 4);
}
