// valijson as the judge of whether a document follows a JSON Schema of ours. A library of its own: valijson's headers take as long to
// compile as twenty sources of weir.
#pragma once

#include <nlohmann/json.hpp>

#include <memory>
#include <optional>
#include <string>

namespace weir::testing {

class SchemaJudge {
 public:
  explicit SchemaJudge(const nlohmann::json& schema);
  ~SchemaJudge();
  SchemaJudge(SchemaJudge&&) noexcept;
  SchemaJudge& operator=(SchemaJudge&&) noexcept;

  [[nodiscard]] bool accepts(const nlohmann::json& value) const;
  /// The JSON Pointer of the deepest fault; none where the value follows the schema. Throws std::runtime_error where the schema has a
  /// "format" for a value that is no text: valijson asks such a value for its text all the same.
  [[nodiscard]] std::optional<std::string> fault(const nlohmann::json& value) const;

 private:
  struct Parsed;
  std::unique_ptr<Parsed> parsed_;
};

}  // namespace weir::testing
