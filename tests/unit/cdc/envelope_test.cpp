#include "producers/cdc/envelope.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cstdlib>
#include <fstream>

using namespace weir;
using namespace weir::cdc;
using pgoutput::Cell;

namespace {

Cell text(std::string_view value) { return {Cell::Kind::kText, value}; }
Cell null() { return {}; }
Cell unchanged() { return {Cell::Kind::kUnchanged, {}}; }

TableShape keyed() {
  TableShape table;
  table.schema = "public";
  table.table = "keyed";
  table.topic = "weir.cdc.public.keyed";
  // The primary key is (agent, org): its order is not the columns' order.
  table.columns = {
      {"org", *builtin_type(2950, -1)}, {"agent", *builtin_type(25, -1)}, {"val", *builtin_type(23, -1)}, {"big", *builtin_type(25, -1)}};
  table.key = {1, 0};
  return table;
}

ChangeContext at(std::uint64_t lsn) {
  ChangeContext context;
  context.lsn = Lsn{lsn};
  context.committed_at = from_unix_ms(1'795'224'300'513) + Microseconds{459};
  context.now = from_unix_ms(1'795'224'300'720) + Microseconds{79};
  context.xid = 229'204;
  return context;
}

EnvelopeWriter writer(std::size_t limit = 8UL << 20U) { return EnvelopeWriter({"weir.cdc", "weir.cdc", "app", limit}); }

OldRow none() { return {}; }
OldRow whole(const pgoutput::Tuple& row) { return {&row, {}}; }
/// An old row of which the log has the primary key.
OldRow key_of(const pgoutput::Tuple& row) { return {&row, {true, true, false, false}}; }

bool has(const OutRecord& record, std::string_view part) { return record.value.value().find(part) != std::string::npos; }

}  // namespace

TEST_CASE("an insert is Debezium's envelope, byte for byte") {
  std::vector<OutRecord> out;
  writer().insert(keyed(), at(7'106'620'688), {text("u"), text("a1"), text("7"), null()}, out);
  REQUIRE(out.size() == 1);
  CHECK(out[0].topic == "weir.cdc.public.keyed");
  CHECK(out[0].key == R"({"agent":"a1","org":"u"})");
  CHECK(out[0].headers.empty());
  CHECK(
      out[0].value ==
      R"({"before":null,"after":{"org":"u","agent":"a1","val":7,"big":null},"source":{"version":")" WEIR_VERSION
      R"(","connector":"postgresql","name":"weir.cdc","ts_ms":1795224300513,"snapshot":"false","db":"app","sequence":"[null,\"7106620688\"]",)"
      R"("ts_us":1795224300513459,"ts_ns":1795224300513459000,"schema":"public","table":"keyed","txId":229204,"lsn":7106620688,"xmin":null,)"
      R"("origin":null,"origin_lsn":null},"transaction":null,"op":"c","ts_ms":1795224300720,"ts_us":1795224300720079,"ts_ns":1795224300720079000})");
}

TEST_CASE("the sequence carries the last commit once one was seen") {
  std::vector<OutRecord> out;
  ChangeContext context = at(20);
  context.last_commit = Lsn{10};
  writer().insert(keyed(), context, {text("u"), text("a1"), text("7"), null()}, out);
  CHECK(has(out[0], R"("sequence":"[\"10\",\"20\"]")"));
}

TEST_CASE("a change that was replicated from another server names its origin") {
  std::vector<OutRecord> out;
  ChangeContext context = at(20);
  context.origin = "elsewhere";
  context.origin_lsn = Lsn{5};
  writer().insert(keyed(), context, {text("u"), text("a1"), text("7"), null()}, out);
  CHECK(has(out[0], R"("origin":"elsewhere","origin_lsn":5})"));
}

TEST_CASE("unchanged TOAST is the old row's value where the log has it, else the placeholder") {
  std::vector<OutRecord> out;
  auto to = writer();
  to.update(keyed(), at(1), none(), {text("u"), text("a1"), text("8"), unchanged()}, out);
  CHECK(has(out[0], R"("before":null,"after":{"org":"u","agent":"a1","val":8,"big":"__debezium_unavailable_value"})"));
  to.update(keyed(), at(1), whole({text("u"), text("a1"), text("7"), text("long")}), {text("u"), text("a1"), text("8"), unchanged()}, out);
  CHECK(has(out[1], R"("before":{"org":"u","agent":"a1","val":7,"big":"long"},"after":{"org":"u","agent":"a1","val":8,"big":"long"})"));
}

TEST_CASE("an update of the key is a delete, its tombstone and an insert at one LSN") {
  std::vector<OutRecord> out;
  writer().update(keyed(), at(33), key_of({text("u"), text("a1"), null(), null()}), {text("u"), text("a2"), text("1"), text("x")}, out);
  REQUIRE(out.size() == 3);
  CHECK(out[0].key == R"({"agent":"a1","org":"u"})");
  CHECK(has(out[0], R"("before":{"org":"u","agent":"a1"},"after":null)"));
  CHECK(has(out[0], R"("op":"d")"));
  CHECK(out[1].key == out[0].key);
  CHECK_FALSE(out[1].value.has_value());
  CHECK(out[2].key == R"({"agent":"a2","org":"u"})");
  CHECK(has(out[2], R"("before":null,"after":{"org":"u","agent":"a2","val":1,"big":"x"})"));
  CHECK(has(out[2], R"("op":"c")"));
  for (const auto i : {0UL, 2UL}) CHECK(has(out[i], R"("lsn":33,)"));
}

TEST_CASE("a key that was logged but did not change leaves an update without a before") {
  std::vector<OutRecord> out;
  writer().update(keyed(), at(1), key_of({text("u"), text("a1"), null(), null()}), {text("u"), unchanged(), text("2"), null()}, out);
  REQUIRE(out.size() == 1);
  CHECK(out[0].key == R"({"agent":"a1","org":"u"})");
  CHECK(has(out[0], R"("before":null,"after":{"org":"u","agent":"a1","val":2,"big":null})"));
}

TEST_CASE("a delete leaves a tombstone only where the key is the primary key") {
  std::vector<OutRecord> out;
  TableShape table = keyed();
  writer().remove(table, at(1), key_of({text("u"), text("a1"), null(), null()}), out);
  CHECK(out.size() == 2);
  table.key = {2};
  table.keyed_by_primary = false;
  writer().remove(table, at(1), whole({text("u"), text("a1"), text("5"), null()}), out);
  REQUIRE(out.size() == 3);
  CHECK(out[2].key == R"({"val":5})");
}

TEST_CASE("a column that an old row does not hold is left out, not null; a column that it holds may be null") {
  std::vector<OutRecord> out;
  TableShape table = keyed();
  const pgoutput::Tuple row{text("u"), null(), null(), text("x")};
  writer().remove(table, at(1), {&row, {false, false, true, true}}, out);
  CHECK(has(out[0], R"("before":{"val":null,"big":"x"},"after":null)"));
  writer().remove(table, at(1), {&row, {false, false, false, false}}, out);
  CHECK(has(out[2], R"("before":{},"after":null)"));
}

TEST_CASE("where texts come as bytes, a column that is not UTF-8 is left out and named, but never a key column") {
  std::vector<OutRecord> out;
  auto to = writer();
  TableShape table = keyed();
  const pgoutput::Tuple broken{text("u"), text("a1"), text("7"), text("caf\xe9")};
  to.insert(table, at(1), broken, out);
  CHECK(out[0].headers.empty());
  table.form = TextForm::kBytes;
  to.update(table, at(1), whole(broken), {text("u"), text("a1"), text("8"), text("gr\xc3\xb6\xc3\x9f")}, out);
  CHECK(out[1].headers == std::vector<std::pair<std::string, std::string>>{{"weir.omitted", "before.big"}});
  CHECK(has(out[1], R"("val":7,"big":"__debezium_unavailable_value"},"after":{"org":"u","agent":"a1","val":8,"big":"größ"})"));
  to.update(table, at(1), whole(broken), broken, out);
  CHECK(out[2].headers[0].second == "after.big,before.big");
  CHECK(to.take_omitted() == 2);
  CHECK(broken_key(table, broken).empty());
  const pgoutput::Tuple broken_keyed{text("u"), text("a\xe9"), text("7"), null()};
  CHECK(broken_key(table, broken_keyed) == "agent=a\\xe9, org=u");
  CHECK(broken_key(keyed(), broken_keyed).empty());
}

TEST_CASE("a record that is too large also keeps naming the columns left out before") {
  std::vector<OutRecord> out;
  TableShape table = keyed();
  table.form = TextForm::kBytes;
  table.columns.push_back({"more", *builtin_type(25, -1)});
  const std::string large(7'000, 'x');
  writer(6'000).insert(table, at(1), {text("u"), text("a1"), text("7"), text("caf\xe9"), text(large)}, out);
  CHECK(out[0].headers == std::vector<std::pair<std::string, std::string>>{{"weir.omitted", "after.big,after.more"}});
  CHECK(has(out[0], R"("big":"__debezium_unavailable_value","more":"__debezium_unavailable_value"})"));
}

TEST_CASE("a truncate has no key and no rows") {
  std::vector<OutRecord> out;
  writer().truncate(keyed(), at(1), out);
  CHECK_FALSE(out[0].key.has_value());
  CHECK(has(out[0], R"({"before":null,"after":null,"source")"));
  CHECK(has(out[0], R"("op":"t")"));
}

TEST_CASE("a logical message is keyed by its prefix") {
  std::vector<OutRecord> out;
  writer().message(at(9), {true, Lsn{9}, "weir.context", R"({"user":"u1","request":"r1"})"}, out);
  CHECK(out[0].topic == "weir.cdc.message");
  CHECK(out[0].key == R"({"prefix":"weir.context"})");
  CHECK(has(out[0], R"({"op":"m","ts_ms":1795224300720,"source":{)"));
  CHECK(has(out[0], R"("schema":"","table":"","txId":229204)"));
  CHECK(out[0].value->ends_with(
      R"("transaction":null,"message":{"prefix":"weir.context","content":"eyJ1c2VyIjoidTEiLCJyZXF1ZXN0IjoicjEifQ=="}})"));
}

TEST_CASE("a record over the limit goes out with its largest columns left out, the key never") {
  std::vector<OutRecord> out;
  const std::string large(3'000, 'x');
  const std::string larger(4'000, 'y');
  const std::string key(1'000, 'k');
  auto to = writer(6'000);
  to.update(keyed(), at(1), whole({text("u"), text(key), text("1"), text(large)}), {text("u"), text(key), text("1"), text(larger)}, out);
  REQUIRE(out.size() == 1);
  CHECK(out[0].headers == std::vector<std::pair<std::string, std::string>>{{"weir.omitted", "after.big,before.big"}});
  CHECK(has(out[0], R"("big":"__debezium_unavailable_value"},"after")"));
  CHECK(has(out[0], key));
  CHECK(out[0].bytes() <= 6'000);
  CHECK(to.take_omitted() == 1);
  CHECK(to.take_omitted() == 0);
}

TEST_CASE("no more columns are left out than the limit requires") {
  std::vector<OutRecord> out;
  const std::string large(3'000, 'x');
  const std::string larger(4'000, 'y');
  auto to = writer(6'000);
  to.update(keyed(), at(1), whole({text("u"), text("a"), text("1"), text(large)}), {text("u"), text("a"), text("1"), text(larger)}, out);
  CHECK(out[0].headers[0].second == "after.big");
  CHECK(has(out[0], large));
  to.insert(keyed(), at(1), {text("u"), text("a"), text("1"), text(large)}, out);
  CHECK(out[1].headers.empty());
}

TEST_CASE("a message over the limit goes out without its content") {
  std::vector<OutRecord> out;
  auto to = writer(16'384);
  const std::string content(20'000, 'x');
  to.message(at(9), {true, Lsn{9}, "p", content}, out);
  CHECK(out[0].headers[0].second == "message.content");
  CHECK(out[0].value->ends_with(R"("content":"__debezium_unavailable_value"}})"));
}

TEST_CASE("a message whose prefix is over the limit goes out without it, since anybody may emit one") {
  std::vector<OutRecord> out;
  auto to = writer(16'384);
  const std::string prefix(20'000, 'p');
  const std::string content(20'000, 'x');
  to.message(at(9), {true, Lsn{9}, prefix, content}, out);
  CHECK(out[0].key == R"({"prefix":"__debezium_unavailable_value"})");
  CHECK(out[0].headers[0].second == "message.prefix,message.content");
  CHECK(out[0].bytes() <= 16'384);
  to.message(at(9), {true, Lsn{9}, prefix, "c"}, out);
  CHECK(out[1].headers[0].second == "message.prefix");
  CHECK(to.take_omitted() == 2);
}

TEST_CASE("a message stands in the place of a change that was left out, as in tests/golden/skip") {
  std::vector<OutRecord> out;
  ChangeContext context = at(7'106'620'688);
  context.last_commit = Lsn{7'106'620'416};
  writer().skip(keyed(), context, "its key has 9 MB, see INC-7", "jane.doe", out);
  REQUIRE(out.size() == 1);
  const std::string line = fmt::format(R"({{"topic":"{}","key":{},"headers":{{}},"value":{}}})", out[0].topic, *out[0].key, *out[0].value);
  std::ifstream golden(std::string(std::getenv("WEIR_SOURCE_DIR")) + "/tests/golden/skip/message.jsonl");
  std::string wanted;
  REQUIRE(std::getline(golden, wanted));
  const auto version = wanted.find("VERSION");
  REQUIRE(version != std::string::npos);
  CHECK(line == wanted.replace(version, 7, WEIR_VERSION));
}
