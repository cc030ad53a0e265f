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

TEST_CASE("letters are sent through again, given up, and ended where their topic was made again, by the operator's role") {
  Desk desk;
  desk.vault.run(R"(
INSERT INTO weir.dead_letters (group_id, topic, topic_uuid, partition, record_offset, occurred_at, kind, reason, status, waits_for)
SELECT 'weir.rollups', 't', 'a0000000-0000-4000-8000-000000000001', 0, n, now(), 'decode', 'missing_field', status,
       CASE status WHEN 'parked' THEN 'a row' END
  FROM unnest('{dead,dead,parked,parked}'::text[]) WITH ORDINALITY letter (status, n);
INSERT INTO weir.consumer_offsets (group_id, topic, partition, next_offset) VALUES ('weir.rollups', 't', 0, 7);
INSERT INTO weir.offset_gaps (group_id, topic, partition, kind, next_offset, log_begin, log_end)
VALUES ('weir.rollups', 't', 0, 'topic_recreated', 7, 0, 5))");
  const auto letter = [&](int offset) {
    return desk.vault.value("SELECT id FROM weir.dead_letters WHERE record_offset = " + std::to_string(offset));
  };
  const std::string statuses = "SELECT string_agg(status || ' ' || reason, ', ' ORDER BY record_offset) FROM weir.dead_letters";
  desk.run({"dlq", "list"});
  desk.run({"dlq", "show", "--id", letter(1)});
  desk.run({"dlq", "redrive", "--id", letter(1), "--why", "test"});
  desk.run({"dlq", "discard", "--id", letter(2), "--why", "test"});
  desk.run({"dlq", "discard", "--id", letter(3), "--why", "test"});
  CHECK(desk.vault.value(statuses) == "redriving missing_field, discarded missing_field, discarded missing_field, parked missing_field");
  desk.run({"offsets", "accept-gap", "--group", "weir.rollups", "--topic", "t", "--partition", "0", "--why", "test"});
  CHECK(desk.vault.value(statuses).ends_with(", dead topic_recreated"));
  CHECK(desk.vault.value("SELECT string_agg(payload ->> 'reason', ',') FROM weir.outbox WHERE aggregate_type = 'dlq'") ==
        "topic_recreated");
}
