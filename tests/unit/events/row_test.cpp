// One row image: the wanted columns, and the faults of columns.
#include "tests/unit/events/json_value.hpp"

#include "common/events/row.hpp"

#include "tests/unit/events/change_cases.hpp"

using namespace weir;
using namespace weir::events;

namespace {

struct Answer {
  std::optional<runtime::Dead> broken;
  std::optional<runtime::Dead> fault;
  std::vector<std::string> row;  // the values as text, since the row itself is as short-lived as the text
};

Answer read(RowReader& reader, std::string_view json) {
  Answer answer;
  testing::with_object(json, [&](ondemand::document&, ondemand::object& object) {
    RowImage row;
    answer.broken = reader.read(object, RowReader::Side::kAfter, "/after", {}, row, answer.fault);
    for (const Value& value : row) answer.row.push_back(testing::text_of_value(value));
  });
  return answer;
}

RowReader reader() {
  return RowReader({{"id", ColumnType::kInteger},
                    {"organization_id", ColumnType::kUuid},
                    {"note", ColumnType::kText, true},
                    {"later", ColumnType::kText, true, true}});
}

const std::string kOrganization = R"("organization_id":"00000000-0000-4000-8000-00000000000a")";

}  // namespace

TEST_CASE("wanted columns come in the reader's order, and others are passed over") {
  RowReader rows = reader();
  const Answer answer = read(rows, R"({"x":[1,{"y":2}],"note":"n",)" + kOrganization + R"(,"id":7})");
  CHECK_FALSE(answer.broken.has_value());
  CHECK_FALSE(answer.fault.has_value());
  REQUIRE(answer.row.size() == 4);
  CHECK(answer.row[0] == "7");
  CHECK(answer.row[2] == "'n'");
  CHECK(answer.row[3] == "null");
}

TEST_CASE("a missing column is a fault, unless a row may be without it") {
  RowReader rows = reader();
  const Answer answer = read(rows, "{" + kOrganization + R"(,"id":7})");
  REQUIRE(answer.fault.has_value());
  CHECK(answer.fault->reason == "missing_field");
  CHECK(answer.fault->path == "/after/note");
}

TEST_CASE("a row without organization has a reason of its own, absent or null") {
  RowReader rows = reader();
  CHECK(read(rows, R"({"id":7,"note":null})").fault->reason == "missing_organization");
  CHECK(read(rows, R"({"id":7,"note":null,"organization_id":null})").fault->reason == "missing_organization");
}

TEST_CASE("the first fault is told, what can be read is in the row, and of a repeated column the first counts") {
  RowReader rows = reader();
  const Answer answer = read(rows, R"({"id":"x","note":5,)" + kOrganization + R"(,"note":"later"})");
  REQUIRE(answer.fault.has_value());
  CHECK(answer.fault->path == "/after/id");
  CHECK(answer.fault->reason == "wrong_type");
  CHECK(answer.row[1] == "00000000-0000-4000-8000-00000000000a");
  CHECK(answer.row[2] == "null");
}

TEST_CASE("broken JSON ends the reading, even in a value that no column needs") {
  RowReader rows = reader();
  const Answer answer = read(rows, R"({"id":7,"x":{"y":tru}})");
  REQUIRE(answer.broken.has_value());
  CHECK(answer.broken->reason == "malformed_json");
}
