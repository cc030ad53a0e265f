// COPY's binary format: "PGCOPY\n\377\r\n\0", flags, extension length; a row is a column count and, per column, length and bytes; -1 ends.
#include "common/postgres/connection.hpp"
#include "common/postgres/wire.hpp"

#include <algorithm>

namespace weir::postgres {

namespace {

constexpr std::string_view kSignature{"PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19};

void put_length(std::string& out, std::size_t length) { wire::put(out, static_cast<std::int32_t>(length)); }

}  // namespace

CopyBuffer::CopyBuffer() : buffer_(kSignature) {}

void CopyBuffer::begin_row(int columns) {
  wire::put(buffer_, static_cast<std::int16_t>(columns));
  ++rows_;
}

void CopyBuffer::int2(std::int16_t value) {
  put_length(buffer_, 2);
  wire::put(buffer_, value);
}

void CopyBuffer::int4(std::int32_t value) {
  put_length(buffer_, 4);
  wire::put(buffer_, value);
}

void CopyBuffer::int8(std::int64_t value) {
  put_length(buffer_, 8);
  wire::put(buffer_, value);
}

void CopyBuffer::real8(double value) {
  put_length(buffer_, 8);
  wire::put_real(buffer_, value);
}

void CopyBuffer::boolean(bool value) {
  put_length(buffer_, 1);
  buffer_.push_back(value ? '\1' : '\0');
}

void CopyBuffer::uuid(const Uuid& value) {
  put_length(buffer_, 16);
  wire::put_uuid(buffer_, value);
}

void CopyBuffer::instant(Instant value) {
  put_length(buffer_, 8);
  wire::put_instant(buffer_, value);
}

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
  const bool negative = value < 0;
  auto rest = negative ? -static_cast<unsigned __int128>(value) : static_cast<unsigned __int128>(value);
  std::vector<std::int16_t> digits;
  for (; rest != 0; rest /= 10'000) digits.push_back(static_cast<std::int16_t>(rest % 10'000));
  const auto weight = static_cast<std::int16_t>(digits.empty() ? 0 : digits.size() - 1);
  while (!digits.empty() && digits.front() == 0) digits.erase(digits.begin());  // trailing zero digits are left out
  put_length(buffer_, 8 + digits.size() * 2);
  wire::put(buffer_, static_cast<std::int16_t>(digits.size()));
  wire::put(buffer_, weight);
  wire::put(buffer_, static_cast<std::uint16_t>(negative ? 0x4000 : 0));
  wire::put(buffer_, std::int16_t{0});
  std::for_each(digits.rbegin(), digits.rend(), [this](std::int16_t digit) { wire::put(buffer_, digit); });
}

void CopyBuffer::null() { wire::put(buffer_, std::int32_t{-1}); }

std::string_view CopyBuffer::finish() {
  if (!finished_) wire::put(buffer_, std::int16_t{-1});
  finished_ = true;
  return buffer_;
}

}  // namespace weir::postgres
