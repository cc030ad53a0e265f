// COPY's binary format: "PGCOPY\n\377\r\n\0", flags, extension length; a row is a column count and, per column, length and bytes; -1 ends.
#include "common/postgres/connection.hpp"
#include "common/postgres/wire.hpp"

#include <array>
#include <bit>
#include <limits>

namespace weir::postgres {

namespace {

constexpr std::string_view kSignature{"PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19};

void put_length(std::string& out, std::size_t length) { wire::put(out, static_cast<std::int32_t>(length)); }

/// A value of fixed size, with its length before it.
template <class T>
void put_fixed(std::string& out, T value) {
  std::array<char, sizeof(std::int32_t) + sizeof(T)> bytes;
  wire::store(bytes.data(), static_cast<std::int32_t>(sizeof(T)));
  wire::store(bytes.data() + sizeof(std::int32_t), value);
  out.append(bytes.data(), bytes.size());
}

}  // namespace

CopyBuffer::CopyBuffer() : buffer_(kSignature) {}

void CopyBuffer::begin_row(int columns) {
  wire::put(buffer_, static_cast<std::int16_t>(columns));
  ++rows_;
}

void CopyBuffer::int2(std::int16_t value) { put_fixed(buffer_, value); }

void CopyBuffer::int4(std::int32_t value) { put_fixed(buffer_, value); }

void CopyBuffer::int8(std::int64_t value) { put_fixed(buffer_, value); }

void CopyBuffer::real8(double value) { put_fixed(buffer_, std::bit_cast<std::int64_t>(value)); }

void CopyBuffer::boolean(bool value) {
  put_length(buffer_, 1);
  buffer_.push_back(value ? '\1' : '\0');
}

void CopyBuffer::uuid(const Uuid& value) {
  put_length(buffer_, 16);
  wire::put_uuid(buffer_, value);
}

void CopyBuffer::instant(Instant value) { put_fixed(buffer_, unix_us(value) - wire::kPostgresEpochUnixUs); }

void CopyBuffer::text(std::string_view value) {
  put_length(buffer_, value.size());
  buffer_.append(value);
}

void CopyBuffer::jsonb(std::string_view value) {
  put_length(buffer_, value.size() + 1);
  buffer_.push_back('\1');
  buffer_.append(value);
}

void CopyBuffer::int4_array(std::span<const std::int32_t> values) {
  put_length(buffer_, values.empty() ? 12 : 20 + values.size() * 8);
  wire::put(buffer_, std::int32_t{values.empty() ? 0 : 1});
  wire::put(buffer_, std::int32_t{0});
  wire::put(buffer_, static_cast<std::int32_t>(wire::kInt4));
  if (values.empty()) return;
  wire::put(buffer_, static_cast<std::int32_t>(values.size()));
  wire::put(buffer_, std::int32_t{1});
  for (const std::int32_t value : values) int4(value);
}

void CopyBuffer::numeric(__int128 value) {
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
  std::array<char, 4 + 8 + 2 * kMostDigits> bytes;
  char* at = wire::store(bytes.data(), static_cast<std::int32_t>(8 + (count - first) * 2));
  at = wire::store(at, static_cast<std::int16_t>(count - first));
  at = wire::store(at, weight);
  at = wire::store(at, static_cast<std::uint16_t>(negative ? 0x4000 : 0));
  at = wire::store(at, std::int16_t{0});
  for (std::size_t i = count; i > first; --i) at = wire::store(at, digits[i - 1]);
  buffer_.append(bytes.data(), at);
}

void CopyBuffer::null() { wire::put(buffer_, std::int32_t{-1}); }

std::string_view CopyBuffer::finish() {
  if (!finished_) wire::put(buffer_, std::int16_t{-1});
  finished_ = true;
  return buffer_;
}

}  // namespace weir::postgres
