// An insight that was found and may still get its text: what the queue keeps of it between the claim of its intent and its end.
#pragma once

#include "consumers/insights/pure/finding.hpp"
#include "consumers/insights/pure/subject.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace weir::insights {

/// How long each step of an insight may take, from the claim of its intent.
struct Deadlines {
  Microseconds share{Milliseconds{900}};             // of a provider, before the next one is asked beside it
  Microseconds template_after{Milliseconds{1'800}};  // then the template's text is written, so that by 2.0 s there is one
  Microseconds keep{Seconds{30}};                    // so long a model's text may take the place of the template's
};

struct Draft {
  Uuid id;  // of the insight
  Subject subject;
  Uuid intent;
  Finding finding;
  std::string locale;
  std::string title;  // of the template
  std::string body;
  Instant claimed_at{};
  std::size_t provider = 0;  // place in the chain of the provider that is called next
  std::string reason;        // why the template would stand
};

[[nodiscard]] std::optional<Kind> kind_named(std::string_view text);
[[nodiscard]] std::optional<Audience> audience_named(std::string_view text);

// Why a template stands, as in insights.fallback_reason.
inline constexpr std::string_view kNoProvider = "no_provider";      // none is configured
inline constexpr std::string_view kDeadline = "deadline";           // no answer came in time
inline constexpr std::string_view kNoRoom = "no_room";              // every account rests, or has as many calls in flight as it may
inline constexpr std::string_view kKnownFailure = "known_failure";  // the same input was paid for and brought no valid text

}  // namespace weir::insights
