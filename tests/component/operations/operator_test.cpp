// Every command that changes or reads the database works as the role weir_operator, which is no superuser and bypasses nothing.
#include "tests/component/encryption/vault.hpp"

#include <doctest/doctest.h>

using namespace weir;
using testing::run_weir;

namespace {

struct Desk {
  Desk() : environment(vault.environment) {
    environment["WEIR_POSTGRES_DSN"] = vault.dsn + " user=weir_operator";
    vault.fill(4);
  }
  std::string run(const std::vector<std::string>& words) {
    const testing::Said said = run_weir(words, environment);
    CHECK_MESSAGE(said.exit_code == 0, words.front() << ' ' << words.back() << ": " << said.err);
    return said.out;
  }
  testing::Vault vault;
  std::map<std::string, std::string> environment;
};

}  // namespace

TEST_CASE("keys are made, rotated and reencrypted by the operator's role") {
  Desk desk;
  const std::string organization = testing::Vault::kOrganization;
  desk.run({"keys", "init"});
  desk.run({"keys", "rotate", "--organization", organization});
  CHECK(desk.vault.retiring() == 0);
  CHECK(desk.vault.count_open() == 4);
  desk.run({"keys", "reencrypt"});
  CHECK(desk.run({"keys", "status"}).find("active") != std::string::npos);
  const std::string row = desk.vault.value("SELECT id FROM public.connectors LIMIT 1");
  CHECK(desk.run({"keys", "encrypt", "--table", "public.connectors", "--column", "credentials_encrypted", "--row", row})
            .starts_with(R"({"sealed":)"));
  CHECK(!desk.run({"keys", "index", "--organization", organization}).empty());
}

TEST_CASE("API keys are made, listed and revoked by the operator's role") {
  Desk desk;
  const std::string key = desk.run({"keys", "create", "--organization", testing::Vault::kOrganization});
  CHECK(desk.run({"keys", "list"}).find(key.substr(0, 12)) != std::string::npos);
  desk.run({"keys", "revoke", key.substr(0, 12)});
}

TEST_CASE("positions, gaps and the audit log are read by the operator's role, and old rows of the log removed") {
  Desk desk;
  desk.vault.run("INSERT INTO weir.consumer_offsets (group_id, topic, partition, next_offset) VALUES ('weir.rollups', 't', 0, 7)");
  CHECK(desk.run({"offsets", "show"}).find("weir.rollups") != std::string::npos);
  CHECK(desk.run({"status"}).find("weir.rollups") != std::string::npos);
  desk.run({"audit", "verify"});
  desk.run({"audit", "retain", "--organization", testing::Vault::kOrganization, "--older-than", "1d", "--why", "test"});
}
