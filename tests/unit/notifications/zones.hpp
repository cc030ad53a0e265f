// Three places around their changes of daylight saving time in 2026, as the database of time zones has them.
#pragma once

#include "consumers/notifications/pure/local_time.hpp"

#include <array>
#include <string_view>

namespace weir::testing {

using notifications::ZoneOffset;

[[nodiscard]] inline Instant utc(std::string_view text) { return *parse_instant(text); }

/// Forward on 29 March at 02:00, back on 25 October at 03:00.
inline const std::array kBerlin{ZoneOffset{utc("2025-10-26T01:00:00Z"), Seconds{3'600}},
                                ZoneOffset{utc("2026-03-29T01:00:00Z"), Seconds{7'200}},
                                ZoneOffset{utc("2026-10-25T01:00:00Z"), Seconds{3'600}}};
/// Forward on 8 March at 02:00, back on 1 November at 02:00.
inline const std::array kNewYork{ZoneOffset{utc("2025-11-02T06:00:00Z"), Seconds{-18'000}},
                                 ZoneOffset{utc("2026-03-08T07:00:00Z"), Seconds{-14'400}},
                                 ZoneOffset{utc("2026-11-01T06:00:00Z"), Seconds{-18'000}}};
/// Back on 5 April at 02:00 by half an hour, forward on 4 October at 02:00 by half an hour.
inline const std::array kLordHowe{ZoneOffset{utc("2025-10-04T15:30:00Z"), Seconds{39'600}},
                                  ZoneOffset{utc("2026-04-04T15:00:00Z"), Seconds{37'800}},
                                  ZoneOffset{utc("2026-10-03T15:30:00Z"), Seconds{39'600}}};

}  // namespace weir::testing
