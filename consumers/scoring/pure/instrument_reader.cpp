// Checks first every value by itself, then the values against each other, so that a fault of form does not hide a fault of meaning
// elsewhere.
#include "consumers/scoring/pure/instrument_reader.hpp"

#include "common/events/rules.hpp"
#include "consumers/scoring/pure/json_members.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace weir::scoring {

namespace {

constexpr Range kVersion{1, 1'000'000};
constexpr Range kShare{0, 1};
constexpr Range kReliability{0, 1, false, true};
constexpr Range kWeight{0, 1'000'000, true};
constexpr Range kScale{-1'000, 1'000};
constexpr Range kRawScore{0, 100};
/// The standard deviation of a norm group; no measured group has one below a hundredth of a point.
constexpr Range kDeviation{0.01, 100};
constexpr Range kPeople{1, 1'000'000'000};

/// What the document says of one dimension.
struct Declared {
  Polarity polarity = Polarity::kNone;
  Reliability reliability;
};

bool is_key(std::string_view text) {
  return text.size() <= kMaxNameSize && !text.empty() && text[0] >= 'a' && text[0] <= 'z' &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string_view::npos;
}

class Reader {
 public:
  explicit Reader(Element document)
      : root_(document, "", faults_, {"key", "instrument_version", "title", "source", "scoring", "items", "norms"}) {}

  InstrumentReading run() && {
    if (root_.is_object()) {
      head();
      scoring();
      items();
      norms();
      compare();
      relate_composite();
      relate_attachment();
    }
    std::ranges::sort(faults_);
    faults_.erase(std::unique(faults_.begin(), faults_.end()), faults_.end());
    if (!faults_.empty()) return {std::nullopt, std::move(faults_)};
    build();
    return {std::move(out_), {}};
  }

 private:
  void head() {
    out_.key = root_.text("key", kMaxNameSize).value_or("a");
    if (!is_key(out_.key)) root_.fault("key", "out_of_domain", "it must be of small letters, digits and _, and begin with a letter");
    out_.version = root_.integer("instrument_version", kVersion).value_or(1);
    (void)root_.text("title", kMaxTextSize);
    if (root_.has("source")) (void)root_.text("source", kMaxTextSize);
  }

  void scoring() {
    const auto element = root_.element("scoring");
    if (!element) return;
    const Members scoring(*element, "/scoring", faults_, {"least_share", "dimensions", "composite", "attachment", "values_alignment"});
    if (scoring.has("least_share")) {
      if (const auto share = scoring.number("least_share", kShare)) out_.least_share = share_of(*share);
    }
    if (scoring.has("values_alignment")) out_.aligns_values = scoring.boolean("values_alignment").value_or(false);
    if (const auto dimensions = scoring.element("dimensions")) read_dimensions(*dimensions);
    if (scoring.has("composite")) {
      weights_.emplace();
      const Members composite(*scoring.element("composite"), "/scoring/composite", faults_, {"weights"});
      if (const auto weights = composite.element("weights")) read_weights(*weights);
    }
    if (scoring.has("attachment")) {
      cuts_.emplace();
      const Members attachment(*scoring.element("attachment"), "/scoring/attachment", faults_, {"cuts"});
      if (attachment.has("cuts")) read_cuts(*attachment.element("cuts"));
    }
  }

  void read_dimensions(Element element) {
    const Members dimensions(element, "/scoring/dimensions", faults_, {});
    if (dimensions.is_object() && dimensions.names().empty()) {
      faults_.push_back({"/scoring/dimensions", "out_of_domain", "there must be a dimension"});
    }
    for (const std::string_view name : dimensions.names()) {
      if (name == kComposite) dimensions.fault(name, "reserved_name", "no dimension may be named like the composite");
      if (name.empty() || events::characters_of(name) > kMaxNameSize) {
        dimensions.fault(name, "out_of_domain", "a dimension has a name of 1 to 100 characters");
      }
      const Members one(*dimensions.element(name), dimensions.pointer_to(name), faults_, {"polarity", "reliability"});
      Declared declared;
      if (const auto text = one.text("polarity", kMaxNameSize)) {
        const auto polarity = parse_polarity(*text);
        if (!polarity) one.fault("polarity", "out_of_domain", "it must be higher_is_better, lower_is_better or none");
        declared.polarity = polarity.value_or(Polarity::kNone);
      }
      if (one.has("reliability")) {
        declared.reliability = read_reliability(*one.element("reliability"), one.pointer_to("reliability"));
      } else if (one.is_object()) {
        one.fault("reliability", "dimension_without_reliability", "without its reliability a score has no error");
      }
      declared_.emplace(name, declared);
    }
  }

  Reliability read_reliability(Element element, std::string pointer) {
    const Members members(element, std::move(pointer), faults_, {"internal_consistency", "test_retest"});
    Reliability reliability;
    reliability.internal_consistency = members.number("internal_consistency", kReliability).value_or(0);
    if (members.has("test_retest")) reliability.test_retest = members.number("test_retest", kReliability);
    return reliability;
  }

  void read_weights(Element element) {
    const Members weights(element, "/scoring/composite/weights", faults_, {});
    for (const std::string_view name : weights.names()) weights_->emplace(name, positive(weights, name));
  }

  double positive(const Members& members, std::string_view name) {
    double weight = 1;
    const auto element = members.element(name);
    if (element && element->get_double().get(weight) == simdjson::SUCCESS && weight <= 0) {
      members.fault(name, "weight_not_positive", "a weight must be above 0");
      return 1;
    }
    return members.number(name, kWeight).value_or(1);
  }

  void read_cuts(Element element) {
    const Members cuts(element, "/scoring/attachment/cuts", faults_, {kAnxiety, kAvoidance});
    for (const std::string_view name : cuts.names()) {
      if (const auto at = cuts.number(name, kRawScore)) cuts_->emplace(name, *at);
    }
  }

  void items() {
    const auto element = root_.element("items");
    simdjson::dom::array list;
    if (!element) return;
    if (element->get_array().get(list) != simdjson::SUCCESS) {
      root_.fault("items", "wrong_type", "it must be an array");
      return;
    }
    std::size_t index = 0;
    for (const Element item : list) read_item(item, below("/items", index++));
  }

  void read_item(Element element, const std::string& pointer) {
    const Members members(element, pointer, faults_,
                          {"code", "dimension", "text", "weight", "reverse_scored", "scale_min", "scale_max", "required"});
    if (!members.is_object()) return;
    Item item;
    const auto code = members.text("code", kMaxNameSize);
    if (code && !codes_.insert(*code).second) members.fault("code", "duplicate_code", fmt::format("{} is the code of two items", *code));
    item.code = code.value_or("");
    const auto text = members.text("text", kMaxTextSize);
    if (text && !texts_.insert(*text).second)
      members.fault("text", "shared_item", "two items ask the same, so their errors are not independent");
    item.weight = positive(members, "weight");
    item.reverse_scored = members.boolean("reverse_scored").value_or(false);
    item.required = members.boolean("required").value_or(true);
    read_scale(members, item);
    if (const auto dimension = members.text("dimension", kMaxNameSize)) {
      dimension_of_.push_back(*dimension);
      if (declared_.find(*dimension) == declared_.end()) {
        members.fault("dimension", "unknown_dimension", fmt::format("/scoring/dimensions says nothing of {}", *dimension));
      }
    } else {
      dimension_of_.emplace_back();
    }
    out_.items.push_back(std::move(item));
  }

  static void read_scale(const Members& members, Item& item) {
    const auto lowest = members.integer("scale_min", kScale);
    const auto highest = members.integer("scale_max", kScale);
    if (!lowest || !highest) return;
    item.scale_min = *lowest;
    item.scale_max = *highest;
    if (*lowest < *highest) return;
    members.fault("scale_max", "out_of_domain", "it must be above scale_min");
    if (!item.reverse_scored) return;
    members.fault("reverse_scored", "reversal_outside_scale",
                  fmt::format("an answer of {} would count as {}, outside of {} to {}", *lowest, item.counted(*lowest), *lowest, *highest));
  }

  void norms() {
    const auto element = root_.element("norms");
    if (!element) return;
    const Members norms(*element, "/norms", faults_, {});
    for (const std::string_view dimension : norms.names()) {
      const Members groups(*norms.element(dimension), norms.pointer_to(dimension), faults_, {});
      for (const std::string_view group : groups.names()) {
        const Members one(*groups.element(group), groups.pointer_to(group), faults_, {"mean", "sd", "n"});
        const Norm norm{one.number("mean", kRawScore).value_or(0), one.number("sd", kDeviation).value_or(1)};
        (void)one.integer("n", kPeople);
        if (group == kNormGroup) norms_.emplace(dimension, norm);
      }
      if (dimension != kComposite && declared_.find(dimension) == declared_.end()) {
        norms.fault(dimension, "unknown_dimension", "/scoring/dimensions does not name it");
      }
    }
  }

  void need_norm(std::string_view dimension) {
    if (norms_.find(dimension) != norms_.end()) return;
    faults_.push_back({below(below("/norms", dimension), kNormGroup), "dimension_without_norms",
                       fmt::format("there are no norms of {} for the group {}", dimension, kNormGroup)});
  }

  void compare() {
    for (const auto& [name, declared] : declared_) {
      need_norm(name);
      if (std::ranges::find(dimension_of_, name) != dimension_of_.end()) continue;
      faults_.push_back({below("/scoring/dimensions", name), "dimension_without_items", fmt::format("no item belongs to {}", name)});
    }
  }

  void relate_composite() {
    if (!weights_) {
      if (norms_.find(kComposite) == norms_.end()) return;
      faults_.push_back({"/norms/composite", "unknown_dimension", "these are norms of a composite, and there are no weights of one"});
      return;
    }
    need_norm(kComposite);
    for (const auto& [name, weight] : *weights_) {
      if (declared_.find(name) != declared_.end()) continue;
      faults_.push_back({below("/scoring/composite/weights", name), "unknown_dimension", "/scoring/dimensions does not name it"});
    }
    for (const auto& [name, declared] : declared_) {
      if (weights_->find(name) != weights_->end()) continue;
      faults_.push_back({below("/scoring/composite/weights", name), "missing_field", "the composite takes in every dimension"});
    }
  }

  void relate_attachment() {
    if (!cuts_) return;
    for (const std::string_view name : {kAnxiety, kAvoidance}) {
      if (declared_.find(name) != declared_.end()) continue;
      faults_.push_back({below("/scoring/dimensions", name), "missing_field", "attachment styles need anxiety and avoidance"});
    }
  }

  // ---- Below, the document has no faults: every name has its counterpart. ----

  [[nodiscard]] std::size_t place_of(std::string_view dimension) const {
    return static_cast<std::size_t>(std::distance(declared_.begin(), declared_.find(dimension)));
  }

  void build() {
    for (const auto& [name, declared] : declared_) {
      out_.dimensions.push_back({name, declared.polarity, declared.reliability, norms_.find(name)->second, 0, 0});
    }
    for (std::size_t i = 0; i < out_.items.size(); ++i) {
      Item& item = out_.items[i];
      item.dimension = place_of(dimension_of_[i]);
      ++out_.dimensions[item.dimension].items;
      if (item.required) ++out_.dimensions[item.dimension].required_items;
    }
    std::ranges::sort(out_.items, {}, &Item::code);
    build_composite();
    if (!cuts_) return;
    const auto cut_of = [&](std::string_view name) {
      const auto stated = cuts_->find(name);
      return stated == cuts_->end() ? norms_.find(name)->second.mean : stated->second;
    };
    out_.attachment = Attachment{place_of(kAnxiety), place_of(kAvoidance), cut_of(kAnxiety), cut_of(kAvoidance)};
  }

  void build_composite() {
    if (!weights_) return;
    Composite composite;
    double sum = 0;
    for (const auto& [name, weight] : *weights_) sum += weight;
    for (const auto& [name, weight] : *weights_) composite.weights.push_back(weight / sum);
    composite.norm = norms_.find(kComposite)->second;
    composite.polarity = out_.dimensions.front().polarity;
    for (const Dimension& dimension : out_.dimensions) {
      if (dimension.polarity != composite.polarity) composite.polarity = Polarity::kNone;
    }
    out_.composite = std::move(composite);
  }

  Faults faults_;
  Members root_;
  Instrument out_;
  // In order of name, like the instrument's dimensions.
  std::map<std::string, Declared, std::less<>> declared_;
  std::map<std::string, Norm, std::less<>> norms_;  // of the norm group
  std::optional<std::map<std::string, double, std::less<>>> weights_;
  std::optional<std::map<std::string, double, std::less<>>> cuts_;
  std::vector<std::string> dimension_of_;  // of each item
  std::set<std::string> codes_;
  std::set<std::string> texts_;
};

}  // namespace

InstrumentReading read_instrument(std::string_view json) {
  simdjson::dom::parser parser;
  const simdjson::padded_string text(json);
  Element document;
  if (const auto error = parser.parse(text).get(document); error != simdjson::SUCCESS) {
    return {std::nullopt, {{"", "malformed_json", fmt::format("the text is not JSON: {}", simdjson::error_message(error))}}};
  }
  return Reader(document).run();
}

}  // namespace weir::scoring
