#include "consumers/scoring/pure/answers.hpp"

#include <algorithm>
#include <charconv>

namespace weir::scoring {

namespace {

using events::Token;
using events::TokenKind;
namespace ondemand = events::ondemand;

std::optional<std::int32_t> integer_of(const Token& token) {
  if (token.kind != TokenKind::kNumber || !events::is_json_integer(token.text)) return std::nullopt;
  std::int32_t value = 0;
  const char* const end = token.text.data() + token.text.size();
  const auto read = std::from_chars(token.text.data(), end, value);
  // A number that does not fit is outside of every scale.
  return read.ec == std::errc{} ? value : std::numeric_limits<std::int32_t>::max();
}

/// Walks through one document. False: it is not JSON, and must not be touched again.
class Walk {
 public:
  Walk(const Instrument& instrument, Answers& answers, Refusal& refusal) : instrument_(instrument), answers_(answers), refusal_(refusal) {}

  bool document(ondemand::object& object) {
    for (auto result : object) {
      ondemand::field field;
      if (std::move(result).get(field) != simdjson::SUCCESS) return false;
      std::string_view key;
      if (field.unescaped_key().get(key) != simdjson::SUCCESS) return false;
      if (!member(key, field.value())) return false;
    }
    if (!has_version_ || !has_answers_) refuse("missing_field");
    return true;
  }

 private:
  bool member(std::string_view key, ondemand::value& value) {
    if (key == "answers") {
      if (std::exchange(has_answers_, true)) refuse("repeated_key");
      return answers(value);
    }
    const Token token = events::token_of(value);
    if (key == "instrument_version") {
      if (std::exchange(has_version_, true)) refuse("repeated_key");
      const auto version = integer_of(token);
      if (!version) refuse("not_an_integer");
      if (version && *version != instrument_.version) refuse("wrong_version");
    } else {
      refuse("unknown_field");
    }
    return pass(token, value);
  }

  bool answers(ondemand::value& value) {
    const Token token = events::token_of(value);
    if (token.kind != TokenKind::kObject) {
      refuse("not_an_object");
      return pass(token, value);
    }
    ondemand::object object;
    if (value.get_object().get(object) != simdjson::SUCCESS) return false;
    for (auto result : object) {
      ondemand::field field;
      if (std::move(result).get(field) != simdjson::SUCCESS) return false;
      std::string_view code;
      if (field.unescaped_key().get(code) != simdjson::SUCCESS) return false;
      const auto item = instrument_.find_item(code);
      const Token answer = events::token_of(field.value());
      if (item) {
        take(*item, answer);
      } else {
        refuse("unknown_item");
      }
      if (!pass(answer, field.value())) return false;
    }
    return true;
  }

  void take(std::size_t index, const Token& token) {
    const Item& item = instrument_.items[index];
    const auto value = integer_of(token);
    if (answers_[index]) {
      refuse("repeated_key", item.code);
    } else if (!value) {
      refuse("not_an_integer", item.code);
    } else if (*value < item.scale_min || *value > item.scale_max) {
      refuse("out_of_scale", item.code);
    }
    // This is set even where the answer is refused, so that a second answer is noticed as a repeated key.
    answers_[index] = value.value_or(item.scale_min);
  }

  /// Moves behind a value. token_of has checked a scalar already.
  static bool pass(const Token& token, ondemand::value& value) {
    if (token.kind == TokenKind::kBroken) return false;
    const bool is_scalar = token.kind != TokenKind::kObject && token.kind != TokenKind::kArray;
    return is_scalar || events::walk(value, events::kWalkDepth);
  }

  void refuse(std::string_view reason, std::string_view code = {}) {
    if (refusal_.size() == kMaxReasons) return;
    std::string text(reason);
    if (!code.empty()) text.append(":").append(code);
    if (std::ranges::find(refusal_, text) == refusal_.end()) refusal_.push_back(std::move(text));
  }

  const Instrument& instrument_;
  Answers& answers_;
  Refusal& refusal_;
  bool has_version_ = false;
  bool has_answers_ = false;
};

}  // namespace

std::variant<Answers, Refusal> AnswersReader::read(std::string_view plaintext, const Instrument& instrument) {
  if (plaintext.size() > kMaxAnswersBytes) return Refusal{"too_large"};
  ondemand::document document;
  if (parser_.iterate(text_.assign(plaintext)).get(document) != simdjson::SUCCESS) return Refusal{"malformed_json"};
  ondemand::json_type type{};
  if (document.type().get(type) != simdjson::SUCCESS) return Refusal{"malformed_json"};
  if (type != ondemand::json_type::object) return Refusal{"not_an_object"};
  ondemand::object object;
  if (document.get_object().get(object) != simdjson::SUCCESS) return Refusal{"malformed_json"};
  Answers answers(instrument.items.size());
  Refusal refusal;
  if (!Walk(instrument, answers, refusal).document(object) || !events::ends_here(document)) return Refusal{"malformed_json"};
  std::ranges::sort(refusal);
  if (!refusal.empty()) return refusal;
  return answers;
}

}  // namespace weir::scoring
