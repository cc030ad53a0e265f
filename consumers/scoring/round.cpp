// Order of locks: the users (the caller locks them), responses, scores, profiles, growth; in each by primary key.
#include "consumers/scoring/round.hpp"

#include <algorithm>

namespace weir::scoring {

namespace {

/// How often a row is read again that an application changes while it is judged; after that the unit of work is tried anew.
constexpr int kReadings = 5;

}  // namespace

Result<std::map<ResponseKey, Ended>> Round::run(const Looks& looks) {
  Looks open = looks;
  for (int reading = 0; !open.empty(); ++reading) {
    if (reading == kReadings) {
      return fail(FaultKind::kPgSerialization, "a submission was changed each time that it was judged", "it is taken again");
    }
    open = WEIR_TRY(judge_all(open));
  }
  WEIR_TRY(write());
  return std::move(ended_);
}

Result<Round::Looks> Round::judge_all(const Looks& looks) {
  std::vector<Uuid> ids;
  for (const auto& [key, announced] : looks) ids.push_back(key.response);
  const std::vector<ResponseRow> rows = WEIR_TRY(read_responses(connection_, ids));
  WEIR_TRY(prepare(rows));
  statuses_.clear();
  for (const auto& [key, announced] : looks) {
    const auto row = std::ranges::lower_bound(rows, key.response, {}, &ResponseRow::id);
    forget(key);
    if (row == rows.end() || row->id != key.response || row->organization != key.organization) {
      affected_.insert(key);  // the response is gone, so its results are removed
      continue;
    }
    judge_one(key, *row, announced);
  }
  const auto set = WEIR_TRY(target_.take(statuses_));
  Looks open;
  for (const StatusChange& change : statuses_) {
    const ResponseKey key = key_of_.at(change.response);
    if (set.find(change.response) != set.end()) {
      if (change.reasons.empty()) ended_[key].how = Ended::How::kWritten;
    } else {
      open.emplace(key, looks.at(key));
    }
  }
  return open;
}

Result<void> Round::prepare(std::span<const ResponseRow> rows) {
  std::set<Uuid> assessments;
  std::vector<std::string_view> encrypted;
  for (const ResponseRow& row : rows) {
    assessments.insert(row.assessment);
    if (!row.encrypted_answers.empty()) encrypted.emplace_back(row.encrypted_answers);
  }
  WEIR_TRY(instruments_.prepare(connection_, assessments));
  return keys_.prepare(connection_, encrypted);
}

void Round::forget(const ResponseKey& key) {
  ended_[key] = {};
  standing_.erase(key);
  affected_.erase(key);
  kept_.erase(key);
  key_of_[key.response] = key;
}

void Round::judge_one(const ResponseKey& key, const ResponseRow& row, const std::optional<Announcement>& announced) {
  static const KnownInstrument nothing{{std::nullopt, "published", false}, std::nullopt};
  const KnownInstrument* found = instruments_.find(row.assessment);
  const KnownInstrument& known = found == nullptr ? nothing : *found;
  const Judgement judgement = judge(row, known.state, announced, rules_.max_future);
  switch (judgement.verdict) {
    case Verdict::kScore:
      score_one(key, row, known);
      break;
    case Verdict::kWithdraw:
      affected_.insert(key);
      break;
    case Verdict::kRefuse:
      refuse(key, row, {std::string(judgement.reason)});
      break;
    case Verdict::kSuperseded:
      ended_[key].how = Ended::How::kSuperseded;
      break;
  }
}

void Round::score_one(const ResponseKey& key, const ResponseRow& row, const KnownInstrument& known) {
  const auto plaintext = keys_.decrypt(row.organization, row.id, row.encrypted_answers);
  if (const auto* locked = std::get_if<Locked>(&plaintext)) {
    switch (*locked) {
      case Locked::kUndecryptable:
        return refuse(key, row, {"undecryptable"});
      case Locked::kKeyMissing:
        ended_[key].how = Ended::How::kWaiting;
        kept_.insert(key);
        return;
      case Locked::kKeyDestroyed:
        // Scores that were made while the key existed are kept, although the answers are gone for good.
        if (row.status == "submitted") return refuse(key, row, {"key_destroyed"});
        ended_[key].how = Ended::How::kKept;
        kept_.insert(key);
        return;
    }
  }
  const auto read = reader_.read(std::get<std::string>(plaintext), *known.instrument);
  if (const auto* refusal = std::get_if<Refusal>(&read)) return refuse(key, row, *refusal);
  affected_.insert(key);
  standing_[key] = {{row.organization, row.user, row.assessment},
                    {*row.submitted_at, row.id},
                    score(*known.instrument, std::get<Answers>(read), *row.submitted_at - row.started_at, rules_.least_share)};
  if (row.status == "submitted") statuses_.push_back({row.id, row.version, {}});
}

void Round::refuse(const ResponseKey& key, const ResponseRow& row, std::vector<std::string> reasons) {
  affected_.insert(key);
  if (row.status == "submitted") statuses_.push_back({row.id, row.version, reasons});
  ended_[key] = {Ended::How::kRefused, std::move(reasons)};
}

Result<void> Round::write() {
  // Growth is computed from scores, so that it follows from those too whose answers cannot be read.
  std::set<ResponseKey> looked_at = affected_;
  looked_at.insert(kept_.begin(), kept_.end());
  if (looked_at.empty()) return {};
  // The present and the former series of the responses, because a response may have been given to another user or assessment.
  std::set<SeriesKey> series = WEIR_TRY(series_of(connection_, looked_at));
  for (const auto& [key, one] : standing_) series.insert(one.series);
  const std::vector<ScoreRow> there = WEIR_TRY(read_scores(connection_, series));
  std::vector<ScoreRow> kept;
  std::vector<ScoreRow> replaced;
  for (const ScoreRow& row : there) {
    const ResponseKey key{row.series.organization, row.place.response};
    const bool is_affected = affected_.find(key) != affected_.end();
    if (is_affected) users_of_[key].insert(row.series.user);
    (is_affected ? replaced : kept).push_back(row);
  }
  std::vector<ScoreRow> wanted;
  std::vector<ProfileRow> profiles;
  for (const auto& [key, one] : standing_) {
    users_of_[key].insert(one.series.user);
    const Instrument& instrument = *instruments_.find(one.series.assessment)->instrument;
    for (ScoreRow& row : score_rows(one.series, one.place, instrument, one.score)) wanted.push_back(std::move(row));
    if (auto profile = profile_row(one.series, one.place, one.score)) profiles.push_back(std::move(*profile));
  }
  const auto scores = difference<ScoreRow>(replaced, wanted);
  WEIR_TRY(target_.take(scores));
  const std::vector<ProfileRow> profiles_there = WEIR_TRY(read_profiles(connection_, affected_));
  const auto changed_profiles = difference<ProfileRow>(profiles_there, profiles);
  WEIR_TRY(target_.take(changed_profiles));
  std::set<Person> written;
  scores.for_each([&](const ScoreRow& row) {
    written.emplace(row.series.organization, row.series.user);
    note_alignment(row.series);
  });
  changed_profiles.for_each([&](const ProfileRow& row) { written.emplace(row.organization, row.user); });
  kept.insert(kept.end(), wanted.begin(), wanted.end());
  WEIR_TRY(write_growth_of(series, kept, written));
  note_written(written);
  return {};
}

Result<void> Round::write_growth_of(const std::set<SeriesKey>& series, const std::vector<ScoreRow>& scores, std::set<Person>& written) {
  std::set<Uuid> assessments;
  for (const SeriesKey& key : series) assessments.insert(key.assessment);
  WEIR_TRY(instruments_.prepare(connection_, assessments));
  std::map<SeriesKey, std::vector<ScoreRow>> by_series;
  std::set<ResponseKey> responses = affected_;
  responses.insert(kept_.begin(), kept_.end());
  for (const ScoreRow& row : scores) {
    by_series[row.series].push_back(row);
    responses.insert({row.series.organization, row.place.response});
  }
  std::vector<GrowthRow> wanted;
  for (const auto& [key, rows] : by_series) {
    const KnownInstrument* known = instruments_.find(key.assessment);
    if (known == nullptr || !known->instrument) continue;
    for (GrowthRow& row : growth_rows(*known->instrument, rows)) wanted.push_back(std::move(row));
  }
  const std::vector<GrowthRow> there = WEIR_TRY(read_growth(connection_, responses));
  const auto changed = difference<GrowthRow>(there, wanted);
  changed.for_each([&](const GrowthRow& row) { written.emplace(row.organization, row.user); });
  return target_.take(changed);
}

void Round::note_alignment(const SeriesKey& series) {
  const KnownInstrument* known = instruments_.find(series.assessment);
  if (known == nullptr || !known->instrument || known->instrument->aligns_values) to_align_.emplace(series.organization, series.user);
}

void Round::note_written(const std::set<Person>& written) {
  for (const auto& [key, users] : users_of_) {
    const bool is_written = std::ranges::any_of(users, [&](const UserId& user) { return written.count({key.organization, user}) != 0; });
    auto& how = ended_[key].how;
    if (is_written && how == Ended::How::kUnchanged) how = Ended::How::kWritten;
  }
}

}  // namespace weir::scoring
