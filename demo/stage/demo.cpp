// The acts in order: the stage, the components, the load, the settling, the verification.
#include "demo/stage/demo.hpp"

#include "common/core/await.hpp"
#include "demo/application/broken_records.hpp"
#include "demo/application/confidences.hpp"
#include "demo/application/endpoints.hpp"
#include "demo/application/learners.hpp"
#include "demo/application/respondents.hpp"
#include "demo/receivers/requests.hpp"
#include "demo/stage/expectations.hpp"
#include "demo/stage/load.hpp"
#include "demo/stage/options.hpp"
#include "demo/stage/screen.hpp"
#include "demo/stage/stage.hpp"
#include "demo/stage/watch.hpp"
#include "demo/witness/deliveries.hpp"
#include "demo/witness/probe.hpp"
#include "demo/witness/roles.hpp"
#include "producers/gateway/key_store.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <span>

namespace weir::demo {
namespace {

constexpr Milliseconds kTurn{100};
constexpr Milliseconds kLookTerminal{1'000};
constexpr Milliseconds kLookPlain{2'000};
constexpr Milliseconds kPatienceToSettle{180'000};
constexpr Milliseconds kSettleStep{200};
constexpr double kPostsPerChange = 0.1;
constexpr std::string_view kWatched = "weir.rollups";  // the group whose lag is on the screen
constexpr int kActsATurn = 4;                          // of users who take assessments
// The last lines tell a newcomer where to look next.
constexpr std::array kNext{
    "look at next:",
    "  weir demo --for 60 --keep   the same, with its data and the log of each process left in a folder",
    "  README.md, First steps      publish, operate and analyze with a Kafka and a Postgres of your own",
    "  docs/architecture.md        why nothing is lost and nothing is counted twice",
    "  ./dev test                  every test, against private services as here",
};

/// The keys by which the application encrypts.
struct Vault {
  Vault(postgres::Connection connection, encryption::MasterKeys keys)
      : owner(std::move(connection)), masters(std::move(keys)), ring(owner, masters) {}
  Vault(const Vault&) = delete;
  Vault& operator=(const Vault&) = delete;
  postgres::Connection owner;
  encryption::MasterKeys masters;
  encryption::KeyRing ring;
};

class Demo {
 public:
  Demo(process::Context& context, const Options& options, std::span<const process::Component> components)
      : context_(context),
        options_(options),
        components_(components),
        terminal_(::isatty(STDOUT_FILENO) != 0),
        screen_(terminal_),
        simulation_(options.seed, {}),
        stage_(stage_options(), context.clock) {}

  Result<void> run() {
    begin_ = context_.clock.steady();
    screen_.line("weir demo: a pipeline of its own on this machine, gone when it ends");
    WEIR_TRY(stage_.prepare());
    if (options_.keep) {
      stage_.keep();
      screen_.line("data and logs stay in " + stage_.folder().string());
    }
    Result<void> played = play();
    const Result<void> stopped = stage_.stop_components();
    WEIR_TRY(std::move(played));
    WEIR_TRY(stopped);
    WEIR_TRY(judge());
    for (const char* line : kNext) screen_.line(line);
    return {};
  }

 private:
  StageOptions stage_options() {
    StageOptions stage;
    stage.executable = std::filesystem::read_symlink("/proc/self/exe");
    stage.rollups = options_.rollups;
    stage.broker = options_.broker;
    stage.told = [this](const std::string& step) { screen_.line("  " + step); };
    stage.transition = [this](const supervise::Transition& transition) {
      if (transition.kind != supervise::Transition::Kind::kEnded) return;
      screen_.line("  " + transition.name + " ended with " + transition.status.text() +
                   (transition.restarts_in ? ", is started again in " + format_duration(*transition.restarts_in) : ""));
    };
    return stage;
  }

  bool stopped() const { return context_.stop.stopped(); }

  Result<void> play() {
    application_.emplace(WEIR_TRY(SqlSession::open(stage_.dsn(), "weir demo application")));
    WEIR_TRY(application_->found(simulation_.world()));
    learners_.emplace(WEIR_TRY(SqlSession::open(stage_.dsn(), "weir demo learners")), simulation_.world(), options_.seed + 1);
    WEIR_TRY(learners_->gather());
    std::map<Uuid, std::string> keys = WEIR_TRY(make_keys());
    WEIR_TRY(stage_.start_components([this] { return stopped(); }));
    WEIR_TRY(application_->employ(simulation_.world(), context_.clock.now()));
    WEIR_TRY(confide());
    admin_ = WEIR_TRY(kafka::Admin::open(stage_.kafka()));
    expectations_ = expectations(components_, WEIR_TRY(stage_.configuration(context_.configuration.schema())));
    for (Expectation& expectation : expectations_) expectation.may_drop = stage_.embedded();
    expect_deliveries();
    watch_.emplace(WEIR_TRY(SqlSession::open(stage_.dsn(), "weir demo watch")), *admin_, of(kWatched), context_.clock);
    Visitors visitors(stage_.gateway_port(), std::move(keys), [this] { return given_up_.load(); });
    Load load(simulation_, *application_, visitors, context_.clock, {options_.rate, options_.rate * kPostsPerChange});
    const auto broken = static_cast<std::int64_t>(WEIR_TRY(write_broken_records(stage_.kafka())));
    screen_.line(options_.duration ? "the application is at work for " + format_duration(*options_.duration)
                                   : "the application is at work; Ctrl-C ends it and verifies");
    const Result<void> watched = watch_load(load);
    given_up_ = !watched.has_value();
    const Result<void> finished = load.finish();
    WEIR_TRY(watched);
    WEIR_TRY(finished);
    accepted_ = load.accepted();
    of("weir.rollups").dead = broken + static_cast<std::int64_t>(simulation_.broken_executions());
    of("weir.scoring").dead = static_cast<std::int64_t>(confided_.size()) + respondents_->refused();
    return settle(load);
  }

  Expectation& of(std::string_view group) {
    const auto found = std::ranges::find(expectations_, group, &Expectation::group);
    WEIR_ASSERT(found != expectations_.end());
    return *found;
  }

  void expect_deliveries() {
    process::ResultChecks& results = of("weir.notifications").results;
    const process::ResultChecks more = delivery_checks();
    results.waits.insert(results.waits.end(), more.waits.begin(), more.waits.end());
    results.tables.insert(results.tables.end(), more.tables.begin(), more.tables.end());
  }

  Result<std::map<Uuid, std::string>> make_keys() {
    std::map<Uuid, std::string> keys;
    auto owner = WEIR_TRY(stage_.connect("weir demo"));
    for (const Organization& organization : simulation_.world().organizations) {
      gateway::NewKey key;
      key.organization = OrganizationId{organization.id};
      key.name = "demo";
      keys[organization.id] = WEIR_TRY(gateway::create_key(owner, key)).key;
    }
    return keys;
  }

  /// Users give the application confidences that nobody else may read and endpoints, and begin to take assessments.
  Result<void> confide() {
    encryption::MasterKeys masters;
    masters.current = WEIR_TRY(encryption::master_key_of_file(stage_.master_key()));
    vault_ = std::make_unique<Vault>(WEIR_TRY(stage_.connect("weir demo")), std::move(masters));
    const Instant now = context_.clock.now();
    confided_ = WEIR_TRY(write_confidences(application_->session(), vault_->ring, simulation_.world(), now));
    WEIR_TRY(write_endpoints(application_->session(), vault_->ring, {stage_.receivers().endpoints(), kWebhookSecret}));
    respondents_.emplace(WEIR_TRY(SqlSession::open(stage_.dsn(), "weir demo respondents")), vault_->ring, simulation_.world(),
                         ~options_.seed);
    return respondents_->gather(now);
  }

  Result<void> watch_load(Load& load) {
    const SteadyInstant end = options_.duration ? context_.clock.steady() + *options_.duration : SteadyInstant::max();
    SteadyInstant next_look = context_.clock.steady();
    while (!stopped() && context_.clock.steady() < end) {
      context_.stop.wait(kTurn);
      WEIR_TRY(stage_.tend());
      WEIR_TRY(load.fault());
      for (int act = 0; act < kActsATurn; ++act) {
        WEIR_TRY(respondents_->act(context_.clock.now()));
        WEIR_TRY(learners_->act(context_.clock.now()));
      }
      if (context_.clock.steady() < next_look) continue;
      WEIR_TRY(look(load));
      next_look = context_.clock.steady() + (terminal_ ? kLookTerminal : kLookPlain);
    }
    return {};
  }

  Result<void> look(const Load& load) {
    const Sight sight = WEIR_TRY(watch_->look({load.changes(), load.posts(), respondents_->responses().size(), learners_->completions()}));
    if (!first_row_ && sight.metric_rows > 0) {
      first_row_ = true;
      const auto since = std::chrono::duration_cast<Milliseconds>(context_.clock.steady() - begin_);
      screen_.line(fmt::format("  first metric row {:.1f} s after the start", static_cast<double>(since.count()) / 1e3));
    }
    screen_.show(sight);
    return {};
  }

  Result<void> settle(const Load& load) {
    screen_.line("the application has stopped; waiting until every record has ended");
    const auto lsn = WEIR_TRY(watch_->session().ask("SELECT pg_current_wal_lsn()"))[0][0].as<std::string>();
    Result<void> fault;
    std::string waits_for;
    const bool settled = await(
        kPatienceToSettle,
        [&] {
          fault = stage_.tend();
          if (!fault) return true;
          const Result<std::string> rest = what_is_unsettled(lsn);
          if (!rest) {
            fault = fail(rest.error());
            return true;
          }
          waits_for = *rest;
          return waits_for.empty();
        },
        kSettleStep);
    WEIR_TRY(fault);
    if (!settled) {
      return fail(FaultKind::kData, "not settled after " + format_duration(kPatienceToSettle) + ": " + waits_for,
                  "run again with --keep and read the logs");
    }
    WEIR_TRY(look(load));
    return look_at_roles();
  }

  Result<std::string> what_is_unsettled(const std::string& lsn) {
    for (const Expectation& expectation : expectations_) {
      std::string rest = WEIR_TRY(unsettled(watch_->session(), *admin_, expectation, lsn));
      if (!rest.empty()) return rest;
    }
    return std::string();
  }

  /// Asks while the processes still work, because Postgres knows the roles of living sessions only: no process of weir may be a superuser.
  Result<void> look_at_roles() {
    std::vector<std::string> processes;
    for (const process::Component& component : components_) processes.push_back(component.name);
    const Roles roles = WEIR_TRY(roles_at_work(watch_->session(), processes));
    screen_.line(roles.line());
    if (roles.superusers.empty() && roles.of_process.size() == processes.size()) return {};
    return fail(FaultKind::kData, "a process of weir works as a superuser, or was not seen at work",
                "this is a bug in weir; please report it");
  }

  Result<void> judge() {
    WEIR_TRY(give_actions(watch_->session(), accepted_));
    std::vector<GivenResponse> given = confided_;
    given.insert(given.end(), respondents_->responses().begin(), respondents_->responses().end());
    WEIR_TRY(give_answers(watch_->session(), given));
    WEIR_TRY(give_zones(watch_->session(), learners_->zones()));
    WEIR_TRY(give_arrivals(watch_->session(), stage_.receivers().arrivals()));
    Verdict verdict;
    for (const Expectation& expectation : expectations_) verdict.add(WEIR_TRY(verify(watch_->session(), *admin_, expectation)));
    constexpr std::size_t kShown = 40;
    for (const std::string& note : verdict.notes) screen_.line("note: " + note);
    for (std::size_t index = 0; index < verdict.differences.size() && index < kShown; ++index) {
      screen_.line("difference: " + verdict.differences[index]);
    }
    WEIR_TRY(probe());
    screen_.line(WEIR_TRY(count_deliveries(watch_->session())).line());
    screen_.line(verdict.line());
    if (verdict.good()) return {};
    return fail(FaultKind::kData, fmt::format("{} differences between what was written and what was computed", verdict.differences.size()),
                "run again with --keep and read the logs");
  }

  /// Asks as tenants do, with the claims of each organization: no row of another organization may be seen or changed.
  Result<void> probe() {
    std::vector<Uuid> organizations;
    for (const Organization& organization : simulation_.world().organizations) organizations.push_back(organization.id);
    const Probe probe = WEIR_TRY(probe_tenants(application_->session(), organizations));
    for (const std::string& leak : probe.leaks) screen_.line("leak: " + leak);
    screen_.line(probe.line());
    if (probe.leaks.empty()) return {};
    return fail(FaultKind::kData, "a tenant reaches rows of another one", "this is a bug in weir; please report it");
  }

  process::Context& context_;
  Options options_;
  std::span<const process::Component> components_;
  bool terminal_;
  Screen screen_;
  Simulation simulation_;
  Stage stage_;
  SteadyInstant begin_{};
  std::vector<Expectation> expectations_;
  std::vector<AcceptedAction> accepted_;
  std::optional<Application> application_;
  std::unique_ptr<Vault> vault_;
  std::vector<GivenResponse> confided_;
  std::optional<Respondents> respondents_;
  std::optional<Learners> learners_;
  std::unique_ptr<kafka::Admin> admin_;
  std::optional<Watch> watch_;
  std::atomic<bool> given_up_{false};
  bool first_row_ = false;
};

}  // namespace

cli::Command command(std::vector<process::Component> components) {
  cli::Command row;
  row.path = "demo";
  row.help = "Run the whole pipeline on this machine with a simulated application, and verify what came of it.";
  row.examples = {"weir demo --for 60", "weir demo --rate 2000 --rollups 2", "weir demo --seed 7 --keep"};
  row.options = option_rows();
  row.drains = true;
  row.run = [components = std::move(components)](process::Context& context, const cli::Invocation& invocation) -> Result<void> {
    Demo demo(context, WEIR_TRY(read_options(invocation)), components);
    return demo.run();
  };
  return row;
}

}  // namespace weir::demo
