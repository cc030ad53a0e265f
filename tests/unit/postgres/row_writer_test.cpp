#include "common/postgres/connection.hpp"

#include <doctest/doctest.h>

#include <array>

using namespace weir;
using namespace std::string_view_literals;

namespace {
/// What stands between the 19 bytes of the header (with the row's column count) and the trailer.
std::string only_row(postgres::CopyBuffer& buffer) {
  const std::string_view all = buffer.finish();
  return std::string(all.substr(21, all.size() - 23));
}
}  // namespace

TEST_CASE("a COPY stream has its signature, its rows and its trailer") {
  postgres::CopyBuffer buffer;
  CHECK(buffer.finish() == "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0\377\377"sv);
}

TEST_CASE("numerics are written in base 10000, trailing zero digits left out") {
  struct Row {
    __int128 value;
    std::string_view bytes;
  };
  for (const Row& row : {Row{0, "\0\0\0\x08\0\0\0\0\0\0\0\0"sv}, Row{-1, "\0\0\0\x0a\0\1\0\0\x40\0\0\0\0\1"sv},
                         Row{10'000, "\0\0\0\x0a\0\1\0\1\0\0\0\0\0\1"sv}, Row{120'034, "\0\0\0\x0c\0\2\0\1\0\0\0\0\0\x0c\0\x22"sv}}) {
    postgres::CopyBuffer buffer;
    buffer.begin_row(1);
    buffer.numeric(row.value);
    CHECK(only_row(buffer) == row.bytes);
  }
}

TEST_CASE("a date is days since 2000, before it a negative number") {
  using std::chrono::sys_days;
  using std::chrono::year;
  postgres::CopyBuffer buffer;
  buffer.begin_row(3);
  buffer.date(sys_days{year{2000} / 2 / 29});
  buffer.date(sys_days{year{1999} / 12 / 31});
  buffer.date({});
  CHECK(only_row(buffer) == "\0\0\0\4\0\0\0\x3b\0\0\0\4\xff\xff\xff\xff\xff\xff\xff\xff"sv);
}

TEST_CASE("an int4 array carries its dimension, an empty one none") {
  postgres::CopyBuffer buffer;
  buffer.begin_row(1);
  buffer.int4_array(std::array<std::int32_t, 1>{7});
  CHECK(only_row(buffer) == "\0\0\0\x1c\0\0\0\1\0\0\0\0\0\0\0\x17\0\0\0\1\0\0\0\1\0\0\0\4\0\0\0\7"sv);
  postgres::CopyBuffer empty;
  empty.begin_row(1);
  empty.int4_array({});
  CHECK(only_row(empty) == "\0\0\0\x0c\0\0\0\0\0\0\0\0\0\0\0\x17"sv);
}

TEST_CASE("an array of bytes carries the length of each element, and any byte") {
  postgres::CopyBuffer buffer;
  buffer.begin_row(1);
  buffer.bytea_array(std::array<std::string_view, 2>{"\xff\0"sv, ""sv});
  CHECK(only_row(buffer) == "\0\0\0\x1e\0\0\0\1\0\0\0\0\0\0\0\x11\0\0\0\2\0\0\0\1\0\0\0\2\xff\0\0\0\0\0"sv);
}

TEST_CASE("rows of an array carry their length and, before each value, its type; a null's length is -1") {
  constexpr std::string_view kTwoRows =
      "\0\0\0\1\0\0\0\0\0\0\x30\x39\0\0\0\2\0\0\0\1"
      "\0\0\0\x1c\0\0\0\2\0\0\0\x14\0\0\0\x08\0\0\0\0\0\0\0\7\0\0\0\x19\0\0\0\0"
      "\0\0\0\x15\0\0\0\2\0\0\0\x14\xff\xff\xff\xff\0\0\0\x19\0\0\0\1x"sv;
  postgres::RowArray rows({12'345, 12'344});
  for (int round = 0; round < 2; ++round) {  // the second in the same memory
    rows.begin_row(2);
    rows.int8(7);
    rows.text("");
    rows.begin_row(2);
    rows.int8({});
    rows.text("x");
    CHECK(rows.rows() == 2);
    CHECK(rows.finish() == kTwoRows);
    rows.clear();
    CHECK(rows.rows() == 0);
  }
}
