#include "tests/chaos/scenarios/item_writer.hpp"

#include <fmt/format.h>

namespace weir::chaos {

namespace {

/// One string of statements is one transaction, unless it says otherwise. Each has a row to work on, whatever was truncated before.
ItemWriter::Write statement(const std::string& sql) {
  return [sql](Capture& capture) { capture.sql(sql); };
}

}  // namespace

ItemWriter::Write ItemWriter::insert(int rows) {
  const std::int64_t first = next_;
  next_ += rows;
  return statement(fmt::format("insert into item select g, 0 from generate_series({}, {}) g", first, next_ - 1));
}

ItemWriter::Write ItemWriter::copy(int rows) {
  const std::int64_t first = next_;
  next_ += rows;
  return [first, rows](Capture& capture) {
    postgres::CopyBuffer buffer;
    for (int i = 0; i < rows; ++i) {
      buffer.begin_row(2);
      buffer.int8(first + i);
      buffer.int8(0);
    }
    const auto copied = capture.source().connection.copy_in("COPY item (id, version) FROM STDIN (FORMAT binary)", buffer);
    REQUIRE_MESSAGE(copied, copied.error().line());
  };
}

ItemWriter::Write ItemWriter::move_keys(int rows) {
  const std::int64_t moved_to = next_;
  next_ += rows + 1;
  return statement(
      fmt::format("insert into item values ({}, 0); with chosen as (select id, row_number() over (order by id desc) n from item "
                  "order by id desc limit {}) update item set id = {} + chosen.n from chosen where chosen.id = item.id",
                  moved_to, rows, moved_to));
}

ItemWriter::Write ItemWriter::insert_large(int rows) {
  const std::int64_t first = next_;
  next_ += rows;
  return statement(fmt::format("insert into item select g, 0, repeat(md5(g::text), 300) from generate_series({}, {}) g", first, next_ - 1));
}

ItemWriter::Write ItemWriter::touch_large(int rows) {
  const std::int64_t first = next_++;
  return statement(fmt::format(
      "insert into item select {}, 0, repeat('a', 9000); update item set version = version + 1 where id in (select id from item "
      "where big is not null order by id desc limit {})",
      first, rows));
}

ItemWriter::Write ItemWriter::remove(int rows) {
  const std::int64_t first = next_++;
  return statement(fmt::format(
      "insert into item values ({}, 0); delete from item where id in (select id from item order by id desc limit {})", first, rows));
}

ItemWriter::Write ItemWriter::truncate() { return statement("truncate item"); }

ItemWriter::Write ItemWriter::in_pieces(int pieces) {
  std::string sql = fmt::format("begin; insert into item values ({}, 0); rollback; begin;", next_++);
  for (int piece = 0; piece < pieces; ++piece) {
    sql +=
        fmt::format("savepoint s; insert into item values ({}, 0); {} savepoint s;", next_++, piece % 2 == 0 ? "release" : "rollback to");
  }
  return statement(sql + "commit");
}

ItemWriter::Write ItemWriter::any(std::mt19937_64& dice) {
  const int some = 1 + static_cast<int>(dice() % 50);
  switch (dice() % 24) {
    case 0:
      return truncate();
    case 1:
      return copy(2'000);
    case 2:
    case 3:
      return move_keys(some);
    case 4:
      return insert_large(5);
    case 5:
    case 6:
      return touch_large(10);
    case 7:
    case 8:
      return remove(some);
    case 9:
      return in_pieces(10);
    default:
      return insert(some);
  }
}

}  // namespace weir::chaos
