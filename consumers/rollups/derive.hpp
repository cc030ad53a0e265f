// Computes what is derived of metrics: a step of the wake-up that takes the marks of some organizations, and computes their windows anew.
// The marks of an organization whose data Postgres refuses stay, and are tried again after a pause; the other organizations go on.
//
// A group that takes in a backlog closes many windows a second, and with each of them the newest trends and the day would be others. So
// while the group is behind and changes come, a step takes few windows, the oldest, and days and trends wait: their windows keep a mark
// that says that only these are left to do.
//
// Locks: organizations' locks of deriving, which are only tried; then rows of the derived tables, by primary key. The metrics are only
// read, so deriving holds up no unit of work.
#pragma once

#include "common/postgres/statements.hpp"
#include "consumers/rollups/pure/health.hpp"
#include "consumers/rollups/pure/window_marks.hpp"

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace weir::rollups {

/// What a step of deriving covers: windows of organizations whose metrics changed.
struct DeriveScope {
  std::vector<OrganizationWindow> windows;  // ascending, without doubles
  std::optional<Instant> closed_until;      // windows that end by then are final
};

struct DeriveLimits {
  Microseconds interval{};                               // between two steps, where no window closed meanwhile
  int parts = 10;                                        // of the time, of which deriving takes one while changes come
  Microseconds retention{};                              // of windows
  Microseconds behind = std::chrono::hours{1};           // a group that has closed no window since then takes in a backlog
  Microseconds days_interval = std::chrono::minutes{1};  // of days and trends meanwhile
  std::size_t windows_behind = 12;                       // a step meanwhile
  std::int64_t organizations_a_step = 100;
  std::size_t windows_a_step = 500;
};

class Deriving {
 public:
  Deriving(std::string group, const DeriveLimits& limits, const HealthSettings& health)
      : group_(std::move(group)), limits_(limits), health_(health) {}

  /// Does a step. `is_busy`: changes came since the step before. True where another step is due at once.
  [[nodiscard]] Result<bool> step(postgres::Statements& connection, Instant now, bool is_busy);

 private:
  /// How much a step does.
  struct Turn {
    bool is_behind = false;  // few windows, the oldest
    bool puts_off = false;   // days and trends
  };
  [[nodiscard]] Turn turn(std::optional<Instant> closed_until, Instant now, bool is_busy);
  /// Derives some of a step's organizations. Sets `more` where windows of them are left.
  [[nodiscard]] Result<void> derive(postgres::Statements& connection, std::span<const OrganizationId> some, const Turn& turn, Instant now,
                                    bool& more) const;

  std::string group_;
  DeriveLimits limits_;
  HealthSettings health_;
  OrganizationId after_ = kEveryOrganization;  // the next step begins behind it, so that every organization has its turn
  std::optional<Instant> put_off_since_;       // days and trends
};

}  // namespace weir::rollups
