// Compares the ranges of one place with the records of its log while the log is read once, from its lower offsets to its higher ones; and
// sees that the log has the record of each letter in them. Pure: marks and letters come in pages from whoever calls.
#pragma once

#include "operations/commands/marked_ranges.hpp"

namespace weir::operations {

struct PlacedLetter {
  std::int64_t id = 0;
  std::int64_t offset = 0;
};
/// The next letters of a place from an offset on, in order of offset; none: there are no more.
using PageOfLetters = std::function<Result<std::vector<PlacedLetter>>(const MarkedPlace& place, const Uuid& topic_id, std::int64_t from)>;

class PlaceCheck {
 public:
  /// `log`: none where the partition is gone. `findings` must outlive this.
  PlaceCheck(RangeReader ranges, std::optional<PresentLog> log, PageOfLetters letters, RangeFindings& findings)
      : ranges_(std::move(ranges)), log_(std::move(log)), letters_of_(std::move(letters)), findings_(findings) {}

  [[nodiscard]] const MarkedPlace& place() const { return ranges_.asked().place; }
  /// Where the log has to be read from and to for the ranges that come next; none: all ranges are compared. An operator may have set the
  /// position back, so that the group has counted the same records twice: the ranges after that wait for the next reading.
  struct Part {
    std::int64_t from = 0;
    std::int64_t to = 0;
  };
  [[nodiscard]] Result<std::optional<Part>> begin_reading();
  /// A record of the log. Each has a higher offset than the one before, from begin_reading() on.
  [[nodiscard]] Result<void> count(std::int64_t offset);
  /// Whether there are ranges for which this reading has to go on.
  [[nodiscard]] bool is_counting() const { return current_.has_value(); }
  /// The part was read to its end.
  [[nodiscard]] Result<void> end_reading();

 private:
  [[nodiscard]] Result<void> advance();
  [[nodiscard]] Result<void> finish();
  [[nodiscard]] Result<void> pass_letters(std::int64_t below);
  [[nodiscard]] Result<const PlacedLetter*> next_letter();

  RangeReader ranges_;
  std::optional<PresentLog> log_;
  PageOfLetters letters_of_;
  RangeFindings& findings_;
  std::optional<MarkedRange> current_;  // whose records are counted now
  std::optional<MarkedRange> next_;     // waits for the next reading
  std::int64_t in_log_ = 0;             // records of the current range
  std::int64_t read_until_ = 0;         // where the ranges that were read end

  std::vector<PlacedLetter> letters_;
  std::size_t letter_ = 0;         // of letters_, the next
  std::int64_t letters_from_ = 0;  // where the next page begins
  bool more_letters_ = true;
};

}  // namespace weir::operations
