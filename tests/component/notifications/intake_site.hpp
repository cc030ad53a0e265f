// A migrated database with two organizations, and an application whose writes become the events that change capture would make of them;
// instances of the consumer, each with its own session as weir_notifications, driven as the runtime drives them.
#pragma once

#include "common/migrations/migrator.hpp"
#include "common/testing/default_configuration.hpp"
#include "common/testing/migrated_database.hpp"
#include "common/testing/services.hpp"
#include "consumers/notifications/component.hpp"
#include "consumers/notifications/decoders.hpp"
#include "consumers/notifications/facts.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace weir::notifications {

inline const Instant kStart = *parse_instant("2026-11-28T12:00:00Z");

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

inline const OrganizationId kOrganization{id(1)};
inline const OrganizationId kOtherOrganization{id(2)};
inline UserId user(int n) { return UserId{id(100 + n)}; }
constexpr int kUsers = 60;  // the first is an admin

using Event = std::shared_ptr<runtime::Event>;
using Events = std::vector<Event>;

class Site {
 public:
  Site() : dsn(testing::migrated_database()), owner(connect(dsn)) {
    for (const OrganizationId& organization : {kOrganization, kOtherOrganization}) {
      run(fmt::format("INSERT INTO public.organizations (id, name) VALUES ('{}', 'O')", organization.text()));
    }
    run(fmt::format(R"(
INSERT INTO public.users (id, organization_id, email, role)
SELECT ('00000000-0000-4000-8000-' || lpad(to_hex(100 + n), 12, '0'))::uuid, '{}', n || '@a.example', CASE n WHEN 1 THEN 'admin' ELSE 'student' END
  FROM generate_series(1, {}) n;
INSERT INTO public.agent_instances (id, organization_id, name, agent_type) VALUES ('{}', '{}', 'A', 'writer'))",
                    kOrganization.text(), kUsers, id(50).text(), kOrganization.text()));
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

  // ---- The application. Each act gives the event that change capture would make of it. ----

  /// The record of a change; each has a place of its own in the source's log.
  std::string record_of(const std::string& table, char op, const std::string& before, const std::string& after) {
    ++lsn_;
    return fmt::format(
        R"({{"before": {}, "after": {}, "source": {{"version": "1", "connector": "postgresql", "name": "s", "ts_ms": {}, "db": "d", "sequence": "[\"{}\",\"{}\"]", "schema": "public", "table": "{}", "txId": 7, "lsn": {}}}, "op": "{}", "ts_ms": {}}})",
        before, after, unix_ms(now), lsn_, lsn_ + 1, table, lsn_ + 1, op, unix_ms(now));
  }
  Event event_of(const std::string& table, const std::string& record) {
    auto event = std::make_shared<runtime::Event>();
    event->record.topic = "weir.cdc.public." + table;
    runtime::Record decoded;
    decoded.topic = event->record.topic;
    const std::string topic = "weir.cdc.public." + table;
    decoded.topic = topic;
    decoded.value = record;
    decoded.key = "{}";
    auto result = change_decoder()->decode(decoded);
    REQUIRE_FALSE(result.ending.has_value());
    event->decoded = std::move(result.decoded);
    return event;
  }
  std::string row(const std::string& table, const Uuid& of) {
    const std::string json = value("SELECT to_jsonb(t) FROM public." + table + " t WHERE id = '" + of.text() + "'");
    return json.empty() ? "null" : json;
  }
  /// Runs a statement that changes one row, by its id, and gives the change's record.
  std::string change(const std::string& table, const Uuid& of, const std::string& sql) {
    const std::string before = row(table, of);
    run(sql);
    const std::string after = row(table, of);
    const char op = before == "null" ? 'c' : after == "null" ? 'd' : 'u';
    return record_of(table, op, before, after);
  }
  Event changed(const std::string& table, const Uuid& of, const std::string& sql) { return event_of(table, change(table, of, sql)); }

  Event task(int n, int of_user = 2, const std::string& more = "") {
    return changed("agent_executions", id(1'000 + n),
                   fmt::format(R"(
INSERT INTO public.agent_executions (id, organization_id, agent_id, user_id, task_type)
VALUES ('{}', '{}', '{}', '{}', 'essay'){})",
                               id(1'000 + n).text(), kOrganization.text(), id(50).text(), user(of_user).text(), more));
  }
  Event set_task(int n, const std::string& columns) {
    return changed("agent_executions", id(1'000 + n),
                   fmt::format("UPDATE public.agent_executions SET {} WHERE id = '{}'", columns, id(1'000 + n).text()));
  }
  Event request(const std::string& template_key, std::vector<Channel> channels, int of_user, int number,
                const std::string& variables = "{}") {
    Occurrence event;
    event.organization = kOrganization;
    event.source = "notification.requested";
    event.topic = "weir.actions.v1";
    event.row.after = Fields{{"type", event.source}, {"user_id", user(of_user).text()}, {"template", template_key}};
    event.id = id(40'000 + number);
    event.at = now;
    event.request = Request{user(of_user), template_key, std::move(channels), std::nullopt, *read_variables(variables)};
    auto out = std::make_shared<runtime::Event>();
    out->decoded.payload = std::make_unique<Fact>(std::move(event));
    out->decoded.recorded_at = now;
    return out;
  }

  /// Each message as "template channel destination priority status reason", of one template or all.
  std::string messages(const std::string& of = "") {
    return value(fmt::format(R"(
SELECT string_agg(concat_ws(' ', template_key, channel, nullif(replace(replace(destination, '{}', 'ORG'), '00000000-0000-4000-8000-', 'ID'), ''),
                            priority, status, nullif(reason, '')), E'\n' ORDER BY template_key, channel, destination)
  FROM public.notifications
 WHERE template_key LIKE '{}%')",
                             kOrganization.text(), of));
  }
  std::string count(const std::string& where = "true") { return value("SELECT count(*) FROM public.notifications WHERE " + where); }

  std::string dsn;
  postgres::Connection owner;
  Instant now = kStart;

 private:
  int lsn_ = 1;
};

class Worker final : public runtime::Work {
 public:
  explicit Worker(Site& site, Options options = testing::by_default(notifications_component(), options_from))
      : site_(site), connection_(connect(site.dsn + " user=weir_notifications")), consumer(std::move(options)) {
    must(consumer.prepare(connection_));
  }
  postgres::Statements& statements() override { return connection_; }
  Result<std::optional<Instant>> group_watermark() override { return std::optional<Instant>(); }

  std::vector<std::string> begin_apply(const Events& events) {
    must(connection_.begin());
    std::vector<const runtime::Event*> batch;
    for (const Event& event : events) batch.push_back(event.get());
    return names(must(consumer.apply(batch, nullptr, *this, site_.now)));
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
  std::string apply(const Event& event) { return apply(Events{event}).front(); }
  /// Wakes until nothing more is due.
  void wake() {
    for (bool more = true; more;) {
      must(connection_.begin());
      must(consumer.wake(*this, site_.now));
      commit();
      more = consumer.next_wakeup() == Microseconds{0};
    }
  }

 private:
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

  Site& site_;
  postgres::Connection connection_;

 public:
  NotificationsConsumer consumer;
};

}  // namespace weir::notifications
