#include "common/core/file_text.hpp"

#include "common/core/uuid.hpp"

#include <doctest/doctest.h>

using weir::file_text;

TEST_CASE("a file is read whole, byte by byte; a directory, and what is not there, is no file") {
  const auto path = std::filesystem::temp_directory_path() / ("weir-file-text-" + weir::Uuid::random().text());
  CHECK_FALSE(file_text(path));
  const std::string bytes("a\0\xff\r\n", 5);
  std::ofstream(path, std::ios::binary) << bytes;
  CHECK(file_text(path) == bytes);
  std::filesystem::remove(path);
  CHECK_FALSE(file_text(std::filesystem::temp_directory_path()));
}
