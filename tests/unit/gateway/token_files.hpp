// A key set in a file of its own, replaced as an operator replaces it: written beside, then renamed.
#pragma once

#include "producers/gateway/token_verifier.hpp"
#include "tests/unit/gateway/token_maker.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace weir::testing {

class KeyFile {
 public:
  KeyFile() : path_(std::filesystem::temp_directory_path() / ("weir-keys-" + Uuid::random().text() + ".json")) {}
  KeyFile(const KeyFile&) = delete;
  KeyFile& operator=(const KeyFile&) = delete;
  ~KeyFile() { remove(); }

  void write(const std::string& text) const {
    const std::string beside = path_.string() + ".new";
    std::ofstream(beside) << text;
    std::filesystem::rename(beside, path_);
  }
  void remove() const {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  [[nodiscard]] std::string path() const { return path_.string(); }
  [[nodiscard]] gateway::TokenOptions options() const { return {.path = path(), .allow_hs256 = false, .rules = test_rules()}; }

 private:
  std::filesystem::path path_;
};

}  // namespace weir::testing
