// Rotation: of the master key, and of an organization's keys, stopped and killed in the middle of it.
#include "common/core/await.hpp"
#include "common/core/base64.hpp"
#include "common/supervise/process.hpp"
#include "tests/component/encryption/vault.hpp"

#include <algorithm>
#include <sstream>

using namespace weir;
using testing::run_weir;
using testing::Vault;

namespace {

constexpr Milliseconds kPatience{60'000};

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("a rotation that is killed in the middle goes on, and every value decrypts at every moment") {
  constexpr int kValues = 600;
  Vault vault;
  vault.fill(kValues);
  const std::string before = vault.value("SELECT string_agg(id::text, ',') FROM weir.data_keys WHERE status = 'active'");
  supervise::Command command;
  command.arguments = {testing::weir_executable(), "keys", "rotate", "--organization", Vault::kOrganization, "--batch", "3"};
  command.environment = vault.environment;
  command.output = testing::scratch() / "rotate.log";
  auto process = supervise::Process::spawn(testing::guardian(), command).value();
  const bool half = await(kPatience, [&] {
    CHECK(vault.count_open() == kValues);
    const int left = vault.retiring();
    return left > 0 && left < kValues - 20;
  });
  process.kill();
  REQUIRE(half);
  const int left = vault.retiring();
  CHECK(left > 0);
  CHECK(left < kValues);
  CHECK(vault.count_open() == kValues);
  // What is written under an old key meanwhile, by whoever did not hear of the rotation, is found too.
  vault.run("UPDATE weir.data_keys SET status = 'retiring' WHERE user_id = '" + Vault::user(1).text() + "' AND status = 'active'");
  const auto said = run_weir({"keys", "reencrypt"}, vault.environment);
  CHECK(said.exit_code == 0);
  CHECK(vault.retiring() == 0);
  CHECK(vault.count_open() == kValues);
  CHECK(run_weir({"keys", "reencrypt"}, vault.environment).out == "0 values were encrypted anew\n");
  CHECK(vault.value("SELECT count(*) FROM public.connectors WHERE weir.key_of(credentials_encrypted)::text = ANY (string_to_array('" +
                    before + "', ','))") == "0");
}

TEST_CASE("a change of the master key that is killed in the middle goes on, and every key opens at every moment") {
  constexpr int kKeys = 60;
  Vault vault;
  vault.fill(3);
  vault.run("INSERT INTO public.organizations (name) SELECT n::text FROM generate_series(2, " + std::to_string(kKeys) + ") n");
  REQUIRE(run_weir({"keys", "init"}, vault.environment).exit_code == 0);
  std::filesystem::rename(vault.folder / "master.key", vault.folder / "old.key");
  REQUIRE(encryption::make_master_key(vault.folder / "master.key").has_value());
  auto both = vault.environment;
  both["WEIR_ENCRYPTION_PREVIOUS_MASTER_KEY_FILE"] = vault.folder / "old.key";
  vault.masters = vault.open_masters();
  vault.masters.all_previous.push_back(encryption::master_key_of_file(vault.folder / "old.key").value());
  const auto wrapped_anew = [&] {
    return std::stoi(vault.value("SELECT count(*) FROM weir.data_keys WHERE wrapped_by = '" + vault.masters.current->name() + "'"));
  };
  const auto open_keys = [&] {
    encryption::KeyRing ring(vault.connection, vault.masters);  // knows no key yet
    const auto all = encryption::organization_keys(vault.connection, std::nullopt).value();
    int readable = 0;
    for (const auto& key : all) readable += ring.decrypting_key(key.id) ? 1 : 0;
    return readable;
  };
  // A key that somebody holds: there the rotation waits, with keys before it done and keys behind it not.
  auto other = vault.connect();
  const auto keys = encryption::organization_keys(vault.connection, std::nullopt).value();
  REQUIRE(other.begin().has_value());
  REQUIRE(other.script("SELECT FROM weir.data_keys WHERE id = '" + keys[kKeys / 2].id.text() + "' FOR UPDATE").has_value());
  supervise::Command command;
  command.arguments = {testing::weir_executable(), "keys", "rotate"};
  command.environment = both;
  command.output = testing::scratch() / "rewrap.log";
  auto process = supervise::Process::spawn(testing::guardian(), command).value();
  REQUIRE(await(kPatience, [&] { return wrapped_anew() == kKeys / 2; }));
  CHECK(open_keys() == kKeys);
  process.kill();
  REQUIRE(other.rollback().has_value());
  CHECK(open_keys() == kKeys);
  CHECK(vault.count_open() == 3);
  CHECK(run_weir({"keys", "rotate"}, both).exit_code == 0);
  CHECK(wrapped_anew() == kKeys);
  std::filesystem::remove(vault.folder / "old.key");
  vault.masters = vault.open_masters();
  CHECK(open_keys() == kKeys);
  CHECK(vault.count_open() == 3);
}

TEST_CASE("a rotation that is asked to stop stops between two batches, and says how to go on") {
  Vault vault;
  vault.fill(30);
  vault.run("UPDATE weir.data_keys SET status = 'retiring'");
  encryption::KeyRing ring(vault.connection, vault.masters);
  encryption::ReencryptOptions options;
  options.batch = 10;
  std::int64_t told = 0;
  options.told = [&](const encryption::EncryptedColumn&, std::int64_t encrypted) { told = encrypted; };
  options.stopped = [&] { return told >= 10; };
  CHECK(encryption::reencrypt(vault.connection, ring, options).value() == 10);
  CHECK(vault.retiring() == 20);
  CHECK(vault.count_open() == 30);
}

TEST_CASE("every encrypted column is encrypted anew, and the index of an address with it") {
  Vault vault;
  encryption::KeyRing ring(vault.connection, vault.masters);
  const Uuid row = Uuid::random();
  const auto of_user = ring.encrypting_key(Vault::owner(1)).value();
  const encryption::KeyOwner all{*Uuid::parse(Vault::kOrganization), std::nullopt};
  const auto of_organization = ring.encrypting_key(all).value();
  const auto encrypted = [&](const encryption::NamedKey& key, const std::string& table, const std::string& column,
                             const std::string& text) {
    return "decode('" + base64(encryption::encrypt(key.key, key.id, {table, column, row.text()}, text)) + "', 'base64')";
  };
  const std::string index =
      encryption::blind_index(of_organization.key, "public.notification_destinations", "address_encrypted", "a@example.org");
  vault.run(
      R"(
INSERT INTO public.notification_destinations (id, organization_id, user_id, channel, address_encrypted, secret_encrypted, address_hash)
VALUES (')" +
      row.text() + "', '" + Vault::kOrganization + "', '" + Vault::user(1).text() + "', 'email', " +
      encrypted(of_user, "public.notification_destinations", "address_encrypted", "a@example.org") + ", " +
      encrypted(of_user, "public.notification_destinations", "secret_encrypted", "s") + ", decode('" + base64(index) + "', 'base64'))");
  vault.run("INSERT INTO public.assessments (id, key, instrument_version, title) VALUES ('" + row.text() + "', 'k', 1, 't')");
  vault.run("INSERT INTO public.assessment_responses (id, organization_id, user_id, assessment_id, answers_encrypted) VALUES ('" +
            row.text() + "', '" + Vault::kOrganization + "', '" + Vault::user(1).text() + "', '" + row.text() + "', " +
            encrypted(of_organization, "public.assessment_responses", "answers_encrypted", "{}") + ")");
  const std::string keys =
      R"(
SELECT (SELECT weir.key_of(address_encrypted) || ' ' || weir.key_of(secret_encrypted) || ' ' || encode(address_hash, 'hex')
          FROM public.notification_destinations)
       || ' ' || (SELECT weir.key_of(answers_encrypted) FROM public.assessment_responses))";
  const std::string before = vault.value(keys);
  CHECK(has(run_weir({"keys", "rotate", "--organization", Vault::kOrganization}, vault.environment).out, "3 values were encrypted anew"));
  const std::string after = vault.value(keys);
  std::istringstream words(before);
  for (std::string word; words >> word;) CHECK_FALSE(has(after, word));
  encryption::KeyRing anew(vault.connection, vault.masters);
  const auto address =
      vault.connection.script("SELECT address_encrypted, secret_encrypted, address_hash FROM public.notification_destinations").value();
  CHECK(anew.decrypt({"public.notification_destinations", "address_encrypted", row.text()}, address[0].bytes(0)).value() ==
        "a@example.org");
  CHECK(anew.decrypt({"public.notification_destinations", "secret_encrypted", row.text()}, address[0].bytes(1)).value() == "s");
  const auto now = anew.encrypting_key(all).value();
  CHECK(address[0].bytes(2) == encryption::blind_index(now.key, "public.notification_destinations", "address_encrypted", "a@example.org"));
  const std::string indexes = run_weir({"keys", "index", "--organization", Vault::kOrganization}, vault.environment).out;
  CHECK(std::count(indexes.begin(), indexes.end(), '\n') == 2);
}

TEST_CASE("the master key is changed without touching a value, and the old one can go") {
  Vault vault;
  vault.fill(9);
  const std::string values = vault.value("SELECT md5(string_agg(credentials_encrypted::text, '' ORDER BY id)) FROM public.connectors");
  std::filesystem::rename(vault.folder / "master.key", vault.folder / "old.key");
  CHECK(run_weir({"keys", "rotate"}, vault.environment).exit_code == 78);
  REQUIRE(encryption::make_master_key(vault.folder / "master.key").has_value());
  const auto alone = run_weir({"keys", "rotate"}, vault.environment);
  CHECK(alone.exit_code == 78);
  CHECK(has(alone.err, "which is not at hand"));
  auto both = vault.environment;
  both["WEIR_ENCRYPTION_PREVIOUS_MASTER_KEY_FILE"] = vault.folder / "old.key";
  CHECK(has(run_weir({"keys", "rotate"}, both).out, "1 keys were wrapped anew by file:"));
  CHECK(has(run_weir({"keys", "rotate"}, both).out, "0 keys were wrapped anew by file:"));
  std::filesystem::remove(vault.folder / "old.key");
  vault.masters = vault.open_masters();
  CHECK(vault.count_open() == 9);
  CHECK(vault.value("SELECT md5(string_agg(credentials_encrypted::text, '' ORDER BY id)) FROM public.connectors") == values);
}
