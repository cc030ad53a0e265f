// Postgres' binary forms of values (network byte order; time counts from 2000-01-01), shared by parameters and COPY.
#pragma once

#include "common/core/time.hpp"
#include "common/core/uuid.hpp"

#include <libpq-fe.h>

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace weir::postgres::wire {

inline constexpr std::int64_t kPostgresEpochUnixUs = 946'684'800'000'000;
inline constexpr std::chrono::sys_days kPostgresEpochDay{std::chrono::year{2000} / 1 / 1};

/// Writes the value's bytes to `at`, the highest first; gives the place behind them.
template <class T>
char* store(char* at, T value) {
  auto rest = static_cast<std::make_unsigned_t<T>>(value);
  if constexpr (sizeof(T) == 8) rest = __builtin_bswap64(rest);
  if constexpr (sizeof(T) == 4) rest = __builtin_bswap32(rest);
  if constexpr (sizeof(T) == 2) rest = __builtin_bswap16(rest);
  static_assert(std::endian::native == std::endian::little);
  std::memcpy(at, &rest, sizeof(T));
  return at + sizeof(T);
}

template <class T>
void put(std::string& out, T value) {
  char bytes[sizeof(T)];
  store(bytes, value);
  out.append(bytes, sizeof(T));
}

inline void put_real(std::string& out, double value) { put(out, std::bit_cast<std::int64_t>(value)); }
inline void put_uuid(std::string& out, const Uuid& id) { out.append(reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()); }
inline void put_instant(std::string& out, Instant instant) { put(out, unix_us(instant) - kPostgresEpochUnixUs); }

/// A one-dimensional array: `each(out, value)` writes one element without its length, all elements not null.
template <class Range, class Each>
void put_array(std::string& out, Oid element_type, const Range& values, Each each) {
  put(out, std::int32_t{values.empty() ? 0 : 1});
  put(out, std::int32_t{0});
  put(out, static_cast<std::int32_t>(element_type));
  if (values.empty()) return;
  put(out, static_cast<std::int32_t>(values.size()));
  put(out, std::int32_t{1});
  for (const auto& value : values) {
    const std::size_t length_at = out.size();
    put(out, std::int32_t{0});
    each(out, value);
    store(&out[length_at], static_cast<std::int32_t>(out.size() - length_at - sizeof(std::int32_t)));
  }
}

// Type oids, fixed in every Postgres (pg_type.dat).
inline constexpr Oid kBool = 16;
inline constexpr Oid kBytea = 17;
inline constexpr Oid kInt8 = 20;
inline constexpr Oid kInt2 = 21;
inline constexpr Oid kInt4 = 23;
inline constexpr Oid kText = 25;
inline constexpr Oid kFloat8 = 701;
inline constexpr Oid kInt4Array = 1007;
inline constexpr Oid kDate = 1082;
inline constexpr Oid kTimestampTz = 1184;
inline constexpr Oid kNumeric = 1700;
inline constexpr Oid kUuid = 2950;
inline constexpr Oid kJsonb = 3802;
inline constexpr Oid kInt8Array = 1016;
inline constexpr Oid kTextArray = 1009;
inline constexpr Oid kByteaArray = 1001;
inline constexpr Oid kUuidArray = 2951;
inline constexpr Oid kTimestampTzArray = 1185;

}  // namespace weir::postgres::wire
