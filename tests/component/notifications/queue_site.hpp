// A migrated database with organizations, users and messages that wait, and workers that claim them, each with its own session as
// weir_notifications.
#pragma once

#include "common/migrations/migrator.hpp"
#include "common/testing/migrated_database.hpp"
#include "common/testing/services.hpp"
#include "consumers/notifications/queue.hpp"
#include "consumers/notifications/upkeep.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

namespace weir::notifications {

template <class T>
T must(Result<T> result) {
  if (!result) FAIL(result.error().line());
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

using delivery::Claimed;
using delivery::Job;
using delivery::Report;
using delivery::Verdict;

/// A message, or several that differ in their number alone.
struct Batch {
  int organization = 1;
  int user = 1;  // 0: a room
  int count = 1;
  int rank = 2;
  std::string account = "pusher:default";
  std::string channel = "pusher";
  std::string destination = "";  // empty: each has its own
  bool holds = false;
  std::string time_to_live = "1 day";
};

class QueueSite {
 public:
  static constexpr int kOrganizations = 20;
  static constexpr int kUsers = 100;  // of each organization

  QueueSite() : dsn(testing::migrated_database()), owner(connect("")) {
    run(fmt::format(R"(
      INSERT INTO public.organizations (id, name)
      SELECT pg_temp.an_id(o), 'O' FROM generate_series(1, {0}) o;
      INSERT INTO public.users (id, organization_id, email, role)
      SELECT pg_temp.an_id(o * 1000 + u), pg_temp.an_id(o), o || '.' || u || '@a.example', 'student'
        FROM generate_series(1, {0}) o, generate_series(1, {1}) u)",
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
  /// As intake writes them.
  void add(const Batch& batch) {
    run(fmt::format(R"(
      WITH made AS (
        INSERT INTO public.notifications (organization_id, id, user_id, template_key, channel, destination, priority, subject, body, expires_at)
        SELECT pg_temp.an_id({0}), gen_random_uuid(), CASE WHEN {1} > 0 THEN pg_temp.an_id({0} * 1000 + {1}) END, 't', '{5}',
               coalesce(nullif('{6}', ''), n::text), (ARRAY['critical', 'high', 'normal', 'low'])[{3} + 1], 'S', '{{}}',
               now() + interval '{8}'
          FROM generate_series({9}, {9} + {2} - 1) n
        RETURNING *
      )
      INSERT INTO weir.delivery_queue (notification_id, organization_id, created_at, user_id, channel, account, destination, template_key,
                                       rank, expires_at, holds_in_doubt)
      SELECT id, organization_id, created_at, user_id, channel, '{4}', destination, template_key, {3}, expires_at, {7} FROM made)",
                    batch.organization, batch.user, batch.count, batch.rank, batch.account, batch.channel, batch.destination, batch.holds,
                    batch.time_to_live, added_));
    added_ += batch.count;
  }
  std::string statuses() {
    return value(
        "SELECT string_agg(status || ' ' || n, ', ' ORDER BY status) FROM (SELECT status, count(*) n FROM public.notifications GROUP BY 1) "
        "s");
  }
  std::string waiting() { return value("SELECT count(*) FROM weir.delivery_queue"); }

  std::string dsn;
  postgres::Connection owner;

 private:
  int added_ = 1;
};

/// One process.
class Worker {
 public:
  explicit Worker(const QueueSite& site, Microseconds clock_step = {}, std::shared_ptr<const encryption::MasterKeys> masters = nullptr)
      : queue({.session = session(site),
               .masters = std::move(masters),
               .accounts = accounts(),
               .clock = clock,
               .metrics = &metrics,
               .clock_step = clock_step}),
        upkeep({.session = session(site), .clock = clock, .metrics = &metrics}) {}
  static postgres::Settings session(const QueueSite& site) {
    postgres::Settings settings;
    settings.dsn = site.dsn + " user=weir_notifications";
    return settings;
  }
  /// All but those of FCM.
  static Accounts accounts() {
    Accounts all;
    for (const std::string provider : {"pusher", "sendgrid", "smtp"}) {
      const std::string name = provider + ":default";
      all.emplace(name, std::make_shared<const ProviderAccount>(ProviderAccount{.name = name, .provider = provider}));
    }
    return all;
  }
  /// After what else the queue needs, which a process does beside.
  Claimed claim(std::size_t most, const std::string& channel = "pusher", Microseconds lease = Seconds{60}) {
    upkeep.set_clock_step(queue.clock_step());
    must(upkeep.look_after());
    return must(queue.claim({.channel = channel, .most = most, .lease = lease, .most_of_an_account = most, .room = room}));
  }
  static Report report_of(Job job, Verdict verdict, std::optional<Microseconds> again_in = {}, bool is_spent = true) {
    Report made;
    made.job = std::move(job);
    made.verdict = std::move(verdict);
    made.again_in = again_in;
    made.is_spent = is_spent;
    made.status = 200;
    return made;
  }
  std::size_t report(std::vector<Report> reports, std::vector<delivery::Refund> refunds = {}) {
    return must(queue.report(reports, refunds));
  }
  std::size_t accept(Claimed claimed) {
    std::vector<Report> reports;
    for (Job& job : claimed.jobs) reports.push_back(report_of(std::move(job), delivery::Accepted{"p", nullptr}));
    return report(std::move(reports));
  }

  SystemClock clock;
  telemetry::Metrics metrics;
  std::map<std::string, std::size_t> room;
  DeliveryQueue queue;
  Upkeep upkeep;
};

}  // namespace weir::notifications
