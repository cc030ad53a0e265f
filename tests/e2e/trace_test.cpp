// `weir trace` over a running demo: of a thousand records, chosen at random from all topics that groups read, each has for each group the
// rows that the group made of it, or the reason why there are none. And `weir verify` over one: its results are what their source rows
// give.
#include "common/core/await.hpp"
#include "common/kafka/log_reader.hpp"
#include "common/postgres/connection.hpp"
#include "common/supervise/process.hpp"
#include "common/testing/services.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <map>
#include <random>
#include <regex>

using namespace weir;
using namespace weir::testing;

namespace {

constexpr Milliseconds kPatience{240'000};
constexpr Milliseconds kStep{500};
constexpr Milliseconds kPatienceForRecord{60'000};
constexpr std::size_t kRecords = 1'000;
constexpr std::int64_t kEnough = 6'000;  // records in all topics before the choice is made

struct Place {
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
};

/// A demo at work, in whose place nobody else runs.
class RunningDemo {
 public:
  RunningDemo() {
    std::filesystem::remove(log_);  // of the demo before it, whose folder is gone
    supervise::Command command;
    command.arguments = {weir_executable(), "demo", "--keep", "--seed", "11", "--rate", "150"};
    command.output = log_;
    command.end_signal = SIGTERM;
    process_.emplace(supervise::Process::spawn(guardian(), command).value());
    const std::regex told("data and logs stay in (\\S+)");
    REQUIRE(await(kPatience, [&] { return content(log_).find("first metric row") != std::string::npos || !process_->running(); }));
    const std::string said = content(log_);
    std::smatch found;
    INFO(said);
    REQUIRE(std::regex_search(said, found, told));
    folder_ = found[1].str();
    const std::string configuration = content(folder_ / "weir.yaml");
    dsn_ = value_in(configuration, "dsn: (host=.*)");
    kafka_.brokers = value_in(configuration, "brokers: (\\S+)");
  }
  RunningDemo(const RunningDemo&) = delete;
  RunningDemo& operator=(const RunningDemo&) = delete;
  /// What it has computed is not verified here: its guardian ends all of its processes.
  ~RunningDemo() {
    process_->signal(SIGKILL);
    static_cast<void>(process_->wait_for(kPatience));
    await(kPatience, [&] {
      std::error_code left;
      std::filesystem::remove_all(folder_, left);
      return !std::filesystem::exists(folder_, left);
    });
  }

  [[nodiscard]] postgres::Connection connect() const {
    return postgres::Connection::open({.dsn = dsn_, .application_name = "test"}).value();
  }
  [[nodiscard]] const kafka::Settings& kafka() const { return kafka_; }

  /// What a command of weir prints, run as the operator's role.
  [[nodiscard]] std::pair<std::string, std::string> run(const std::string& words, const std::string& input = "") const {
    const auto folder = scratch();
    std::ofstream(folder / "in") << input;
    const std::string as_operator = std::regex_replace(dsn_, std::regex("user=\\S+"), "user=weir_operator");
    const std::string line = fmt::format("WEIR_POSTGRES_DSN='{}' {} {} --config {} <{}/in >{}/out 2>{}/err", as_operator, weir_executable(),
                                         words, (folder_ / "weir.yaml").string(), folder.string(), folder.string(), folder.string());
    static_cast<void>(std::system(line.c_str()));
    return {content(folder / "out"), content(folder / "err")};
  }

 private:
  static std::string value_in(const std::string& text, const std::string& pattern) {
    std::smatch found;
    REQUIRE(std::regex_search(text, found, std::regex(pattern)));
    return found[1].str();
  }

  std::filesystem::path log_ = scratch() / "demo.log";
  std::optional<supervise::Process> process_;
  std::filesystem::path folder_;
  std::string dsn_;
  kafka::Settings kafka_;
};

/// All records that the logs of these topics have now.
std::vector<Place> records_of(const kafka::Settings& settings, const std::vector<std::string>& topics) {
  const auto admin = kafka::Admin::open(settings).value();
  std::vector<Place> places;
  for (const std::string& topic : topics) {
    const auto logs = kafka::log_ranges(*admin, topic).value();
    std::vector<kafka::LogPart> parts;
    for (std::size_t i = 0; i < logs.size(); ++i) {
      if (logs[i].begin < logs[i].end) parts.push_back({static_cast<std::int32_t>(i), logs[i].begin, logs[i].end});
    }
    const auto take = [&](const kafka::StoredRecord& record) {
      places.push_back({topic, record.partition, record.offset});
      return true;
    };
    if (!parts.empty()) REQUIRE(kafka::read_parts(settings, topic, parts, take, kPatienceForRecord));
  }
  return places;
}

std::vector<std::string> topics_of(postgres::Connection& connection) {
  const auto rows = connection.script("SELECT DISTINCT topic FROM weir.consumer_offsets ORDER BY topic").value();
  std::vector<std::string> topics;
  for (std::size_t i = 0; i < rows.size(); ++i) topics.push_back(rows[i].get<std::string>(0));
  return topics;
}

/// How many records groups have come to, those of each partition once.
std::int64_t taken(postgres::Connection& connection) {
  const auto rows = connection.script(
      "SELECT coalesce(sum(n), 0)::bigint FROM (SELECT max(next_offset) AS n FROM weir.consumer_offsets GROUP BY topic, partition) p");
  return rows.value()[0].get<std::int64_t>(0);
}

/// Whether every group has passed every one of these records.
bool all_ended(postgres::Connection& connection, const std::vector<Place>& places) {
  std::map<std::pair<std::string, std::int32_t>, std::int64_t> last;
  for (const Place& place : places) {
    std::int64_t& offset = last.try_emplace({place.topic, place.partition}, 0).first->second;
    offset = std::max(offset, place.offset);
  }
  const auto rows =
      connection.script("SELECT topic, partition, min(coalesce(next_offset, 0)) FROM weir.consumer_offsets GROUP BY 1, 2").value();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto wanted = last.find({rows[i].get<std::string>(0), rows[i].get<std::int32_t>(1)});
    if (wanted != last.end() && rows[i].get<std::int64_t>(2) <= wanted->second) return false;
  }
  return true;
}

struct Tally {
  std::size_t records = 0;
  std::size_t rows = 0;
  std::size_t reasons = 0;
  std::size_t letters = 0;
  std::vector<std::string> unexplained;

  /// A group that took a record has a row or a reason right below.
  void add(std::string_view line) {
    simdjson::dom::parser parser;
    simdjson::dom::array hops;
    REQUIRE(parser.parse(simdjson::padded_string(line))["hops"].get(hops) == simdjson::SUCCESS);
    ++records;
    bool is_explained = false;
    std::string open;  // the group whose rows have not come yet
    for (const auto hop : hops) {
      const std::string what(hop["hop"].get_string().value());
      const std::string state(hop["state"].get_string().value());
      if (what == "event" || what == "source" || what == "record") continue;
      const bool is_row = hop["key"].is_string();
      if (!open.empty() && (is_row || what == open)) open.clear(), is_explained = true, ++(is_row ? rows : reasons);
      if (is_row || is_explained_by(state)) is_explained = true;
      if (state.starts_with("letter ")) ++letters;
      if (state.starts_with("skipped: ")) ++reasons;
      if (!open.empty()) unexplained.emplace_back(line), open.clear();
      if (state.ends_with("and the rows decide")) open = what;
    }
    if (!open.empty() || !is_explained) unexplained.emplace_back(line);
  }

 private:
  static bool is_explained_by(const std::string& state) {
    return state.starts_with("skipped: ") || state.starts_with("dead: ") || state.starts_with("letter ");
  }
};

}  // namespace

TEST_CASE("of a thousand random records of a demo each has a row or a reason, for every group that reads it") {
  const RunningDemo demo;
  auto connection = demo.connect();
  REQUIRE(await(
      kPatience, [&] { return taken(connection) >= kEnough; }, kStep));
  std::vector<Place> places = records_of(demo.kafka(), topics_of(connection));
  REQUIRE(places.size() >= kRecords);
  std::mt19937_64 random(11);
  std::shuffle(places.begin(), places.end(), random);
  places.resize(kRecords);
  REQUIRE(await(
      kPatience, [&] { return all_ended(connection, places); }, kStep));

  std::string input;
  for (const Place& place : places) input += fmt::format("{} {} {}\n", place.topic, place.partition, place.offset);
  const SystemClock clock;
  const SteadyInstant begin = clock.steady();
  const auto [out, err] = demo.run("trace --stdin --json", input);
  const auto took = std::chrono::duration_cast<Milliseconds>(clock.steady() - begin);
  CHECK(err == "");
  Tally tally;
  std::istringstream lines(out);
  for (std::string line; std::getline(lines, line);) tally.add(line);
  MESSAGE(fmt::format("{} records in {} ms: {} rows first, {} reasons, {} letters", tally.records, took.count(), tally.rows, tally.reasons,
                      tally.letters));
  CHECK(tally.records == kRecords);
  CHECK(tally.rows > 0);
  CHECK(tally.reasons > 0);
  for (const std::string& line : tally.unexplained) MESSAGE(line);
  CHECK(tally.unexplained.empty());
}

TEST_CASE("the results of a demo at work are what their source rows give, as weir verify compares them") {
  const RunningDemo demo;
  auto connection = demo.connect();
  REQUIRE(await(
      kPatience, [&] { return taken(connection) >= kEnough; }, kStep));
  const auto [out, err] = demo.run("verify --json --patience 120");
  MESSAGE(out.substr(out.find("\"results\"")));
  CHECK(err == "");
  for (const char* table :
       {"assessment_scores", "growth_scores", "learner_states", "activity_ratings", "notifications", "achievements_unlocked"}) {
    CAPTURE(table);
    CHECK(out.find(fmt::format(R"("table":"public.{}")", table)) != std::string::npos);
  }
}
