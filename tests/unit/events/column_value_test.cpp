// Each type of column, with the forms that it takes and the values that it refuses.
#include "common/events/column_value.hpp"

#include "common/events/change.hpp"
#include "tests/unit/events/change_cases.hpp"
#include "tests/unit/events/json_value.hpp"

using namespace weir;
using namespace weir::events;

namespace {

/// The value as text, or "reason" where it is refused.
std::string read(ColumnType type, std::string_view json, const ColumnFacts& facts = {}) {
  return testing::with_value(json, [&](ondemand::value& value) {
    Value out;
    const ValueFault fault = read_value({"c", type}, facts, value, token_of(value), out);
    CHECK(fault.none() == fault.message.empty());
    return fault.none() ? testing::text_of_value(out) : std::string(fault.reason);
  });
}

}  // namespace

TEST_CASE("a text is taken as it is; NUL, and a value that is not a text, are refused") {
  CHECK(read(ColumnType::kText, R"("a\nb")") == "'a\nb'");
  CHECK(read(ColumnType::kText, R"("__debezium_unavailable_value")") == "unavailable");
  CHECK(read(ColumnType::kText, R"("a\u0000")") == "out_of_domain");
  CHECK(read(ColumnType::kText, "1") == "wrong_type");
  CHECK(read(ColumnType::kText, R"("a\q")") == "malformed_json");
}

TEST_CASE("a whole number fits 64 bits") {
  CHECK(read(ColumnType::kInteger, "-9223372036854775808") == "-9223372036854775808");
  CHECK(read(ColumnType::kInteger, "9223372036854775808") == "out_of_domain");
  CHECK(read(ColumnType::kInteger, "1.0") == "wrong_type");
  CHECK(read(ColumnType::kInteger, "\"1\"") == "wrong_type");
}

TEST_CASE("a number is kept in billionths, from each form in which it is written") {
  CHECK(read(ColumnType::kNanos, "1.5") == "1500000000");
  CHECK(read(ColumnType::kNanos, R"("1.5")") == "1500000000");
  CHECK(read(ColumnType::kNanos, R"("Bdw=")", {.decimal_scale = 3}) == "1500000000");
  CHECK(read(ColumnType::kNanos, R"({"scale":3,"value":"Bdw="})") == "1500000000");
  CHECK(read(ColumnType::kNanos, R"("NaN")") == "out_of_domain");
  CHECK(read(ColumnType::kNanos, "1e300") == "out_of_domain");
  CHECK(read(ColumnType::kNanos, R"({"scale":3})") == "wrong_type");
  CHECK(read(ColumnType::kNanos, "true") == "wrong_type");
}

TEST_CASE("a time is taken as text with or without a zone, or as a number in its unit") {
  CHECK(read(ColumnType::kInstant, R"("2026-11-18T01:02:03.5+01:00")") == "2026-11-18T00:02:03.500000Z");
  CHECK(read(ColumnType::kInstant, R"("2026-11-18T01:02:03")") == "2026-11-18T01:02:03.000000Z");
  CHECK(read(ColumnType::kInstant, "1500000") == "1970-01-01T00:00:01.500000Z");
  CHECK(read(ColumnType::kInstant, "1500", {.decimal_scale = {}, .units_per_second = 1'000}) == "1970-01-01T00:00:01.500000Z");
  CHECK(read(ColumnType::kInstant, "-1", {.decimal_scale = {}, .units_per_second = 1'000'000'000}) == "1969-12-31T23:59:59.999999Z");
  CHECK(read(ColumnType::kInstant, R"("infinity")") == "out_of_domain");
  CHECK(read(ColumnType::kInstant, "9223372036854775807") == "out_of_domain");
  CHECK(read(ColumnType::kInstant, "false") == "wrong_type");
}

TEST_CASE("a uuid and a truth value are taken in their one form alone") {
  CHECK(read(ColumnType::kUuid, R"("00000000-0000-4000-8000-0000000000B1")") == "00000000-0000-4000-8000-0000000000b1");
  CHECK(read(ColumnType::kUuid, R"("b1")") == "wrong_type");
  CHECK(read(ColumnType::kBoolean, "true") == "true");
  CHECK(read(ColumnType::kBoolean, R"("t")") == "wrong_type");
  CHECK(read(ColumnType::kBoolean, "tru") == "malformed_json");
}
