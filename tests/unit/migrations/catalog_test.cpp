#include "common/migrations/catalog.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

using namespace weir;
using namespace weir::migrations;

namespace {

std::string fault_of(const std::vector<EmbeddedFile>& files) {
  const auto read = read_catalog(files);
  return read ? "" : read.error().message;
}

}  // namespace

TEST_CASE("files are paired and ordered by number") {
  const std::vector<EmbeddedFile> files{{"schemas/migrations/0002_b.down.sql", "down 2"},
                                        {"schemas/migrations/0002_b.up.sql", "up 2"},
                                        {"schemas/migrations/0001_a.up.sql", "up 1"},
                                        {"schemas/migrations/0001_a.down.sql", "down 1"}};
  const auto read = read_catalog(files);
  REQUIRE(read.has_value());
  REQUIRE(read->size() == 2);
  CHECK((*read)[0].name == "a");
  CHECK((*read)[1].up == "up 2");
  CHECK((*read)[1].down == "down 2");
  CHECK((*read)[1].up_path() == "schemas/migrations/0002_b.up.sql");
  CHECK((*read)[0].checksum != (*read)[1].checksum);
  CHECK((*read)[0].checksum.size() == 64);
}

TEST_CASE("a file that is not half of a pair is refused by name") {
  CHECK(fault_of({{"schemas/migrations/1_a.up.sql", "x"}}) ==
        "schemas/migrations/1_a.up.sql: is not named NNNN_name.up.sql or NNNN_name.down.sql");
  CHECK(fault_of({{"schemas/migrations/0001_a.sql", "x"}}) ==
        "schemas/migrations/0001_a.sql: is not named NNNN_name.up.sql or NNNN_name.down.sql");
  CHECK(fault_of({{"schemas/migrations/0001_a.up.sql", "x"}}) == "schemas/migrations/0001_a.down.sql: is missing or empty");
  CHECK(fault_of({{"schemas/migrations/0001_a.up.sql", "x"}, {"schemas/migrations/0001_b.up.sql", "x"}}) ==
        "schemas/migrations/0001_b.up.sql: number 1 is also that of a");
}

TEST_CASE("the executable carries every migration of the repository, letter by letter") {
  const char* source = std::getenv("WEIR_SOURCE_DIR");
  REQUIRE(source != nullptr);
  const auto carried = shipped();
  REQUIRE(carried.has_value());
  std::set<std::string> paths;
  for (const Migration& migration : *carried) {
    for (const auto& [path, text] : {std::pair{migration.up_path(), migration.up}, std::pair{migration.down_path(), migration.down}}) {
      CAPTURE(path);
      std::ostringstream file;
      file << std::ifstream(std::filesystem::path(source) / path).rdbuf();
      CHECK(file.str() == text);
      paths.insert(path);
    }
  }
  for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(source) / "schemas/migrations")) {
    CAPTURE(entry.path().string());
    CHECK(paths.contains("schemas/migrations/" + entry.path().filename().string()));
  }
}
