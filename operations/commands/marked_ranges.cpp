#include "operations/commands/marked_ranges.hpp"

#include <algorithm>
#include <utility>

namespace weir::operations {

Result<std::optional<Mark>> RangeReader::next_mark() {
  if (at_ == page_.size() && after_ < asked_.last) {
    page_ = WEIR_TRY(page_of_(asked_, after_));
    at_ = 0;
    after_ = page_.empty() ? asked_.last : page_.back().at;
  }
  if (at_ < page_.size()) return page_[at_++];
  return std::exchange(asked_.present, std::nullopt);
}

Result<std::optional<MarkedRange>> RangeReader::next() {
  if (!from_) from_ = WEIR_TRY(next_mark());
  if (!from_) return std::optional<MarkedRange>{};
  const std::optional<Mark> to = WEIR_TRY(next_mark());
  if (!to) return std::optional<MarkedRange>{};
  const Mark from = *std::exchange(from_, to);
  return MarkedRange{from, *to, was_moved(asked_.place, moved_, from.at, to->at)};
}

void RangeFindings::add(const MarkedPlace& place, const MarkedRange& range, Comparison finding, std::int64_t in_log) {
  Sum& sum = sums_[{place.group, place.topic}];
  ++sum.ranges[finding];
  sum.records += in_log;
  if (finding == Comparison::kGone) sum.gone_until = std::max(sum.gone_until.value_or(range.to.at), range.to.at);
  if (differs(finding)) ++differing_;
  std::vector<FoundRange>& of_place = kept_[place];
  const bool goes_on = !of_place.empty() && !differs(finding) && of_place.back().finding == finding && of_place.back().to == range.from;
  if (goes_on) {
    of_place.back().to = range.to;
    of_place.back().in_log += in_log;
    ++of_place.back().ranges;
  } else if (size_ < most_) {
    of_place.push_back({place, range.from, range.to, 1, in_log, finding});
    ++size_;
  } else {
    ++left_off_;
  }
}

void RangeFindings::add_letter(LetterDifference difference) {
  if (letters_.contains(difference)) return;
  ++differing_;
  if (size_ == most_) {
    ++left_off_;
    return;
  }
  letters_.insert(std::move(difference));
  ++size_;
}

std::vector<FoundRange> RangeFindings::kept() const {
  std::vector<FoundRange> all;
  for (const auto& [place, ranges] : kept_) all.insert(all.end(), ranges.begin(), ranges.end());
  return all;
}

}  // namespace weir::operations
