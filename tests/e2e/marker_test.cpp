// What must not be readable is in no dump, log, topic or dead letter of a demo: answers, credentials and addresses that its application
// encrypts, those that somebody tried to write in plaintext, API keys and the master key. The same search finds what may be read.
#include "tests/e2e/marker.hpp"

#include "common/core/await.hpp"
#include "common/core/base64.hpp"
#include "common/encryption/encrypted_value.hpp"
#include "common/kafka/admin.hpp"
#include "common/postgres/connection.hpp"
#include "common/testing/services.hpp"
#include "demo/application/confidences.hpp"
#include "demo/clients/http_client.hpp"
#include "tests/support/value.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <regex>

using namespace weir;
using namespace weir::testing;

namespace {

constexpr Milliseconds kPatience{240'000};
constexpr Milliseconds kPatienceForTopic{60'000};
constexpr Milliseconds kStep{500};
constexpr int kRefused = 422;
constexpr int kStranger = 401;

// What somebody tries to write in plaintext, and what may be read.
const std::string kRefusedAnswer = "refused: nobody knows?";
const std::string kRefusedCredential = "refused+sesame/43";
const std::string kRefusedAddress = "refused.reader@demo.invalid";
const std::string kReadable = "readable+calendar/44";

std::string match(const std::string& text, const std::string& expression) {
  std::smatch found;
  REQUIRE_MESSAGE(std::regex_search(text, found, std::regex(expression)), expression);
  return found[1];
}

/// A demo in a process of its own, whose data stay when it ends.
class Demo {
 public:
  Demo() {
    const std::filesystem::path temporary = scratch() / "temporary";
    std::filesystem::create_directory(temporary);
    command_.arguments = {weir_executable(), "demo", "--keep", "--rate", "100", "--seed", "5"};
    command_.environment = {{"TMPDIR", temporary}};
    command_.output = scratch() / "demo.log";
    command_.end_signal = SIGTERM;
    process_ = value(supervise::Process::spawn(guardian(), command_));
    const bool at_work = await(kPatience, [&] { return said().find("first metric row") != std::string::npos || !process_.running(); });
    REQUIRE_MESSAGE((at_work && process_.running()), said());
    folder_ = match(said(), "data and logs stay in (\\S+)");
    const std::string configuration = content(folder_ / "weir.yaml");
    dsn_ = match(configuration, "postgres:\\n  dsn: (.+)\\n");
    kafka_.brokers = match(configuration, "brokers: (\\S+)");
    gateway_port_ = std::stoi(match(configuration, "listen: 127.0.0.1:(\\d+)"));
  }

  [[nodiscard]] std::string said() const { return content(command_.output); }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  [[nodiscard]] const std::string& dsn() const { return dsn_; }
  [[nodiscard]] const kafka::Settings& kafka() const { return kafka_; }
  [[nodiscard]] int gateway_port() const { return gateway_port_; }
  [[nodiscard]] postgres::Connection connect() const {
    return value(postgres::Connection::open({.dsn = dsn_, .application_name = "test"}));
  }
  /// What a command of weir prints.
  [[nodiscard]] std::string weir(std::vector<std::string> words) const {
    supervise::Command command;
    command.arguments = {weir_executable()};
    command.arguments.insert(command.arguments.end(), words.begin(), words.end());
    command.arguments.insert(command.arguments.end(), {"--config", folder_ / "weir.yaml"});
    command.output = scratch() / "command.out";
    std::filesystem::remove(command.output);
    value(supervise::run(guardian(), command, kPatience));
    return content(command.output);
  }
  void end() {
    process_.signal(SIGINT);
    const auto status = process_.wait_for(kPatience);
    REQUIRE(status.has_value());
    CHECK_MESSAGE(status->ok(), said());
  }

 private:
  supervise::Command command_;
  supervise::Process process_;
  std::filesystem::path folder_;
  std::string dsn_;
  kafka::Settings kafka_{.brokers = {}, .client_id = "test", .properties = {}};
  int gateway_port_ = 0;
};

/// Each way of writing plaintext where an encrypted value belongs: as literals, as parameters, by COPY, as JSON that is none.
void try_plaintext(const Demo& demo) {
  auto connection = demo.connect();
  const auto owner = value(connection.script("SELECT organization_id, user_id FROM public.connectors LIMIT 1"));
  const Uuid organization = owner[0].get<Uuid>(0);
  const Uuid user = owner[0].get<Uuid>(1);
  const std::string ids = fmt::format("'{}', '{}'", organization.text(), user.text());
  const auto refused = [&](const auto& result, std::string_view sqlstate) {
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().sqlstate == sqlstate);
  };
  refused(connection.script(fmt::format(R"(
INSERT INTO public.connectors (organization_id, user_id, name, type, credentials_encrypted)
VALUES ({}, 'c', 'lms', '{{"password": "{}"}}'))",
                                        ids, kRefusedCredential)),
          "23514");
  refused(connection.script(fmt::format(R"(
INSERT INTO public.connectors (organization_id, user_id, name, type, credentials_encrypted)
VALUES ({}, 'c', 'lms', '{{"password": "{}'))",
                                        ids, kRefusedCredential)),
          "22P02");
  refused(connection.script(fmt::format(R"(
INSERT INTO public.notification_destinations (organization_id, user_id, channel, address_encrypted)
VALUES ({}, 'email', '{}'))",
                                        ids, kRefusedAddress)),
          "23514");
  postgres::Params params;
  params.add(organization).add(user).add_bytes(kRefusedAnswer);
  refused(connection.execute("plain_answer",
                             R"(
INSERT INTO public.assessment_responses (organization_id, user_id, assessment_id, answers_encrypted)
SELECT $1, $2, id, $3
  FROM public.assessments)",
                             params),
          "23514");
  postgres::CopyBuffer rows;
  rows.begin_row(4);
  rows.uuid(organization);
  rows.uuid(user);
  rows.text("email");
  rows.text(kRefusedAddress);
  refused(connection.copy_in("COPY public.notification_destinations (organization_id, user_id, channel, address_encrypted) FROM STDIN "
                             "(FORMAT binary)",
                             rows),
          "23514");
}

/// Events that the gateway refuses: a member that no event has, and a key that is none. The key that is one.
std::string try_events(const Demo& demo) {
  const std::string organization = demo.connect().script("SELECT id FROM public.organizations LIMIT 1").value()[0].get<std::string>(0);
  const std::string key =
      match(demo.weir({"keys", "create", "--organization", organization, "--name", "test"}), "(weir_[A-Za-z0-9_-]{43})");
  const std::string event = fmt::format(
      R"({{"specversion":"1.0","id":"marker","source":"test","type":"notification.requested","userid":"{0}","time":"2026-11-26T00:00:00Z",)"
      R"("data":{{"template":"report.ready","channels":["email"],"user_id":"{0}","address":"{1}"}}}})",
      organization, kRefusedAddress);
  demo::HttpClient client(demo.gateway_port(), kPatienceForTopic);
  const auto post = [&](const std::string& with) {
    return value(client.post("/v1/events", {{"Authorization", "Bearer " + with}, {"Content-Type", "application/cloudevents+json"}}, event))
        .status;
  };
  CHECK(post(key) == kRefused);
  CHECK(post(kRefusedCredential) == kStranger);
  return key;
}

/// Where it may be read, it must be found: a plain column, a logical message, which is published as base64, and a line of Postgres' log.
void write_readable(const Demo& demo) {
  auto connection = demo.connect();
  value(
      connection.script(fmt::format("INSERT INTO public.connectors (organization_id, user_id, name, type) SELECT organization_id, user_id, "
                                    "'{0}', 'lms' FROM public.connectors LIMIT 1; SELECT pg_logical_emit_message(true, 'test', '{0}'); "
                                    "DO $$ BEGIN RAISE WARNING '{0}'; END $$",
                                    kReadable)));
}

std::string dump_of(const Demo& demo) {
  supervise::Command command;
  command.arguments = {testing::postgres().program("pg_dumpall"), "--dbname", demo.dsn()};
  command.output = scratch() / "dump.sql";
  value(supervise::run(guardian(), command, kPatience));
  return content(command.output);
}

/// Every topic with all that its records hold: keys, values, headers.
std::map<std::string, std::string> topics_of(const Demo& demo) {
  std::map<std::string, std::string> topics;
  const auto admin = value(kafka::Admin::open(demo.kafka()));
  for (const auto& topic : value(admin->list_topics())) {
    std::string& bytes = topics[topic.name];
    const auto keep = [&](const kafka::StoredRecord& record) {
      bytes += record.key.value_or("") + '\n' + record.value.value_or("") + '\n';
      for (const auto& [name, header] : record.headers) bytes += name + '=' + header + '\n';
    };
    value(admin->read_topic(topic.name, keep, kPatienceForTopic));
  }
  return topics;
}

constexpr std::string_view kEncrypted = "d2UBA";  // how an encrypted value begins, in base64
constexpr std::array kEncryptedTopics{"weir.cdc.public.assessment_responses", "weir.cdc.public.connectors",
                                      "weir.cdc.public.notification_destinations"};

/// Whether the demo has come so far that what may be read, and what has to stand there encrypted or refused, is in each kind of place.
bool is_all_written(const std::map<std::string, std::string>& places, int dead_letters) {
  const auto in = [&](const char* place) {
    const auto found = places.find(place);
    return found == places.end() ? std::string_view() : std::string_view(found->second);
  };
  return dead_letters >= 6 && !form_in(in("weir.cdc.public.connectors"), kReadable).empty() &&
         !form_in(in("weir.cdc.message"), kReadable).empty() && in("dump").find("{unknown_item}") != std::string_view::npos &&
         !form_in(in("dump"), R"({"hello":"world"})").empty() &&
         std::ranges::all_of(kEncryptedTopics, [&](const char* topic) { return in(topic).find(kEncrypted) != std::string_view::npos; });
}

std::map<std::string, std::string> logs_of(const Demo& demo) {
  std::map<std::string, std::string> logs{{"demo", demo.said()}};
  for (const auto& entry : std::filesystem::directory_iterator(demo.folder())) {
    if (entry.path().extension() == ".log") logs[entry.path().filename()] = content(entry.path());
  }
  return logs;
}

}  // namespace

TEST_CASE("a marker is found in each form, also within a longer text") {
  const std::string marker = "quiet+reader/7?";
  for (const auto& form : forms_of(marker)) {
    CAPTURE(form.first);
    CHECK_FALSE(form_in("{\"a\": \"" + form.second + "\"}", marker).empty());
  }
  for (std::size_t before = 0; before < 6; ++before) {
    const std::string text = std::string(before, 'x') + marker + "and more";
    CHECK(form_in(base64(text), marker) == fmt::format("base64 after {}", before % 3));
  }
  CHECK(form_in("quiet%2Breader%2F7%3F", marker) == "url");
  CHECK(form_in("quiet+reader\\/7?", marker) == "json");
  CHECK(form_in("\\x71756965742b7265616465722f373f", marker) == "hex");
  CHECK(form_in("quiet+reader/8? and cXVpZXQrcmVhZGVyLzg/", marker).empty());
}

TEST_CASE("no answer, credential or address of a demo is readable in its database, topics, dead letters or logs") {
  Demo demo;
  try_plaintext(demo);
  const std::string api_key = try_events(demo);
  write_readable(demo);
  std::map<std::string, std::string> places;
  int dead = 0;
  await(
      kPatience,
      [&] {
        places = topics_of(demo);
        places["dump"] = dump_of(demo);
        dead = value(demo.connect().script("SELECT count(*) FROM weir.dead_letters"))[0].get<int>(0);
        return is_all_written(places, dead);
      },
      kStep);
  demo.end();
  places.merge(logs_of(demo));

  // The search finds what is there, in each kind of place.
  CHECK(form_in(places["dump"], kReadable) == "plain");
  CHECK(form_in(places["weir.cdc.public.connectors"], kReadable) == "plain");
  CHECK(form_in(places["weir.cdc.message"], kReadable).starts_with("base64"));
  CHECK(form_in(places["postgres.log"], kReadable) == "plain");
  CHECK(form_in(places["cdc.log"], "cdc_streaming") == "plain");
  CHECK(dead >= 6);
  CHECK(places["dump"].find("{unknown_item}") != std::string::npos);  // answers were decrypted, and refused without a word of them
  CHECK(form_in(places["dump"], R"({"hello":"world"})") == "hex");    // a dead letter
  for (const char* topic : kEncryptedTopics) CHECK(places[topic].find(kEncrypted) != std::string::npos);

  const std::string master_key = content(demo.folder() / "master.key").substr(0, 44);
  const std::map<std::string, std::string> markers{
      {"an answer", std::string(demo::kAnswer)},
      {"a credential", std::string(demo::kCredential)},
      {"an address", std::string(demo::kAddress)},
      {"a refused answer", kRefusedAnswer},
      {"a refused credential", kRefusedCredential},
      {"a refused address", kRefusedAddress},
      {"an API key", api_key},
      {"the master key", base64_decoded(master_key).value()},
  };
  for (const char* place :
       {"__consumer_offsets", "weir.actions.v1", "kafka.log", "gateway.log", "rollups.log", "scoring.log", "sealer.log", "demo"}) {
    CHECK(places.contains(place));
  }
  for (const auto& [place, bytes] : places) {
    for (const auto& [what, marker] : markers) {
      const std::string form = form_in(bytes, marker);
      const std::string told = fmt::format("{} is readable in {}, as {}", what, place, form);
      CHECK_MESSAGE(form.empty(), told);
    }
  }
}
