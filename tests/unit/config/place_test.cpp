#include "common/config/place.hpp"
#include "tests/unit/config/sample.hpp"

#include <doctest/doctest.h>

using namespace weir::config;

TEST_CASE("a file in the working directory wins over the installed one, which wins over none") {
  const sample::Directory directory;
  const std::string here = directory.path("here.yaml");
  const std::string installed = directory.path("installed.yaml");
  CHECK(place_of_file(here, installed) == here);
  directory.write("installed.yaml", "");
  CHECK(place_of_file(here, installed) == installed);
  directory.write("here.yaml", "");
  CHECK(place_of_file(here, installed) == here);
}
