// `weir trace` asks this of a component, beyond its rules: which rows it has made of a record, and of which records it has made a row.
#pragma once

#include "common/core/time.hpp"
#include "common/postgres/statements.hpp"
#include "common/process/explanation.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::process {

/// A row that a component has made of a record, as it stands now. It tells identifiers, states and times, and nothing that a person wrote.
struct ResultRow {
  std::string table;            // "public.assessment_scores"; empty: there is no row, and `state` says why
  std::string key{};            // the columns of its primary key, as a JSON object
  std::string state{};          // in words
  std::optional<Instant> at{};  // when it was last written; none: the component did not write it, or it does not say when
  int level = 0;                // 0: made of the record; n: made of the last row of level n - 1 above it, as an attempt is of its message
};

/// Runs a statement that answers rows with the members of a ResultRow in their order: table, key, state, at, level.
[[nodiscard]] Result<std::vector<ResultRow>> read_result_rows(postgres::Statements& connection, std::string_view name,
                                                              const std::string& sql, const postgres::Params& params);

/// The row whose origin is asked for.
struct RowToTrace {
  std::string table;                                    // "public.assessment_scores"
  std::map<std::string, std::string, std::less<>> key;  // by column; under "" the text that was given without a column

  /// The key's value in a column, or the text that was given without a column; empty: neither is there.
  [[nodiscard]] std::string_view column(std::string_view name) const {
    const auto named = key.find(name);
    if (named != key.end()) return named->second;
    const auto bare = key.find("");
    return bare == key.end() ? std::string_view() : bare->second;
  }
  /// Fault kUsage: the key has no uuid there.
  [[nodiscard]] Result<Uuid> uuid(std::string_view name) const;
  /// Fault kUsage: the key has no time there.
  [[nodiscard]] Result<Instant> time(std::string_view name) const;
};

/// Where the records are of which a row was made.
struct Origin {
  std::string topic;
  Instant from{};                                          // of the records' times
  Instant to{};                                            // not included
  std::function<bool(const RecordToExplain&)> has_made{};  // whether the row was made of this record, among others
};

}  // namespace weir::process
