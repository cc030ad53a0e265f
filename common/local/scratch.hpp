// A private directory that is removed with its owner.
#pragma once

#include "common/core/result.hpp"
#include "common/supervise/guardian.hpp"

#include <filesystem>
#include <memory>

namespace weir::local {

class Scratch {
 public:
  /// A new directory under $TMPDIR. Others cannot list it; they can enter it only where the services in it run as another user.
  [[nodiscard]] static Result<Scratch> create(std::shared_ptr<supervise::Guardian> guardian);
  Scratch(Scratch&& other) noexcept = default;
  Scratch& operator=(Scratch&&) = delete;
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch();

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  /// Leaves it there when the owner ends (`--keep`).
  void keep();

 private:
  Scratch(std::shared_ptr<supervise::Guardian> guardian, std::filesystem::path path)
      : guardian_(std::move(guardian)), path_(std::move(path)) {}

  std::shared_ptr<supervise::Guardian> guardian_;  // none: kept, or moved from
  std::filesystem::path path_;
};

/// Whether nobody listens on this TCP port of loopback now.
[[nodiscard]] bool can_listen(int port);
/// A TCP port on loopback on which nobody listens now. Chosen below the range from which the kernel takes the ports of outgoing
/// connections: a client that keeps calling a stopped service would otherwise sooner or later be given that service's port.
[[nodiscard]] Result<int> free_port();

}  // namespace weir::local
