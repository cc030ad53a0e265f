// A round is one unit of work over submissions: it decides which of them count, scores them, and hands over the rows that differ from the
// stored ones.
// Where these are written, the caller holds the locks of the round's users.
#pragma once

#include "consumers/scoring/alignments_store.hpp"
#include "consumers/scoring/answer_keys.hpp"
#include "consumers/scoring/instrument_cache.hpp"
#include "consumers/scoring/result_target.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace weir::scoring {

struct Rules {
  Share least_share;          // the least share for instruments that state none
  Microseconds max_future{};  // how far submitted_at may lie after the record's time
};

/// The result of looking at one response.
struct Ended {
  enum class How : std::uint8_t {
    kWritten,     // a row of its series was written
    kUnchanged,   // every row was right already
    kSuperseded,  // a later event tells of the present submission
    kKept,        // its key was destroyed, and its scores stay
    kRefused,     // it is refused for good
    kWaiting,     // its key does not exist yet
  };
  How how = How::kUnchanged;
  std::vector<std::string> reasons;  // of a refusal
};

class Round {
 public:
  /// The arguments must outlive the round.
  Round(postgres::Statements& connection, InstrumentCache& instruments, AnswerKeys& keys, AnswersReader& reader, const Rules& rules,
        ResultTarget& target)
      : connection_(connection), instruments_(instruments), keys_(keys), reader_(reader), rules_(rules), target_(target) {}

  using Looks = std::map<ResponseKey, std::optional<Announcement>>;
  [[nodiscard]] Result<std::map<ResponseKey, Ended>> run(const Looks& looks);

  /// Users whose newest submission of an instrument that aligns values may have changed.
  [[nodiscard]] const std::set<Person>& to_align() const { return to_align_; }

 private:
  struct Standing {
    SeriesKey series;
    Place place;
    SubmissionScore score;
  };
  /// Judges the present rows and sets statuses. Returns the looks at responses that were changed meanwhile.
  [[nodiscard]] Result<Looks> judge_all(const Looks& looks);
  [[nodiscard]] Result<void> prepare(std::span<const ResponseRow> rows);
  void judge_one(const ResponseKey& key, const ResponseRow& row, const std::optional<Announcement>& announced);
  void score_one(const ResponseKey& key, const ResponseRow& row, const KnownInstrument& known);
  void refuse(const ResponseKey& key, const ResponseRow& row, std::vector<std::string> reasons);
  void forget(const ResponseKey& key);

  [[nodiscard]] Result<void> write();
  [[nodiscard]] Result<void> write_growth_of(const std::set<SeriesKey>& series, const std::vector<ScoreRow>& scores,
                                             std::set<Person>& written);
  void note_alignment(const SeriesKey& series);
  void note_written(const std::set<Person>& written);

  postgres::Statements& connection_;
  InstrumentCache& instruments_;
  AnswerKeys& keys_;
  AnswersReader& reader_;
  const Rules& rules_;
  ResultTarget& target_;
  std::map<ResponseKey, Ended> ended_;
  std::map<ResponseKey, Standing> standing_;
  std::set<ResponseKey> affected_;                    // the responses whose results are made anew, whether they count or not
  std::set<ResponseKey> kept_;                        // whose answers cannot be read now, so that their scores stay
  std::map<ResponseKey, std::set<UserId>> users_of_;  // whose an affected response was, and whose it is
  std::vector<StatusChange> statuses_;
  std::map<Uuid, ResponseKey> key_of_;
  std::set<Person> to_align_;
};

}  // namespace weir::scoring
