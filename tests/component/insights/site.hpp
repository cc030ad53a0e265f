// A migrated database with users who consent to insights, and queues over it, each as a process of its own would have them. No model is
// called: a test says how each call ended.
#pragma once

#include "common/migrations/migrator.hpp"
#include "common/testing/manual_clock.hpp"
#include "common/testing/migrated_database.hpp"
#include "common/testing/services.hpp"
#include "consumers/insights/drafts_store.hpp"
#include "consumers/insights/queue.hpp"
#include "consumers/insights/upkeep.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

namespace weir::insights {

template <class T>
T must(Result<T> result) {
  if (!result) FAIL(result.error().line());
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

/// The id that SQL has as pg_temp.an_id(n).
inline Uuid an_id(std::uint64_t n) { return *Uuid::parse(fmt::format("00000000-0000-4000-8000-{:012x}", n)); }

class Site {
 public:
  static constexpr int kOrganizations = 3;
  static constexpr int kUsers = 40;  // of each organization; user u of organization o has the id 1000 o + u

  Site() : dsn(testing::migrated_database()), owner(connect("")) {
    run(fmt::format(R"(
      INSERT INTO public.organizations (id, name)
      SELECT pg_temp.an_id(o), 'O' FROM generate_series(1, {0}) o;
      INSERT INTO public.users (id, organization_id, email, full_name, role)
      SELECT pg_temp.an_id(o * 1000 + u), pg_temp.an_id(o), o || '.' || u || '@a.example', 'Ada Lovelace', 'student'
        FROM generate_series(1, {0}) o, generate_series(1, {1}) u;
      INSERT INTO public.consents (organization_id, user_id, scope, granted_at)
      SELECT organization_id, id, 'insights', now() - interval '1 day' FROM public.users)",
                    kOrganizations, kUsers));
  }
  [[nodiscard]] postgres::Connection connect(const std::string& more) const {
    postgres::Settings settings;
    settings.dsn = dsn + more;
    auto connection = must(postgres::Connection::open(migrations::patient(settings)));
    must(connection.script(R"(
      CREATE FUNCTION pg_temp.an_id(n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
        SELECT ('00000000-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid
      $$)"));
    return connection;
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
  void withdraw(int user = 1001) {
    run(fmt::format("UPDATE public.consents SET withdrawn_at = now() WHERE user_id = pg_temp.an_id({}) AND withdrawn_at IS NULL", user));
  }

  std::string dsn;
  postgres::Connection owner;
};

/// Accounts of both providers, whose tokens cost a millionth of a dollar each.
inline Chain chain() {
  Chain accounts;
  for (const std::string provider : {"anthropic", "openai"}) {
    accounts.push_back(std::make_shared<const ModelAccount>(ModelAccount{.name = provider + ":default",
                                                                         .provider = provider,
                                                                         .url = "http://127.0.0.1:1",
                                                                         .key = "k",
                                                                         .model = provider + "-model",
                                                                         .prices = {.in = 1'000'000, .out = 1'000'000}}));
  }
  return accounts;
}

/// A hundred times as long as those that ship, so that the time that a test takes itself does not count.
inline constexpr Deadlines kSlow{.share = Seconds{90}, .template_after = Seconds{180}, .keep = Seconds{3'000}};

/// One process.
class Worker {
 public:
  explicit Worker(const std::string& dsn, Chain accounts = chain(), Deadlines deadlines = kSlow)
      : all(std::move(accounts)),
        times(deadlines),
        queue({.session = session(dsn), .chain = all, .deadlines = deadlines, .clock = clock, .metrics = &metrics, .pace = pace}),
        templates({.session = session(dsn), .clock = clock, .log = log, .metrics = metrics, .deadlines = deadlines, .pace = pace}),
        sweeper({.session = session(dsn), .clock = clock, .log = log, .metrics = metrics}, all),
        connection(must(postgres::Connection::open(session(dsn)))) {}
  explicit Worker(const Site& site, Chain accounts = chain(), Deadlines deadlines = kSlow)
      : Worker(site.dsn, std::move(accounts), deadlines) {}

  static postgres::Settings session(const Site& site) { return session(site.dsn); }
  static postgres::Settings session(const std::string& dsn) {
    postgres::Settings settings;
    settings.dsn = dsn + " user=weir_insights";
    return settings;
  }
  /// Finds insights: drafts as the first step of a claim writes them. Their inputs differ by the user and the number.
  std::vector<Uuid> find(int user, int count, int first = 0, const std::string& pattern = "repeated_low") {
    std::vector<NewDraft> drafts;
    std::vector<Uuid> ids;
    const Intent intent{Uuid::random(),
                        {OrganizationId{an_id(static_cast<std::uint64_t>(user / 1000))}, UserId{an_id(static_cast<std::uint64_t>(user))}}};
    for (int n = first; n < first + count; ++n) {
      Finding finding{.pattern = pattern,
                      .kind = Kind::kPattern,
                      .subject = fmt::format("dimension{}", n),
                      .classed = "low",
                      .confidence = 0.9,
                      .evidence = {an_id(1)},
                      .facts = {{"times", std::int64_t{3}}, {"t_score", user * 100.0 + n}, {"dimension", Word{"dimension.empathy"}}}};
      drafts.push_back(new_draft(Candidate(make_draft(intent, finding, "en", Instant{}), KnownNames{}, all)));
      ids.push_back(drafts.back().draft.id);
    }
    must(connection.within_transaction([&] { return write_drafts(connection, drafts, times, step); }));
    return ids;
  }
  /// Calls of drafts that are due, and of intents: of half as many as `most`.
  std::vector<delivery::Job> place(std::size_t most = 100) {
    return must(queue.claim({.channel = "insights", .most = most, .lease = lease, .most_of_an_account = most, .room = room})).jobs;
  }
  /// Writes what templates are due, and ends what nobody answers for.
  void keep_deadlines() {
    while (must(templates.write()) == Microseconds{0}) continue;
    must(sweeper.sweep());
  }
  /// Time passes for Postgres as this process sees it.
  void pass(Microseconds by) {
    step += by;
    queue.step_clock(by);
    templates.step_clock(by);
    sweeper.step_clock(by);
  }
  std::size_t report(std::vector<delivery::Report> reports) { return must(queue.report(reports, {})); }

  testing::ManualClock clock;
  telemetry::Metrics metrics;
  telemetry::Log log{"test", telemetry::LogFormat::kText, telemetry::LogLevel::kError};
  std::map<std::string, std::size_t> room;
  Microseconds lease = Seconds{6'000};
  Microseconds step{0};
  Chain all;
  Deadlines times;
  std::shared_ptr<WritingPace> pace = std::make_shared<WritingPace>();
  InsightQueue queue;
  TemplateWriter templates;
  Sweeper sweeper;
  postgres::Connection connection;

 private:
  /// As a claim would leave it that placed no call: its first provider is due.
  [[nodiscard]] NewDraft new_draft(Candidate candidate) const {
    NewDraft draft{.draft = std::move(candidate.draft),
                   .prompt_version = std::string(kPromptVersion),
                   .input_hash = candidate.hashes.front(),
                   .then = {}};
    draft.then.reason = all.empty() ? std::string(kNoProvider) : draft.draft.reason;
    if (!all.empty()) draft.then.next_in = Microseconds{0};
    return draft;
  }
};

inline delivery::Report report_of(delivery::Job job, delivery::Verdict verdict, int status = 200) {
  delivery::Report made;
  made.job = std::move(job);
  made.verdict = std::move(verdict);
  made.status = status;
  made.took = Milliseconds{300};
  return made;
}

/// A valid answer that says what it used.
inline delivery::Verdict answered(const std::string& title, std::optional<std::int64_t> in = 100, std::optional<std::int64_t> out = 10) {
  auto result = std::make_unique<Answered>();
  result->wording = Wording{.title = title, .body = "A body.", .evidence = {1}};
  result->usage = {.in = in, .out = out};
  return delivery::Accepted{"id", std::move(result)};
}

/// An answer that was paid for, and is of no use.
inline delivery::Verdict useless(std::int64_t in = 100, std::int64_t out = 10) {
  auto result = std::make_unique<Answered>();
  result->usage = {.in = in, .out = out};
  delivery::Postponed postponed;
  postponed.reason = "the reply is no JSON";
  postponed.result = std::move(result);
  return postponed;
}

}  // namespace weir::insights
