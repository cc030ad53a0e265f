// Changes that the assembler leaves out: those of tables that are not wanted, and those that an operator skips, in whose place a message
// goes out.
#include "tests/unit/cdc/pgoutput_bytes.hpp"

#include "producers/cdc/assembler.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::cdc;
namespace bytes = weir::cdc::testing;

namespace {

/// Tables are keyed by their first column; a table whose name begins with "out" is not wanted.
class Shapes final : public ShapeSource {
 public:
  Result<TableShape> shape(const pgoutput::Relation& relation) override {
    TableShape table;
    table.schema = relation.schema;
    table.table = relation.name;
    table.topic = table.table;
    table.left_out = table.table.starts_with("out");
    for (const auto& column : relation.columns)
      table.columns.push_back({std::string(column.name), *builtin_type(column.type, column.modifier)});
    table.key = {0};
    std::vector<std::string> columns;
    for (const auto& column : table.columns) columns.push_back(column.name);
    table.old_rows = OldRows(identity_of(relation, columns));
    return table;
  }
};

constexpr std::size_t kLimit = 16'384;
constexpr AssemblerLimits kLimits{.max_transaction_events = 1'000'000};

/// The output of a stream: "topic:key" for a record, "|lsn" for a boundary, with "+messages" inside a part.
struct Stream {
  explicit Stream(std::vector<Skip> chosen = {}, const AssemblerLimits& limits = kLimits, const StreamPosition& resume = {})
      : assembler(writer, shapes, limits, resume, as_skips(std::move(chosen))) {}

  static Skips as_skips(std::vector<Skip> chosen) {
    Skips skips;
    for (Skip& skip : chosen) skips.add(std::move(skip));
    return skips;
  }
  Stream& feed(std::uint64_t lsn, const std::string& message) {
    const auto applied = assembler.apply(Lsn{lsn}, pgoutput::decode(message).value(), Instant{});
    if (!applied) fault = applied.error().line();
    while (assembler.ready()) note(assembler.take());
    return *this;
  }
  void note(const Chunk& chunk) {
    for (const auto& record : chunk.records) {
      seen += record.topic + ":" + (record.value ? record.key.value_or("null") : "-") + " ";
      last = record;
    }
    left_out += chunk.left_out;
    for (const auto& table : chunk.left_out_tables) left_out_tables += table.name.text() + "#" + std::to_string(table.oid) + " ";
    skipped += chunk.skipped;
    changes += chunk.changes;
    if (!chunk.boundary) return;
    seen += "|" + std::to_string(chunk.boundary->lsn.value);
    if (chunk.boundary->part) seen += "+" + std::to_string(chunk.boundary->part->messages);
    seen += " ";
  }

  EnvelopeWriter writer{{"weir.cdc", "weir.cdc", "app", kLimit}};
  Shapes shapes;
  Assembler assembler;
  std::string seen;
  OutRecord last;
  std::uint64_t left_out = 0;
  std::string left_out_tables;
  std::uint64_t skipped = 0;
  std::uint64_t changes = 0;
  std::string fault;
};

std::string table(std::uint32_t id, const std::string& name) { return bytes::relation(id, "public", name, {{"id", 25, true}, {"v", 25}}); }
std::string row(std::uint32_t relation, const std::string& key) { return bytes::insert(relation, {key, std::nullopt}); }

Skip skip(const std::string& name, std::uint64_t lsn, std::uint32_t number = 1) {
  return {"public", name, Lsn{lsn}, number, "73", "why", "who"};
}

}  // namespace

TEST_CASE("a change that fits no record stops the stream and is named; once skipped, a message stands in its place") {
  const std::string large(9'000, 'k');
  const auto feed = [&](Stream& stream) {
    stream.feed(10, bytes::begin(20)).feed(10, table(1, "t")).feed(10, row(1, "a")).feed(11, row(1, large)).feed(12, row(1, "b"));
    stream.feed(20, bytes::commit(20, 25));
  };
  Stream stuck;
  feed(stuck);
  CHECK(stuck.fault.starts_with("the INSERT of table public.t at LSN 0/B cannot be published: "));
  CHECK(stuck.fault.find("weir cdc skip --lsn 0/B --table public.t --why TEXT --by NAME") != std::string::npos);
  Stream led_on({skip("t", 11)});
  feed(led_on);
  CHECK(led_on.fault.empty());
  CHECK(led_on.seen == R"(t:{"id":"a"} weir.cdc.message:{"prefix":"weir.skip"} t:{"id":"b"} |25 )");
  CHECK(led_on.skipped == 1);
}

TEST_CASE("of rows that share their place in the log only the chosen one is left out") {
  Stream stream({skip("t", 11, 2)});
  stream.feed(10, bytes::begin(20)).feed(10, table(1, "t"));
  for (const auto* key : {"a", "b", "c"}) stream.feed(11, row(1, key));
  stream.feed(12, row(1, "d")).feed(20, bytes::commit(20, 25));
  CHECK(stream.seen == R"(t:{"id":"a"} weir.cdc.message:{"prefix":"weir.skip"} t:{"id":"c"} t:{"id":"d"} |25 )");
}

TEST_CASE("a record has its change's place, so that a broker's refusal can name the change") {
  Stream stream;
  stream.feed(10, bytes::begin(20)).feed(10, table(1, "t")).feed(11, row(1, "a")).feed(11, row(1, "b")).feed(20, bytes::commit(20, 25));
  CHECK(stream.last.place == ChangePlace{Lsn{11}, 2});
}

TEST_CASE("a truncate of several tables is left out only for the chosen table and for tables that are not wanted") {
  Stream stream({skip("t", 11)});
  stream.feed(10, bytes::begin(20)).feed(10, table(1, "t")).feed(10, table(2, "u")).feed(10, table(3, "out"));
  stream.feed(11, bytes::truncate({3, 1, 2})).feed(20, bytes::commit(20, 25));
  CHECK(stream.seen == R"(weir.cdc.message:{"prefix":"weir.skip"} u:null |25 )");
  CHECK(stream.left_out_tables == "public.out#3 ");
}

TEST_CASE("changes of a table that is not wanted are dropped and counted, and the table is named once") {
  Stream stream;
  stream.feed(10, bytes::begin(20)).feed(10, table(1, "t")).feed(10, table(3, "out"));
  stream.feed(11, row(3, std::string(20'000, 'x'))).feed(12, row(1, "a")).feed(13, bytes::truncate({3}));
  stream.feed(14, bytes::erase(3, 'K', {"a", std::nullopt})).feed(20, bytes::commit(20, 25));
  CHECK(stream.fault.empty());
  CHECK(stream.seen == R"(t:{"id":"a"} |25 )");
  CHECK(stream.left_out == 3);
  CHECK(stream.left_out_tables == "public.out#3 ");
  CHECK(stream.changes == 1);
}

TEST_CASE("left-out changes make a transaction no larger, but count when a part is taken up again") {
  const AssemblerLimits two{2, 500, 1UL << 20U};
  const auto feed = [](Stream& stream) {
    stream.feed(10, bytes::begin(20)).feed(10, table(1, "t")).feed(10, table(3, "out"));
    for (std::uint64_t lsn = 11; lsn < 14; ++lsn) stream.feed(lsn, row(3, "x")).feed(lsn, row(1, std::to_string(lsn)));
    stream.feed(20, bytes::commit(20, 25));
  };
  Stream whole({}, two);
  feed(whole);
  CHECK(whole.seen == R"(t:{"id":"11"} t:{"id":"12"} |0+5 t:{"id":"13"} |25 )");
  StreamPosition resume;
  resume.part = Part{Lsn{20}, 5, 1};
  Stream again({}, two, resume);
  feed(again);
  CHECK(again.seen == R"(t:{"id":"13"} |25 )");
  CHECK(whole.left_out == 3);
  CHECK(again.left_out == 0);
}

TEST_CASE("a change whose old row lacks the message key may be left out too") {
  const auto feed = [](Stream& stream) {
    stream.feed(10, bytes::begin(20)).feed(10, bytes::relation(1, "public", "t", {{"id", 25}, {"v", 25, true}}, 'i'));
    stream.feed(11, bytes::erase(1, 'K', {std::nullopt, "x"})).feed(12, row(1, "a")).feed(20, bytes::commit(20, 25));
  };
  Stream stuck;
  feed(stuck);
  CHECK(stuck.fault.find("leave this change out by weir cdc skip --lsn 0/B --table public.t --why TEXT --by NAME") != std::string::npos);
  Stream led_on({skip("t", 11)});
  feed(led_on);
  CHECK(led_on.seen == R"(weir.cdc.message:{"prefix":"weir.skip"} t:{"id":"a"} |25 )");
}
