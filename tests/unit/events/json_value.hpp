// A JSON text as the readers of common/events are given it.
#pragma once

#include "common/events/json_text.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

namespace weir::events::testing {

/// `use(document, object)` over a text that holds one object.
template <class Use>
auto with_object(std::string_view json, Use use) {
  PaddedText padded;
  ondemand::parser parser;
  ondemand::document document;
  ondemand::object object;
  REQUIRE(parser.iterate(padded.assign(json)).get(document) == simdjson::SUCCESS);
  REQUIRE(document.get_object().get(object) == simdjson::SUCCESS);
  return use(document, object);
}

/// `use(value)` over any value, broken or not, as a member of an object.
template <class Use>
auto with_value(std::string_view json, Use use) {
  return with_object("{\"v\":" + std::string(json) + "}", [&](ondemand::document&, ondemand::object& object) {
    ondemand::value value;
    REQUIRE(object["v"].get(value) == simdjson::SUCCESS);
    return use(value);
  });
}

}  // namespace weir::events::testing
