// Rewrites Postgres' texts of times (DateStyle ISO, IntervalStyle iso_8601) into the ISO 8601 forms that Debezium writes in its isostring
// mode. They return none where the text has another form.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace weir::cdc {

/// "0044-03-15 BC" → "-0043-03-15Z". A date without end stays infinity or -infinity.
[[nodiscard]] std::optional<std::string> iso_date(std::string_view text);
/// "23:59:59.123456" → "23:59:59.123456Z".
[[nodiscard]] std::optional<std::string> iso_time(std::string_view text);
/// "12:00:00+02" → "10:00:00Z".
[[nodiscard]] std::optional<std::string> iso_time_utc(std::string_view text);
/// "2026-11-18 01:02:03.1" → "2026-11-18T01:02:03.1Z"; infinities stay as they are.
[[nodiscard]] std::optional<std::string> iso_timestamp(std::string_view text);
/// "2026-11-18 01:02:03.1+00" → "2026-11-18T01:02:03.100000Z", exactly `digits` fractional digits; infinities stay as they are.
[[nodiscard]] std::optional<std::string> iso_instant(std::string_view text, int digits);
/// "P-1D" → "P0Y0M-1DT0H0M0S".
[[nodiscard]] std::optional<std::string> iso_interval(std::string_view text);

}  // namespace weir::cdc
