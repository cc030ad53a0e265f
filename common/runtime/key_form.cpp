#include "common/runtime/key_form.hpp"

#include <array>

namespace weir::runtime {

namespace {

constexpr std::array kNames{std::string_view("bare"), std::string_view("wrapped"), std::string_view("other")};
constexpr std::string_view kSpace = " \t\r\n";

}  // namespace

bool looks_wrapped(std::string_view json) {
  const std::size_t open = json.find_first_not_of(kSpace);
  const std::size_t key = open == std::string_view::npos ? open : json.find_first_not_of(kSpace, open + 1);
  if (key == std::string_view::npos) return false;
  return json.substr(key).starts_with("\"schema\"") || json.substr(key).starts_with("\"payload\"");
}

std::optional<KeyForm> form_of(std::optional<std::string_view> key) {
  if (!key) return std::nullopt;
  const std::size_t open = key->find_first_not_of(kSpace);
  if (open == std::string_view::npos || (*key)[open] != '{') return KeyForm::kOther;
  return looks_wrapped(*key) ? KeyForm::kWrapped : KeyForm::kBare;
}

std::string_view name_of(KeyForm form) { return kNames[static_cast<std::size_t>(form)]; }

std::optional<KeyForm> key_form_named(std::string_view name) {
  for (const KeyForm form : {KeyForm::kBare, KeyForm::kWrapped, KeyForm::kOther}) {
    if (name_of(form) == name) return form;
  }
  return std::nullopt;
}

}  // namespace weir::runtime
