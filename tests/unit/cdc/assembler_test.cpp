#include "producers/cdc/assembler.hpp"

#include "tests/unit/cdc/pgoutput_bytes.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::cdc;
namespace bytes = weir::cdc::testing;

namespace {

constexpr AssemblerLimits kLimits{.max_transaction_events = 1'000'000};

class AllKeyedById final : public ShapeSource {
 public:
  Result<TableShape> shape(const pgoutput::Relation& relation) override {
    TableShape table;
    table.schema = relation.schema;
    table.table = relation.name;
    table.topic = "weir.cdc." + table.schema + "." + table.table;
    std::vector<std::string> names;
    for (const auto& column : relation.columns) {
      names.emplace_back(column.name);
      table.columns.push_back({names.back(), *builtin_type(column.type, column.modifier)});
    }
    table.key = {0};
    table.old_rows = OldRows(identity_of(relation, names));
    return table;
  }
};

/// A stream from `resume` on. It writes down each record as "key@part", and each boundary as "|lsn" or "|lsn+messages".
struct Stream {
  explicit Stream(const AssemblerLimits& limits = kLimits, const StreamPosition& resume = {}) : assembler(writer, shapes, limits, resume) {}

  Stream& feed(std::uint64_t lsn, const std::string& message) {
    const auto applied = assembler.apply(Lsn{lsn}, pgoutput::decode(message).value(), Instant{});
    if (!applied) fault = applied.error().message;
    while (assembler.ready()) note(assembler.take());
    return *this;
  }
  void note(const Chunk& chunk) {
    for (const auto& record : chunk.records) {
      seen += (record.value ? record.key.value_or("null") : "-") + " ";
      if (!record.headers.empty()) seen += record.headers[0].first + "=" + record.headers[0].second + " ";
    }
    if (!chunk.boundary) {
      seen += "… ";
      return;
    }
    seen += "|" + std::to_string(chunk.boundary->lsn.value);
    if (chunk.boundary->part) seen += "+" + std::to_string(chunk.boundary->part->messages);
    seen += chunk.boundary->idle ? " idle " : " ";
  }

  EnvelopeWriter writer{{"weir.cdc", "weir.cdc", "app", 8UL << 20U}};
  AllKeyedById shapes;
  Assembler assembler;
  std::string seen;
  std::string fault;
};

const std::string kTable = bytes::relation(1, "public", "t", {{"id", 20, true}, {"v", 25}});

std::string row(int id) { return bytes::insert(1, {std::to_string(id), std::nullopt}); }

}  // namespace

TEST_CASE("a Kafka transaction may end only where a source transaction does") {
  Stream stream;
  stream.feed(10, bytes::begin(20)).feed(10, kTable).feed(11, row(1)).feed(12, row(2));
  CHECK(stream.seen.empty());
  stream.feed(20, bytes::commit(20, 25)).feed(30, bytes::begin(31)).feed(30, row(3)).feed(31, bytes::commit(31, 35));
  CHECK(stream.seen == R"({"id":1} {"id":2} |25 {"id":3} |35 )");
}

TEST_CASE("a long transaction leaves in chunks without a boundary") {
  Stream stream({1'000'000, 2, 1UL << 20U});
  stream.feed(10, bytes::begin(20)).feed(10, kTable);
  for (int i = 1; i <= 3; ++i) stream.feed(11, row(i));
  stream.feed(20, bytes::commit(20, 25));
  CHECK(stream.seen == R"({"id":1} {"id":2} … {"id":3} |25 )");
}

TEST_CASE("a transaction over the limit goes out in parts, each after the first with its number") {
  Stream stream({2, 500, 1UL << 20U});
  stream.feed(5, bytes::begin(6)).feed(5, kTable).feed(5, row(9)).feed(6, bytes::commit(6, 7));
  stream.feed(10, bytes::begin(20));
  for (int i = 1; i <= 5; ++i) stream.feed(11, row(i));
  stream.feed(20, bytes::commit(20, 25));
  CHECK(stream.seen == R"({"id":9} |7 {"id":1} {"id":2} |7+2 {"id":3} weir.part=2 {"id":4} weir.part=2 |7+4 {"id":5} weir.part=3 |25 )");
}

TEST_CASE("a transaction of exactly the limit is whole") {
  Stream stream({2, 500, 1UL << 20U});
  stream.feed(10, bytes::begin(20)).feed(10, kTable).feed(11, row(1)).feed(11, row(2)).feed(20, bytes::commit(20, 25));
  CHECK(stream.seen == R"({"id":1} {"id":2} |25 )");
}

TEST_CASE("a stream that is taken up inside a transaction leaves out the parts that were published") {
  StreamPosition resume;
  resume.lsn = Lsn{7};
  resume.part = Part{Lsn{20}, 2, 1};
  Stream stream({2, 500, 1UL << 20U}, resume);
  stream.feed(10, bytes::begin(20)).feed(10, kTable);
  for (int i = 1; i <= 5; ++i) stream.feed(11, row(i));
  stream.feed(20, bytes::commit(20, 25));
  CHECK(stream.seen == R"({"id":3} weir.part=2 {"id":4} weir.part=2 |7+4 {"id":5} weir.part=3 |25 )");
}

TEST_CASE("a stream that goes on with another transaction than the stored part's is a gap") {
  StreamPosition resume;
  resume.lsn = Lsn{7};
  resume.part = Part{Lsn{20}, 2, 1};
  Stream stream(kLimits, resume);
  stream.feed(30, bytes::begin(31));
  CHECK(stream.fault == "the stored position is inside the transaction that ends at 0/14, but the source goes on with the one at 0/1F");
}

TEST_CASE("an idle source moves the position, but never inside a transaction or backwards") {
  Stream stream;
  CHECK(stream.assembler.idle(Lsn{50}, Instant{}));
  stream.note(stream.assembler.take());
  CHECK_FALSE(stream.assembler.idle(Lsn{50}, Instant{}));
  CHECK_FALSE(stream.assembler.idle(Lsn{40}, Instant{}));
  stream.feed(60, bytes::begin(61));
  CHECK_FALSE(stream.assembler.idle(Lsn{70}, Instant{}));
  CHECK(stream.seen == "|50 idle ");
}

TEST_CASE("the last commit is the one before the transaction, and survives an idle time") {
  StreamPosition resume;
  resume.lsn = Lsn{9};
  resume.last_commit = Lsn{8};
  Stream stream(kLimits, resume);
  CHECK(stream.assembler.idle(Lsn{15}, Instant{}));
  CHECK(stream.assembler.take().boundary->last_commit == Lsn{8});
  CHECK(stream.assembler.apply(Lsn{20}, pgoutput::decode(bytes::begin(21)).value(), Instant{}).has_value());
  CHECK(stream.assembler.apply(Lsn{20}, pgoutput::decode(kTable).value(), Instant{}).has_value());
  CHECK(stream.assembler.apply(Lsn{20}, pgoutput::decode(row(1)).value(), Instant{}).has_value());
  CHECK(stream.assembler.apply(Lsn{21}, pgoutput::decode(bytes::commit(21, 25)).value(), Instant{}).has_value());
  const Chunk chunk = stream.assembler.take();
  CHECK(chunk.records[0].value->find(R"("sequence":"[\"8\",\"20\"]")") != std::string::npos);
  CHECK(chunk.boundary->last_commit == Lsn{25});
}

TEST_CASE("a truncate of several tables is one record for each table") {
  Stream stream;
  stream.feed(10, bytes::begin(20)).feed(10, kTable).feed(10, bytes::relation(2, "public", "u", {{"id", 20, true}}));
  stream.feed(11, bytes::truncate({1, 2})).feed(20, bytes::commit(20, 25));
  CHECK(stream.seen == "null null |25 ");
}

TEST_CASE("a message outside of transactions is a boundary of its own, just after it") {
  Stream stream;
  stream.feed(40, bytes::logical(false, 40, "p", "x"));
  CHECK(stream.seen == R"({"prefix":"p"} |41 )");
}

TEST_CASE("a shape that changes while streaming shapes the rows after it") {
  Stream stream;
  stream.feed(10, bytes::begin(20)).feed(10, kTable).feed(11, row(1));
  stream.feed(12, bytes::relation(1, "public", "t", {{"id", 20, true}, {"v", 25}, {"extra", 23}}));
  CHECK(stream.assembler.apply(Lsn{12}, pgoutput::decode(bytes::insert(1, {"2", std::nullopt, "9"})).value(), Instant{}).has_value());
  CHECK(stream.assembler.apply(Lsn{20}, pgoutput::decode(bytes::commit(20, 25)).value(), Instant{}).has_value());
  const Chunk chunk = stream.assembler.take();
  CHECK(chunk.records[0].value->find("extra") == std::string::npos);
  CHECK(chunk.records[1].value->find(R"("after":{"id":2,"v":null,"extra":9})") != std::string::npos);
}

namespace {

using bytes::Cells;

/// A partitioned table t with full old rows, and its partitions: p with full old rows, too, q with its key, r with v alone.
const std::vector<bytes::RelationColumn> kFull{{"id", 20, true}, {"v", 25, true}};
const std::string kRoot = bytes::relation(1, "public", "t", kFull, 'f');
const std::string kWholeRows = bytes::relation(2, "public", "p", kFull, 'f');
const std::string kKeysOnly = bytes::relation(3, "public", "q", {{"v", 25}, {"id", 20, true}});
const std::string kOtherIndex = bytes::relation(4, "public", "r", {{"v", 25, true}, {"id", 20}}, 'i');

std::string before(const OutRecord& record) {
  const auto begin = record.value.value().find(R"("before":)") + 9;
  return record.value->substr(begin, record.value->find(R"(,"after")") - begin);
}

/// The old rows of a transaction's changes, or the fault in which it ends.
std::string befores(const std::vector<std::string>& messages) {
  EnvelopeWriter writer{{"weir.cdc", "weir.cdc", "app", 8UL << 20U}};
  AllKeyedById shapes;
  Assembler assembler(writer, shapes, kLimits, {});
  std::string seen;
  for (const std::string& message : messages) {
    const auto applied = assembler.apply(Lsn{11}, pgoutput::decode(message).value(), Instant{});
    if (!applied) seen += applied.error().line();
  }
  for (const OutRecord& record : assembler.take().records) {
    if (record.value) seen += before(record) + " ";
  }
  return seen;
}

}  // namespace

TEST_CASE("a partition's old rows hold the columns of its own announcement, whatever its root's says") {
  CHECK(befores({bytes::begin(20), kRoot, kWholeRows, bytes::erase(1, 'O', {"1", std::nullopt})}) == R"({"id":1,"v":null} )");
  CHECK(befores({bytes::begin(20), kRoot, kKeysOnly, bytes::erase(1, 'O', {"1", std::nullopt})}) == R"({"id":1} )");
  CHECK(befores({bytes::begin(20), kRoot, kKeysOnly, bytes::update(1, 'N', {}, {"1", "x"})}) == "null ");
  CHECK(befores({bytes::begin(20), kRoot, kOtherIndex, bytes::insert(1, {"1", "x"}), bytes::erase(1, 'O', {std::nullopt, "x"})}) ==
        "the change of table public.t at 0/B does not say what id was, by which the table's records are keyed: partition public.r has "
        "REPLICA IDENTITY USING INDEX (run ALTER TABLE \"public\".\"r\" REPLICA IDENTITY DEFAULT; what is in the log by then "
        "stays as it is: leave this change out by weir cdc skip --lsn 0/B --table public.t --row 2 --why TEXT --by NAME; or snapshot all "
        "tables again by weir cdc resnapshot)null ");
}

TEST_CASE("where partitions differ, an old row holds the columns common to all that can have written it") {
  const std::vector<std::string> both{
      bytes::begin(20), kRoot, kWholeRows, bytes::insert(1, {"1", "x"}), kRoot, kKeysOnly, bytes::insert(1, {"2", "y"})};
  const auto after_both = [&](const std::string& change) {
    auto messages = both;
    messages.push_back(change);
    return befores(messages);
  };
  CHECK(after_both(bytes::erase(1, 'O', {"1", "x"})) == R"(null null {"id":1,"v":"x"} )");
  CHECK(after_both(bytes::erase(1, 'O', {"1", std::nullopt})) == R"(null null {"id":1} )");
  CHECK(after_both(bytes::update(1, 'O', {"1", "x"}, {"1", "z"})) == R"(null null {"id":1,"v":"x"} )");
  CHECK(after_both(bytes::update(1, 'O', {"1", std::nullopt}, {"1", "z"})) == "null null null ");
}

TEST_CASE("a partition whose identity changes is announced again; a root whose columns change begins anew") {
  CHECK(befores({bytes::begin(20), kRoot, kKeysOnly, bytes::insert(1, {"2", "y"}), kRoot, bytes::relation(3, "public", "q", kFull, 'f'),
                 bytes::erase(1, 'O', {"2", std::nullopt})}) == R"(null {"id":2,"v":null} )");
  const auto grown = bytes::relation(1, "public", "t", {{"id", 20, true}, {"v", 25, true}, {"w", 25, true}}, 'f');
  const auto grown_partition = bytes::relation(2, "public", "p", {{"id", 20, true}, {"v", 25, true}, {"w", 25, true}}, 'f');
  CHECK(befores({bytes::begin(20), kRoot, kKeysOnly, bytes::insert(1, {"2", "y"}), grown, grown_partition,
                 bytes::erase(1, 'O', {"2", std::nullopt, std::nullopt})}) == R"(null {"id":2,"v":null,"w":null} )");
}

TEST_CASE("tables of one truncate are not each other's partitions") {
  CHECK(befores({bytes::begin(20), kRoot, kKeysOnly, bytes::truncate({1, 3}), bytes::erase(1, 'O', {"1", std::nullopt})}) ==
        R"(null null {"id":1,"v":null} )");
}

TEST_CASE("a stream that does not hold together is a fault") {
  CHECK(Stream().feed(1, bytes::commit(1, 2)).fault == "a commit without its transaction in the replication stream");
  CHECK(Stream().feed(1, bytes::begin(1)).feed(1, bytes::begin(2)).fault ==
        "a transaction begins inside another in the replication stream");
  CHECK(Stream().feed(1, row(1)).fault == "a change outside of a transaction in the replication stream");
  CHECK(Stream().feed(1, bytes::begin(1)).feed(1, row(1)).fault == "the replication stream never announced relation 1");
}
