// One range at a time: what is next, arming, the organizations, and the end.
#include "consumers/rollups/recompute.hpp"

#include "common/telemetry/log.hpp"
#include "consumers/rollups/agents_store.hpp"
#include "consumers/rollups/retention.hpp"
#include "consumers/rollups/standing_store.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace weir::rollups {

namespace {

using postgres::Params;

constexpr const char* kLead = "SELECT pg_try_advisory_lock(hashtextextended('weir rollups recompute ' || $1, 0))";

}  // namespace

Result<std::vector<OrganizationId>> organizations_in(postgres::Statements& connection,
                                                     std::span<const std::unique_ptr<SourceReader>> sources, const Range& range) {
  const std::vector<OrganizationId> with_rows = WEIR_TRY(organizations_with_rows(connection, range));
  std::set<OrganizationId> organizations(with_rows.begin(), with_rows.end());
  for (const auto& source : sources) {
    for (const OrganizationId& one : WEIR_TRY(source->organizations(range))) organizations.insert(one);
  }
  return std::vector(organizations.begin(), organizations.end());
}

template <class Run>
auto Recomputer::alone(Run run) -> decltype(run()) {
  return connection_->within_transaction([&]() -> decltype(run()) {
    WEIR_TRY(progress_.lock_alone(*connection_));
    return run();
  });
}

Recomputer::Recomputer(RecomputeOptions options, Around around)
    : options_(std::move(options)), around_(std::move(around)), progress_(options_.group, options_.topics, options_.times) {}

Result<bool> Recomputer::connect() {
  if (!connection_ || !connection_->usable()) {
    leads_ = false;
    work_.reset();
    connection_.emplace(WEIR_TRY(postgres::Connection::open(options_.session)));
  }
  // The lease is the session's: whoever loses the session has lost the transaction in it too.
  if (!leads_) leads_ = WEIR_TRY(connection_->query("rollups_recompute_lead", kLead, Params{}.add(options_.group)))[0].get<bool>(0);
  return leads_;
}

Result<bool> Recomputer::turn() {
  if (!WEIR_TRY(connect())) return false;
  const auto state = WEIR_TRY(read_recompute_state(*connection_, options_.group, options_.quiet));
  if (!state) return false;
  WEIR_TRY(remove_entries());
  if (state->is_paused) {
    work_.reset();
    return false;
  }
  if (!work_) {
    WEIR_TRY(keep_standing(*state));
    auto next = WEIR_TRY(next_work(*state));
    if (!next) {
      sources_.clear();
      if (WEIR_TRY(progress_.read(*connection_)).armed) WEIR_TRY(alone([&] { return disarm(*connection_, options_.group); }));
      return false;
    }
    WEIR_TRY(check_sources());
    if (WEIR_TRY(add_agents(*state))) return true;
    // A row that closing writes afterwards would not say that it is complete.
    if (state->is_settling) return false;
    WEIR_TRY(begin(std::move(*next)));
  }
  return go_on();
}

void Recomputer::tell(const Fault& fault) {
  if (!connection_ || !connection_->usable()) return;
  if (connection_->in_transaction()) static_cast<void>(connection_->rollback());
  static_cast<void>(note_recompute_fault(*connection_, options_.group, fault.line()));
}

Result<void> Recomputer::remove_entries() {
  if (!WEIR_TRY(has_passed_entries(*connection_, options_.group, options_.topics.executions, options_.entry_age))) return {};
  return alone([&] { return remove_passed_entries(*connection_, options_.group, options_.topics.executions, options_.entry_age); });
}

Result<void> Recomputer::check_sources() {
  std::vector<std::unique_ptr<SourceReader>> readers;
  for (const SourceSettings& settings : options_.sources) readers.push_back(WEIR_TRY(SourceReader::open(settings)));
  for (const KnownSource& known : WEIR_TRY(known_sources(*connection_, options_.group, options_.topics.executions))) {
    const auto found = std::find_if(readers.begin(), readers.end(),
                                    [&](const auto& reader) { return reader->name() == known.name && reader->db() == known.db; });
    if (found == readers.end())
      return fail(FaultKind::kConfiguration, fmt::format("source {} of database {} is not configured", known.name, known.db),
                  "set consumers.rollups.sources.NAME.dsn for every source whose changes the group reads");
    if (WEIR_TRY((*found)->wal_position()) < known.lsn)
      return fail(FaultKind::kData, fmt::format("source {}: the server's log ends before changes that the group has read", known.name),
                  "name the server whose changes are read in consumers.rollups.sources");
  }
  for (const auto& reader : readers) {
    if (!WEIR_TRY(is_same_server(*connection_, options_.group, reader->name(), reader->db(), reader->system_identifier())))
      return fail(FaultKind::kData, fmt::format("source {} is another server than before", reader->name()),
                  "where its changes are read from that server now, run: weir rollups resume");
  }
  sources_ = std::move(readers);
  return {};
}

Result<void> Recomputer::keep_standing(const RecomputeState& state) {
  const SteadyInstant began = around_.clock.steady();
  if (options_.sources.empty() || !state.is_standing_due || began < standing_due_) return {};
  const Progress progress = WEIR_TRY(progress_.read(*connection_));
  if (!progress.closed_until) return {};
  WEIR_TRY(check_sources());
  const Instant before = WEIR_TRY(progress_.derives_from(*connection_));
  const Range closed{first_kept_window(progress, options_.times.retention), *progress.closed_until};
  Standing found;
  for (const auto& source : sources_) add_standing(found, WEIR_TRY(source->standing(before, closed.from)));
  WEIR_TRY(connection_->within_transaction(
      [&] { return write_standing(*connection_, options_.group, found, closed, !state.is_standing_known); }));
  // A source without an index by status is read whole, and must not be kept busy by this.
  const SteadyInstant ended = around_.clock.steady();
  standing_due_ = ended + std::max<SteadyInstant::duration>(options_.repair_interval, 20 * (ended - began));
  return {};
}

Result<std::optional<Recomputer::Work>> Recomputer::next_work(const RecomputeState& state) {
  const Progress progress = WEIR_TRY(progress_.read(*connection_));
  const auto known_from = progress.known_from.of_metrics();
  if (options_.sources.empty() || !progress.closed_until || !known_from || progress.unmarked_until) return std::optional<Work>{};
  const RecomputeOutlook outlook{first_kept_window(progress, options_.times.retention), *progress.closed_until, *known_from,
                                 progress.known_from.recomputed()};
  if (state.wish) {
    if (const auto range = next_range(state.wish->windows, outlook))
      return Work{.range = *range, .wish = state.wish, .doubted_at = state.doubted_at};
    WEIR_TRY(shorten_wish(*connection_, state.wish->id, std::nullopt));
  }
  const auto range = state.is_quiet ? next_range(outlook) : std::nullopt;
  if (range) return Work{.range = *range, .doubted_at = state.doubted_at};
  return next_repairs({outlook.kept_from, outlook.closed_until}, state);
}

Result<std::optional<Recomputer::Work>> Recomputer::next_repairs(const Range& closed, const RecomputeState& state) {
  const SteadyInstant now = around_.clock.steady();
  if (now < repairs_due_) return std::optional<Work>{};
  repairs_due_ = now + options_.repair_interval;
  const auto range = WEIR_TRY(read_repair_range(*connection_, options_.group, closed));
  if (!range) return std::optional<Work>{};
  return Work{.range = *range, .repairs = Repairs{}, .doubted_at = state.doubted_at};
}

Result<bool> Recomputer::add_agents(const RecomputeState& state) {
  if (agents_added_ && *agents_added_ == state.doubted_at) return false;
  const std::set<AgentKey> known = WEIR_TRY(known_agents(*connection_));
  std::vector<AgentFact> unknown;
  for (const auto& source : sources_) {
    for (AgentFact& fact : WEIR_TRY(source->agents(options_.times))) {
      if (!known.contains(fact.key)) unknown.push_back(std::move(fact));
    }
  }
  if (!unknown.empty()) WEIR_TRY(alone([&] { return record_agents(*connection_, unknown); }));
  agents_added_ = state.doubted_at;
  return !unknown.empty();
}

Result<void> Recomputer::begin(Work work) {
  WEIR_TRY(alone([&]() -> Result<void> {
    WEIR_TRY(arm(*connection_, options_.group, work.range));
    if (work.repairs) work.repairs = WEIR_TRY(read_repairs(*connection_, options_.group, work.range));
    return {};
  }));
  for (const auto& source : sources_) work.bounds.push_back(WEIR_TRY(source->next_transaction()));
  if (work.wish && work.wish->organization) {
    work.organizations = {*work.wish->organization};
  } else if (work.repairs) {
    work.organizations = work.repairs->organizations;
  } else {
    work.organizations = WEIR_TRY(organizations_in(*connection_, sources_, work.range));
  }
  work_ = std::move(work);
  return {};
}

Result<bool> Recomputer::go_on() {
  for (const OrganizationId& organization : work_->organizations) {
    if (work_->finished.contains(organization)) continue;
    if (around_.stopped()) return false;
    const auto piece = do_organization(organization);
    if (!piece) work_.reset();
    switch (WEIR_TRY(piece)) {
      case Piece::kWritten:
        work_->finished.insert(organization);
        break;
      case Piece::kDiscarded:
      case Piece::kWaiting:
        break;
      case Piece::kOutdated:
        work_.reset();
        return true;
    }
  }
  if (work_->finished.size() < work_->organizations.size()) return false;
  WEIR_TRY(finish());
  return true;
}

Result<Recomputer::Piece> Recomputer::do_organization(const OrganizationId& organization) {
  const std::int64_t agents = WEIR_TRY(count_agents(*connection_, organization));
  Piece worst = Piece::kWritten;
  for (Range left = work_->range; left.from < left.until;) {
    const Range windows = first_piece(left, agents, options_.rows_a_step);
    const Piece piece = WEIR_TRY(do_range(organization, windows));
    if (piece == Piece::kWaiting || piece == Piece::kOutdated) return piece;
    worst = std::max(worst, piece);
    left.from = windows.until;
  }
  return worst;
}

Result<Recomputer::Piece> Recomputer::do_range(const OrganizationId& organization, const Range& windows) {
  Piece piece = WEIR_TRY(do_piece(organization, windows));
  if (piece != Piece::kDiscarded) return piece;
  const std::int64_t count = (windows.until - windows.from) / kWindowLength;
  if (count <= 1 || around_.stopped()) return piece;
  // Only the windows that are being changed are to be read once more, so the range is halved down to them.
  const Instant middle = windows.from + count / 2 * kWindowLength;
  const Piece first = WEIR_TRY(do_range(organization, {windows.from, middle}));
  if (first == Piece::kWaiting || first == Piece::kOutdated) return first;
  return std::max(first, WEIR_TRY(do_range(organization, {middle, windows.until})));
}

Result<void> Recomputer::finish() {
  const Work work = std::move(*work_);
  work_.reset();
  const bool is_done = WEIR_TRY(alone([&]() -> Result<bool> {
    const Progress progress = WEIR_TRY(progress_.read(*connection_));
    const auto state = WEIR_TRY(read_recompute_state(*connection_, options_.group, options_.quiet));
    if (!state || state->doubted_at != work.doubted_at) return false;
    WEIR_TRY(disarm(*connection_, options_.group));
    if (work.repairs) {
      WEIR_TRY(end_repairs(*connection_, options_.group, work.range, work.repairs->last_wish));
      return true;
    }
    if (!work.wish) {
      WEIR_TRY(set_recomputed(*connection_, options_.group, joined(progress.known_from.recomputed(), work.range)));
      return true;
    }
    const bool is_left = work.range.from > work.wish->windows.from;
    WEIR_TRY(
        shorten_wish(*connection_, work.wish->id, is_left ? std::optional(Range{work.wish->windows.from, work.range.from}) : std::nullopt));
    return true;
  }));
  if (!is_done) return {};
  ++done_.ranges;
  around_.log.info("windows_recomputed", {{"from", format_instant(work.range.from)},
                                          {"until", format_instant(work.range.until)},
                                          {"organizations", work.organizations.size()},
                                          {"rows_replaced", done_.replaced},
                                          {"rows_completed", done_.completed},
                                          {"snapshots_discarded", done_.discarded}});
  return {};
}

}  // namespace weir::rollups
