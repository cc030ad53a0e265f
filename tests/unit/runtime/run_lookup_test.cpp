#include "common/runtime/run_lookup.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace weir::runtime;

TEST_CASE("a lookup is made once for each run of one partition's records, and gives that partition's value") {
  const std::string first = "topic";
  const std::string second = "topic.two";
  const auto record = [](std::string_view topic, std::int32_t partition) {
    Record out;
    out.topic = topic;
    out.partition = partition;
    return out;
  };
  // One topic's name begins at the address of another topic's name, but has another length.
  const std::vector<Record> records{record(first, 0),  record(first, 0),  record(first, 1),
                                    record(second, 1), record(second, 1), record(std::string_view(second).substr(0, 5), 1),
                                    record(first, 0)};
  RunLookup<std::string> run;
  int lookups = 0;
  std::vector<std::string> found;
  for (const Record& each : records) {
    found.push_back(run.of(each, [&](const TopicPartition& key) {
      ++lookups;
      return key.topic + "/" + std::to_string(key.partition);
    }));
  }
  CHECK(found == std::vector<std::string>{"topic/0", "topic/0", "topic/1", "topic.two/1", "topic.two/1", "topic/1", "topic/0"});
  CHECK(lookups == 5);
}
