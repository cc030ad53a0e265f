// COPY's binary format: "PGCOPY\n\377\r\n\0", flags, extension length; a row is a column count and, per column, length and bytes; -1 ends.
// An array: dimensions, whether there are nulls, element type, count, lower bound; an element that is a row is its length, a column count
// and, per column, type, length and bytes (array_recv, record_recv). A null's length is -1.
#include "common/postgres/row_writer.hpp"
#include "common/postgres/wire.hpp"

#include <array>
#include <bit>
#include <limits>

namespace weir::postgres {

namespace {

constexpr std::string_view kCopySignature{"PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19};
constexpr std::size_t kCountAt = 12;  // in an array's header
constexpr std::size_t kArrayHeader = 20;

}  // namespace

void RowWriter::head(Oid type, std::int32_t length) {
  std::array<char, sizeof type + sizeof length> bytes;
  char* at = bytes.data();
  if (heading_ == Heading::kTypeAndLength) at = wire::store(at, static_cast<std::int32_t>(type));
  at = wire::store(at, length);
  buffer_.append(bytes.data(), at);
}

template <class T>
void RowWriter::fixed(Oid type, T value) {
  std::array<char, sizeof type + sizeof(std::int32_t) + sizeof value> bytes;
  char* at = bytes.data();
  if (heading_ == Heading::kTypeAndLength) at = wire::store(at, static_cast<std::int32_t>(type));
  at = wire::store(at, static_cast<std::int32_t>(sizeof value));
  at = wire::store(at, value);
  buffer_.append(bytes.data(), at);
}

void RowWriter::null(Oid type) { head(type, -1); }

void RowWriter::int2(std::int16_t value) { fixed(wire::kInt2, value); }

void RowWriter::int4(std::int32_t value) { fixed(wire::kInt4, value); }

void RowWriter::int8(std::optional<std::int64_t> value) { value ? fixed(wire::kInt8, *value) : null(wire::kInt8); }

void RowWriter::real8(std::optional<double> value) {
  value ? fixed(wire::kFloat8, std::bit_cast<std::int64_t>(*value)) : null(wire::kFloat8);
}

void RowWriter::boolean(bool value) { fixed(wire::kBool, static_cast<std::int8_t>(value ? 1 : 0)); }

void RowWriter::uuid(const Uuid& value) {
  head(wire::kUuid, 16);
  wire::put_uuid(buffer_, value);
}

void RowWriter::uuid(const std::optional<Uuid>& value) { value ? uuid(*value) : null(wire::kUuid); }

void RowWriter::instant(std::optional<Instant> value) {
  value ? fixed(wire::kTimestampTz, unix_us(*value) - wire::kPostgresEpochUnixUs) : null(wire::kTimestampTz);
}

void RowWriter::date(std::optional<std::chrono::sys_days> value) {
  value ? fixed(wire::kDate, static_cast<std::int32_t>((*value - wire::kPostgresEpochDay).count())) : null(wire::kDate);
}

void RowWriter::text(std::optional<std::string_view> value) {
  if (!value) return null(wire::kText);
  head(wire::kText, static_cast<std::int32_t>(value->size()));
  buffer_.append(*value);
}

void RowWriter::jsonb(std::string_view value) {
  head(wire::kJsonb, static_cast<std::int32_t>(value.size() + 1));
  buffer_.push_back('\1');
  buffer_.append(value);
}

void RowWriter::int4_array(std::span<const std::int32_t> values) {
  head(wire::kInt4Array, static_cast<std::int32_t>(values.empty() ? 12 : 20 + values.size() * 8));
  wire::put_array(buffer_, wire::kInt4, values, [](std::string& out, std::int32_t value) { wire::put(out, value); });
}

void RowWriter::bytea_array(std::span<const std::string_view> values) {
  std::size_t length = values.empty() ? 12 : 20;
  for (const std::string_view value : values) length += sizeof(std::int32_t) + value.size();
  head(wire::kByteaArray, static_cast<std::int32_t>(length));
  wire::put_array(buffer_, wire::kBytea, values, [](std::string& out, std::string_view value) { out.append(value); });
}

void RowWriter::text_array(std::span<const std::string> values) {
  std::size_t length = values.empty() ? 12 : 20;
  for (const std::string& value : values) length += sizeof(std::int32_t) + value.size();
  head(wire::kTextArray, static_cast<std::int32_t>(length));
  wire::put_array(buffer_, wire::kText, values, [](std::string& out, const std::string& value) { out += value; });
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
  head(wire::kNumeric, static_cast<std::int32_t>(8 + (count - first) * 2));
  std::array<char, 8 + 2 * kMostDigits> bytes;
  char* at = wire::store(bytes.data(), static_cast<std::int16_t>(count - first));
  at = wire::store(at, weight);
  at = wire::store(at, static_cast<std::uint16_t>(negative ? 0x4000 : 0));
  at = wire::store(at, std::int16_t{0});
  for (std::size_t i = count; i > first; --i) at = wire::store(at, digits[i - 1]);
  buffer_.append(bytes.data(), at);
}

CopyBuffer::CopyBuffer() : RowWriter(Heading::kLength, kCopySignature) {}

void CopyBuffer::begin_row(int columns) {
  wire::put(buffer_, static_cast<std::int16_t>(columns));
  ++rows_;
}

std::string_view CopyBuffer::finish() {
  if (!finished_) wire::put(buffer_, std::int16_t{-1});
  finished_ = true;
  return buffer_;
}

RowArray::RowArray(const RowType& type) : RowWriter(Heading::kTypeAndLength, {}) {
  wire::put(buffer_, std::int32_t{1});
  wire::put(buffer_, std::int32_t{0});
  wire::put(buffer_, static_cast<std::int32_t>(type.element));
  wire::put(buffer_, std::int32_t{0});
  wire::put(buffer_, std::int32_t{1});
}

void RowArray::begin_row(int columns) {
  end_row();
  row_at_ = buffer_.size();
  wire::put(buffer_, std::int32_t{0});
  wire::put(buffer_, static_cast<std::int32_t>(columns));
  ++rows_;
}

void RowArray::end_row() {
  if (row_at_ != 0) wire::store(&buffer_[row_at_], static_cast<std::int32_t>(buffer_.size() - row_at_ - sizeof(std::int32_t)));
}

std::string_view RowArray::finish() {
  end_row();
  wire::store(&buffer_[kCountAt], static_cast<std::int32_t>(rows_));
  return buffer_;
}

void RowArray::clear() {
  buffer_.resize(kArrayHeader);
  row_at_ = 0;
  rows_ = 0;
}

}  // namespace weir::postgres
