// Lists the columns once, in the order in which they are written.
#include "consumers/rollups/metrics_store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <set>
#include <utility>

namespace weir::rollups {

namespace {

using postgres::Params;
using postgres::Row;
using postgres::RowArray;
using postgres::Rows;
using postgres::RowWriter;
using postgres::Statements;

constexpr std::string_view kUniqueViolation = "23505";

/// Its columns in their order: kKey, kState, kDerivedColumns, is_complete.
constexpr const char* kRowType = "weir.agent_metrics_row_2";

constexpr std::array<std::string_view, 3> kKey{"organization_id", "agent_id", "window_start"};

/// The columns of a row's state, from which alone a row is read back.
constexpr std::array<std::string_view, 30> kState{"completed_tasks",
                                                  "failed_tasks",
                                                  "cancelled_tasks",
                                                  "execution_time_count",
                                                  "execution_time_sum",
                                                  "execution_time_sketch",
                                                  "memory_count",
                                                  "memory_sum",
                                                  "memory_peak",
                                                  "memory_peak_samples",
                                                  "cpu_count",
                                                  "cpu_sum",
                                                  "cpu_peak",
                                                  "cpu_peak_samples",
                                                  "quality_count",
                                                  "quality_sum",
                                                  "confidence_count",
                                                  "confidence_sum",
                                                  "rating_count",
                                                  "rating_sum",
                                                  "known_us",
                                                  "up_us",
                                                  "available_us",
                                                  "version",
                                                  "revision",
                                                  "is_final",
                                                  "corrected_at",
                                                  "touched",
                                                  "peak_is_upper_bound",
                                                  "updated_at"};

constexpr int kColumns = static_cast<int>(kKey.size() + kState.size() + kDerivedColumns.size()) + 1;

template <std::size_t N>
std::string joined(const std::array<std::string_view, N>& names, std::string_view pattern) {
  std::string out;
  for (const std::string_view name : names) {
    if (!out.empty()) out += ", ";
    out += fmt::format(fmt::runtime(pattern), name);
  }
  return out;
}

std::string column_list() {
  return fmt::format("{}, {}, {}, is_complete", joined(kKey, "{}"), joined(kState, "{}"), joined(kDerivedColumns, "{}"));
}

/// Inserts rows that are assumed to be new.
std::string insert_sql() { return fmt::format("INSERT INTO public.agent_metrics ({0}) SELECT {0} FROM unnest($1)", column_list()); }

/// Writes the rows whose version is the expected one, and locks the others.
std::string upsert_sql(std::string_view is_complete) {
  return fmt::format(R"(
INSERT INTO public.agent_metrics AS m ({0})
SELECT {0} FROM unnest($1)
ON CONFLICT ({1}) DO UPDATE
   SET {2}, {3}, is_complete = {4}
 WHERE m.version = excluded.version - 1)",
                     column_list(), joined(kKey, "{}"), joined(kState, "{0} = excluded.{0}"), joined(kDerivedColumns, "{0} = excluded.{0}"),
                     is_complete);
}

std::string look_at_range_sql() {
  return fmt::format(R"(
SELECT {}, {}, is_complete, {}
  FROM public.agent_metrics
 WHERE organization_id = $1 AND window_start >= $2 AND window_start < $3
 ORDER BY {})",
                     joined(kKey, "{}"), joined(kState, "{}"), joined(kDerivedColumns, "{}::double precision"), joined(kKey, "{}"));
}

/// Reads the rows that the upsert has not taken, which are those that this transaction has not written.
std::string read_missed_sql() {
  return fmt::format(R"(
SELECT {0}, {1}
  FROM unnest($1, $2, $3) AS i({2}) JOIN public.agent_metrics m USING ({2})
 WHERE m.xmin <> pg_current_xact_id()::xid
 ORDER BY {0}
   FOR UPDATE OF m)",
                     joined(kKey, "m.{}"), joined(kState, "m.{}"), joined(kKey, "{}"));
}

void put(RowWriter& out, const Measure& measure) {
  out.int8(measure.count);
  out.numeric(measure.sum);
}
void put(RowWriter& out, const Peak& peak) {
  out.int8(peak.value);
  out.int8(peak.samples);
}

void put_state(RowWriter& out, const MetricsRow& row, const Figures& figures, Instant now) {
  const Aggregate& a = row.aggregate;
  out.int8(a.completed);
  out.int8(a.failed);
  out.int8(a.cancelled);
  put(out, a.execution_time);
  out.int4_array(a.execution_times.to_array());
  put(out, a.memory);
  put(out, a.memory_peak);
  put(out, a.cpu);
  put(out, a.cpu_peak);
  put(out, a.quality);
  put(out, a.confidence);
  put(out, a.rating);
  out.int8(row.presence.known);
  out.int8(row.presence.up);
  out.int8(row.presence.available);
  out.int8(row.writing.version);
  out.int8(row.writing.revision);
  out.boolean(row.writing.is_final);
  out.instant(row.writing.corrected_at);
  out.boolean(true);  // touched
  out.boolean(figures.peak_is_upper_bound);
  out.instant(now);
}

void put_derived(RowWriter& out, const MetricsRow& row, const Figures& figures) {
  const DerivedValues values = derived_of(row, figures);
  out.int8(row.aggregate.total());
  for (std::size_t i = 1; i < values.size(); ++i) out.real8(values[i]);
}

void put_columns(RowWriter& out, const MetricsRow& row, Instant now) {
  const Figures figures = figures_of(row.aggregate);
  out.uuid(row.key.organization.value);
  out.uuid(row.key.agent.value);
  out.instant(row.key.start);
  put_state(out, row, figures, now);
  put_derived(out, row, figures);
  out.boolean(row.is_complete);
}

/// Reads the columns of kState, which follow those of kKey.
MetricsRow read_row(const Row& in, const WindowKey& key) {
  int column = static_cast<int>(kKey.size());
  const auto integer = [&] { return in.get<std::int64_t>(column++); };
  const auto measure = [&] {
    Measure out;
    out.count = integer();
    out.sum = parse_sum(in.text(column++));
    return out;
  };
  const auto peak = [&] {
    Peak out;
    out.value = in.maybe<std::int64_t>(column++);
    out.samples = integer();
    return out;
  };
  MetricsRow row;
  row.key = key;
  Aggregate& a = row.aggregate;
  a.completed = integer();
  a.failed = integer();
  a.cancelled = integer();
  a.execution_time = measure();
  const auto wide = in.get<std::vector<std::int64_t>>(column++);
  const auto sketch = Sketch::from_array(std::vector<std::int32_t>(wide.begin(), wide.end()));
  WEIR_ASSERT(sketch.has_value());
  a.execution_times = *sketch;
  a.memory = measure();
  a.memory_peak = peak();
  a.cpu = measure();
  a.cpu_peak = peak();
  a.quality = measure();
  a.confidence = measure();
  a.rating = measure();
  row.presence.known = integer();
  row.presence.up = integer();
  row.presence.available = integer();
  row.writing.version = integer();
  row.writing.revision = integer();
  row.writing.is_final = in.get<bool>(column++);
  row.writing.corrected_at = in.maybe<Instant>(column++);
  return row;
}

/// Runs a statement over the rows with these numbers, which are ascending, so that rows are locked in primary-key order.
Result<std::uint64_t> execute_over(Statements& connection, std::string_view name, const std::string& sql, std::span<const MetricsRow> rows,
                                   std::span<const std::size_t> numbers, Instant now) {
  return connection.execute_over(name, sql, kRowType, numbers, [&](RowArray& out, std::size_t number) {
    out.begin_row(kColumns);
    put_columns(out, rows[number], now);
  });
}

/// False where one of the fresh rows existed already; then none of them is written.
Result<bool> insert_fresh(Statements& connection, std::span<const MetricsRow> rows, std::span<const std::size_t> fresh, Instant now) {
  static const std::string sql = insert_sql();
  const auto inserted = connection.within_savepoint([&]() -> Result<void> {
    WEIR_TRY(execute_over(connection, "rollups_insert_metrics", sql, rows, fresh, now));
    return {};
  });
  if (!inserted && inserted.error().sqlstate != kUniqueViolation) return fail(inserted.error());
  return inserted.has_value();
}

Result<std::uint64_t> upsert(Statements& connection, std::span<const MetricsRow> rows, std::span<const std::size_t> numbers, Instant now) {
  // A row that was once incomplete stays incomplete.
  static const std::string sql = upsert_sql("m.is_complete AND excluded.is_complete");
  return execute_over(connection, "rollups_upsert_metrics", sql, rows, numbers, now);
}

/// Merges the changes into the rows that the upsert did not take, and returns their numbers. The upsert has locked these rows, so they
/// cannot change before this transaction ends.
Result<std::vector<std::size_t>> merge_missed(Statements& connection, std::span<MetricsRow> rows, std::span<const std::size_t> numbers,
                                              std::span<const MetricsChange> changes, Instant now) {
  std::vector<Uuid> organizations;
  std::vector<Uuid> agents;
  std::vector<Instant> starts;
  for (const std::size_t number : numbers) {
    organizations.push_back(rows[number].key.organization.value);
    agents.push_back(rows[number].key.agent.value);
    starts.push_back(rows[number].key.start);
  }
  static const std::string sql = read_missed_sql();
  const Rows current =
      WEIR_TRY(connection.query("rollups_read_metrics", sql, Params{}.add_array(organizations).add_array(agents).add_array(starts)));
  std::vector<std::size_t> missed;
  for (std::size_t i = 0; i < current.size(); ++i) {
    const WindowKey key{current[i].get<OrganizationId>(0), current[i].get<AgentId>(1), current[i].get<Instant>(2)};
    const auto change = std::lower_bound(changes.begin(), changes.end(), key,
                                         [](const MetricsChange& one, const WindowKey& than) { return one.key < than; });
    WEIR_ASSERT(change != changes.end() && change->key == key);
    missed.push_back(static_cast<std::size_t>(change - changes.begin()));
    MetricsRow& row = rows[missed.back()];
    row = read_row(current[i], key);
    advance(row, *change, now);
  }
  return missed;
}

}  // namespace

__int128 parse_sum(std::string_view text) {
  __int128 value = 0;
  const bool negative = text.starts_with('-');
  for (const char c : negative ? text.substr(1) : text) {
    WEIR_ASSERT(c >= '0' && c <= '9');
    value = value * 10 + (c - '0');
  }
  return negative ? -value : value;
}

std::string sum_text(__int128 sum) {
  const bool is_negative = sum < 0;
  std::string digits;
  do {
    const int digit = static_cast<int>(sum % 10);
    digits += static_cast<char>('0' + (digit < 0 ? -digit : digit));
    sum /= 10;
  } while (sum != 0);
  if (is_negative) digits += '-';
  std::reverse(digits.begin(), digits.end());
  return digits;
}

Result<void> ensure_partitions(Statements& connection, std::span<const Instant> days) {
  if (days.empty()) return {};
  WEIR_TRY(connection.query("rollups_ensure_partitions",
                            "SELECT weir.ensure_partition('public.agent_metrics', day) FROM unnest($1) AS day ORDER BY day",
                            Params{}.add_array(days)));
  return {};
}

Result<void> ensure_partitions(Statements& connection, std::span<const MetricsChange> changes) {
  std::set<Instant> days;
  std::optional<Instant> last;
  for (const MetricsChange& change : changes) {
    const Instant day = std::chrono::floor<std::chrono::days>(change.key.start);
    if (std::exchange(last, day) != day) days.insert(day);
  }
  return ensure_partitions(connection, std::vector(days.begin(), days.end()));
}

Result<std::vector<MetricsRow>> MetricsStore::write(Statements& connection, std::span<const MetricsChange> changes, Instant now) {
  std::vector<MetricsRow> rows;
  std::vector<std::size_t> fresh;
  std::vector<std::size_t> others;
  rows.reserve(changes.size());
  for (const MetricsChange& change : changes) {
    WEIR_ASSERT(rows.empty() || rows.back().key < change.key);
    const MetricsRow* base = change.known;
    // Closing writes rows too, so the row of a closed window probably exists although the cache does not know it.
    (base == nullptr && !change.window_is_closed ? fresh : others).push_back(rows.size());
    advance(base == nullptr ? rows.emplace_back() : rows.emplace_back(*base), change, now);
  }
  guessed_ = fresh.size() >= fresh_rows_ && !fresh.empty() && guess_.worth_a_try();
  const bool inserted = guessed_ && WEIR_TRY(insert_fresh(connection, rows, fresh, now));
  if (guessed_) inserted ? guess_.was_right() : guess_.was_wrong();
  if (inserted) {
    rows_inserted_ += fresh.size();
  } else {
    others.resize(rows.size());
    std::iota(others.begin(), others.end(), 0);
  }
  if (others.empty() || WEIR_TRY(upsert(connection, rows, others, now)) == others.size()) return rows;
  const auto missed = WEIR_TRY(merge_missed(connection, rows, others, changes, now));
  WEIR_ASSERT(!missed.empty());
  if (WEIR_TRY(upsert(connection, rows, missed, now)) == missed.size()) return rows;
  return fail(FaultKind::kBug, "agent_metrics: a row that this transaction has locked changed its version");
}

namespace {

MetricsRows rows_with_derived(const Rows& found, const OrganizationId& organization) {
  MetricsRows out;
  for (std::size_t i = 0; i < found.size(); ++i) {
    int column = static_cast<int>(kKey.size() + kState.size());
    MetricsRow& row = out.rows.emplace_back(read_row(found[i], {organization, found[i].get<AgentId>(1), found[i].get<Instant>(2)}));
    row.is_complete = found[i].get<bool>(column++);
    DerivedValues derived;
    for (auto& value : derived) value = found[i].maybe<double>(column++);
    compare_derived(row, derived, out.misderived);
  }
  return out;
}

Params within(const OrganizationId& organization, const Range& range) {
  return Params{}.add(organization).add(range.from).add(range.until);
}

}  // namespace

Result<MetricsRows> read_metrics(Statements& connection, const OrganizationId& organization, const Range& range) {
  static const std::string sql = look_at_range_sql() + " FOR UPDATE";
  return rows_with_derived(WEIR_TRY(connection.query("rollups_read_range", sql, within(organization, range))), organization);
}

Result<MetricsRows> look_at_metrics(Statements& connection, const OrganizationId& organization, const Range& range) {
  static const std::string sql = look_at_range_sql();
  return rows_with_derived(WEIR_TRY(connection.query("rollups_look_at_range", sql, within(organization, range))), organization);
}

Result<void> replace_metrics(Statements& connection, std::span<const MetricsRow> rows, Instant now) {
  static const std::string sql = upsert_sql("excluded.is_complete");
  std::vector<std::size_t> all(rows.size());
  std::iota(all.begin(), all.end(), 0);
  const auto written = WEIR_TRY(execute_over(connection, "rollups_replace_metrics", sql, rows, all, now));
  if (written == rows.size()) return {};
  return fail(FaultKind::kBug, "agent_metrics: a row that this transaction has locked changed its version");
}

void MetricsStore::rolled_back() {
  if (std::exchange(guessed_, false)) guess_.was_wrong();
}

}  // namespace weir::rollups
