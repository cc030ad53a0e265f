// What 0052 adds for notifications: templates are checked when they are written, what ships can be used, and what others wrote stays. And
// what 0060 changes: messages are written in place, and streams find them as before.
#include "tests/component/migrations/database.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <fstream>
#include <sstream>

using namespace weir;

namespace {

constexpr int kBefore = 51;
constexpr int kBeforeUnwanted = 72;

struct Database : testing::Database {
  Database() { up(); }
  std::string refusal(const std::string& channel, const std::string& body, const std::string& variables = "{}") {
    const auto rows = connection.script("INSERT INTO public.notification_templates (key, channel, body, variables) VALUES ('a.b', '" +
                                        channel + "', '" + body + "', '" + variables + "')");
    return rows ? "" : rows.error().message;
  }
};

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("a template is refused whose tags its variables do not describe, or that would put text unescaped into another language") {
  Database database;
  const std::string known = R"({"properties": {"name": {"type": "string"}, "items": {"items": {"properties": {"text": {}}}}}})";
  CHECK(database.refusal("in_app", "{{name}} {{#items}}{{text}}{{.}}{{/items}}{{! a note }} {{{name}}}", known) == "");
  CHECK(has(database.refusal("email", "{{nmae}}", known), "has the tag nmae"));
  CHECK(has(database.refusal("email", "{{#other}}x{{/other}}", known), "has the tag other"));
  for (const char* channel : {"email", "slack", "pusher", "webhook"}) {
    CAPTURE(channel);
    CHECK(has(database.refusal(channel, "{{{name}}}", known), "unescaped"));
    CHECK(has(database.refusal(channel, "{{& name}}", known), "unescaped"));
  }
  CHECK(has(database.refusal("in_app", "{{> partial}}", known), "has a tag with >"));
  CHECK(has(database.refusal("in_app", "{{=<% %>=}}", known), "has a tag with ="));
  CHECK(database.refusal("email", "{{ name }}", known) == "");
  CHECK(has(database.connection.script("UPDATE public.notification_templates SET variables = '{}' WHERE key = 'a.b'").error().message,
            "which its variables do not describe"));
}

TEST_CASE("each template that ships is there for its channels, and each rule that ships has its templates") {
  Database database;
  CHECK(database.value("SELECT count(DISTINCT key) || ' ' || count(*) FROM public.notification_templates WHERE organization_id IS NULL") ==
        "17 108");
  CHECK(database.value(R"(
SELECT count(*)
  FROM public.notification_rules r, unnest(r.channels) c (channel)
 WHERE r.template_key <> ''
   AND NOT EXISTS (SELECT FROM public.notification_templates t WHERE t.key = r.template_key AND t.channel = c.channel))") == "0");
  CHECK(database.value(R"(SELECT body FROM public.notification_templates WHERE key = 'task.completed' AND channel = 'pusher')") ==
        R"({"taskId":"{{taskId}}","type":"{{type}}","agentType":"{{agentType}}","executionTime":{{executionTime}},)"
        R"("qualityScore":{{qualityScore}},"message":"Task {{type}} completed successfully"})");
}

TEST_CASE("what others wrote stays when the shipped rules and templates go and come back") {
  Database database;
  std::ostringstream scene;
  scene << std::ifstream(testing::source_directory() / "tests/component/rls/scene.sql").rdbuf();
  database.value(scene.str());
  const std::string own = R"(
    SELECT string_agg(line, ' ' ORDER BY line)
      FROM (SELECT 't ' || key FROM public.notification_templates WHERE organization_id IS NOT NULL
             UNION ALL SELECT 'r ' || name FROM public.notification_rules WHERE organization_id IS NOT NULL OR name = 'library') x (line))";
  const std::string shipped =
      "SELECT md5(string_agg(id || condition::text || variables::text, ' ' ORDER BY id)) FROM public.notification_rules";
  const std::string before = database.value(own);
  const std::string rules = database.value(shipped);
  REQUIRE(migrations::down(database.connection, kBefore).has_value());
  CHECK(database.value(own) == before);
  CHECK(database.value("SELECT count(*) FROM public.notification_rules WHERE organization_id IS NULL") == "1");
  REQUIRE(migrations::up(database.connection).has_value());
  CHECK(database.value(own) == before);
  CHECK(database.value(shipped) == rules);
}

TEST_CASE("a change of a file's status tells the status before, and no other change needs to") {
  Database database;
  CHECK(database.value("SELECT relreplident FROM pg_class WHERE oid = 'public.files'::regclass") == "i");
  CHECK(database.value("SELECT pg_get_indexdef('public.files_identity'::regclass)") ==
        "CREATE UNIQUE INDEX files_identity ON public.files USING btree (organization_id, id, status)");
}

namespace {

constexpr int kBeforeInPlace = 56;
constexpr const char* kMessage = R"(
  INSERT INTO public.notifications (organization_id, id, template_key, channel, status, expires_at, created_at, updated_at)
  SELECT (SELECT min(id::text)::uuid FROM public.organizations), gen_random_uuid(), '{}', 'pusher', 'queued', now() + interval '1 day',
         now(), {})";
/// The templates of messages that changed later than 10 minutes ago, as a stream asks for them.
constexpr const char* kChanged = R"(
  SELECT string_agg(template_key, ' ')
    FROM (SELECT template_key
            FROM public.notifications
           WHERE organization_id = (SELECT min(id::text)::uuid FROM public.organizations)
             AND user_id IS NULL
             AND updated_minute >= date_bin('1 minute', now() - interval '10 minutes', 'epoch')
             AND updated_at > now() - interval '10 minutes'
           ORDER BY updated_minute, updated_at, id) n)";

}  // namespace

TEST_CASE("a message's changes within a minute are written in place, and a page has room for them") {
  Database database;
  database.value("INSERT INTO public.organizations (name) VALUES ('O')");
  database.value("SELECT weir.ensure_partition('public.notifications', now())");
  CHECK(database.value("SELECT count(*) FROM pg_class WHERE relname ~ '^notification(s|_attempts)_[0-9]+$' AND 'fillfactor=50' <> ALL "
                       "(coalesce(reloptions, '{}'))") == "0");
  REQUIRE(database.connection.begin().has_value());
  database.value(fmt::format(fmt::runtime(kMessage), "t", "now()"));
  database.value("UPDATE public.notifications SET status = 'sending'");
  database.value("UPDATE public.notifications SET status = 'sent'");
  CHECK(database.value(
            "SELECT sum(pg_stat_get_xact_tuples_hot_updated(relid)) FROM pg_partition_tree('public.notifications') WHERE isleaf") == "2");
  REQUIRE(database.connection.commit().has_value());
}

TEST_CASE("messages from before are found by the minute of their change, in order with those that come later") {
  Database database;
  REQUIRE(migrations::down(database.connection, kBeforeInPlace).has_value());
  database.value("INSERT INTO public.organizations (name) VALUES ('O')");
  const auto add = [&](const char* name, const char* changed) { database.value(fmt::format(fmt::runtime(kMessage), name, changed)); };
  add("older", "now() - interval '11 minutes'");
  add("second", "now() - interval '1 minute'");
  add("first", "now() - interval '5 minutes'");
  REQUIRE(migrations::up(database.connection).has_value());
  add("third", "now()");
  CHECK(database.value("SELECT bool_and(updated_minute >= date_bin('1 minute', updated_at, 'epoch')) FROM public.notifications") == "t");
  CHECK(database.value(kChanged) == "first second third");
  database.value("UPDATE public.notifications SET read_at = now() WHERE template_key = 'older'");
  CHECK(database.value(kChanged) == "first second third older");
  REQUIRE(migrations::down(database.connection, kBeforeInPlace).has_value());
  CHECK(database.value("SELECT count(*) FROM public.notifications") == "4");
}

TEST_CASE("messages that wait and endpoints that fail outlive 0073 and its way back") {
  Database database;
  REQUIRE(migrations::down(database.connection, kBeforeUnwanted).has_value());
  database.value("INSERT INTO public.organizations (name) VALUES ('O')");
  database.value(R"(
    INSERT INTO weir.delivery_queue (notification_id, organization_id, created_at, channel, account, destination, template_key, rank, expires_at)
    SELECT gen_random_uuid(), id, now(), 'pusher', 'pusher:default', 'd', 't', 2, now() + interval '1 day' FROM public.organizations)");
  database.value(R"(
    INSERT INTO public.notification_destinations (organization_id, channel, address_encrypted, failing_since)
    SELECT id, 'webhook', decode('77650101' || repeat('00', 60), 'hex'), '2026-11-01' FROM public.organizations)");
  const auto both = [&] {
    return database.value(
        "SELECT concat_ws(' ', (SELECT count(*) FROM weir.delivery_queue), (SELECT failing_since::date FROM "
        "public.notification_destinations))");
  };
  REQUIRE(migrations::up(database.connection).has_value());
  CHECK(both() == "1 2026-11-01");
  CHECK(database.value("SELECT (unwanted IS NULL)::text FROM weir.delivery_queue") == "true");
  database.value("UPDATE weir.delivery_queue SET unwanted = 'preference'");
  database.value("UPDATE public.notification_destinations SET failed_at = now()");
  REQUIRE(migrations::down(database.connection, kBeforeUnwanted).has_value());
  CHECK(both() == "1 2026-11-01");
  REQUIRE(migrations::up(database.connection).has_value());
}
