// A migrated database with an organization, instruments and a master key; an application that submits, corrects, withdraws and deletes; and
// instances of the consumer, each with its own session as weir_scoring, driven as the runtime drives them.
#pragma once

#include "common/core/await.hpp"
#include "common/encryption/key_ring.hpp"
#include "common/migrations/migrator.hpp"
#include "common/testing/default_configuration.hpp"
#include "common/testing/migrated_database.hpp"
#include "common/testing/services.hpp"
#include "consumers/scoring/component.hpp"
#include "consumers/scoring/facts.hpp"
#include "consumers/scoring/instruments_store.hpp"
#include "tests/unit/scoring/property.hpp"

#include <doctest/doctest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace weir::scoring {

inline const Instant kStart = *parse_instant("2026-11-18T12:00:00Z");

template <class T>
T must(Result<T> result) {
  if (!result) FAIL(result.error().line());
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

inline postgres::Connection connect(const std::string& dsn) {
  postgres::Settings settings;
  settings.dsn = dsn;
  return must(postgres::Connection::open(migrations::patient(settings)));
}

inline Uuid id(int number) {
  Uuid out;
  out.bytes[6] = 0x40;
  out.bytes[8] = 0x80;
  out.bytes[14] = static_cast<std::uint8_t>(number >> 8);
  out.bytes[15] = static_cast<std::uint8_t>(number);
  return out;
}

using Events = std::vector<std::shared_ptr<runtime::Event>>;

inline std::shared_ptr<runtime::Event> event_of(Fact::Body fact, Instant recorded_at) {
  auto event = std::make_shared<runtime::Event>();
  event->decoded.payload = std::make_unique<Fact>(std::move(fact));
  event->decoded.recorded_at = recorded_at;
  return event;
}

inline const OrganizationId kOrganization{id(1)};
inline const OrganizationId kOtherOrganization{id(2)};
inline UserId user(int n) { return UserId{id(100 + n)}; }
inline Uuid response(int n) { return id(1'000 + n); }

/// Ten answers for the sample instrument, a1 to b5; 0 leaves one out.
inline std::string answers(std::initializer_list<int> given, int version = 3) {
  std::vector<std::string> members;
  int n = 0;
  for (const int value : given) {
    if (value != 0) members.push_back(fmt::format(R"("{}{}": {})", n < 5 ? 'a' : 'b', n % 5 + 1, value));
    ++n;
  }
  return fmt::format(R"({{"instrument_version": {}, "answers": {{{}}}}})", version, fmt::join(members, ", "));
}

class Site {
 public:
  Site() : dsn(testing::migrated_database()), owner(connect(dsn)), folder(testing::scratch() / dsn.substr(dsn.rfind('=') + 1)) {
    std::filesystem::create_directories(folder);
    must(encryption::make_master_key(folder / "master.key"));
    auto keys = std::make_shared<encryption::MasterKeys>();
    keys->current = must(encryption::master_key_of_file(folder / "master.key"));
    masters = keys;
    for (const OrganizationId& organization : {kOrganization, kOtherOrganization}) {
      run(fmt::format("INSERT INTO public.organizations (id, name) VALUES ('{}', 'O')", organization.text()));
    }
    run(fmt::format(R"(
INSERT INTO public.users (id, organization_id, email, role)
SELECT ('00000000-0000-4000-8000-' || lpad(to_hex(100 + n), 12, '0'))::uuid, '{}', n || '@a.example', 'student'
  FROM generate_series(1, 9) n)",
                    kOrganization.text()));
    assessment = load(sample_instrument());
  }

  void run(const std::string& sql) {
    const auto done = owner.script(sql);
    REQUIRE_MESSAGE(done.has_value(), (done ? "" : done.error().line()));
  }
  std::string value(const std::string& sql) {
    const auto rows = owner.script(sql);
    REQUIRE_MESSAGE(rows.has_value(), (rows ? "" : rows.error().line()));
    return rows->empty() || (*rows)[0].is_null(0) ? "" : std::string((*rows)[0].text(0));
  }
  /// All rows of a query as text, one a line.
  std::string dump(const std::string& sql) { return value("SELECT string_agg(d::text, E'\\n') FROM (" + sql + ") d"); }
  Uuid load(const std::string& document, std::optional<Uuid> organization = std::nullopt) {
    must(load_instrument(owner, document, organization));
    return *Uuid::parse(value("SELECT id FROM public.assessments ORDER BY created_at DESC LIMIT 1"));
  }
  std::string encrypted(const Uuid& row, const std::string& plaintext, const OrganizationId& whose = kOrganization) {
    encryption::KeyRing ring(owner, *masters);
    return must(ring.encrypt({whose.value, std::nullopt}, {"public.assessment_responses", "answers_encrypted", row.text()}, plaintext));
  }
  static std::string as_bytea(std::string_view bytes) {
    std::string text = "\\x";
    for (const char c : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(c));
    return text;
  }

  // ---- The application. Each act gives the event that change capture would make of it. ----

  struct Submission {
    int response = 1;
    int user = 1;
    std::string plaintext = answers({4, 4, 4, 4, 5, 3, 3, 3, 3, 3});
    Instant submitted_at = kStart;
    std::optional<Instant> started_at{};
    std::optional<Uuid> assessment{};
    std::optional<std::string> encrypted{};
  };
  std::shared_ptr<runtime::Event> submit(const Submission& s) {
    run(fmt::format(R"(
INSERT INTO public.assessment_responses (id, organization_id, user_id, assessment_id, status, answers_encrypted, started_at, submitted_at)
VALUES ('{}', '{}', '{}', '{}', 'submitted', '{}', '{}', '{}'))",
                    response(s.response).text(), kOrganization.text(), user(s.user).text(), s.assessment.value_or(assessment).text(),
                    as_bytea(s.encrypted.value_or("").empty() ? encrypted(response(s.response), s.plaintext) : *s.encrypted),
                    format_instant(s.started_at.value_or(s.submitted_at - std::chrono::minutes{5})), format_instant(s.submitted_at)));
    return changed(s.response);
  }
  std::shared_ptr<runtime::Event> correct(int n, const std::string& plaintext, std::optional<Instant> submitted_at = std::nullopt) {
    run(fmt::format(R"(
UPDATE public.assessment_responses
   SET status = 'submitted', answers_encrypted = '{}', submitted_at = coalesce({}, submitted_at)
 WHERE id = '{}')",
                    as_bytea(encrypted(response(n), plaintext)),
                    submitted_at ? fmt::format("'{}'::timestamptz", format_instant(*submitted_at)) : "NULL", response(n).text()));
    return changed(n);
  }
  std::shared_ptr<runtime::Event> withdraw(int n) {
    run(fmt::format("UPDATE public.assessment_responses SET status = 'in_progress' WHERE id = '{}'", response(n).text()));
    return changed(n);
  }
  std::shared_ptr<runtime::Event> remove(int n) {
    const auto event = changed(n);
    run(fmt::format("DELETE FROM public.assessment_responses WHERE id = '{}'", response(n).text()));
    return event;
  }
  /// The event of a change to the response's present row, recorded a second after it was submitted, unless `recorded_at` says otherwise.
  std::shared_ptr<runtime::Event> changed(int n, std::optional<Instant> recorded_at = std::nullopt) {
    const auto rows =
        must(owner.script("SELECT user_id, submitted_at FROM public.assessment_responses WHERE id = '" + response(n).text() + "'"));
    REQUIRE(rows.size() == 1);
    const auto submitted_at = rows[0].maybe<Instant>(1);
    ResponseChanged fact{kOrganization, response(n), rows[0].get<UserId>(0), std::nullopt, submitted_at};
    return event_of(fact, recorded_at.value_or(submitted_at.value_or(kStart) + Seconds{1}));
  }

  // ---- What is there. ----

  std::string status(int n) {
    return value(
        "SELECT status || coalesce(' ' || array_to_string(rejection_reasons, ' '), '') FROM public.assessment_responses WHERE id = '" +
        response(n).text() + "'");
  }
  std::string scores(int n) {
    return dump("SELECT dimension, round(raw_score::numeric, 3), null_reason FROM public.assessment_scores WHERE response_id = '" +
                response(n).text() + "' ORDER BY dimension");
  }
  std::string growth() {
    return dump(
        R"(
SELECT right(response_id::text, 4), right(previous_response_id::text, 4), dimension, round(difference::numeric, 3),
       direction
  FROM public.growth_scores
 ORDER BY 3, 1)");
  }
  /// Every column that must be the same for any split, order and repetition of one history.
  std::string settled() {
    std::string all;
    for (const char* table : {"public.assessment_scores", "public.attachment_profiles", "public.growth_scores", "public.values_alignments",
                              "public.module_progress", "public.learner_states", "public.achievements_unlocked", "public.activity_ratings",
                              "weir.achievement_holders"}) {
      all += dump(std::string("SELECT to_jsonb(t) - '{created_at,updated_at,status_changed_at}'::text[] FROM ") + table + " t ORDER BY 1") +
             "\n--\n";
    }
    return all +
           value(
               "SELECT string_agg((to_jsonb(r) - '{created_at,updated_at,status_changed_at,version,answers_encrypted}'::text[])::text, "
               "E'\\n' ORDER BY id) FROM public.assessment_responses r");
  }

  std::string dsn;
  postgres::Connection owner;
  std::filesystem::path folder;
  std::shared_ptr<const encryption::MasterKeys> masters;
  Uuid assessment;
};

class Worker final : public runtime::Work {
 public:
  explicit Worker(const Site& site) : connection_(connect(site.dsn + " user=weir_scoring")), consumer(options(site)) {
    must(consumer.prepare(connection_));
  }
  postgres::Statements& statements() override { return connection_; }
  [[nodiscard]] postgres::Connection& connection() { return connection_; }
  Result<std::optional<Instant>> group_watermark() override { return std::optional<Instant>(); }

  std::vector<std::string> begin_apply(const Events& events) {
    must(connection_.begin());
    std::vector<const runtime::Event*> batch;
    for (const auto& event : events) batch.push_back(event.get());
    return names(must(consumer.apply(batch, nullptr, *this, now)));
  }
  void commit() {
    must(connection_.commit());
    consumer.settled(runtime::Settlement::kCommitted);
  }
  void roll_back() {
    must(connection_.rollback());
    consumer.settled(runtime::Settlement::kRolledBack);
  }
  /// How each event ended: "done", or the reason.
  std::vector<std::string> apply(const Events& events) {
    auto ends = begin_apply(events);
    commit();
    return ends;
  }
  std::string apply(const std::shared_ptr<runtime::Event>& event) { return apply(Events{event}).front(); }
  /// Wakes until nothing more is due.
  void wake() {
    for (bool more = true; more;) {
      must(connection_.begin());
      must(consumer.wake(*this, now));
      commit();
      more = consumer.next_wakeup() == Microseconds{0};
    }
  }

 private:
  static Options options(const Site& site) {
    Options of = must(testing::by_default(scoring_component(), options_from, {{"encryption.master_key_file", site.folder / "master.key"}}));
    of.masters = site.masters;
    return of;
  }
  static std::vector<std::string> names(const std::vector<runtime::Outcome>& outcomes) {
    struct Name {
      std::string operator()(const runtime::Done&) const { return "done"; }
      std::string operator()(const runtime::Skipped& skipped) const { return std::string(skipped.reason); }
      std::string operator()(const runtime::Dead& dead) const { return "dead " + dead.reason; }
      std::string operator()(const runtime::ReSent&) const { return "re_sent"; }
      std::string operator()(const runtime::Parked& parked) const { return "parked " + std::string(parked.reason); }
    };
    std::vector<std::string> all;
    for (const auto& outcome : outcomes) all.push_back(std::visit(Name{}, outcome));
    return all;
  }
  postgres::Connection connection_;

 public:
  ScoringConsumer consumer;
  Instant now = kStart + std::chrono::hours{1};
};

/// Waits until a session waits for a lock. It does not end the test where none does: threads are still to be joined.
inline void await_blocked(const std::string& dsn) {
  auto watcher = connect(dsn);
  CHECK(await(Milliseconds{20'000}, [&] {
    return must(watcher.script("SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")).size() >= 1;
  }));
}

}  // namespace weir::scoring
