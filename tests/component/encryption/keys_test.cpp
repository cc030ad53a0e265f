// weir keys as an operator and an application use them, and what the database holds of it.
#include "common/core/base64.hpp"
#include "tests/component/encryption/vault.hpp"

using namespace weir;
using testing::run_weir;
using testing::Vault;

namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// weir WORDS with `input` on its standard input.
testing::Said run_with_input(const std::vector<std::string>& words, const std::map<std::string, std::string>& environment,
                             const std::string& input) {
  const auto file = testing::scratch() / "input";
  std::ofstream(file) << input;
  std::string command = "env";
  for (const auto& [name, value] : environment) command += " " + testing::shell_quoted(name + "=" + value);
  command += " " + testing::shell_quoted(testing::weir_executable());
  for (const std::string& word : words) command += " " + testing::shell_quoted(word);
  const auto out = testing::scratch() / "out-of-input";
  const int status = std::system((command + " <" + testing::shell_quoted(file) + " >" + testing::shell_quoted(out)).c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, testing::text_of(out), ""};
}

}  // namespace

TEST_CASE("every column of encrypted values that the schema has is one that rotation knows, and the other way round") {
  Vault vault;
  std::string known;
  for (const auto& column : encryption::encrypted_columns()) known += std::string(column.table) + "." + std::string(column.column) + "\n";
  CHECK(vault.value(
            "SELECT string_agg(n.nspname || '.' || c.relname || '.' || a.attname || E'\\n', '' ORDER BY c.relname, a.attname) FROM "
            "pg_attribute a "
            "JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE a.attname LIKE '%\\_encrypted' AND "
            "c.relkind IN ('r', 'p') AND NOT c.relispartition AND NOT a.attisdropped") == known);
  CHECK(vault.value(
            "SELECT count(*) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid WHERE a.attname LIKE '%\\_encrypted' AND c.relkind "
            "= 'r' AND "
            "NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'c' AND pg_get_constraintdef(k.oid) LIKE "
            "'%is_sealed(' || a.attname || ')%')") == "0");
}

TEST_CASE("init makes the master key once, for its owner alone, and a key for each organization") {
  Vault vault;
  CHECK((std::filesystem::status(vault.folder / "master.key").permissions() & std::filesystem::perms::all) ==
        (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
  CHECK(vault.value("SELECT count(*) || status || (wrapped_by LIKE 'file:%') FROM weir.data_keys GROUP BY status, wrapped_by") ==
        "1activetrue");
  const std::string key = testing::text_of(vault.folder / "master.key");
  CHECK(has(run_weir({"keys", "init"}, vault.environment).out, "0 organizations have a key now"));
  CHECK(testing::text_of(vault.folder / "master.key") == key);
  const auto none = run_weir({"keys", "init"}, {{"WEIR_POSTGRES_DSN", vault.dsn}});
  CHECK(none.exit_code == 78);
  CHECK(has(none.err, "there is no master key"));
}

TEST_CASE("init makes no master key for a role that sees no organizations, because the right one could not read it") {
  Vault vault;
  const std::filesystem::path file = vault.folder / "another.key";
  const std::map<std::string, std::string> environment{{"WEIR_POSTGRES_DSN", vault.dsn + " user=weir_sealer"},
                                                       {"WEIR_ENCRYPTION_MASTER_KEY_FILE", file}};
  CHECK(run_weir({"keys", "init"}, environment).exit_code == 77);
  CHECK_FALSE(std::filesystem::exists(file));
}

TEST_CASE("what encrypt prints is what an INSERT takes, and decrypts only where it was encrypted for") {
  Vault vault;
  const std::string row = Uuid::random().text();
  const std::vector<std::string> words{"keys",  "encrypt", "--table", "public.connectors", "--column", "credentials_encrypted",
                                       "--row", row};
  CHECK(run_with_input(words, vault.environment, "x").exit_code == 64);  // no such row, and nobody said whose it is
  auto whose = words;
  whose.insert(whose.end(), {"--organization", Vault::kOrganization, "--user", Vault::user(2).text()});
  const auto said = run_with_input(whose, vault.environment, "{\"password\": \"x\"}");
  REQUIRE(said.exit_code == 0);
  const std::string json = said.out.substr(0, said.out.size() - 1);
  vault.run("INSERT INTO public.connectors (id, organization_id, user_id, name, type, credentials_encrypted) VALUES ('" + row + "', '" +
            Vault::kOrganization + "', '" + Vault::user(2).text() + "', 'c', 'lms', '" + json + "')");
  encryption::KeyRing ring(vault.connection, vault.masters);
  const std::string encrypted = encryption::from_json(json).value();
  CHECK(ring.decrypt({"public.connectors", "credentials_encrypted", row}, encrypted).value() == "{\"password\": \"x\"}");
  CHECK_FALSE(ring.decrypt({"public.connectors", "credentials_encrypted", Uuid::random().text()}, encrypted).has_value());
  CHECK(vault.value("SELECT user_id FROM weir.data_keys WHERE id = '" + encryption::key_id_of(encrypted)->text() + "'") ==
        Vault::user(2).text());
  // The row is there now, so whose it is need not be said.
  CHECK(run_with_input(words, vault.environment, "y").exit_code == 0);
  auto bytes = whose;
  bytes[3] = "public.notification_destinations";
  bytes[5] = "address_encrypted";
  const auto bytea = run_with_input(bytes, vault.environment, "a@example.org");
  CHECK(bytea.out.starts_with("\\x77650101"));
  vault.run("INSERT INTO public.notification_destinations (id, organization_id, user_id, channel, address_encrypted) VALUES ('" + row +
            "', '" + Vault::kOrganization + "', '" + Vault::user(2).text() + "', 'email', '" + bytea.out.substr(0, bytea.out.size() - 1) +
            "')");
  auto stranger = whose;
  stranger.back() = Uuid::random().text();
  const std::string keys = vault.value("SELECT count(*) FROM weir.data_keys");
  CHECK(run_with_input(stranger, vault.environment, "x").exit_code == 65);
  CHECK(vault.value("SELECT count(*) FROM weir.data_keys") == keys);
  bytes[5] = "other";
  CHECK(run_with_input(bytes, vault.environment, "x").exit_code == 64);
}

TEST_CASE("a value that was moved to another row or column of the same user does not decrypt") {
  Vault vault;
  vault.fill(4);  // the first and the last are one user's
  const std::string of_user = " WHERE user_id = '" + Vault::user(1).text() + "'";
  vault.run("UPDATE public.connectors SET credentials_encrypted = (SELECT credentials_encrypted FROM public.connectors" + of_user +
            " ORDER BY id LIMIT 1)" + of_user);
  encryption::KeyRing ring(vault.connection, vault.masters);
  const auto rows = vault.connection.script("SELECT id, credentials_encrypted FROM public.connectors" + of_user + " ORDER BY id").value();
  REQUIRE(rows.size() == 2);
  const auto decrypt = [&](std::size_t row) {
    return ring.decrypt({"public.connectors", "credentials_encrypted", rows[row].get<std::string>(0)},
                        encryption::from_json(rows[row].text(1)).value());
  };
  CHECK(decrypt(0).has_value());
  CHECK_FALSE(decrypt(1).has_value());

  const std::string id = Uuid::random().text();
  const std::string table = "public.notification_destinations";
  const std::string encrypted = ring.encrypt(Vault::owner(1), {table, "address_encrypted", id}, "a@example.org").value();
  const std::string value = "decode('" + base64(encrypted) + "', 'base64')";
  vault.run("INSERT INTO " + table + " (id, organization_id, user_id, channel, address_encrypted, secret_encrypted) VALUES ('" + id +
            "', '" + Vault::kOrganization + "', '" + Vault::user(1).text() + "', 'email', " + value + ", " + value + ")");
  const auto columns = vault.connection.script("SELECT address_encrypted, secret_encrypted FROM " + table).value();
  CHECK(ring.decrypt({table, "address_encrypted", id}, columns[0].bytes(0)).value() == "a@example.org");
  CHECK_FALSE(ring.decrypt({table, "secret_encrypted", id}, columns[0].bytes(1)).has_value());
}

TEST_CASE("a key that was destroyed has taken with it what it encrypted, and nothing else") {
  Vault vault;
  vault.fill(6);
  vault.run("UPDATE weir.data_keys SET status = 'destroyed', wrapped_key = NULL, destroyed_at = now() WHERE user_id = '" +
            Vault::user(1).text() + "'");
  encryption::KeyRing ring(vault.connection, vault.masters);
  const auto rows = vault.connection.script("SELECT id, credentials_encrypted, user_id FROM public.connectors").value();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto decrypted = ring.decrypt({"public.connectors", "credentials_encrypted", rows[i].get<std::string>(0)},
                                        encryption::from_json(rows[i].text(1)).value());
    CHECK(decrypted.has_value() == (rows[i].get<Uuid>(2) != Vault::user(1)));
    if (!decrypted) CHECK(has(decrypted.error().message, "was destroyed"));
  }
}

TEST_CASE("weir keys reseal, as it was called before, is refused with the present name") {
  const auto said = run_weir({"keys", "reseal"}, {});
  CHECK(said.exit_code == 64);
  CHECK(has(said.err, "weir keys reseal is called weir keys reencrypt now"));
}

TEST_CASE("status counts keys, and values that wait to be encrypted anew") {
  Vault vault;
  vault.fill(6);
  vault.run("UPDATE weir.data_keys SET status = 'retiring' WHERE user_id = '" + Vault::user(3).text() + "'");
  const auto said = run_weir({"keys", "status", "--json"}, vault.environment);
  CHECK(said.exit_code == 0);
  CHECK(has(said.out, "\"keys_of\":\"users\",\"status\":\"active\",\"wrapped_by\":\"the organization's\",\"keys\":2"));
  CHECK(has(said.out, "{\"column\":\"public.connectors.credentials_encrypted\",\"encrypted_by_retiring_keys\":2}"));
  CHECK(has(said.out, "{\"column\":\"public.assessment_responses.answers_encrypted\",\"encrypted_by_retiring_keys\":0}"));
}
