// What 0052 adds for notifications: templates are checked when they are written, what ships can be used, and what others wrote stays.
#include "common/migrations/migrator.hpp"
#include "common/testing/services.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

using namespace weir;

namespace {

constexpr int kBefore = 51;

struct Database {
  Database() : connection(open()) { REQUIRE(migrations::up(connection).has_value()); }
  static postgres::Connection open() {
    postgres::Settings settings;
    settings.dsn = testing::fresh_database();
    return postgres::Connection::open(migrations::patient(settings)).value();
  }
  std::string value(const std::string& sql) {
    const auto rows = connection.script(sql);
    REQUIRE_MESSAGE(rows.has_value(), (rows ? "" : rows.error().line()));
    return rows->empty() ? "" : std::string((*rows)[0].text(0));
  }
  std::string refusal(const std::string& channel, const std::string& body, const std::string& variables = "{}") {
    const auto rows = connection.script("INSERT INTO public.notification_templates (key, channel, body, variables) VALUES ('a.b', '" +
                                        channel + "', '" + body + "', '" + variables + "')");
    return rows ? "" : rows.error().message;
  }
  postgres::Connection connection;
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

TEST_CASE("each template that ships is there for every channel, and each rule that ships has its templates") {
  Database database;
  CHECK(database.value("SELECT count(DISTINCT key) || ' ' || count(*) FROM public.notification_templates WHERE organization_id IS NULL") ==
        "15 105");
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
