// Every example of README, docs/ and the producers' pages, run as it stands: on an empty server what README has a reader try, and on one
// stack of services for all other pages what operators, applications and analysts are told to do. What needs a container engine or hours is
// parsed, and listed.
#include "common/local/services.hpp"
#include "common/testing/services.hpp"
#include "tests/e2e/documents/script.hpp"
#include "tests/unit/gateway/token_maker.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <set>

using namespace weir;
using namespace weir::testing;

namespace {

constexpr Milliseconds kPatience{300'000};
constexpr const char* kOrganization = "7d0f8f2a-55f5-4fd6-8f4c-0a1b2c3d4e5f";
constexpr const char* kUser = "99999999-2222-4333-8444-555555555555";
constexpr const char* kMessage = "99999999-2222-4333-8444-666666666666";

std::string local_address() { return fmt::format("127.0.0.1:{}", local::free_port().value()); }

/// A Postgres and a Kafka of their own, and who is there to read a page.
struct Stand {
  explicit Stand(std::string stand_name)
      : name(std::move(stand_name)), services(local::Services::start().value()), script(scratch() / name) {}

  [[nodiscard]] std::string kafka() const { return services->kafka().bootstrap(); }
  [[nodiscard]] std::filesystem::path secrets() const { return scratch() / name; }

  /// Runs the script to its end: what failed, and the whole log where something did.
  void run() {
    script.end();
    const auto file = scratch() / (name + ".sh");
    std::ofstream(file) << script.text();
    supervise::Command bash;
    bash.arguments = {"bash", file};
    const std::string path = std::filesystem::path(weir_executable()).parent_path().string() + ":" + std::getenv("PATH");
    bash.environment = {{"PATH", path}, {"PGPORT", std::to_string(services->postgres().port())}, {"PGUSER", "weir"}};
    bash.output = scratch() / (name + ".log");
    bash.end_signal = SIGTERM;
    supervise::Process process = supervise::Process::spawn(services->guardian(), bash).value();
    const auto ended = process.wait_for(kPatience);
    const std::string failures = content(script.failures());
    CHECK_MESSAGE((ended && failures.empty()), failures);
    if (!ended || !failures.empty()) MESSAGE(content(bash.output));
    for (const std::string& example : script.parsed()) MESSAGE("parsed only: ", example);
  }

  std::string name;
  std::unique_ptr<local::Services> services;
  Script script;
};

/// Where processes of a page listen on this machine.
std::map<std::string, std::string> free_ports(const std::string& listen, const std::string& ops) {
  return {{"WEIR_HTTP_LISTEN", listen}, {"WEIR_HTTP_OPS_LISTEN", ops}};
}

// Rows that the applications of the reader's organization have written, and ids that pages name.
constexpr const char* kScene = R"(psql "host=localhost dbname=app user=weir" <<'SQL'
INSERT INTO organizations (id, name) VALUES ('7d0f8f2a-55f5-4fd6-8f4c-0a1b2c3d4e5f', 'ours');
SELECT setval('weir.audit_log_id', 4710);
INSERT INTO users (id, organization_id, email, role)
SELECT id::uuid, '7d0f8f2a-55f5-4fd6-8f4c-0a1b2c3d4e5f', n || '@x.example', 'student'
  FROM unnest('{99999999-2222-4333-8444-555555555555,7f1c0a52-1f7e-4c2e-9a55-0d0c9b1e2f3a}'::text[]) WITH ORDINALITY u (id, n);
INSERT INTO agent_instances (id, organization_id, name, agent_type, status)
VALUES ('7d0f8f2a-0000-4000-8000-00000000000a', '7d0f8f2a-55f5-4fd6-8f4c-0a1b2c3d4e5f', 'a', 'k', 'idle');
INSERT INTO agent_executions (organization_id, agent_id, task_type, status, completed_at, execution_time_ms)
VALUES ('7d0f8f2a-55f5-4fd6-8f4c-0a1b2c3d4e5f', '7d0f8f2a-0000-4000-8000-00000000000a', 't', 'completed', now() - interval '10 minutes', 5);
INSERT INTO notifications (organization_id, id, user_id, template_key, channel, status, expires_at)
VALUES ('7d0f8f2a-55f5-4fd6-8f4c-0a1b2c3d4e5f', '99999999-2222-4333-8444-666666666666', '99999999-2222-4333-8444-555555555555',
        'task.completed', 'in_app', 'delivered', now() + interval '1 day');
INSERT INTO weir.dead_letters (id, group_id, topic, topic_uuid, "partition", record_offset, record_key, value, occurred_at, kind, reason, fault_path, organization_id)
OVERRIDING SYSTEM VALUE
SELECT 41 + n, 'weir.rollups', 'weir.cdc.public.agent_executions', gen_random_uuid(), 0, n, '{}', '{}', now(), 'decode', reason, path, '7d0f8f2a-55f5-4fd6-8f4c-0a1b2c3d4e5f'
  FROM (VALUES (1, 'missing_field', '/after/execution_time_ms'), (2, 'too_old', '')) letter (n, reason, path);
INSERT INTO api_keys (id, organization_id, name, key_prefix, key_hash)
VALUES (gen_random_uuid(), '7d0f8f2a-55f5-4fd6-8f4c-0a1b2c3d4e5f', 'old', 'weir_Ab3dE6g', sha256('old'));
SQL
weir_until weir_sql "SELECT count(*) > 0 FROM agent_metrics WHERE total_tasks > 0"
weir_until weir_sql "SELECT count(*) > 1 FROM weir.audit_chain"
weir_until test -s "$HEADS")";

/// The page that begins: all others find what it has installed and started.
Page operators_page(const Stand& stand, const std::string& listen, const std::string& ops) {
  Page page;
  page.path = "docs/operator.md";
  page.reader = "$WEIR_POSTGRES_DSN";
  page.keeps_shell = true;
  page.environment = free_ports(listen, ops);
  page.variables = {{"BROKERS", stand.kafka()},
                    {"SECRETS", stand.secrets()},
                    {"HEADS", stand.secrets() / "heads.jsonl"},
                    {"PASSWORD", "p"},
                    {"OPS", ops},
                    {"ORG", kOrganization},
                    {"OWNER_DSN", "host=localhost dbname=app user=app"}};
  page.before["## First start"] =
      R"(psql "host=localhost dbname=postgres user=weir" -c "CREATE ROLE app LOGIN CREATEROLE" -c "CREATE DATABASE app OWNER app")";
  page.before["## Look"] = kScene;
  page.before["## Tables that come, go and change names"] = R"(psql "host=localhost dbname=app user=app" <<'SQL'
CREATE TABLE public.parent (id integer PRIMARY KEY);
CREATE TABLE public.child (PRIMARY KEY (id)) INHERITS (public.parent);
ALTER PUBLICATION weir ADD TABLE public.parent;
SQL)";
  return page;
}

/// The file that the page has its reader add to, with what the page's example adds.
void name_sources(Page& operators) {
  const auto found = examples(content(source_directory() / operators.path)).value();
  const auto yaml = std::ranges::find(found, "yaml", &Example::language);
  REQUIRE(yaml != found.end());
  const std::size_t sources = yaml->text.find("    sources:\n");
  REQUIRE(sources != std::string::npos);
  operators.before["## Letters"] =
      "cat >sources.yaml <<'YAML'\n" + yaml->text.substr(sources) + "YAML\nsed -i '/^  rollups:/r sources.yaml' weir.yaml";
}

Page publishers_page(const Stand& stand, const std::string& listen) {
  Page page{.path = "docs/publisher.md", .reader = "host=localhost dbname=app user=app", .is_operators = false};
  page.variables = {{"BROKERS", stand.kafka()}, {"GATEWAY", "http://" + listen}, {"KEY", "$weir_key"}};
  return page;
}

Page gateways_page(const Stand& stand) {
  Page page{.path = "producers/gateway/README.md", .reader = ""};
  const std::string listen = local_address();
  page.environment = free_ports(listen, local_address());
  const SigningKey key("first", gateway::TokenAlgorithm::kEdDsa);
  std::ofstream(stand.secrets() / "keys.json") << key_set({key.jwk()});
  const std::string claims = claims_of(kUser, kOrganization, SystemClock{}.now() + Seconds{3'600}, R"(,"user_role":"student")");
  page.variables = {{"LISTEN", listen},     {"GATEWAY", "http://" + listen}, {"SECRETS", stand.secrets()},
                    {"ORG", kOrganization}, {"TOKEN", key.token(claims)},    {"MESSAGE", kMessage}};
  return page;
}

Page encryptions_page() {
  Page page{.path = "docs/encryption.md", .reader = ""};
  page.variables = {{"ROW", "6a1f3c1e-0000-4000-8000-000000000001"}, {"ORG", kOrganization}, {"USER_ID", kUser}};
  page.before["## Keys"] = "echo '{\"password\": \"x\"}' >credentials.json";
  return page;
}

/// The pages of the tree that this test is for, but for those that have been read.
std::vector<std::string> other_pages(const std::set<std::string>& read) {
  std::vector<std::string> pages;
  for (const char* folder : {"docs", "producers"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(source_directory() / folder)) {
      const std::string path = std::filesystem::relative(entry.path(), source_directory());
      if (path.ends_with(".md") && !read.contains(path)) pages.push_back(path);
    }
  }
  std::ranges::sort(pages);
  return pages;
}

}  // namespace

TEST_CASE("README: from an empty server to rows that an analyst reads") {
  Stand stand("readme");
  const std::string listen = local_address();
  Page page{.path = "README.md", .reader = "$WEIR_POSTGRES_DSN"};
  page.keeps_shell = true;
  page.environment = free_ports(listen, local_address());
  page.variables = {{"BROKERS", stand.kafka()}, {"GATEWAY", "http://" + listen}};
  stand.script.step("an empty database", R"(psql "dbname=postgres host=localhost" -c "CREATE DATABASE app")");
  stand.script.page(page);
  stand.script.step("the event is counted",
                    R"(weir_until weir_sql "SELECT sum(events) = 1 FROM engagement_rollups WHERE action_type = 'page.view'")");
  stand.run();
}

TEST_CASE("every other page, on one stack, as the user that it speaks to") {
  Stand stand("docs");
  const std::string listen = local_address();
  Page operators = operators_page(stand, listen, local_address());
  name_sources(operators);
  stand.script.page(operators);
  stand.script.step("what the operator gives to who publishes", "weir_key=$(weir keys create --organization $ORG --types user.action)");
  std::vector<Page> pages;
  pages.push_back(publishers_page(stand, listen));
  const std::string login = "host=localhost dbname=app user=ada";
  pages.push_back({.path = "docs/analyst.md", .reader = login, .is_operators = false, .variables = {{"LOGIN", login}}});
  pages.push_back({.path = "docs/data.md", .reader = "$WEIR_POSTGRES_DSN"});
  pages.push_back({.path = "docs/audit.md", .reader = ""});
  pages.push_back({.path = "docs/runbooks/falling-behind.md", .reader = ""});
  pages.push_back(gateways_page(stand));
  pages.push_back(encryptions_page());
  std::set<std::string> read{operators.path};
  for (const Page& page : pages) {
    stand.script.page(page);
    read.insert(page.path);
  }
  for (const std::string& path : other_pages(read)) {
    for (const Example& example : examples(content(source_directory() / path)).value_or(std::vector<Example>{})) {
      CHECK_MESSAGE((example.use != Use::kRun && example.use != Use::kRunOn), path, ':', example.line,
                    ": no reader runs this page: name one here");
    }
    stand.script.page({.path = path, .reader = ""});
  }
  stand.run();
}
