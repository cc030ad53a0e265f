// The functions of SQL that merge sketches and ask them, against the classes that make sketches.
#include "tests/component/rollups/bench_of_instances.hpp"

#include "common/core/hash.hpp"

#include <fmt/format.h>

#include <random>

using namespace weir;
using namespace weir::rollups;

namespace {

std::string literal(const Sketch& sketch) { return fmt::format("'{{{}}}'::integer[]", fmt::join(sketch.to_array(), ",")); }

std::string literal(const HyperLogLog& sketch) {
  std::string hex;
  for (const char byte : sketch.to_bytes()) hex += fmt::format("{:02x}", static_cast<std::uint8_t>(byte));
  return fmt::format("'\\x{}'::bytea", hex);
}

std::string text_of(const std::optional<double>& value) { return value ? fmt::format("{}", *value) : "null"; }

}  // namespace

TEST_CASE("SQL merges sketches to the same bytes, and gives the same quantiles to the last bit") {
  const std::string dsn = migrated_database();
  std::mt19937_64 random(1);
  for (int round = 0; round < 20; ++round) {
    CAPTURE(round);
    Sketch merged;
    std::string values;
    for (int part = 0; part < 1 + round * 3; ++part) {
      Sketch sketch;
      for (int i = 0; i < round * 20; ++i) sketch.add(static_cast<std::int64_t>(random() % (std::uint64_t{1} << (random() % 59))), 1);
      merged.merge(sketch);
      values += (values.empty() ? "(" : ", (") + literal(sketch) + ")";
    }
    const std::string array = fmt::format("{{{}}}", fmt::join(merged.to_array(), ","));
    CHECK(dump(dsn, "SELECT sketch_merge(s), sketch_count(sketch_merge(s)) FROM (VALUES " + values + ") v (s)") ==
          fmt::format("{}|{}\n", array, merged.count()));
    for (const int percent : {1, 7, 50, 95, 99, 100}) {
      CAPTURE(percent);
      auto connection = connect(dsn);
      const auto rows = must(connection.script(fmt::format("SELECT sketch_quantile({}, {}/100.0)", literal(merged), percent)));
      CHECK(text_of(rows[0].maybe<double>(0)) == text_of(merged.percentile_ms(percent)));
    }
  }
}

TEST_CASE("every bucket stands for the same milliseconds in SQL") {
  auto connection = connect(migrated_database());
  const auto rows = must(connection.script("SELECT i, sketch_bucket_ms(i) FROM generate_series(-346, 1012) i"));
  for (std::size_t i = 0; i < rows.size(); ++i) CHECK(rows[i].get<double>(1) == Sketch::representative_ms(rows[i].get<std::int32_t>(0)));
  CHECK(must(connection.script("SELECT sketch_bucket_ms(-2147483648)"))[0].get<double>(0) == 0);
}

TEST_CASE("of many large sketches SQL makes the same sketch as of few, and removed samples vanish") {
  const std::string dsn = migrated_database();
  CHECK(dump(dsn, R"(
SELECT sketch_merge(s) = ARRAY(SELECT v FROM generate_series(-300, 900) b, unnest(ARRAY[b, 100]) WITH ORDINALITY v (v, n) ORDER BY b, n)
  FROM generate_series(1, 100), (SELECT array_agg(v ORDER BY b, n) AS s
                                   FROM generate_series(-300, 900) b, unnest(ARRAY[b, 1]) WITH ORDINALITY v (v, n)) one)") == "t\n");
  CHECK(dump(dsn, "SELECT sketch_merge(s) FROM (VALUES ('{3,2,9,1}'::integer[]), ('{3,-2,8,1}')) v (s)") == "{8,1,9,1}\n");
  CHECK(dump(dsn, "SELECT sketch_merge(s), sketch_quantile(sketch_merge(s), 0.5) FROM (VALUES ('{}'::integer[])) v (s)") == "{}|null\n");
}

TEST_CASE("SQL refuses a quantile that is none") {
  auto connection = connect(migrated_database());
  for (const char* wrong : {"1.01", "-0.1", "95"}) {
    const auto asked = connection.script(fmt::format("SELECT sketch_quantile('{{1,1}}', {})", wrong));
    REQUIRE_FALSE(asked.has_value());
    CHECK(asked.error().message.find("a quantile lies between 0 and 1, as 0.95 does") != std::string::npos);
  }
}

TEST_CASE("SQL merges HyperLogLogs to the same bytes, sparse and dense, and estimates the same number") {
  const std::string dsn = migrated_database();
  for (const int users : {0, 1, 5, 300, 900, 3000, 50'000}) {
    CAPTURE(users);
    HyperLogLog merged;
    std::vector<HyperLogLog> parts(3);
    for (int i = 0; i < users; ++i) {
      const std::uint64_t hash = stable_hash(std::to_string(i));
      parts[static_cast<std::size_t>(i % 3)].add(hash);
      parts[static_cast<std::size_t>(i % 2)].add(hash);
      merged.add(hash);
    }
    std::string values;
    for (const auto& part : parts) values += (values.empty() ? "(" : ", (") + literal(part) + ")";
    CHECK(dump(dsn, "SELECT hll_merge(s) = " + literal(merged) + ", hll_count(hll_merge(s)) FROM (VALUES " + values + ") v (s)") ==
          fmt::format("t|{}\n", merged.estimate()));
  }
}
