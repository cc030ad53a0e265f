// `weir verify` asks this of a component: where its results are not what their source rows give.
#pragma once

#include "common/core/time.hpp"

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace weir::process {

/// When what is compared happened, as its source rows say.
struct Period {
  Instant from{};
  Instant to{};  // not included
  [[nodiscard]] bool holds(Instant at) const { return at >= from && at < to; }
};

/// A value of a result row that is not what the source rows give.
struct ResultDifference {
  std::string table;               // of the result row: "public.assessment_scores"
  std::string key;                 // the columns of its primary key, as a JSON object
  std::string column;              // "row": the row is missing, or there should be none
  std::string stored;              // in words
  std::string source;              // what the source rows give, in words
  std::string source_id{};         // of a source row; while a letter of the group names this id, the letter explains the difference
  std::optional<Instant> since{};  // letters that were made earlier do not explain it
  friend auto operator<=>(const ResultDifference&, const ResultDifference&) = default;
};

/// The findings of one comparison. The first differences are kept and all are counted, so that its size is bounded.
class ResultDifferences {
 public:
  struct Counts {
    std::int64_t compared = 0;  // rows
    std::int64_t differs = 0;   // values
  };
  using Columns = std::vector<std::pair<std::string, std::string>>;

  explicit ResultDifferences(std::size_t most) : most_(most) {}

  void add(ResultDifference difference);
  /// Adds each column in which the two rows differ, or one difference where only one of them is there. Both have the same columns.
  void add_row(const std::string& table, const std::string& key, const std::optional<Columns>& stored, const std::optional<Columns>& source,
               const std::string& source_id = "");
  void compared(const std::string& table, std::int64_t rows) { tables_[table].compared += rows; }
  /// Notes something that could not be compared, with the reason: "answers whose key is not there".
  void not_asked(const std::string& what, std::int64_t times = 1) { not_asked_[what] += times; }

  [[nodiscard]] const std::set<ResultDifference>& kept() const { return kept_; }
  [[nodiscard]] const std::map<std::string, Counts>& tables() const { return tables_; }
  [[nodiscard]] const std::map<std::string, std::int64_t>& not_asked() const { return not_asked_; }

 private:
  std::size_t most_;
  std::set<ResultDifference> kept_;
  std::map<std::string, Counts> tables_;
  std::map<std::string, std::int64_t> not_asked_;
};

}  // namespace weir::process
