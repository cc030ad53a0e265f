// COPY's binary format: "PGCOPY\n\377\r\n\0", flags, extension length; a row is a column count and, per column, length and bytes; -1 ends.
// An array: dimensions, whether there are nulls, element type, count, lower bound; an element that is a row is its length, a column count
// and, per column, type, length and bytes (array_recv, record_recv). A null's length is -1.
#include "common/postgres/row_writer.hpp"
#include "common/postgres/wire.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>

namespace weir::postgres {

namespace {

constexpr std::string_view kCopySignature{"PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19};
constexpr std::size_t kCountAt = 12;  // in an array's header
constexpr std::size_t kArrayHeader = 20;

}  // namespace

RowWriter::RowWriter(Heading heading, std::string_view begin) : heading_(heading) { std::ranges::copy(begin, room(begin.size())); }

void RowWriter::grow(std::size_t bytes) {
  constexpr std::size_t kLeast = 4'096;
  buffer_.resize(std::max({kLeast, 2 * buffer_.size(), size_ + bytes}));
}

char* RowWriter::head(Oid type, std::int32_t length) {
  const bool typed = heading_ == Heading::kTypeAndLength;
  const std::size_t heading = sizeof length + (typed ? sizeof type : 0);
  char* at = room(heading + static_cast<std::size_t>(std::max(length, 0)));
  if (typed) at = wire::store(at, static_cast<std::int32_t>(type));
  return wire::store(at, length);
}

template <class T>
void RowWriter::fixed(Oid type, T value) {
  wire::store(head(type, static_cast<std::int32_t>(sizeof value)), value);
}

/// Begins an array of so many elements, which take `bytes` besides their lengths; returns the place of the first element's length.
char* RowWriter::array(Oid type, Oid element, std::size_t elements, std::size_t bytes) {
  const std::size_t header = elements == 0 ? 12 : 20;
  char* at = head(type, static_cast<std::int32_t>(header + elements * sizeof(std::int32_t) + bytes));
  at = wire::store(at, std::int32_t{elements == 0 ? 0 : 1});
  at = wire::store(at, std::int32_t{0});
  at = wire::store(at, static_cast<std::int32_t>(element));
  if (elements == 0) return at;
  at = wire::store(at, static_cast<std::int32_t>(elements));
  return wire::store(at, std::int32_t{1});
}

void RowWriter::null(Oid type) { head(type, -1); }

void RowWriter::int2(std::int16_t value) { fixed(wire::kInt2, value); }

void RowWriter::int4(std::int32_t value) { fixed(wire::kInt4, value); }

void RowWriter::int8(std::optional<std::int64_t> value) { value ? fixed(wire::kInt8, *value) : null(wire::kInt8); }

void RowWriter::real8(std::optional<double> value) {
  value ? fixed(wire::kFloat8, std::bit_cast<std::int64_t>(*value)) : null(wire::kFloat8);
}

void RowWriter::boolean(bool value) { fixed(wire::kBool, static_cast<std::int8_t>(value ? 1 : 0)); }

void RowWriter::uuid(const Uuid& value) { std::memcpy(head(wire::kUuid, 16), value.bytes.data(), value.bytes.size()); }

void RowWriter::uuid(const std::optional<Uuid>& value) { value ? uuid(*value) : null(wire::kUuid); }

void RowWriter::instant(std::optional<Instant> value) {
  value ? fixed(wire::kTimestampTz, unix_us(*value) - wire::kPostgresEpochUnixUs) : null(wire::kTimestampTz);
}

void RowWriter::date(std::optional<std::chrono::sys_days> value) {
  value ? fixed(wire::kDate, static_cast<std::int32_t>((*value - wire::kPostgresEpochDay).count())) : null(wire::kDate);
}

void RowWriter::text(std::optional<std::string_view> value) {
  if (!value) return null(wire::kText);
  std::ranges::copy(*value, head(wire::kText, static_cast<std::int32_t>(value->size())));
}

void RowWriter::jsonb(std::string_view value) {
  char* const at = head(wire::kJsonb, static_cast<std::int32_t>(value.size() + 1));
  *at = '\1';
  std::ranges::copy(value, at + 1);
}

void RowWriter::int4_array(std::span<const std::int32_t> values) {
  char* at = array(wire::kInt4Array, wire::kInt4, values.size(), values.size_bytes());
  for (const std::int32_t value : values) at = wire::store(wire::store(at, static_cast<std::int32_t>(sizeof value)), value);
}

void RowWriter::bytea_array(std::span<const std::string_view> values) { strings(wire::kByteaArray, wire::kBytea, values); }

void RowWriter::text_array(std::span<const std::string> values) { strings(wire::kTextArray, wire::kText, values); }

template <class Text>
void RowWriter::strings(Oid type, Oid element, std::span<const Text> values) {
  std::size_t bytes = 0;
  for (const std::string_view value : values) bytes += value.size();
  char* at = array(type, element, values.size(), bytes);
  for (const std::string_view value : values) {
    at = wire::store(at, static_cast<std::int32_t>(value.size()));
    at = std::ranges::copy(value, at).out;
  }
}

void RowWriter::numeric(__int128 value) {
  // numeric's binary form: digit count, weight of the first digit, sign, display scale, then base-10000 digits, the highest first.
  constexpr std::size_t kMostDigits = 10;  // of 128 bits
  constexpr unsigned kBase = 10'000;
  const bool negative = value < 0;
  auto rest = negative ? -static_cast<unsigned __int128>(value) : static_cast<unsigned __int128>(value);
  std::array<std::int16_t, kMostDigits> digits{};  // the lowest first
  std::size_t count = 0;
  for (; rest > std::numeric_limits<std::uint64_t>::max(); rest /= kBase) digits[count++] = static_cast<std::int16_t>(rest % kBase);
  // A division of 128 bits is a call of many steps; hardly any value needs one.
  for (auto low = static_cast<std::uint64_t>(rest); low != 0; low /= kBase) digits[count++] = static_cast<std::int16_t>(low % kBase);
  const auto weight = static_cast<std::int16_t>(count == 0 ? 0 : count - 1);
  std::size_t first = 0;
  while (first < count && digits[first] == 0) ++first;  // trailing zero digits are left out
  char* at = head(wire::kNumeric, static_cast<std::int32_t>(8 + (count - first) * 2));
  at = wire::store(at, static_cast<std::int16_t>(count - first));
  at = wire::store(at, weight);
  at = wire::store(at, static_cast<std::uint16_t>(negative ? 0x4000 : 0));
  at = wire::store(at, std::int16_t{0});
  for (std::size_t i = count; i > first; --i) at = wire::store(at, digits[i - 1]);
}

CopyBuffer::CopyBuffer() : RowWriter(Heading::kLength, kCopySignature) {}

void CopyBuffer::begin_row(int columns) {
  wire::store(room(sizeof(std::int16_t)), static_cast<std::int16_t>(columns));
  ++rows_;
}

std::string_view CopyBuffer::finish() {
  if (!finished_) wire::store(room(sizeof(std::int16_t)), std::int16_t{-1});
  finished_ = true;
  return written();
}

RowArray::RowArray(const RowType& type) : RowWriter(Heading::kTypeAndLength, {}) {
  char* at = room(kArrayHeader);
  for (const std::int32_t number : {1, 0, static_cast<std::int32_t>(type.element), 0, 1}) at = wire::store(at, number);
}

void RowArray::begin_row(int columns) {
  end_row();
  row_at_ = written().size();
  wire::store(room(2 * sizeof(std::int32_t)) + sizeof(std::int32_t), static_cast<std::int32_t>(columns));
  ++rows_;
}

void RowArray::end_row() {
  if (row_at_ != 0) wire::store(at(row_at_), static_cast<std::int32_t>(written().size() - row_at_ - sizeof(std::int32_t)));
}

std::string_view RowArray::finish() {
  end_row();
  wire::store(at(kCountAt), static_cast<std::int32_t>(rows_));
  return written();
}

void RowArray::clear() {
  keep(kArrayHeader);
  row_at_ = 0;
  rows_ = 0;
}

}  // namespace weir::postgres
