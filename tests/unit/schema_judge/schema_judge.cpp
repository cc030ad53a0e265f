#define VALIJSON_USE_EXCEPTIONS 1

#include "tests/unit/schema_judge/schema_judge.hpp"

#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

namespace weir::testing {

namespace {

using Adapter = valijson::adapters::NlohmannJsonAdapter;

/// The text between the last two quotes.
std::string quoted_name(const std::string& text) {
  const auto last = text.rfind('\'');
  const auto first = last == std::string::npos || last == 0 ? std::string::npos : text.rfind('\'', last - 1);
  return first == std::string::npos ? "" : text.substr(first + 1, last - first - 1);
}

/// For a missing, superfluous or misnamed member valijson names the object, while weir's decoders name the member.
std::string pointer_of(const valijson::ValidationResults::Error& error) {
  std::string pointer;
  for (const std::string& step : error.context) {
    if (step != "<root>") pointer += '/' + step.substr(1, step.size() - 2);
  }
  for (const char* about :
       {"Missing required property", "Object contains a property that could not", "schema associated with property name"}) {
    if (error.description.find(about) != std::string::npos) pointer += '/' + quoted_name(error.description);
  }
  return pointer;
}

}  // namespace

struct SchemaJudge::Parsed {
  valijson::Schema schema;
};

SchemaJudge::SchemaJudge(const nlohmann::json& schema) : parsed_(std::make_unique<Parsed>()) {
  valijson::SchemaParser(valijson::SchemaParser::kDraft7).populateSchema(Adapter(schema), parsed_->schema);
}
SchemaJudge::~SchemaJudge() = default;
SchemaJudge::SchemaJudge(SchemaJudge&&) noexcept = default;
SchemaJudge& SchemaJudge::operator=(SchemaJudge&&) noexcept = default;

bool SchemaJudge::accepts(const nlohmann::json& value) const {
  return valijson::Validator().validate(parsed_->schema, Adapter(value), nullptr);
}

std::optional<std::string> SchemaJudge::fault(const nlohmann::json& value) const {
  valijson::Validator validator;
  valijson::ValidationResults results;
  if (validator.validate(parsed_->schema, Adapter(value), &results)) return std::nullopt;
  std::string deepest;
  valijson::ValidationResults::Error error;
  while (results.popError(error)) {
    const std::string pointer = pointer_of(error);
    if (pointer.size() > deepest.size()) deepest = pointer;
  }
  return deepest;
}

}  // namespace weir::testing
