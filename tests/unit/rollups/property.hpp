// One RapidCheck property as one doctest assertion.
#pragma once

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <string>

namespace weir::rollups {

template <class Property>
void holds(const std::string& fact, Property property) {
  CHECK_MESSAGE(rc::check(fact, property), fact);
}

}  // namespace weir::rollups
