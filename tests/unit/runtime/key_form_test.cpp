#include "common/runtime/key_form.hpp"

#include <doctest/doctest.h>

using namespace weir::runtime;

TEST_CASE("a key is bare, wrapped in schema and payload, or of another converter; a record without a key has no form") {
  CHECK(form_of(R"({"id":1})") == KeyForm::kBare);
  CHECK(form_of(R"( { "id" : 1 })") == KeyForm::kBare);
  CHECK(form_of("{}") == KeyForm::kBare);
  CHECK(form_of(R"({"schemas":1})") == KeyForm::kBare);
  CHECK(form_of(R"({"schema":{"type":"struct"},"payload":{"id":1}})") == KeyForm::kWrapped);
  CHECK(form_of("\n{ \"payload\": {\"id\":1}, \"schema\": null}") == KeyForm::kWrapped);
  for (const char* other : {"", " ", "Struct{id=1}", "7", "\"{\"", "[1]"}) CHECK(form_of(other) == KeyForm::kOther);
  CHECK(form_of(std::nullopt) == std::nullopt);
}

TEST_CASE("a form comes back from its stored name") {
  for (const KeyForm form : {KeyForm::kBare, KeyForm::kWrapped, KeyForm::kOther}) CHECK(key_form_named(name_of(form)) == form);
  CHECK(key_form_named("") == std::nullopt);
}
