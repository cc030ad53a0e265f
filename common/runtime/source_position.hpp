// Which changes a partition has already taken, by their place in the source database: a CDC producer may send again after a fault.
// Pure. The stored form is JSON: [{"name":…,"db":…,"commit":"…"|null,"lsn":"…","ts_ms":…,"hashes":["…"],"key_form":"…"|null}].
#pragma once

#include "common/core/result.hpp"
#include "common/runtime/event.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace weir::runtime {

/// The form that the keys of a source's changes have.
struct SourceKeyForm {
  std::string name;  // source.name
  std::string db;    // source.db
  KeyForm form = KeyForm::kBare;
};

class SourcePositions {
 public:
  enum class Verdict : std::uint8_t {
    kNew,
    kReSent,   // its place is lower, or equal with the same content
    kRebuilt,  // its place is lower, yet it is over a minute newer: the source database was rebuilt
  };

  /// Whether the key of the change has the form that this partition knows of its source: only then can judge() tell whether the change was
  /// taken. Snapshot rows are always new, so the form of their keys does not matter.
  [[nodiscard]] bool knows_form(const ChangePosition& change) const;
  /// The form that this partition knows of the source; none: no change with a key has come yet.
  [[nodiscard]] std::optional<KeyForm> form_of(const SourceKeyForm& source) const;
  void know_form(const SourceKeyForm& form);

  /// Snapshot rows (op r) are always new.
  [[nodiscard]] Verdict judge(const ChangePosition& change) const;
  /// Notes a change that was judged new.
  void advance(const ChangePosition& change);

  [[nodiscard]] std::string to_json() const;
  [[nodiscard]] static Result<SourcePositions> parse(std::string_view json);
  friend bool operator==(const SourcePositions&, const SourcePositions&) = default;

 private:
  struct Entry {
    std::string name;
    std::string db;
    std::optional<std::uint64_t> commit_lsn;
    std::uint64_t lsn = 0;
    Instant recorded_at{};
    std::vector<std::uint64_t> hashes;  // of the changes taken at exactly this pair: rows of one COPY share it
    std::optional<KeyForm> key_form{};
    friend bool operator==(const Entry&, const Entry&) = default;
  };
  [[nodiscard]] const Entry* find(std::string_view name, std::string_view db) const;
  Entry& entry_of(const std::string& name, const std::string& db);
  std::vector<Entry> entries_;
};

}  // namespace weir::runtime
