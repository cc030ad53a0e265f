#include "common/config/value.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace weir::config;

TEST_CASE("each wrong value is told in words") {
  struct Case {
    Field field;
    std::string value;
    std::string complaint;  // "": none
  };
  const Field size{.key = "k", .type = Type::kInteger, .minimum = "1", .maximum = "100"};
  const Field least{.key = "k", .type = Type::kInteger, .minimum = "1"};
  const Field wait{.key = "k", .type = Type::kDuration, .maximum = "1h"};
  const Field format{.key = "k", .type = Type::kChoice, .choices = {"json", "text"}};
  const std::vector<Case> cases{
      {size, "1", ""},
      {size, "100", ""},
      {size, "0", "0 is out of the range 1 to 100"},
      {size, "101", "101 is out of the range 1 to 100"},
      {size, "ten", "'ten' is not a whole number"},
      {size, "1.5", "'1.5' is not a whole number"},
      {size, "", "'' is not a whole number"},
      {size, "99999999999999999999", "'99999999999999999999' is not a whole number"},
      {least, "0", "0 is less than 1"},
      {wait, "30m", ""},
      {wait, "2h", "2h is more than 1h"},
      {wait, "30", "'30' is not a duration (a whole number and a unit: 250ms, 5s, 2m, 24h or 30d)"},
      {{.key = "k", .type = Type::kReal}, "1e3", ""},
      {{.key = "k", .type = Type::kReal}, "much", "'much' is not a number"},
      {{.key = "k", .type = Type::kReal}, "inf", "'inf' is not a number"},
      {{.key = "k", .type = Type::kBoolean}, "true", ""},
      {{.key = "k", .type = Type::kBoolean}, "yes", "'yes' is not true or false"},
      {{.key = "k", .type = Type::kBytes}, "8MiB", ""},
      {{.key = "k", .type = Type::kBytes}, "8MB", "'8MB' is not a size (a whole number of bytes, or with a unit: 64KiB, 8MiB, 1GiB)"},
      {format, "text", ""},
      {format, "txt", "'txt' is not one of json, text (did you mean text?)"},
      {format, "xml", "'xml' is not one of json, text"},
      {{.key = "k", .type = Type::kTextMap}, "a=1, b=2", ""},
      {{.key = "k", .type = Type::kTextMap}, "a", "'a' is not NAME=VALUE"},
      {{.key = "k", .type = Type::kTextMap, .harmless = {"a"}}, "a=1,{b: hush}", "item 2 is not NAME=VALUE"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.value);
    CHECK(complaint(c.field, c.value).value_or("") == c.complaint);
  }
}

TEST_CASE("sizes are read with binary units, and never overflow") {
  CHECK(bytes_of("512") == 512U);
  CHECK(bytes_of("64KiB") == 65'536U);
  CHECK(bytes_of("1GiB") == 1'073'741'824U);
  CHECK_FALSE(bytes_of("99999999999999GiB"));
  CHECK_FALSE(bytes_of("-1"));
}

TEST_CASE("lists and maps are split at commas, blanks around them dropped") {
  CHECK(setting_of({.key = "k", .type = Type::kTextList}, "a, b ,c", "here").list == std::vector<std::string>{"a", "b", "c"});
  const Setting map = setting_of({.key = "k", .type = Type::kTextMap}, "security.protocol=SSL, x=a=b", "here");
  CHECK(map.map.at("security.protocol") == "SSL");
  CHECK(map.map.at("x") == "a=b");
}

TEST_CASE("a row's domain reads as one phrase") {
  CHECK(domain_of({.key = "k", .type = Type::kInteger, .minimum = "1", .maximum = "100"}) == "whole number, 1 to 100");
  CHECK(domain_of({.key = "k", .type = Type::kDuration, .minimum = "1s"}) == "duration, at least 1s");
  CHECK(domain_of({.key = "k", .type = Type::kChoice, .choices = {"a", "b"}}) == "one of a, b");
}
