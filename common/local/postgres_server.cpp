#include "common/local/postgres_server.hpp"

#include "common/supervise/process.hpp"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

namespace weir::local {

namespace {

constexpr std::size_t kLongestSocketPath = 90;  // sun_path holds 108, the server adds "/.s.PGSQL.65535.lock"

/// As the inside of a text in postgresql.conf.
std::string doubled_quotes(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '\'' ? std::string("''") : std::string(1, c);
  return out;
}

}  // namespace

// Debian keeps initdb and postgres out of PATH, in a folder for each major version.
Result<std::filesystem::path> postgres_binaries() {
  if (const char* named = std::getenv("WEIR_LOCAL_POSTGRES_BIN"); named != nullptr && *named != '\0') return std::filesystem::path(named);
  std::vector<std::pair<int, std::filesystem::path>> found;
  std::error_code failed;
  for (const auto& version : std::filesystem::directory_iterator("/usr/lib/postgresql", failed)) {
    const std::filesystem::path bin = version.path() / "bin";
    if (std::filesystem::exists(bin / "initdb") && std::filesystem::exists(bin / "postgres")) {
      found.emplace_back(std::atoi(version.path().filename().c_str()), bin);
    }
  }
  if (!found.empty()) return std::max_element(found.begin(), found.end())->second;
  if (const auto initdb = supervise::find_program("initdb")) return std::filesystem::path(*initdb).parent_path();
  return fail(FaultKind::kIo, "cannot find PostgreSQL's initdb",
              "install Debian's package postgresql, or name the folder of its binaries in WEIR_LOCAL_POSTGRES_BIN");
}

std::string postgres_user() { return ::geteuid() == 0 ? "postgres" : ""; }

Result<void> make_postgres_folder(const std::filesystem::path& folder) {
  std::error_code failed;
  std::filesystem::create_directory(folder, failed);
  if (failed) return fail(FaultKind::kIo, "cannot make " + folder.string() + ": " + failed.message());
  const std::string user = postgres_user();
  if (user.empty()) return {};
  const passwd* entry = ::getpwnam(user.c_str());
  if (entry == nullptr || ::chown(folder.c_str(), entry->pw_uid, entry->pw_gid) != 0) {
    return fail(FaultKind::kIo, "PostgreSQL does not run as root, and there is no user postgres to run it as",
                "install Debian's package postgresql, which makes it, or run as another user");
  }
  return {};
}

std::string postgres_settings(int port, const std::filesystem::path& socket_folder) {
  const bool socket_fits = socket_folder.string().size() < kLongestSocketPath;
  return "listen_addresses = '127.0.0.1'\n"
         "port = " +
         std::to_string(port) +
         "\n"
         "unix_socket_directories = '" +
         (socket_fits ? doubled_quotes(socket_folder.string()) : "") +
         "'\n"
         "wal_level = logical\n"
         "max_wal_senders = 20\n"
         "max_replication_slots = 20\n"
         "max_connections = 200\n"
         "fsync = off\n"
         "full_page_writes = off\n"
         "synchronous_commit = on\n"
         "shared_buffers = 128MB\n"
         "max_wal_size = 2GB\n"
         "timezone = 'UTC'\n"
         "log_timezone = 'UTC'\n"
         "log_min_messages = warning\n"
         // A statement or row that is refused may hold what must not be readable: neither is logged.
         "log_error_verbosity = terse\n"
         "log_min_error_statement = panic\n"
         // Files in the data directory, not in /dev/shm: they go with it.
         "dynamic_shared_memory_type = mmap\n";
}

}  // namespace weir::local
