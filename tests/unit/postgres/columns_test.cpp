#include "common/postgres/columns.hpp"

#include <doctest/doctest.h>

#include <type_traits>

using namespace weir;
using postgres::element_of;

namespace {

template <class Element, class T>
bool goes_as(const T& value, const Element& expected) {
  static_assert(std::is_same_v<decltype(element_of(value)), Element>);
  return element_of(value) == expected;
}

}  // namespace

TEST_CASE("a value goes into its column in the type that arrays have") {
  const Uuid id = Uuid::random();
  CHECK(goes_as(true, std::int64_t{1}));
  CHECK(goes_as(std::int16_t{-7}, std::int64_t{-7}));
  CHECK(goes_as(Microseconds{1'500}, std::int64_t{1'500}));
  CHECK(goes_as("text", std::string("text")));
  CHECK(goes_as(std::string_view("text"), std::string("text")));
  CHECK(goes_as(id, id));
  CHECK(goes_as(OrganizationId{id}, id));
  CHECK(goes_as(from_unix_ms(1'500), from_unix_ms(1'500)));
}
