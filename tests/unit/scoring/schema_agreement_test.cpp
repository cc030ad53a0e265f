// The readers of instruments and answers against their JSON Schemas, with valijson as the judge. A document is taken apart: each of its
// values in turn is removed, replaced by one of another type or range, or given an unknown member. The reader must refuse every document
// that the schema refuses, and may refuse others only for faults that no schema can express.
#include "common/core/embedded.hpp"
#include "consumers/scoring/pure/answers.hpp"
#include "tests/unit/schema_judge/schema_judge.hpp"
#include "tests/unit/scoring/property.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

using namespace weir;
using namespace weir::scoring;

namespace {

using Json = nlohmann::json;

std::filesystem::path schemas() {
  const char* const root = std::getenv("WEIR_SOURCE_DIR");
  REQUIRE_MESSAGE(root != nullptr, "WEIR_SOURCE_DIR names the root of the sources; ctest sets it");
  return std::filesystem::path(root) / "schemas";
}

std::string text_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  REQUIRE_MESSAGE(stream, file.string());
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

weir::testing::SchemaJudge judge_of(const std::string& name) { return weir::testing::SchemaJudge(Json::parse(text_of(schemas() / name))); }

/// Every way to spoil a document in one place.
std::vector<Json> spoiled(const Json& document) {
  static const std::vector<Json> values{nullptr,       true,          0, -1, 1, 1.5, 1e9, -1e9, "", "x", std::string(2'001, 'x'),
                                        Json::array(), Json::object()};
  std::vector<Json> all;
  const Json flat = document.flatten();
  for (const auto& [pointer, value] : flat.items()) {
    Json::json_pointer at(pointer);
    for (; !at.empty(); at.pop_back()) {
      for (const Json& other : values) {
        all.push_back(document);
        all.back()[at] = other;
      }
      all.push_back(document);
      Json& parent = all.back()[at.parent_pointer()];
      if (parent.is_object()) parent.erase(at.back());
      if (parent.is_array()) parent.erase(static_cast<std::size_t>(std::stoi(at.back())));
      if (document[at].is_object()) {
        all.push_back(document);
        all.back()[at]["zz"] = 1;
      }
    }
  }
  return all;
}

/// Faults that concern two places of a document.
const std::set<std::string> kBeyondSchema{
    "duplicate_code", "shared_item",   "unknown_dimension",      "dimension_without_items",       "dimension_without_norms",
    "missing_field",  "out_of_domain", "reversal_outside_scale", "dimension_without_reliability", "weight_not_positive"};

Json attachment_instrument() {
  Json document = Json::parse(sample_instrument());
  for (Json& item : document["items"]) item["dimension"] = item["dimension"] == "calm" ? "anxiety" : "avoidance";
  for (Json* const part : {&document["scoring"]["dimensions"], &document["scoring"]["composite"]["weights"], &document["norms"]}) {
    (*part)["anxiety"] = (*part)["calm"];
    (*part)["avoidance"] = (*part)["warm"];
    part->erase("calm");
    part->erase("warm");
  }
  document["scoring"]["attachment"] = {{"cuts", {{"anxiety", 50}, {"avoidance", 40.5}}}};
  document["scoring"]["values_alignment"] = true;
  document["source"] = "Nowhere.";
  // Two items for each dimension are enough for this test.
  Json few = Json::array();
  for (const std::size_t index : {0, 4, 5, 9}) few.push_back(document["items"][index]);
  document["items"] = few;
  return document;
}

}  // namespace

TEST_CASE("every instrument that ships follows the schema and has no fault") {
  const auto judge = judge_of("instrument.v1.json");
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(schemas() / "instruments")) {
    CAPTURE(entry.path().filename().string());
    const std::string text = text_of(entry.path());
    CHECK(judge.accepts(Json::parse(text)));
    const Instrument instrument = instrument_of(text);
    CHECK(entry.path().stem() == instrument.key);
    ++count;
  }
  CHECK(count == 5);
}

TEST_CASE("the reader refuses every instrument that the schema refuses, and more only by rules that a schema cannot express") {
  const auto judge = judge_of("instrument.v1.json");
  const Json good = attachment_instrument();
  REQUIRE(judge.accepts(good));
  REQUIRE(read_instrument(good.dump()).faults.empty());
  std::size_t refused = 0;
  for (const Json& document : spoiled(good)) {
    const std::vector<DocumentFault> faults = read_instrument(document.dump()).faults;
    const bool accepted = judge.accepts(document);
    if (!accepted) ++refused;
    if (!accepted && faults.empty()) FAIL_CHECK("only the schema refuses " << document.dump());
    for (const DocumentFault& fault : faults) {
      if (accepted && kBeyondSchema.count(fault.reason) == 0) FAIL_CHECK(fault.pointer << ' ' << fault.reason << ": " << document.dump());
    }
  }
  CHECK(refused > 500);
}

TEST_CASE("the reader refuses all answers that the schema refuses") {
  const auto judge = judge_of("answers.v1.json");
  const Instrument instrument = instrument_of(sample_instrument());
  const Json good = {{"instrument_version", 3}, {"answers", {{"a1", 4}, {"b5", 2}}}};
  AnswersReader reader;
  REQUIRE(judge.accepts(good));
  REQUIRE(std::holds_alternative<Answers>(reader.read(good.dump(), instrument)));
  std::size_t refused = 0;
  for (const Json& document : spoiled(good)) {
    if (judge.accepts(document)) continue;
    ++refused;
    if (std::holds_alternative<Answers>(reader.read(document.dump(), instrument)))
      FAIL_CHECK("only the schema refuses " << document.dump());
  }
  CHECK(refused > 30);
}
