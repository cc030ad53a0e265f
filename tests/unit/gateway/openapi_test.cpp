// The description for programs is JSON, and lists every type.
#include "producers/gateway/openapi.hpp"

#include "common/events/action.hpp"

#include <doctest/doctest.h>
#include <simdjson.h>

using namespace weir;

TEST_CASE("the document is JSON, and every reference in it leads somewhere") {
  const std::string text = gateway::openapi_document();
  simdjson::dom::parser parser;
  const simdjson::dom::element document = parser.parse(text).value();
  CHECK(std::string_view(document["openapi"]) == "3.1.0");
  CHECK(document["paths"]["/v1/events"]["post"].error() == simdjson::SUCCESS);
  std::size_t references = 0;
  for (std::size_t at = text.find("\"$ref\":\"#"); at != std::string::npos; at = text.find("\"$ref\":\"#", at + 1)) {
    const std::size_t begin = at + std::string_view("\"$ref\":\"#").size();
    const std::string pointer = text.substr(begin, text.find('"', begin) - begin);
    CAPTURE(pointer);
    CHECK(document.at_pointer(pointer).error() == simdjson::SUCCESS);
    ++references;
  }
  CHECK(references > 10);
}
