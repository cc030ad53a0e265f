// A folder that one program at a time has to itself, and that stays when the program ends.
#pragma once

#include "common/core/result.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace weir::local {

class KeptFolder {
 public:
  /// Makes the folder if need be and locks it, by a lock that ends with this process. Fault kConfiguration: another program has it, which
  /// is named; or it holds files of somebody else; or Kafka could not name it; or the user that Postgres runs as cannot enter it.
  [[nodiscard]] static Result<KeptFolder> take(const std::filesystem::path& path);
  KeptFolder(KeptFolder&& other) noexcept;
  KeptFolder& operator=(KeptFolder&&) = delete;
  KeptFolder(const KeptFolder&) = delete;
  KeptFolder& operator=(const KeptFolder&) = delete;
  ~KeptFolder();

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  /// The ports that the folder's servers have, drawn once. Fault kIo: another program listens on one of them.
  [[nodiscard]] Result<std::map<std::string, int>> ports(const std::vector<std::string>& names) const;

 private:
  KeptFolder(std::filesystem::path path, int lock) : path_(std::move(path)), lock_(lock) {}
  std::filesystem::path path_;
  int lock_;  // -1: moved from
};

}  // namespace weir::local
