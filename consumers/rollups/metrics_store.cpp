// The columns are stated once, in the order in which they are written.
#include "consumers/rollups/metrics_store.hpp"

#include <fmt/format.h>

#include <array>
#include <numeric>
#include <utility>

namespace weir::rollups {

namespace {

using postgres::Connection;
using postgres::CopyBuffer;
using postgres::Params;
using postgres::Row;
using postgres::Rows;

constexpr std::string_view kUniqueViolation = "23505";

constexpr std::array<std::string_view, 3> kKey{"organization_id", "agent_id", "window_start"};

/// What is stored as it is: a row is read back from these alone.
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

/// What follows from the state.
constexpr std::array<std::string_view, 18> kDerived{"total_tasks",
                                                    "success_rate",
                                                    "error_rate",
                                                    "throughput_per_minute",
                                                    "throughput_per_hour",
                                                    "avg_execution_time_ms",
                                                    "median_execution_time_ms",
                                                    "p95_execution_time_ms",
                                                    "p99_execution_time_ms",
                                                    "avg_memory_mb",
                                                    "peak_memory_mb",
                                                    "avg_cpu_percent",
                                                    "peak_cpu_percent",
                                                    "avg_quality_score",
                                                    "avg_confidence_score",
                                                    "avg_user_rating",
                                                    "uptime_percent",
                                                    "availability_percent"};
constexpr int kColumns = static_cast<int>(2 + kKey.size() + kState.size() + kDerived.size());

template <std::size_t N>
std::string joined(const std::array<std::string_view, N>& names, std::string_view pattern) {
  std::string out;
  for (const std::string_view name : names) {
    if (!out.empty()) out += ", ";
    out += fmt::format(fmt::runtime(pattern), name);
  }
  return out;
}

std::string column_list() { return fmt::format("{}, {}, {}", joined(kKey, "{}"), joined(kState, "{}"), joined(kDerived, "{}")); }

/// Writes the rows of the TEMP table that are taken for new. They lie there by key, so they need not be sorted.
std::string insert_sql() {
  return fmt::format("INSERT INTO public.agent_metrics ({0}) SELECT {0} FROM weir_metrics_in WHERE fresh", column_list());
}

/// Upserts the others, or with $1 all: takes the rows whose version is the expected one, and locks those that it does not take.
std::string upsert_sql() {
  return fmt::format(
      "INSERT INTO public.agent_metrics AS m ({0}) SELECT {0} FROM weir_metrics_in WHERE NOT fresh OR $1 ORDER BY {1} "
      "ON CONFLICT ({1}) DO UPDATE SET {2}, {3} WHERE m.version = excluded.version - 1",
      column_list(), joined(kKey, "{}"), joined(kState, "{0} = excluded.{0}"), joined(kDerived, "{0} = excluded.{0}"));
}

/// The rows that the upsert has not taken, as they are: those of its rows that this transaction has not written.
std::string read_missed_sql() {
  return fmt::format(
      "SELECT i.n, {} FROM weir_metrics_in i JOIN public.agent_metrics m USING ({}) "
      "WHERE (NOT i.fresh OR $1) AND m.xmin <> pg_current_xact_id()::xid "
      "ORDER BY m.organization_id, m.agent_id, m.window_start FOR UPDATE OF m",
      joined(kState, "m.{}"), joined(kKey, "{}"));
}

void put(CopyBuffer& copy, const std::optional<double>& value) { value ? copy.real8(*value) : copy.null(); }
void put(CopyBuffer& copy, const std::optional<std::int64_t>& value) { value ? copy.int8(*value) : copy.null(); }
void put(CopyBuffer& copy, const std::optional<Instant>& value) { value ? copy.instant(*value) : copy.null(); }
void put(CopyBuffer& copy, const Measure& measure) {
  copy.int8(measure.count);
  copy.numeric(measure.sum);
}
void put(CopyBuffer& copy, const Peak& peak) {
  put(copy, peak.value);
  copy.int8(peak.samples);
}

void put_state(CopyBuffer& copy, const MetricsRow& row, const Figures& figures, Instant now) {
  const Aggregate& a = row.aggregate;
  copy.int8(a.completed);
  copy.int8(a.failed);
  copy.int8(a.cancelled);
  put(copy, a.execution_time);
  copy.int4_array(a.execution_times.to_array());
  put(copy, a.memory);
  put(copy, a.memory_peak);
  put(copy, a.cpu);
  put(copy, a.cpu_peak);
  put(copy, a.quality);
  put(copy, a.confidence);
  put(copy, a.rating);
  copy.int8(row.presence.known);
  copy.int8(row.presence.up);
  copy.int8(row.presence.available);
  copy.int8(row.writing.version);
  copy.int8(row.writing.revision);
  copy.boolean(row.writing.is_final);
  put(copy, row.writing.corrected_at);
  copy.boolean(true);  // touched
  copy.boolean(figures.peak_is_upper_bound);
  copy.instant(now);
}

void put_derived(CopyBuffer& copy, const MetricsRow& row, const Figures& figures) {
  const Aggregate& a = row.aggregate;
  copy.int8(a.total());
  put(copy, figures.success_rate);
  put(copy, figures.error_rate);
  copy.real8(figures.throughput_per_minute);
  copy.real8(figures.throughput_per_hour);
  put(copy, a.execution_time.mean());
  for (const int percent : {50, 95, 99}) put(copy, a.execution_times.percentile_ms(percent));
  put(copy, a.memory.mean());
  put(copy, figures.peak_memory_mb);
  put(copy, a.cpu.mean());
  put(copy, figures.peak_cpu_percent);
  put(copy, a.quality.mean());
  put(copy, a.confidence.mean());
  put(copy, a.rating.mean());
  put(copy, row.presence.uptime_percent());
  put(copy, row.presence.availability_percent());
}

void put_columns(CopyBuffer& copy, const MetricsRow& row, Instant now) {
  const Figures figures = figures_of(row.aggregate);
  copy.uuid(row.key.organization.value);
  copy.uuid(row.key.agent.value);
  copy.instant(row.key.start);
  put_state(copy, row, figures, now);
  put_derived(copy, row, figures);
}

__int128 parse_sum(std::string_view text) {
  __int128 value = 0;
  const bool negative = text.starts_with('-');
  for (const char c : negative ? text.substr(1) : text) {
    WEIR_ASSERT(c >= '0' && c <= '9');
    value = value * 10 + (c - '0');
  }
  return negative ? -value : value;
}

/// Reads kState from column 1 on.
MetricsRow read_row(const Row& in, const WindowKey& key) {
  int column = 1;
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

/// Fills the TEMP table with the rows named by `numbers`; `fresh`, ascending, are those of them that are taken for new.
Result<void> copy_rows(Connection& connection, std::span<const MetricsRow> rows, std::span<const std::size_t> numbers,
                       std::span<const std::size_t> fresh, Instant now) {
  // TRUNCATE, not DELETE: Postgres then plans the statements over the table anew, for as many rows as it holds this time.
  WEIR_TRY(
      connection.script("CREATE TEMP TABLE IF NOT EXISTS weir_metrics_in (n integer NOT NULL, fresh boolean NOT NULL, "
                        "LIKE public.agent_metrics) ON COMMIT DELETE ROWS; TRUNCATE weir_metrics_in"));
  auto next = numbers.begin();
  auto next_fresh = fresh.begin();
  const auto put_next = [&](CopyBuffer& copy) {
    if (next == numbers.end()) return false;
    const std::size_t number = *next++;
    const bool is_fresh = next_fresh != fresh.end() && *next_fresh == number;
    if (is_fresh) ++next_fresh;
    copy.begin_row(kColumns);
    copy.int4(static_cast<std::int32_t>(number));
    copy.boolean(is_fresh);
    put_columns(copy, rows[number], now);
    return true;
  };
  WEIR_TRY(connection.copy_in(fmt::format("COPY weir_metrics_in (n, fresh, {}) FROM STDIN (FORMAT binary)", column_list()), put_next));
  return {};
}

/// False: one of the fresh rows was there; nothing of them is written.
Result<bool> insert_fresh(Connection& connection) {
  WEIR_TRY(connection.script("SAVEPOINT fresh_rows"));
  const auto inserted = connection.execute("rollups_insert_metrics", insert_sql());
  if (!inserted && inserted.error().sqlstate != kUniqueViolation) return fail(inserted.error());
  WEIR_TRY(connection.script(inserted ? "RELEASE fresh_rows" : "ROLLBACK TO fresh_rows; RELEASE fresh_rows"));
  return inserted.has_value();
}

Result<std::uint64_t> upsert(Connection& connection, bool all) {
  return connection.execute("rollups_upsert_metrics", upsert_sql(), Params{}.add(all));
}

}  // namespace

const MetricsRow* MetricsCache::find(const WindowKey& key) const {
  for (const Rows* rows : {&young_, &old_}) {
    if (const auto found = rows->find(key); found != rows->end()) return &found->second;
  }
  return nullptr;
}

void MetricsCache::put(MetricsRow row) {
  if (young_.size() >= rows_) {
    old_.swap(young_);
    young_.clear();
  }
  const WindowKey key = row.key;
  old_.erase(key);
  young_.insert_or_assign(key, std::move(row));
}

void MetricsCache::close(Instant until) {
  for (Rows* rows : {&young_, &old_}) {
    std::erase_if(*rows, [until](const auto& row) { return row.first.start + kWindowLength <= until; });
  }
}

void MetricsCache::clear() {
  young_.clear();
  old_.clear();
}

std::size_t MetricsCache::size() const { return young_.size() + old_.size(); }

Result<void> ensure_partitions(Connection& connection, std::span<const Instant> days) {
  if (days.empty()) return {};
  WEIR_TRY(connection.query("rollups_ensure_partitions",
                            "SELECT weir.ensure_partition('public.agent_metrics', day) FROM unnest($1) AS day ORDER BY day",
                            Params{}.add_array(days)));
  return {};
}

Result<std::vector<MetricsRow>> MetricsStore::write(Connection& connection, std::span<const MetricsChange> changes,
                                                    const MetricsCache& known, Instant now) {
  std::vector<MetricsRow> rows;
  std::vector<std::size_t> all(changes.size());
  std::vector<std::size_t> fresh;
  rows.reserve(changes.size());
  std::iota(all.begin(), all.end(), 0);
  for (const MetricsChange& change : changes) {
    WEIR_ASSERT(rows.empty() || rows.back().key < change.key);
    const MetricsRow* base = known.find(change.key);
    // Closing writes rows of its own: a closed window that is not known is more likely there than not.
    if (base == nullptr && !change.window_is_closed) fresh.push_back(rows.size());
    rows.push_back(next_row(base == nullptr ? MetricsRow{} : *base, change, now));
  }
  if (rows.empty()) return rows;
  guessed_ = fresh.size() >= fresh_rows_ && !fresh.empty() && guess_.worth_a_try();
  WEIR_TRY(copy_rows(connection, rows, all, fresh, now));
  const bool inserted = guessed_ && WEIR_TRY(insert_fresh(connection));
  if (guessed_) inserted ? guess_.was_right() : guess_.was_wrong();
  if (inserted) rows_inserted_ += fresh.size();
  const std::size_t others = rows.size() - (inserted ? fresh.size() : 0);
  if (others == 0 || WEIR_TRY(upsert(connection, !inserted)) == others) return rows;

  // The upsert has locked the rows that it did not take, so what is read now cannot change before this transaction ends.
  const Rows current = WEIR_TRY(connection.query("rollups_read_metrics", read_missed_sql(), Params{}.add(!inserted)));
  std::vector<std::size_t> missed;
  for (std::size_t i = 0; i < current.size(); ++i) {
    missed.push_back(current[i].get<std::size_t>(0));
    rows[missed.back()] = next_row(read_row(current[i], changes[missed.back()].key), changes[missed.back()], now);
  }
  WEIR_ASSERT(!missed.empty());
  WEIR_TRY(copy_rows(connection, rows, missed, {}, now));
  if (WEIR_TRY(upsert(connection, true)) == missed.size()) return rows;
  return fail(FaultKind::kBug, "agent_metrics: a row that this transaction has locked changed its version");
}

void MetricsStore::rolled_back() {
  if (std::exchange(guessed_, false)) guess_.was_wrong();
}

}  // namespace weir::rollups
