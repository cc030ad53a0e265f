#include "common/group_state/wakeup_keys.hpp"

#include "common/core/backoff.hpp"

#include <algorithm>
#include <optional>

namespace weir::group_state {

namespace {

using postgres::Params;
using postgres::Statements;

/// A single refused key among a million is found within 40 tries.
constexpr int kMostTries = 200;
constexpr std::size_t kMostRefused = 1'000;

constexpr const char* kRead = R"(
SELECT key, tries, next_try > now()
  FROM weir.refused_wakeups
 WHERE group_id = $1 AND wakeup = $2
 ORDER BY key)";

/// $9: pauses in milliseconds.
constexpr const char* kKeep = R"(
INSERT INTO weir.refused_wakeups AS w (group_id, wakeup, key, reason, table_name, column_name, constraint_name, tries, next_try)
SELECT $1, $2, r.key, r.reason, r.table_name, r.column_name, r.constraint_name, r.tries, now() + r.pause * interval '1 millisecond'
  FROM unnest($3, $4, $5, $6, $7, $8, $9) AS r (key, reason, table_name, column_name, constraint_name, tries, pause)
 ORDER BY r.key
ON CONFLICT (group_id, wakeup, key) DO UPDATE
   SET reason = excluded.reason, table_name = excluded.table_name, column_name = excluded.column_name,
       constraint_name = excluded.constraint_name, tries = excluded.tries, next_try = excluded.next_try)";

constexpr const char* kForget = R"(
DELETE FROM weir.refused_wakeups WHERE group_id = $1 AND wakeup = $2 AND key = ANY ($3))";

/// Whether the runtime would divide a unit of work, or park an event, because of this fault.
bool is_of_the_data(const Fault& fault) {
  const Action action = next_action(fault, 1);
  return action == Action::kDivide || action == Action::kPark;
}

std::vector<Uuid> ids_of(const std::vector<std::string>& keys) {
  std::vector<Uuid> ids;
  for (const std::string& key : keys) {
    if (const auto id = Uuid::parse(key)) ids.push_back(*id);
  }
  return ids;
}

struct Range {
  std::size_t first = 0;
  std::size_t end = 0;
};

/// Does `work` within a savepoint. Returns the fault that the data caused, after its changes were rolled back; none: the work is done.
Result<std::optional<Fault>> tried(Statements& connection, const std::function<Result<void>()>& work) {
  const Result<void> done = connection.within_savepoint(work);
  if (!done && !is_of_the_data(done.error())) return fail(done.error());
  return done ? std::nullopt : std::optional(done.error());
}

}  // namespace

Result<WakeupKeys> WakeupKeys::read(Statements& connection, std::string_view group, std::string_view wakeup) {
  WakeupKeys keys(group, wakeup);
  const auto rows = WEIR_TRY(connection.query("group_refused_keys", kRead, Params{}.add(group).add(wakeup)));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto key = rows[i].get<std::string>(0);
    keys.tries_[key] = rows[i].get<int>(1);
    (rows[i].get<bool>(2) ? keys.held_back_ : keys.due_).push_back(key);
  }
  return keys;
}

std::vector<Uuid> WakeupKeys::held_back() const { return ids_of(held_back_); }

bool WakeupKeys::holds_back(std::string_view key) const { return std::ranges::find(held_back_, key) != held_back_.end(); }

std::vector<Uuid> WakeupKeys::due() const { return ids_of(due_); }

Result<bool> WakeupKeys::take_ranges(Statements& connection, const std::vector<std::string>& names,
                                     const std::function<Result<void>(std::size_t, std::size_t)>& work, Share share) {
  std::vector<Range> left;
  if (!names.empty()) left.push_back({0, names.size()});
  std::vector<Refusal> refused;
  std::vector<std::string> healed;
  for (int tries = 0; !left.empty() && tries < kMostTries; ++tries) {
    const Range range = left.back();
    left.pop_back();
    const auto fault = WEIR_TRY(tried(connection, [&] { return work(range.first, range.end); }));
    if (!fault) {
      for (std::size_t i = range.first; i < range.end; ++i) {
        if (share == Share::kAll && tries_.contains(names[i])) healed.push_back(names[i]);
      }
    } else if (const std::size_t middle = range.first + (range.end - range.first) / 2; middle > range.first) {
      left.push_back({middle, range.end});
      left.push_back({range.first, middle});
    } else {
      refused.push_back({names[range.first], *fault});
      tries_.try_emplace(names[range.first], 0);
      if (tries_.size() > kMostRefused) return fail(fault->in("more keys are refused than " + std::to_string(kMostRefused)));
    }
  }
  WEIR_TRY(keep(connection, refused));
  WEIR_TRY(forget(connection, healed));
  return left.empty();
}

Result<void> WakeupKeys::keep(Statements& connection, std::span<const Refusal> refused) const {
  if (refused.empty()) return {};
  std::vector<std::string> keys, reasons, tables, columns, constraints;
  std::vector<std::int64_t> tries, pauses;
  for (const Refusal& refusal : refused) {
    const int failures = tries_.at(refusal.key) + 1;
    keys.push_back(refusal.key);
    reasons.emplace_back(refusal.fault.name());
    tables.push_back(refusal.fault.table);
    columns.push_back(refusal.fault.column);
    constraints.push_back(refusal.fault.constraint);
    tries.push_back(failures);
    pauses.push_back(pause_after(kBackoffOfData, failures).count());
  }
  Params params;
  params.add(group_).add(wakeup_).add_array(keys).add_array(reasons).add_array(tables).add_array(columns).add_array(constraints);
  params.add_array(tries).add_array(pauses);
  WEIR_TRY(connection.execute("group_keep_refused_keys", kKeep, params));
  return {};
}

Result<void> WakeupKeys::forget(Statements& connection, const std::vector<std::string>& keys) const {
  if (keys.empty()) return {};
  WEIR_TRY(connection.execute("group_forget_refused_keys", kForget, Params{}.add(group_).add(wakeup_).add_array(keys)));
  return {};
}

}  // namespace weir::group_state
