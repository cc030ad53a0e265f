#include "tests/bench/scoring/load.hpp"

#include "common/core/base64.hpp"
#include "common/kafka/admin.hpp"
#include "common/kafka/producer.hpp"
#include "common/migrations/migrator.hpp"
#include "common/testing/services.hpp"
#include "consumers/scoring/instruments_store.hpp"
#include "consumers/scoring/pure/instrument_reader.hpp"
#include "tests/bench/support/bench.hpp"

#include <fmt/format.h>

#include <random>

namespace weir::bench {

namespace {

constexpr int kInstruments = 5;
constexpr int kItems = 40;
constexpr int kDimensions = 4;
constexpr int kOrganizations = 4;
constexpr int kLowest = 1;
constexpr int kHighest = 5;
constexpr std::int32_t kPartitions = 6;
constexpr Milliseconds kPatience{120'000};
const Instant kBegin = *parse_instant("2026-11-18T00:00:00Z");

Uuid id_of(std::uint64_t kind, std::uint64_t number) {
  std::mt19937_64 dice(kind << 40U | number);
  Uuid id;
  for (std::uint8_t& byte : id.bytes) byte = static_cast<std::uint8_t>(dice());
  id.bytes[6] = 0x40;
  id.bytes[8] = 0x80;
  return id;
}

/// One has the dimensions of attachment, one aligns values.
std::string instrument_json(int number) {
  const bool attaches = number == 0;
  const int count = attaches ? 2 : kDimensions;
  std::string dimensions;
  std::string norms;
  std::string items;
  for (int d = 0; d < count; ++d) {
    const std::string name = attaches ? (d == 0 ? "anxiety" : "avoidance") : "dimension_" + std::to_string(d);
    const char* const comma = d == 0 ? "" : ", ";
    dimensions +=
        fmt::format(R"({}"{}": {{"polarity": "higher_is_better", "reliability": {{"internal_consistency": 0.85}}}})", comma, name);
    norms += fmt::format(R"({}"{}": {{"all": {{"mean": 55, "sd": 16, "n": 1}}}})", comma, name);
    for (int i = 0; i < kItems / count; ++i) {
      items += fmt::format(
          R"({}{{"code": "i{}_{}", "dimension": "{}", "text": "{}", "weight": 1, "reverse_scored": {}, "scale_min": {}, "scale_max": {}, "required": true}})",
          items.empty() ? "" : ", ", d, i, name, d * kItems + i, i % 4 == 3, kLowest, kHighest);
    }
  }
  return fmt::format(
      R"({{"key": "bench_{}", "instrument_version": 1, "title": "B", "scoring": {{{}"dimensions": {{{}}}}}, "items": [{}], "norms": {{{}}}}})",
      number,
      attaches      ? R"("attachment": {}, )"
      : number == 1 ? R"("values_alignment": true, )"
                    : "",
      dimensions, items, norms);
}

std::string answers_of(const scoring::Instrument& instrument, std::mt19937_64& dice) {
  std::string members;
  for (const scoring::Item& item : instrument.items) {
    members += fmt::format("{}\"{}\": {}", members.empty() ? "" : ", ", item.code, kLowest + static_cast<int>(dice() % kHighest));
  }
  return fmt::format(R"({{"instrument_version": 1, "answers": {{{}}}}})", members);
}

void make_people(postgres::Connection& owner, std::int64_t users) {
  for (int n = 0; n < kOrganizations; ++n) {
    must(owner.script(
        fmt::format("INSERT INTO public.organizations (id, name) VALUES ('{}', 'O')", id_of(1, static_cast<std::uint64_t>(n)).text())));
  }
  postgres::CopyBuffer rows;
  for (std::int64_t n = 0; n < users; ++n) {
    const Uuid user = id_of(2, static_cast<std::uint64_t>(n));
    rows.begin_row(4);
    rows.uuid(user);
    rows.uuid(id_of(1, static_cast<std::uint64_t>(n % kOrganizations)));
    rows.text(user.text() + "@bench.example");
    rows.text("student");
  }
  must(owner.copy_in("COPY public.users (id, organization_id, email, role) FROM STDIN (FORMAT binary)", rows));
}

void insert(postgres::Connection& owner, const std::vector<Submission>& submissions) {
  postgres::CopyBuffer rows;
  for (const Submission& one : submissions) {
    rows.begin_row(8);
    rows.uuid(one.id);
    rows.uuid(one.organization.value);
    rows.uuid(one.user.value);
    rows.uuid(one.assessment);
    rows.text("submitted");
    rows.text(one.encrypted);
    rows.instant(one.started_at);
    rows.instant(one.submitted_at);
  }
  must(
      owner.copy_in("COPY public.assessment_responses (id, organization_id, user_id, assessment_id, status, answers_encrypted, started_at, "
                    "submitted_at) FROM STDIN (FORMAT binary)",
                    rows));
  must(owner.script("ANALYZE"));
}

}  // namespace

Load make_load(std::int64_t submissions) {
  Load load;
  load.dsn = testing::fresh_database();
  auto owner = must(postgres::Connection::open(migrations::patient({load.dsn, "weir bench"})));
  must(migrations::up(owner));
  load.master_key = testing::scratch() / "bench-master.key";
  must(encryption::make_master_key(load.master_key));
  encryption::MasterKeys masters;
  masters.current = must(encryption::master_key_of_file(load.master_key));
  const std::int64_t users = std::max<std::int64_t>(1, submissions / kSubmissionsOfUser);
  make_people(owner, users);
  encryption::KeyRing ring(owner, masters);
  for (int n = 0; n < kOrganizations; ++n) {
    const Uuid organization = id_of(1, static_cast<std::uint64_t>(n));
    load.keys.emplace(OrganizationId{organization}, must(ring.encrypting_key({organization, std::nullopt})));
  }
  for (int n = 0; n < kInstruments; ++n) static_cast<void>(must(scoring::load_instrument(owner, instrument_json(n), std::nullopt)));
  for (const scoring::StoredInstrument& stored : must(scoring::list_instruments(owner))) {
    scoring::InstrumentReading reading = scoring::read_instrument(stored.document);
    for (const scoring::DocumentFault& fault : reading.faults) give_up(fault.pointer + ": " + fault.message);
    load.instruments.emplace(stored.id, std::move(*reading.instrument));
  }
  std::vector<Uuid> assessments;
  for (const auto& [id, instrument] : load.instruments) assessments.push_back(id);
  std::mt19937_64 dice(1);
  for (std::int64_t n = 0; n < submissions; ++n) {
    const auto user = static_cast<std::uint64_t>(n % users);
    Submission one;
    one.id = id_of(3, static_cast<std::uint64_t>(n));
    one.organization = OrganizationId{id_of(1, user % kOrganizations)};
    one.user = UserId{id_of(2, user)};
    one.assessment = assessments[static_cast<std::size_t>(n / users) % assessments.size()];
    one.submitted_at = kBegin + Seconds{n};
    one.started_at = one.submitted_at - std::chrono::minutes{5};
    const encryption::NamedKey& key = load.keys.at(one.organization);
    one.encrypted = encryption::encrypt(key.key, key.id, {"public.assessment_responses", "answers_encrypted", one.id.text()},
                                        answers_of(load.instruments.at(one.assessment), dice));
    load.submissions.push_back(std::move(one));
  }
  insert(owner, load.submissions);
  return load;
}

std::string copy_of(const std::string& dsn) {
  const std::size_t at = dsn.rfind('=') + 1;
  const std::string name = dsn.substr(at);
  auto elsewhere = must(postgres::Connection::open({dsn.substr(0, at) + "postgres", "weir bench"}));
  must(elsewhere.script(fmt::format("CREATE DATABASE {0}_copy TEMPLATE {0}", name)));
  return dsn + "_copy";
}

std::string responses_topic(const std::string& prefix) { return prefix + ".public.assessment_responses"; }

void publish(const kafka::Settings& broker, const std::string& prefix, const Load& load) {
  std::vector<kafka::TopicSpec> topics;
  for (const char* table : {"assessment_responses", "consents", "project_members", "projects", "users", "activity_completions",
                            "learning_modules", "module_prerequisites", "learning_activities", "achievements"}) {
    topics.push_back({prefix + ".public." + table, kPartitions, 1, {{"retention.ms", "-1"}}});
  }
  must(must(kafka::Admin::open(broker))->create_topics(topics));
  const auto producer = must(kafka::Producer::open(broker, kafka::ProducerOptions{}));
  std::int64_t lsn = 0;
  for (const Submission& one : load.submissions) {
    ++lsn;
    const std::string key = one.user.text();
    const std::string value = fmt::format(
        R"({{"before": null, "after": {{"id": "{}", "organization_id": "{}", "user_id": "{}", "assessment_id": "{}", "status": "submitted", "answers_encrypted": "{}", "started_at": "{}", "submitted_at": "{}"}}, )"
        R"("source": {{"version": "1", "connector": "postgresql", "name": "s", "ts_ms": {}, "db": "d", "sequence": "[\"{}\",\"{}\"]", "schema": "public", "table": "assessment_responses", "txId": 7, "lsn": {}}}, "op": "c", "ts_ms": {}}})",
        one.id.text(), one.organization.text(), one.user.text(), one.assessment.text(), base64(one.encrypted),
        format_instant(one.started_at), format_instant(one.submitted_at), unix_ms(one.submitted_at), lsn, lsn + 1, lsn,
        unix_ms(one.submitted_at));
    kafka::Message message;
    message.topic = topics.front().name;
    message.key = key;
    message.value = value;
    message.timestamp_ms = unix_ms(one.submitted_at);
    while (!producer->send(message)) producer->wait_for_room(Milliseconds{100});
  }
  must(producer->flush(kPatience));
}

}  // namespace weir::bench
