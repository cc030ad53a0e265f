// Master keys: by file and by command, and the one before.
#include "common/encryption/master_key.hpp"

#include "common/core/base64.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>

using namespace weir;
using namespace weir::encryption;

namespace {

/// A directory that goes with the test.
struct Folder {
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "weir-keys-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path); }
  std::filesystem::path path;
};

std::string fault_of(const std::filesystem::path& file, const std::string& content, std::filesystem::perms permissions) {
  std::filesystem::remove(file);
  std::ofstream(file) << content;
  std::filesystem::permissions(file, permissions);
  const auto key = master_key_of_file(file);
  return key ? "" : key.error().message;
}

}  // namespace

TEST_CASE("a key that a file's master key wraps is unwrapped by it alone, and only under its id") {
  const Folder folder;
  REQUIRE(make_master_key(folder.path / "a").has_value());
  REQUIRE(make_master_key(folder.path / "b").has_value());
  CHECK_FALSE(make_master_key(folder.path / "a").has_value());
  const auto a = master_key_of_file(folder.path / "a").value();
  const auto b = master_key_of_file(folder.path / "b").value();
  CHECK(a->name() != b->name());
  CHECK(a->name() == master_key_of_file(folder.path / "a").value()->name());
  CHECK(a->name().starts_with("file:"));
  const Key key = Key::random();
  const Uuid id = Uuid::random();
  const std::string wrapped = a->wrap(key, id).value();
  CHECK(a->unwrap(wrapped, id).value() == key);
  CHECK_FALSE(a->unwrap(wrapped, Uuid::random()).has_value());
  CHECK_FALSE(b->unwrap(wrapped, id).has_value());
}

TEST_CASE("a file that others can read, or that holds no key, is refused") {
  using std::filesystem::perms;
  const Folder folder;
  const auto file = folder.path / "key";
  const std::string good = base64(std::string(32, 'k')) + "\n";
  CHECK(fault_of(file, good, perms::owner_read).empty());
  CHECK(fault_of(file, good, perms::owner_read | perms::group_read).find("can be read by others") != std::string::npos);
  CHECK(fault_of(file, base64("short"), perms::owner_read).find("is not 32 bytes in base64") != std::string::npos);
  CHECK(fault_of(file, "no base64", perms::owner_read).find("is not 32 bytes in base64") != std::string::npos);
  CHECK(master_key_of_file(folder.path / "none").error().exit_code() == ExitCode::kConfiguration);
}

TEST_CASE("a command wraps and unwraps in the place of a file") {
  // Each byte is moved by one: enough to see which way it went.
  const auto master = master_key_of_command("sh -c 'base64 -d | tr \"\\000-\\377\" \"\\001-\\377\\000\" | base64 -w0' x");
  const auto back = master_key_of_command("sh -c 'base64 -d | tr \"\\001-\\377\\000\" \"\\000-\\377\" | base64 -w0' x");
  const Key key = Key::random();
  const std::string wrapped = master->wrap(key, Uuid()).value();
  CHECK(wrapped != key.bytes());
  CHECK(back->unwrap(wrapped, Uuid()).value() == key);
  CHECK(
      master_key_of_command("false")->wrap(key, Uuid()).error().message.find("encryption.master_command wrap: it ended with exit code 1") !=
      std::string::npos);
  CHECK_FALSE(master_key_of_command("echo nonsense")->unwrap(wrapped, Uuid()).has_value());
}

TEST_CASE("the master key before unwraps what it wrapped; one that is not at hand is named") {
  const Folder folder;
  REQUIRE(make_master_key(folder.path / "old").has_value());
  REQUIRE(make_master_key(folder.path / "new").has_value());
  const Key key = Key::random();
  const Uuid id = Uuid::random();
  const auto old = master_key_of_file(folder.path / "old").value();
  const std::string wrapped = old->wrap(key, id).value();
  MasterKeys masters;
  masters.current = master_key_of_file(folder.path / "new").value();
  const auto without = masters.unwrap(wrapped, old->name(), id);
  REQUIRE_FALSE(without.has_value());
  CHECK(without.error().message.find(old->name()) != std::string::npos);
  masters.all_previous.push_back(master_key_of_file(folder.path / "old").value());
  CHECK(masters.unwrap(wrapped, old->name(), id).value() == key);
}
