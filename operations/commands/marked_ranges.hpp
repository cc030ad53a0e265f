// The ranges between the marks of a place, in order of time, of which a page is in memory at once; and what was found of ranges, told
// together where neighbours are alike. So memory does not grow with the marks that are kept. Pure: pages come from whoever calls.
#pragma once

#include "operations/commands/verification.hpp"

#include "common/core/result.hpp"

#include <functional>
#include <map>
#include <set>

namespace weir::operations {

/// The marks of a place that are asked for, as they were at one moment.
struct AskedMarks {
  MarkedPlace place;
  Instant first{};                      // time of the first of them
  Instant last{};                       // time of the last of them
  std::optional<Mark> present;          // follows after the last, where what holds now is asked for too
  std::optional<std::int64_t> highest;  // position among them; none: the end of the log
};

/// The next marks after a time in order of time, none of them later than `last`; none: there are no more.
using PageOfMarks = std::function<Result<std::vector<Mark>>(const AskedMarks& asked, Instant after)>;

class RangeReader {
 public:
  /// `moved` must outlive this.
  RangeReader(AskedMarks asked, const std::vector<Moved>& moved, PageOfMarks page)
      : asked_(std::move(asked)), moved_(moved), page_of_(std::move(page)), after_(asked_.first - Microseconds{1}) {}

  [[nodiscard]] const AskedMarks& asked() const { return asked_; }
  /// The next range; none: there are no more.
  [[nodiscard]] Result<std::optional<MarkedRange>> next();

 private:
  [[nodiscard]] Result<std::optional<Mark>> next_mark();

  AskedMarks asked_;
  const std::vector<Moved>& moved_;
  PageOfMarks page_of_;
  Instant after_;
  std::vector<Mark> page_;
  std::size_t at_ = 0;  // in the page
  std::optional<Mark> from_;
};

/// Neighbouring ranges of a place about which the same was found. A range that differs stands alone.
struct FoundRange {
  MarkedPlace place;
  Mark from;
  Mark to;
  std::int64_t ranges = 1;
  std::int64_t in_log = 0;  // counted only where the finding needs it
  Comparison finding = Comparison::kAgrees;
  [[nodiscard]] std::int64_t counted() const { return to.counted - from.counted; }
};

/// A difference beside those of ranges.
struct LetterDifference {
  MarkedPlace place;
  std::string what;
  friend auto operator<=>(const LetterDifference&, const LetterDifference&) = default;
};

/// All ranges are counted, and the first are kept, so that its size is bounded.
class RangeFindings {
 public:
  struct Sum {
    std::map<Comparison, std::int64_t> ranges;
    std::int64_t records = 0;
    std::optional<Instant> gone_until;
  };

  explicit RangeFindings(std::size_t most) : most_(most) {}

  void add(const MarkedPlace& place, const MarkedRange& range, Comparison finding, std::int64_t in_log);
  void add_letter(LetterDifference difference);

  /// By group and topic.
  [[nodiscard]] const std::map<std::pair<std::string, std::string>, Sum>& sums() const { return sums_; }
  /// By place, those of a place in the order in which they were found.
  [[nodiscard]] std::vector<FoundRange> kept() const;
  [[nodiscard]] const std::set<LetterDifference>& letters() const { return letters_; }
  /// Ranges and letters that differ, whether they are kept or not.
  [[nodiscard]] std::int64_t differing() const { return differing_; }
  /// Findings that are not kept.
  [[nodiscard]] std::int64_t left_off() const { return left_off_; }

 private:
  std::size_t most_;
  std::map<std::pair<std::string, std::string>, Sum> sums_;
  std::map<MarkedPlace, std::vector<FoundRange>> kept_;
  std::set<LetterDifference> letters_;
  std::size_t size_ = 0;  // of kept_ and letters_
  std::int64_t differing_ = 0;
  std::int64_t left_off_ = 0;
};

}  // namespace weir::operations
