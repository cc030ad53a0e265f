// Keys are found by name at any place, whatever key was learnt at that place before.
#include "common/events/key_table.hpp"

#include "tests/unit/events/json_value.hpp"

#include <vector>

using namespace weir::events;

namespace {

std::vector<int> indexes(KeyTable& table, std::string_view json) {
  return testing::with_object(json, [&table](ondemand::document&, ondemand::object& object) {
    std::vector<int> found;
    std::size_t position = 0;
    for (auto result : object) {
      ondemand::field field;
      REQUIRE(std::move(result).get(field) == simdjson::SUCCESS);
      found.push_back(table.index_of(field.key(), position++));
      REQUIRE(walk(field.value(), kWalkDepth));
    }
    return found;
  });
}

}  // namespace

TEST_CASE("a key is found in any order, also where another one was learnt at its place") {
  KeyTable table({"id", "status"});
  CHECK(indexes(table, R"({"id":1,"status":2})") == std::vector{0, 1});
  CHECK(indexes(table, R"({"status":2,"id":1})") == std::vector{1, 0});
  CHECK(indexes(table, R"({"id":1,"status":2})") == std::vector{0, 1});
}

TEST_CASE("a key that only begins or ends like a name is another") {
  KeyTable table({"id"});
  CHECK(indexes(table, R"({"i":0,"id":1,"idx":2,"xid":3,"":4})") ==
        std::vector{KeyTable::kOther, 0, KeyTable::kOther, KeyTable::kOther, KeyTable::kOther});
  CHECK(indexes(table, R"({"id":0,"idx":1,"i":2,"id":3})") == std::vector{0, KeyTable::kOther, KeyTable::kOther, 0});
}

TEST_CASE("a name of the greatest length is told from one that is longer") {
  const std::string longest(KeyTable::kMaxName, 'a');
  KeyTable table({longest});
  const std::string json = "{\"" + longest + "\":1,\"" + longest + "a\":2}";
  CHECK(indexes(table, json) == std::vector{0, KeyTable::kOther});
}
