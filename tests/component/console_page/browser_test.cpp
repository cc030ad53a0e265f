// The page in a real browser over the real `weir console`, with a group that takes records from a real Kafka into a real Postgres
// meanwhile. What the browser does is in real.mjs, one line a step; it asks for a restart of the console by a file.
#include "common/local/scratch.hpp"
#include "common/supervise/process.hpp"
#include "tests/component/runtime/stage.hpp"

#include <fmt/format.h>

#include <fstream>

using namespace weir;
using namespace weir::testing;

namespace {

const std::string kToken = "ada-token-of-more-than-thirty-two-characters";
const std::string kHostile = R"(<img src=x onerror="window.hurt=1"><script>window.hurt=1</script>)";
constexpr int kDead = 4;     // of the first ten records, those that a constraint refuses until it is dropped
constexpr int kAtOnce = 20;  // records that come every kBetween
constexpr Milliseconds kBetween{200};
constexpr Milliseconds kBrowser{240'000};

std::filesystem::path browser_file(const char* name) { return source_directory() / "tests/support/browser" / name; }

bool has_browser() {
  const std::string command = fmt::format("bash '{}'", browser_file("is_there.sh").string());
  if (std::system(command.c_str()) == 0) return true;
  MESSAGE("the browser of the tests is not here (./dev deps --browser installs it): not run");
  return false;
}

/// `weir console` at a port that stays the same when it is started again.
class Console {
 public:
  explicit Console(const Stage& stage) : stage_(stage), port_(local::free_port().value()), folder_(scratch() / "console") {
    std::filesystem::create_directories(folder_);
    std::ofstream(folder_ / "tokens") << "ada " << kToken << "\n";
    start();
  }

  void start() {
    supervise::Command command;
    command.arguments = {weir_executable(), "console", "--listen", fmt::format("127.0.0.1:{}", port_), "--ops-listen", "127.0.0.1:0"};
    command.output = folder_ / "log";
    command.environment = {{"WEIR_POSTGRES_DSN", stage_.dsn + " user=weir_operator"},
                           {"WEIR_KAFKA_BROKERS", stage_.broker.brokers},
                           {"WEIR_CONSOLE_TOKENS_FILE", folder_ / "tokens"}};
    process_ = supervise::Process::spawn(guardian(), command).value();
    const bool listens = await(kPatience, [&] { return content(command.output).find("console_listens") != std::string::npos; });
    REQUIRE_MESSAGE(listens, content(command.output));
  }

  void kill() {
    process_.kill();
    std::filesystem::remove(folder_ / "log");
  }

  [[nodiscard]] std::string url() const { return fmt::format("http://127.0.0.1:{}", port_); }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

 private:
  const Stage& stage_;
  int port_;
  std::filesystem::path folder_;
  supervise::Process process_;
};

/// Ten records, of which the table refuses four until its constraint is dropped, and one that it refuses for good.
std::unique_ptr<Instance> with_letters(Stage& stage) {
  REQUIRE(
      stage.sql->script("ALTER TABLE result ADD CONSTRAINT too_strict CHECK (value !~ '^[0-9]+$' OR value::int % 3 <> 0);"
                        "ALTER TABLE result ADD CONSTRAINT no_markup CHECK (value !~ '<')"));
  stage.produce(0, 10);
  stage.produce({kHostile});
  auto instance = stage.start();
  REQUIRE(stage.caught_up());
  REQUIRE(stage.number("SELECT count(*) FROM weir.dead_letters WHERE status = 'dead'") == kDead + 1);
  REQUIRE(stage.sql->script("ALTER TABLE result DROP CONSTRAINT too_strict"));
  return instance;
}

supervise::Process open_browser(const Stage& stage, const Console& console) {
  supervise::Command command;
  command.arguments = {"node", source_directory() / "tests/component/console_page/real.mjs"};
  command.output = scratch() / "browser.log";
  command.environment = {{"WEIR_CONSOLE_URL", console.url()}, {"WEIR_CONSOLE_TOKEN", kToken},     {"WEIR_CONSOLE_GROUP", stage.group},
                         {"WEIR_CONSOLE_TOPIC", stage.topic}, {"WEIR_CONSOLE_HOSTILE", kHostile}, {"WEIR_CONSOLE_ASKS", console.folder()}};
  return supervise::Process::spawn(guardian(), command).value();
}

/// Lets records come, and kills and starts the console when the browser asks for it, until the browser is done. Gives how many came.
int accompany(supervise::Process& browser, Stage& stage, Console& console, int produced) {
  const std::filesystem::path stop = console.folder() / "stop";
  const std::filesystem::path start = console.folder() / "start";
  for (Milliseconds waited{0}; waited < kBrowser; waited += kBetween) {
    if (browser.wait_for(kBetween)) return produced;
    stage.produce(produced, kAtOnce);
    produced += kAtOnce;
    if (std::filesystem::remove(stop)) console.kill();
    if (std::filesystem::remove(start)) console.start();
  }
  browser.kill();
  return produced;
}

}  // namespace

TEST_CASE(
    "in a browser, over the real console: data move, letters are redriven to their rows, and a console that starts again is taken up") {
  if (!has_browser()) return;
  Stage stage(2);
  auto instance = with_letters(stage);
  Console console(stage);
  auto browser = open_browser(stage, console);
  const int produced = accompany(browser, stage, console, 10);
  const auto ended = browser.wait_for(Milliseconds{0});
  const std::string said = content(scratch() / "browser.log");
  REQUIRE_MESSAGE(ended.has_value(), said);
  CHECK_MESSAGE(ended->ok(), said);

  REQUIRE(stage.caught_up());
  CHECK(stage.number("SELECT count(*) FROM result") == produced);
  CHECK(stage.number("SELECT count(DISTINCT value) FROM result") == produced);
  CHECK(stage.number("SELECT count(*) FROM weir.dead_letters WHERE status = 'resolved'") == kDead);
  CHECK(stage.number("SELECT count(*) FROM weir.dead_letters WHERE status = 'discarded'") == 1);
  CHECK(stage.text("SELECT string_agg(DISTINCT acted_by, ',') FROM weir.operator_actions") == "ada");
}
