// The steps that reading the two forms of an action share: attributes, then data.
#pragma once

#include "common/events/action.hpp"
#include "common/events/action_rules.hpp"
#include "common/events/strict_json.hpp"

#include <simdjson.h>

#include <bitset>
#include <span>
#include <string_view>
#include <utility>

namespace weir::events {

/// Puts attributes one by one into an Action.
class Attributes {
 public:
  explicit Attributes(Action& action) : action_(action) {}

  /// A named attribute or an extension, as text. `pointer` is where it stands.
  [[nodiscard]] MaybeFault take(std::string_view name, std::string_view text, const std::string& pointer);
  [[nodiscard]] static ActionFault too_many();
  /// An attribute whose value is null: CloudEvents takes it for absent. Its name is checked all the same.
  [[nodiscard]] static MaybeFault leave_out(std::string_view name, const std::string& pointer);
  /// A fault where an attribute is missing that CloudEvents requires.
  [[nodiscard]] MaybeFault missing() const;

 private:
  void keep(std::string_view name, std::string_view text);

  Action& action_;
  std::bitset<kMaxAttributes> seen_;
  std::size_t count_ = 1;  // data is a member too
};

/// An attribute's name and value as text.
using AttributeView = std::pair<std::string_view, std::string_view>;

/// Checks the data by the rules of `action.type`, and keeps its text without space between tokens.
[[nodiscard]] MaybeFault take_data(simdjson::dom::object data, std::string_view text, Action& action);

struct ActionReader::State {
  [[nodiscard]] MaybeFault read_structured(std::string_view json, Action& action);
  [[nodiscard]] MaybeFault read_binary(std::span<const AttributeView> attributes, std::string_view data, Action& action);
  [[nodiscard]] tl::expected<std::vector<std::string_view>, ActionFault> split(std::string_view json);

  StrictJson strict;
  simdjson::dom::parser parser;
  simdjson::dom::parser data_parser;
  PaddedText array_text;
  ondemand::parser array_parser;

 private:
  [[nodiscard]] MaybeFault read_members(simdjson::dom::object event, std::string_view data, Action& action);
  /// Data as a text of its own, which no reader has judged yet.
  [[nodiscard]] MaybeFault read_data(std::string_view json, Action& action);
};

}  // namespace weir::events
