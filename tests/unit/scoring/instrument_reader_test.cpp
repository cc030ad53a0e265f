#include "consumers/scoring/pure/instrument_reader.hpp"

#include "tests/unit/scoring/property.hpp"

#include <algorithm>

using namespace weir::scoring;

namespace {

/// The sample with a piece of its text replaced.
std::string changed(const std::string& from, const std::string& to) {
  std::string json = sample_instrument();
  const std::size_t at = json.find(from);
  REQUIRE_MESSAGE(at != std::string::npos, from);
  return json.replace(at, from.size(), to);
}

std::vector<std::string> faults_of(const std::string& json) {
  std::vector<std::string> out;
  const InstrumentReading reading = read_instrument(json);
  CHECK(reading.instrument.has_value() == reading.faults.empty());
  for (const DocumentFault& fault : reading.faults) out.push_back(fault.pointer + " " + fault.reason);
  return out;
}

const std::string kCalm = R"("calm": {"polarity": "higher_is_better", "reliability": {"internal_consistency": 0.84, "test_retest": 0.75}})";

}  // namespace

TEST_CASE("an instrument is read with its items by code and its dimensions by name") {
  const Instrument instrument = instrument_of(sample_instrument());
  CHECK(instrument.key == "sample");
  CHECK(instrument.version == 3);
  CHECK(instrument.least_share == share_of(0.8));
  REQUIRE(instrument.dimensions.size() == 2);
  CHECK(instrument.dimensions[0].name == "calm");
  CHECK(instrument.dimensions[0].norm == Norm{60, 10});
  CHECK(instrument.dimensions[0].reliability.over_time() == 0.75);
  CHECK(instrument.dimensions[1].reliability.over_time() == 0.91);
  CHECK(instrument.dimensions[1].items == 5);
  CHECK(instrument.dimensions[1].required_items == 5);
  REQUIRE(instrument.items.size() == 10);
  CHECK(instrument.items[9].code == "b5");
  CHECK(instrument.items[9].reverse_scored);
  CHECK(instrument.items[9].dimension == 1);
  REQUIRE(instrument.composite.has_value());
  CHECK(instrument.composite->weights == std::vector<double>{0.25, 0.75});
  CHECK(instrument.composite->polarity == Polarity::kHigherIsBetter);
  CHECK(!instrument.attachment);
  CHECK(!instrument.aligns_values);
}

TEST_CASE("each fault is reported with its place") {
  struct Row {
    std::string from;
    std::string to;
    std::vector<std::string> faults;
  };
  const std::vector<Row> rows{
      {R"("key": "sample")", R"("key": "Sample")", {"/key out_of_domain"}},
      {R"("instrument_version": 3)", R"("instrument_version": 1.5)", {"/instrument_version wrong_type"}},
      {R"("title": "Sample")", R"("title": "")", {"/title out_of_domain"}},
      {R"("title": "Sample",)", R"("subtitle": "x",)", {"/subtitle unknown_field", "/title missing_field"}},
      {R"("least_share": 0.8)", R"("least_share": 1.2)", {"/scoring/least_share out_of_domain"}},
      {R"("least_share": 0.8)", R"("least_share": -0.1)", {"/scoring/least_share out_of_domain"}},
      {R"("internal_consistency": 0.84)",
       R"("internal_consistency": 1)",
       {"/scoring/dimensions/calm/reliability/internal_consistency out_of_domain"}},
      {R"("test_retest": 0.75)", R"("test_retest": "high")", {"/scoring/dimensions/calm/reliability/test_retest wrong_type"}},
      {kCalm, R"("calm": {"polarity": "none"})", {"/scoring/dimensions/calm/reliability dimension_without_reliability"}},
      {kCalm,
       R"("calm": {"polarity": "up", "reliability": {"internal_consistency": 0}})",
       {"/scoring/dimensions/calm/polarity out_of_domain"}},
      {kCalm, R"("calm": 4)", {"/scoring/dimensions/calm wrong_type"}},
      {kCalm, kCalm + ", " + kCalm, {"/scoring/dimensions/calm repeated_key"}},
      {R"("weights": {"calm": 1)", R"("weights": {"calm": 0)", {"/scoring/composite/weights/calm weight_not_positive"}},
      {R"("weights": {"calm": 1, )", R"("weights": {)", {"/scoring/composite/weights/calm missing_field"}},
      {R"("weights": {"calm": 1)", R"("weights": {"cool": 1, "calm": 1)", {"/scoring/composite/weights/cool unknown_dimension"}},
      {R"("composite": {"weights": {"calm": 1, "warm": 3}})",
       R"("values_alignment": 1)",
       {"/norms/composite unknown_dimension", "/scoring/values_alignment wrong_type"}},
      {R"("code": "a2")", R"("code": "a1")", {"/items/1/code duplicate_code"}},
      {R"("text": "a2 of calm")", R"("text": "a1 of calm")", {"/items/1/text shared_item"}},
      {R"("weight": 1)", R"("weight": 0)", {"/items/0/weight weight_not_positive"}},
      {R"("weight": 1)", R"("weight": -2)", {"/items/0/weight weight_not_positive"}},
      {R"("weight": 1)", R"("weight": 1e7)", {"/items/0/weight out_of_domain"}},
      {R"("weight": 1)", R"("weight": "NaN")", {"/items/0/weight wrong_type"}},
      {R"("scale_min": 1)", R"("scale_min": 5)", {"/items/0/scale_max out_of_domain"}},
      {R"("reverse_scored": false, "scale_min": 1)",
       R"("reverse_scored": true, "scale_min": 6)",
       {"/items/0/reverse_scored reversal_outside_scale", "/items/0/scale_max out_of_domain"}},
      {R"("dimension": "calm")", R"("dimension": "cool")", {"/items/0/dimension unknown_dimension"}},
      {R"("required": true)", R"("required": 1)", {"/items/0/required wrong_type"}},
      {R"("items": [)", R"("items": [7, )", {"/items/0 wrong_type"}},
      {R"("mean": 60)", R"("mean": 101)", {"/norms/calm/all/mean out_of_domain"}},
      {R"("sd": 10)", R"("sd": 0)", {"/norms/calm/all/sd out_of_domain"}},
      {R"("n": 100)", R"("n": 0)", {"/norms/calm/all/n out_of_domain"}},
      {R"("norms": {"calm": {"all")", R"("norms": {"calm": {"women")", {"/norms/calm/all dimension_without_norms"}},
      {R"("norms": {"calm")", R"("norms": {"cool")", {"/norms/calm/all dimension_without_norms", "/norms/cool unknown_dimension"}},
      {R"("composite": {"all": {"mean": 52, "sd": 12, "n": 100}})",
       R"("warm/er": {})",
       {"/norms/composite/all dimension_without_norms", "/norms/warm~1er unknown_dimension"}},
      {R"("composite": {"weights")",
       R"("attachment": {}, "composite": {"weights")",
       {"/scoring/dimensions/anxiety missing_field", "/scoring/dimensions/avoidance missing_field"}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.to);
    CHECK(faults_of(changed(row.from, row.to)) == row.faults);
  }
}

TEST_CASE("a dimension without items, and a dimension with the composite's name, are faults") {
  const std::string bare = R"({"polarity": "none", "reliability": {"internal_consistency": 0.5}})";
  CHECK(faults_of(changed(kCalm, kCalm + R"(, "lone": )" + bare)) ==
        std::vector<std::string>{"/norms/lone/all dimension_without_norms", "/scoring/composite/weights/lone missing_field",
                                 "/scoring/dimensions/lone dimension_without_items"});
  const auto found = faults_of(changed(kCalm, kCalm + R"(, "composite": )" + bare));
  CHECK(std::ranges::find(found, "/scoring/dimensions/composite reserved_name") != found.end());
}

TEST_CASE("all faults are reported at once, in whichever part they are") {
  std::string json = changed(R"("key": "sample")", R"("key": 7)");
  const auto replace = [&](const std::string& from, const std::string& to) { json.replace(json.find(from), from.size(), to); };
  replace(R"("least_share": 0.8)", R"("least_share": 8)");
  replace(R"("weight": 1)", R"("weight": 0)");
  replace(R"("mean": 60)", R"("mean": -1)");
  CHECK(faults_of(json) == std::vector<std::string>{"/items/0/weight weight_not_positive", "/key wrong_type",
                                                    "/norms/calm/all/mean out_of_domain", "/scoring/least_share out_of_domain"});
}

TEST_CASE("a text that is not a JSON object has one fault, at its root") {
  CHECK(faults_of("{") == std::vector<std::string>{" malformed_json"});
  CHECK(faults_of("[]") == std::vector<std::string>{" wrong_type"});
  CHECK(faults_of("") == std::vector<std::string>{" malformed_json"});
}

TEST_CASE("an attachment instrument has its own cuts, else the means of the norm group") {
  std::string json = changed(R"("composite": {"weights")", R"("attachment": {"cuts": {"avoidance": 44}}, "composite": {"weights")");
  const auto rename = [&](const std::string& from, const std::string& to) {
    for (std::size_t at = json.find(from); at != std::string::npos; at = json.find(from, at + to.size())) json.replace(at, from.size(), to);
  };
  rename("\"calm\"", "\"anxiety\"");
  rename("\"warm\"", "\"avoidance\"");
  const Instrument instrument = instrument_of(json);
  REQUIRE(instrument.attachment.has_value());
  CHECK(instrument.dimensions[instrument.attachment->anxiety].name == "anxiety");
  CHECK(instrument.dimensions[instrument.attachment->avoidance].name == "avoidance");
  CHECK(instrument.attachment->anxiety_cut == 60);
  CHECK(instrument.attachment->avoidance_cut == 44);
}

TEST_CASE("a composite of dimensions with different polarities has none") {
  const std::string json = changed(R"("warm": {"polarity": "higher_is_better")", R"("warm": {"polarity": "lower_is_better")");
  CHECK(instrument_of(json).composite->polarity == Polarity::kNone);
}
