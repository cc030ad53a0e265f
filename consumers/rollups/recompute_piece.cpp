// One piece: an organization's windows in a range, read in one snapshot of each source, and written in one transaction.
#include "consumers/rollups/agents_store.hpp"
#include "consumers/rollups/finals.hpp"
#include "consumers/rollups/marks_store.hpp"
#include "consumers/rollups/metrics_store.hpp"
#include "consumers/rollups/pure/recomputed_rows.hpp"
#include "consumers/rollups/recompute.hpp"
#include "consumers/rollups/settled_divergences.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace weir::rollups {

Result<Recomputer::Piece> Recomputer::do_piece(const OrganizationId& organization, const Range& windows) {
  const auto wanted = WEIR_TRY(read_open_ids(*connection_, options_.group));
  std::vector<SourceImage> images;
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    images.push_back(WEIR_TRY(sources_[i]->read(organization, windows, wanted)));
    if (!images.back().snapshot.sees_all_before(work_->bounds[i])) return Piece::kWaiting;
  }
  const auto piece = connection_->within_transaction([&]() -> Result<Piece> {
    WEIR_TRY(progress_.lock_alone(*connection_));
    return write_piece(organization, windows, images, wanted);
  });
  if (piece && *piece == Piece::kDiscarded) ++done_.discarded;
  return piece;
}

Result<bool> Recomputer::is_current(const Progress& progress, const Range& windows) {
  const auto state = WEIR_TRY(read_recompute_state(*connection_, options_.group, options_.quiet));
  const bool is_same = state && !state->is_paused && state->doubted_at == work_->doubted_at && progress.armed == work_->range;
  const bool is_closed = progress.closed_until && *progress.closed_until >= windows.until;
  const bool is_kept = !progress.frozen_until || *progress.frozen_until <= windows.from;
  return is_same && is_closed && is_kept && !progress.unmarked_until;
}

Result<bool> Recomputer::sees_witnesses(const OrganizationId& organization, const std::vector<SourceImage>& images) {
  for (const Witness& witness : WEIR_TRY(read_witnesses(*connection_, options_.group, organization))) {
    const auto source = std::find_if(sources_.begin(), sources_.end(),
                                     [&](const auto& one) { return one->name() == witness.source_name && one->db() == witness.source_db; });
    if (source == sources_.end() || witness.transaction == 0) {
      return fail(FaultKind::kData,
                  source == sources_.end() ? fmt::format("changes come from source {}, which is not configured", witness.source_name)
                                           : fmt::format("changes of source {} do not tell their transaction", witness.source_name),
                  "recomputation needs every source under consumers.rollups.sources, and source.txId in every change");
    }
    if (!images[static_cast<std::size_t>(source - sources_.begin())].snapshot.sees(witness.transaction)) return false;
  }
  return true;
}

Result<Recomputer::Piece> Recomputer::write_piece(const OrganizationId& organization, const Range& windows,
                                                  const std::vector<SourceImage>& images, const std::unordered_set<ExecutionId>& wanted) {
  postgres::Statements& connection = *connection_;
  const Progress progress = WEIR_TRY(progress_.read(connection));
  if (!WEIR_TRY(is_current(progress, windows))) return Piece::kOutdated;
  if (!WEIR_TRY(sees_witnesses(organization, images))) return Piece::kDiscarded;
  std::map<WindowKey, Aggregate> truth;
  std::unordered_map<ExecutionId, Contribution> counted;
  std::vector<RecomputedEntry> entries;
  for (std::size_t i = 0; i < images.size(); ++i) {
    const SourceImage& image = images[i];
    for (const auto& [key, aggregate] : image.windows) truth[key].merge(aggregate);
    counted.insert(image.wanted.begin(), image.wanted.end());
    entries.push_back({sources_[i]->name(), sources_[i]->db(), image.snapshot_text, image.wal_position, image.taken_at});
  }
  const auto outside = WEIR_TRY(settle_divergences(connection, options_.group, {organization, windows}, counted, wanted));
  if (!outside) return Piece::kDiscarded;

  const Instant now = around_.clock.now();
  std::vector<Instant> days{std::chrono::floor<std::chrono::days>(windows.from)};
  WEIR_TRY(ensure_partitions(connection, days));
  const auto [rows, misderived] = WEIR_TRY(read_metrics(connection, organization, windows));
  std::set<WindowKey> spoilt;
  for (const Misderived& one : misderived) spoilt.insert(one.window);
  std::set<AgentKey> agents;
  for (const MetricsRow& row : rows) agents.insert({organization, row.key.agent});
  for (const auto& [key, aggregate] : truth) agents.insert({organization, key.agent});
  const Timelines timelines = WEIR_TRY(read_timelines(connection, std::vector(agents.begin(), agents.end()), windows.from, windows.until));
  const auto is_certain = [&](const WindowKey& key) {
    const auto found = timelines.find({organization, key.agent});
    return found == timelines.end() || found->second.is_certain_in(key.start, key.start + kWindowLength);
  };
  const RowChanges changes = changes_to(rows, spoilt, truth, is_certain, now);
  WEIR_TRY(replace_metrics(connection, changes.replaced, now));
  const auto completed = WEIR_TRY(set_complete(connection, changes.completed, now));
  const auto taken_out = WEIR_TRY(take_out(connection, *outside, progress, now));
  if (options_.publish_finals) WEIR_TRY(tell_corrections(connection, {completed, changes.replaced, taken_out}));
  MarkedWindows marks;
  for (const MetricsRow& row : changes.replaced) marks[{organization, row.key.start}];
  for (const WindowKey& key : changes.completed) marks[{organization, key.start}];
  for (const Contribution& one : *outside) marks[{one.key.organization, one.key.start}];
  WEIR_TRY(append_marks(connection, marks));
  WEIR_TRY(keep_entries(connection, options_.group, organization, windows, entries));
  done_.replaced += static_cast<std::int64_t>(changes.replaced.size());
  done_.completed += static_cast<std::int64_t>(changes.completed.size());
  return Piece::kWritten;
}

}  // namespace weir::rollups
