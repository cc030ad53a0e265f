// An instrument in the form that scoring uses, made of a published row of assessments with its items and norms. Items are in order of their
// codes and dimensions in order of their names, so that every sum is computed in the same order, whatever the order of the answers.
#pragma once

#include "consumers/scoring/pure/measurement.hpp"
#include "consumers/scoring/pure/polarity.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::scoring {

/// The norm row of the composite has this name, so no dimension may have it.
inline constexpr std::string_view kComposite = "composite";
/// The only norm group that scores are compared with: scoring reads neither age nor role.
inline constexpr std::string_view kNormGroup = "all";
/// The two dimensions of an attachment instrument.
inline constexpr std::string_view kAnxiety = "anxiety";
inline constexpr std::string_view kAvoidance = "avoidance";

/// A share of a whole in 10⁻⁹, so that 4 of 5 is exactly 0.8.
struct Share {
  std::int64_t nanos = 0;
  /// Whether part/whole is at least this share.
  [[nodiscard]] bool is_met(std::size_t part, std::size_t whole) const {
    return static_cast<std::int64_t>(part) * 1'000'000'000 >= nanos * static_cast<std::int64_t>(whole);
  }
  friend bool operator==(const Share&, const Share&) = default;
};
/// Makes a share of a decimal between 0 and 1 with at most nine places.
[[nodiscard]] Share share_of(double decimal);

struct Item {
  std::string code;
  std::size_t dimension = 0;  // in Instrument::dimensions
  double weight = 1;          // within the dimension; above 0
  bool reverse_scored = false;
  std::int32_t scale_min = 1;
  std::int32_t scale_max = 5;  // above scale_min
  bool required = true;

  /// scale_min + scale_max − answer for a reverse-scored item, the answer itself for another.
  [[nodiscard]] std::int32_t counted(std::int32_t answer) const { return reverse_scored ? scale_min + scale_max - answer : answer; }
};

struct Reliability {
  double internal_consistency = 0;    // at least 0, below 1
  std::optional<double> test_retest;  // the same; none where it was not measured

  /// The reliability by which changes over time are judged.
  [[nodiscard]] double over_time() const { return test_retest.value_or(internal_consistency); }
};

struct Dimension {
  std::string name;
  Polarity polarity = Polarity::kNone;
  Reliability reliability;
  Norm norm;
  std::size_t items = 0;
  std::size_t required_items = 0;
};

struct Composite {
  std::vector<double> weights;  // of each dimension; they sum to 1
  Norm norm;
  Polarity polarity = Polarity::kNone;  // the polarity of the dimensions where they all agree
};

struct Attachment {
  std::size_t anxiety = 0;  // in Instrument::dimensions
  std::size_t avoidance = 0;
  double anxiety_cut = 0;  // raw points
  double avoidance_cut = 0;
};

struct Instrument {
  std::string key;
  std::int32_t version = 0;
  std::vector<Dimension> dimensions;
  std::vector<Item> items;
  std::optional<Share> least_share;  // the least share of a dimension's required items; none: the configuration's
  std::optional<Composite> composite;
  std::optional<Attachment> attachment;
  bool aligns_values = false;

  /// The item's place in `items`; none where no item has the code.
  [[nodiscard]] std::optional<std::size_t> find_item(std::string_view code) const;
};

}  // namespace weir::scoring
