#include "operations/commands/bundle_sources.hpp"

#include "common/cli/table.hpp"
#include "common/core/digest.hpp"
#include "common/core/json.hpp"
#include "common/http/curl_caller.hpp"
#include "common/kafka/log_reader.hpp"
#include "common/kafka/version.hpp"
#include "common/process/services.hpp"
#include "operations/commands/scrubbing.hpp"

#include <fmt/format.h>
#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <utility>

namespace weir::operations {

namespace {

constexpr Milliseconds kPatience{10'000};
constexpr Milliseconds kPatienceWithComponent{3'000};
constexpr std::size_t kLongestMetrics = 8UL << 20U;
constexpr int kPorts = 16;  // more than weir up starts without counts
constexpr std::size_t kLogBytes = 1UL << 20U;
constexpr std::size_t kLongestAddress = 45;
constexpr std::array kQuestions{"/healthz", "/readyz", "/metrics"};

/// '127.0.0.1:9464' and the addresses after it.
std::vector<std::string> addresses_from(const std::string& listen) {
  const std::size_t colon = listen.rfind(':');
  int port = 0;
  if (colon != std::string::npos) std::from_chars(listen.data() + colon + 1, listen.data() + listen.size(), port);
  std::vector<std::string> addresses;
  for (int i = 0; port > 0 && i < kPorts; ++i) addresses.push_back(listen.substr(0, colon + 1) + std::to_string(port + i));
  return addresses;
}

std::string file_of(std::string address, std::string_view question) {
  std::ranges::replace_if(
      address, [](char c) { return c == ':' || c == '[' || c == ']' || c == '/'; }, '_');
  // A name in tar has a limit, and a cluster's names of hosts are long.
  if (address.size() > kLongestAddress) address = address.substr(0, kLongestAddress - 9) + "_" + hex(sha256(address)).substr(0, 8);
  return "components/" + address + std::string(question) + ".txt";
}

Result<void> describe_topics(Bundle& bundle, const process::Context& context) {
  const auto settings = process::kafka_settings(context.configuration, "weir-support");
  const auto admin = WEIR_TRY(kafka::Admin::open(settings));
  WEIR_TRY(admin->ping(kPatience));
  std::vector<std::string> names;
  for (const kafka::TopicState& topic : WEIR_TRY(admin->list_topics())) names.push_back(topic.name);
  std::string out;
  JsonWriter json(out);
  json.begin_array();
  for (const kafka::TopicState& topic : WEIR_TRY(admin->describe_topics(names))) {
    json.begin_object().member("topic", topic.name).member("id", topic.id.text()).member("replication", topic.replication);
    json.name("configuration").begin_object();
    for (const auto& [name, value] : topic.configuration) json.member(name, value);
    json.end_object().name("partitions").begin_array();
    for (std::int32_t i = 0; i < topic.partitions; ++i) {
      const kafka::PartitionRange log = WEIR_TRY(admin->range(topic.name, i));
      json.begin_object().member("partition", i).member("begin", log.begin).member("end", log.end).end_object();
    }
    json.end_array().end_object();
  }
  json.end_array();
  bundle.add("topics.json", out + "\n");
  return {};
}

/// The last lines of the file, of which the first is whole.
Result<std::string> last_lines(const std::string& path) {
  std::error_code unknown;
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  const std::streamoff size = file && !std::filesystem::is_directory(path, unknown) ? static_cast<std::streamoff>(file.tellg()) : -1;
  if (size < 0) return fail(FaultKind::kIo, "cannot read " + path);
  const auto begin = std::max<std::streamoff>(0, size - static_cast<std::streamoff>(kLogBytes));
  file.seekg(begin);
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (begin > 0) text.erase(0, std::min(text.size(), text.find('\n') + 1));
  return text;
}

}  // namespace

void add_versions(Bundle& bundle) {
  utsname system{};
  ::uname(&system);
  std::string out;
  JsonWriter json(out);
  json.begin_object().member("weir", WEIR_VERSION).member("librdkafka", kafka::library_version());
  json.member("kernel", fmt::format("{} {} {}", system.sysname, system.release, system.machine)).end_object();
  bundle.add("versions.json", out + "\n");
}

void add_topics(Bundle& bundle, const process::Context& context) {
  if (const auto described = describe_topics(bundle, context); !described) bundle.lacks("topics.json", described.error());
}

void add_components(Bundle& bundle, const process::Context& context, const std::vector<std::string>& wanted) {
  const std::string listen = context.configuration.text("http.ops_listen");
  const std::vector<std::string> addresses = wanted.empty() ? addresses_from(listen) : wanted;
  const auto caller = http::make_curl_caller({}, std::make_shared<http::SystemResolver>(), context.clock);
  if (!caller) return bundle.lacks("components", caller.error());
  std::vector<std::pair<std::string, std::string_view>> asked;
  for (const std::string& address : addresses) {
    for (const char* question : kQuestions) {
      (*caller)->begin(asked.size(), {.method = "GET",
                                      .url = "http://" + address + question,
                                      .timeout = kPatienceWithComponent,
                                      .max_answer_bytes = kLongestMetrics,
                                      .reach = http::Reach::kConfigured});
      asked.emplace_back(address, question);
    }
  }
  std::map<http::CallId, http::Ending> endings;
  while (endings.size() < asked.size()) {
    for (http::Ended& ended : (*caller)->wait(kPatienceWithComponent)) endings.emplace(ended.id, std::move(ended.ending));
  }
  std::size_t answered = 0;
  for (const auto& [id, ending] : endings) {
    const auto& [address, question] = asked[id];
    if (const auto* answer = std::get_if<http::Answer>(&ending)) {
      ++answered;
      bundle.add(file_of(address, question), answer->body);
    } else if (!wanted.empty()) {
      bundle.lacks(file_of(address, question),
                   fail(FaultKind::kIo, address + " does not answer: " + std::get<http::NoAnswer>(ending).reason).value());
    }
  }
  if (answered > 0 || !wanted.empty()) return;
  const std::string range = addresses.empty() ? listen : addresses.front() + " to " + addresses.back();
  bundle.lacks("components", fail(FaultKind::kIo, "no component answers at " + range, "name the operations ports with --ops").value());
}

void add_logs(Bundle& bundle, const std::vector<std::string>& files) {
  if (files.empty()) return bundle.leaves_out("logs", "components write to stderr; --log names the files that it is kept in");
  std::size_t number = 0;
  for (const std::string& path : files) {
    const std::string file = fmt::format("logs/{}_{}", ++number, path.substr(path.rfind('/') + 1).substr(0, 60));
    const auto text = last_lines(path);
    if (text) {
      bundle.add(file, without_operators(*text));
    } else {
      bundle.lacks(file, text.error());
    }
  }
}

}  // namespace weir::operations
