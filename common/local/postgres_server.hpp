// What every private PostgreSQL server of weir has in common: where its programs are, whom it runs as, and how it is set.
#pragma once

#include "common/core/result.hpp"

#include <filesystem>
#include <string>

namespace weir::local {

/// The folder of initdb and postgres. Fault kIo: there is none.
[[nodiscard]] Result<std::filesystem::path> postgres_binaries();
/// The operating system's user that runs it; empty: ours. initdb and postgres refuse root.
[[nodiscard]] std::string postgres_user();
/// Makes a folder that belongs to that user, and takes one that is there.
[[nodiscard]] Result<void> make_postgres_folder(const std::filesystem::path& folder);
/// Lines of postgresql.conf: loopback alone, logical decoding, nothing of rows in the log. Without fsync, since most do not outlive their
/// owner.
[[nodiscard]] std::string postgres_settings(int port, const std::filesystem::path& socket_folder);

}  // namespace weir::local
