// A migrated database with an organization, its people and a master key; values are encrypted and decrypted in it as an application would.
#pragma once

#include "common/encryption/reencrypt.hpp"
#include "common/migrations/migrator.hpp"
#include "common/testing/migrated_database.hpp"
#include "tests/component/operations/program.hpp"

#include <doctest/doctest.h>

#include <string>

namespace weir::testing {

struct Vault {
  static constexpr const char* kOrganization = "a0000000-0000-4000-8000-000000000000";

  Vault() : dsn(migrated_database()), connection(connect()), folder(scratch() / dsn.substr(dsn.rfind('=') + 1)) {
    run("INSERT INTO public.organizations (id, name) VALUES ('" + std::string(kOrganization) + "', 'A')");
    run("INSERT INTO public.users (id, organization_id, email, role) SELECT ('a0000000-0000-4000-8000-00000000000' || n)::uuid, '" +
        std::string(kOrganization) + "', n || '@example.org', 'student' FROM generate_series(1, 3) n");
    std::filesystem::create_directories(folder);
    environment = {{"WEIR_POSTGRES_DSN", dsn}, {"WEIR_ENCRYPTION_MASTER_KEY_FILE", folder / "master.key"}};
    REQUIRE(run_weir({"keys", "init"}, environment).exit_code == 0);
    masters = open_masters();
  }

  [[nodiscard]] postgres::Connection connect() const {
    postgres::Settings settings;
    settings.dsn = dsn;
    return postgres::Connection::open(migrations::patient(settings)).value();
  }
  [[nodiscard]] encryption::MasterKeys open_masters() const {
    encryption::MasterKeys keys;
    keys.current = encryption::master_key_of_file(folder / "master.key").value();
    return keys;
  }
  void run(const std::string& sql) {
    const auto done = connection.script(sql);
    REQUIRE_MESSAGE(done.has_value(), (done ? "" : done.error().line()));
  }
  std::string value(const std::string& sql) {
    const auto rows = connection.script(sql);
    REQUIRE_MESSAGE(rows.has_value(), (rows ? "" : rows.error().line()));
    return rows->empty() ? "" : std::string((*rows)[0].text(0));
  }
  static Uuid user(int n) { return *Uuid::parse("a0000000-0000-4000-8000-00000000000" + std::to_string(n)); }
  static encryption::KeyOwner owner(int n) { return {*Uuid::parse(kOrganization), user(n)}; }

  /// Connectors of the users in turn, each with credentials of its own, under the key that encrypts now.
  void fill(int connectors) {
    encryption::KeyRing ring(connection, masters);
    run("BEGIN");
    for (int n = 0; n < connectors; ++n) {
      const Uuid row = Uuid::random();
      const auto key = ring.encrypting_key(owner(1 + n % 3)).value();
      const std::string encrypted = encryption::to_json(
          encryption::encrypt(key.key, key.id, {"public.connectors", "credentials_encrypted", row.text()}, "secret of " + row.text()));
      run("INSERT INTO public.connectors (id, organization_id, user_id, name, type, credentials_encrypted) VALUES ('" + row.text() +
          "', '" + kOrganization + "', '" + user(1 + n % 3).text() + "', 'c', 'lms', '" + encrypted + "')");
    }
    run("COMMIT");
  }
  /// How many connectors decrypt and hold what they held; every other one is a failure.
  int count_open() {
    encryption::KeyRing ring(connection, masters);  // knows no key yet
    const auto rows = connection.script("SELECT id, credentials_encrypted FROM public.connectors").value();
    int readable = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const std::string row = rows[i].get<std::string>(0);
      const auto decrypted =
          ring.decrypt({"public.connectors", "credentials_encrypted", row}, encryption::from_json(rows[i].text(1)).value());
      REQUIRE_MESSAGE(decrypted.has_value(), (decrypted ? "" : decrypted.error().line()));
      if (*decrypted == "secret of " + row) ++readable;
    }
    return readable;
  }
  int retiring() {
    return std::stoi(value(R"(
SELECT count(*)
  FROM public.connectors
 WHERE weir.key_of(credentials_encrypted) IN (SELECT id FROM weir.data_keys WHERE status = 'retiring'))"));
  }

  std::string dsn;
  postgres::Connection connection;
  std::filesystem::path folder;
  std::map<std::string, std::string> environment;
  encryption::MasterKeys masters;
};

}  // namespace weir::testing
