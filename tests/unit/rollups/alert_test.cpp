#include "consumers/rollups/pure/alert.hpp"

#include "tests/unit/rollups/property.hpp"

#include <set>
#include <vector>

using namespace weir;
using namespace weir::rollups;

namespace {

const Instant kDay = *parse_instant("2026-11-18T00:00:00Z");

Instant window(int number) { return kDay + number * kWindowLength; }

const Issue kWarning{Severity::kWarning, IssueKind::kQueueLength, std::nullopt, 60, 50, "queue length 60 is above 50"};
const Issue kCritical{Severity::kCritical, IssueKind::kQueueLength, std::nullopt, 120, 100, "queue length 120 is above 100"};

/// What windows from number 0 on hold: '-' clean, 'w' a warning, 'c' critical.
const Issue* issue_of(char text) { return text == 'w' ? &kWarning : text == 'c' ? &kCritical : nullptr; }

/// The steps that people are told of, as the fold of each window answers them: o, e, r; '.' for the others.
std::string told(const std::string& windows) {
  std::optional<Alert> alert;
  std::string steps;
  for (std::size_t i = 0; i < windows.size(); ++i) {
    if (alert && alert->resolved_at) alert.reset();
    const AlertStep step = fold(alert, window(static_cast<int>(i)), issue_of(windows[i]));
    steps += step == AlertStep::kOpened ? 'o' : step == AlertStep::kEscalated ? 'e' : step == AlertStep::kResolved ? 'r' : '.';
  }
  return steps;
}

}  // namespace

TEST_CASE("an issue opens an alert once, makes it critical once, and two clean windows in a row resolve it") {
  CHECK(told("---") == "...");
  CHECK(told("wwww") == "o...");
  CHECK(told("wwcc") == "o.e.");
  CHECK(told("cww") == "o..");  // it stays critical
  CHECK(told("w-w-w") == "o....");
  CHECK(told("w--") == "o.r");
  CHECK(told("wc----w") == "oe.r..o");
}

TEST_CASE("an alert says when it was opened, last seen, made critical and resolved, by the ends of windows") {
  std::optional<Alert> alert;
  CHECK(fold(alert, window(1), &kWarning) == AlertStep::kOpened);
  CHECK(alert->opened_at() == window(2));
  CHECK(fold(alert, window(2), &kCritical) == AlertStep::kEscalated);
  CHECK(alert->escalated_at == window(3));
  CHECK(alert->issue == kCritical);
  CHECK(fold(alert, window(3), &kWarning) == AlertStep::kSeen);
  CHECK(alert->issue.severity == Severity::kCritical);
  CHECK(alert->issue.value == 60.0);
  CHECK(alert->last_seen_at == window(4));
  CHECK(fold(alert, window(4), nullptr) == AlertStep::kSeen);
  CHECK(fold(alert, window(5), nullptr) == AlertStep::kResolved);
  CHECK(alert->resolved_at == window(6));
  CHECK(alert->last_seen_at == window(4));
  CHECK(alert->last_window == window(5));
}

TEST_CASE("a window that was folded before changes nothing, nor does any window of a resolved alert") {
  holds("each window once", [](const std::vector<std::uint8_t>& windows, const std::vector<std::uint8_t>& again) {
    std::optional<Alert> alert;
    for (std::size_t i = 0; i < windows.size(); ++i) {
      fold(alert, window(static_cast<int>(i)), issue_of("-wc"[windows[i] % 3]));
      const std::optional<Alert> before = alert;
      for (const std::uint8_t number : again) {
        if (alert && number <= i && fold(alert, window(number), issue_of("-wc"[number % 3])) != AlertStep::kNone) return false;
      }
      if (alert && alert->resolved_at) RC_ASSERT(fold(alert, window(static_cast<int>(i) + 1), &kCritical) == AlertStep::kNone);
      if (alert != before) return false;
    }
    return true;
  });
}

TEST_CASE("an alert is open just while its issue was there in one of the last two windows") {
  holds("open while it lasts", [](const std::vector<std::uint8_t>& windows) {
    std::optional<Alert> alert;
    for (std::size_t i = 0; i < windows.size(); ++i) {
      if (alert && alert->resolved_at) alert.reset();
      fold(alert, window(static_cast<int>(i)), issue_of("-wc"[windows[i] % 3]));
      const bool is_recent = windows[i] % 3 != 0 || (i > 0 && windows[i - 1] % 3 != 0);
      if ((alert && !alert->resolved_at) != is_recent) return false;
    }
    return true;
  });
}
