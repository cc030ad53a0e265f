// Column types and the JSON form of their values: Debezium's with decimal.handling.mode=string, interval.handling.mode=string and
// time.precision.mode=isostring. Values come as Postgres' text under DateStyle ISO, IntervalStyle iso_8601, TimeZone UTC,
// bytea_output hex, in the stream and in the snapshot alike.
//
//   boolean           true, false
//   smallint … bigint number
//   real, double      number; "NaN", "Infinity", "-Infinity"
//   numeric           text, all digits; "NaN" and infinities as text
//   bytea             base64
//   date              2026-02-28Z                   time       23:59:59.123456Z
//   timetz            10:00:00Z (moved to UTC; the end of a day is 24:00:00+02:00 in its own zone)
//                                                   timestamp  2026-11-18T01:02:03.123456Z
//   timestamptz       2026-11-17T23:02:03.123456Z, as many fractional digits as the column has
//   interval          P1Y2M3DT4H5M6.7S, all six parts
//   infinity          date, timestamp and timestamptz without end: "infinity", "-infinity"
//   arrays            array of the element's form
//   all others        text as Postgres writes it (json, uuid, enum, inet, ranges, …); a domain is its base type
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace weir::cdc {

/// Marks a value that is not in the event, because it is unchanged TOAST or was left out of a record that was too large.
inline constexpr std::string_view kUnavailable = "__debezium_unavailable_value";

enum class Form : std::uint8_t {
  kBoolean,
  kInteger,
  kReal,
  kText,
  kBytes,
  kDate,
  kTime,
  kTimeZoned,
  kTimestamp,
  kTimestampZoned,
  kInterval,
  kArray,
};

struct ColumnType {
  Form form = Form::kText;
  int fraction_digits = 6;                    // kTimestampZoned
  std::shared_ptr<const ColumnType> element;  // kArray
  char delimiter = ',';                       // kArray: box[] separates by ';'
};

/// One of Postgres' own types, by its fixed oid; none: the catalog must be asked.
[[nodiscard]] std::optional<ColumnType> builtin_type(std::uint32_t oid, std::int32_t modifier);

/// The bytes of a bytea from its text in hexadecimal digits (\x00ff); none where the text has another form.
[[nodiscard]] std::optional<std::string> bytea_bytes(std::string_view text);

/// Appends the JSON form of one value. A text that does not have its type's form goes out as a JSON string, because one value must never
/// stop the stream.
void append_value(std::string& out, const ColumnType& type, std::string_view text);

/// The session settings under which Postgres writes the texts that append_value reads; for the session of the stream and that of the
/// snapshot.
inline constexpr std::string_view kTextSettings =
    "SET DateStyle = 'ISO'; SET IntervalStyle = 'iso_8601'; SET TimeZone = 'UTC'; SET bytea_output = 'hex'; SET extra_float_digits = 1";

/// The form in which texts come from the source.
enum class TextForm : std::uint8_t {
  kUtf8,   // the server turns its encoding into UTF-8, and refuses texts that it cannot turn
  kBytes,  // texts come as they are stored, from a database of encoding SQL_ASCII, which knows only bytes
};
[[nodiscard]] std::string text_settings(TextForm form);

}  // namespace weir::cdc
