// Structured identifiers in texts: mail addresses, URLs, domains, handles, telephone and card numbers, IBANs, UUIDs, IP addresses, and
// other long numbers and codes. Dates, times and amounts are none.
#pragma once

#include "consumers/insights/pure/span.hpp"

#include <string_view>

namespace weir::insights {

[[nodiscard]] Spans identifiers(std::string_view text);

/// Whether the digits of a text pass Luhn's check, as the number of a payment card does. Other characters do not count.
[[nodiscard]] bool passes_luhn(std::string_view text);
/// ISO 13616: two letters, two check digits and up to 30 letters and digits, whose remainder is 1 (ISO 7064, MOD 97-10).
[[nodiscard]] bool is_iban(std::string_view text);

}  // namespace weir::insights
