#include "consumers/scoring/result_target.hpp"

namespace weir::scoring {

Result<std::unordered_set<Uuid>> WrittenResults::take(std::span<const StatusChange> changes) { return set_statuses(connection_, changes); }
Result<void> WrittenResults::take(const Difference<ScoreRow>& rows) { return write_scores(connection_, rows); }
Result<void> WrittenResults::take(const Difference<ProfileRow>& rows) { return write_profiles(connection_, rows); }
Result<void> WrittenResults::take(const Difference<GrowthRow>& rows) { return write_growth(connection_, rows); }

}  // namespace weir::scoring
