// The arrows of the layout as data: who may include whom, and where foreign clients' headers may stand.
#include "common/testing/style_check.hpp"

#include <algorithm>
#include <array>
#include <regex>

namespace weir::style {

namespace {

/// Files under `folder` may include the tree's headers under one of `may`. The longest matching folder counts; "*" stands for one name,
/// and "=" for the name that it stood for. A folder without a row may include nothing of the tree: a new room needs its row first.
struct Arrow {
  std::string_view folder;
  std::string_view may;  // with a blank between two
  std::string_view why;
};

constexpr std::array kArrows{
    Arrow{"common/core", "common/core", "core stands on nothing"},
    Arrow{"common/postgres", "common/postgres common/core", "a client knows core alone"},
    Arrow{"common/telemetry", "common/telemetry common/core", "telemetry knows core alone"},
    Arrow{"common/config", "common/config common/core", "configuration knows core alone"},
    Arrow{"common/events", "common/events common/core common/runtime/record.hpp common/runtime/event.hpp",
          "decoders turn records into events and know nothing else"},
    Arrow{"common/runtime", "common/runtime common/core common/telemetry common/events",
          "the runtime knows interfaces, not clients: forward declare, or put the adapter elsewhere"},
    Arrow{"common/kafka", "common/kafka common/core", "a client knows core alone"},
    Arrow{"common/ledger", "common/ledger common/core common/postgres common/runtime", "the runtime's side of Postgres, and of no more"},
    Arrow{"common/group", "common/group common/core common/kafka common/runtime", "the runtime's side of Kafka, and of no more"},
    Arrow{"common/group_state", "common/group_state common/core common/postgres",
          "what a consumer may keep of its group is SQL, and knows no runtime"},
    Arrow{"common/topics", "common/topics common/core common/kafka", "topics are data and what a broker has of them"},
    Arrow{"common/http", "common/http common/core common/telemetry", "HTTP knows core and telemetry"},
    Arrow{"common/delivery", "common/delivery common/core common/http/asked_wait.hpp common/http/caller.hpp common/telemetry",
          "whoever carries jobs out knows interfaces: no client, no table and no provider"},
    Arrow{"common/supervise", "common/supervise common/core", "whoever keeps processes running knows none of them"},
    Arrow{"common/local", "common/local common/core common/postgres common/supervise",
          "local services are processes, and know the client they wait for"},
    Arrow{"common/process", "common/process common/core common/config common/kafka common/postgres common/telemetry",
          "what every process has knows the clients' settings, and neither the command line nor what runs in it"},
    Arrow{"common/cli", "common/cli common/core common/config common/http common/postgres common/process common/telemetry",
          "the command line runs components and commands, and knows none of them"},
    Arrow{"common/testing", "common", "what tests share may know all of common"},
    Arrow{"common/host",
          "common/host common/core common/config common/group common/kafka common/ledger common/postgres common/process "
          "common/runtime common/telemetry",
          "the host joins the runtime with its two sides, and knows no consumer"},
    Arrow{"common/migrations", "common/migrations common/core common/postgres", "migrations know their database alone"},
    Arrow{"common/encryption", "common/encryption common/core common/config common/postgres", "keys and encrypted values know no command"},
    Arrow{"producers/*",
          "common/cli common/core common/config common/events common/http common/kafka common/postgres common/process "
          "common/telemetry producers/=",
          "a producer knows clients and what every process has; producers never include each other"},
    Arrow{"consumers/*",
          "common/cli common/core common/config common/delivery common/encryption common/events common/group_state common/host "
          "common/postgres/columns.hpp common/postgres/listener.hpp common/postgres/row_writer.hpp common/postgres/statements.hpp "
          "common/postgres/table_name.hpp common/postgres/visibility.hpp "
          "common/http common/process common/runtime common/telemetry consumers/=",
          "consumers never include each other: they meet in schemas/; Kafka is the runtime's, and so is a Connection, which could commit"},
    Arrow{"consumers/*/recompute.hpp", "common/core common/encryption common/postgres consumers/=",
          "what an operator has computed anew commits by itself, beside the group"},
    Arrow{"consumers/*/source_reader.hpp",
          "common/core common/postgres consumers/=", "a reader of source databases has sessions of its own, in which nothing is written"},
    Arrow{"consumers/*/queue.hpp", "common/core common/delivery common/encryption common/postgres consumers/=",
          "a queue of calls to the outside commits what it claims by itself, beside the group"},
    Arrow{"consumers/*/queue_session.hpp", "common/core common/postgres",
          "the queue's loops have sessions of their own, in which they commit"},
    Arrow{"consumers/*/pure", "common/core common/events consumers/=/pure", "pure rules know no socket, clock or SQL"},
    Arrow{"operations/*",
          "common/cli common/core common/config common/encryption common/events common/kafka common/migrations common/postgres "
          "common/process common/telemetry common/topics operations/=",
          "an operator's command knows clients, tables, topics and the forms of records, and no component"},
    Arrow{"operations/console",
          "common/cli common/core common/config common/events common/http common/kafka common/migrations common/postgres common/process "
          "common/telemetry operations/commands operations/console",
          "the console shows and does what commands do, by their stores"},
    Arrow{"demo/clients", "demo/clients common/core", "whoever checks weir shares no client with it"},
    Arrow{"operations/commands/bundle_sources.cpp", "common/cli common/core common/http common/kafka common/process operations/=",
          "the support bundle asks running components what they say of themselves"},
    Arrow{"demo/application", "demo/application demo/clients common/core common/encryption common/kafka",
          "the application knows neither who checks weir nor where it is played"},
    Arrow{"demo/receivers", "demo/receivers demo/clients common/core", "receivers know nothing of who calls them"},
    Arrow{"demo/witness", "demo/witness demo/clients common/core common/kafka common/process/declaration.hpp",
          "a witness shares no code with what it checks but the client of Kafka"},
    Arrow{"demo/stage", "demo common producers/gateway",
          "the stage starts services, and weir as processes; of its parts it makes API keys alone"},
    Arrow{"weir", "common producers consumers operations demo weir", "the program does not know its tests"},
    Arrow{"tests", "common producers consumers operations demo weir tests", ""},
};

/// A foreign header that is wrapped in one place.
struct Foreign {
  std::string_view prefix;
  std::vector<std::string_view> folders;
};

const std::vector<Foreign>& foreigners() {
  static const std::vector<Foreign> rows = {
      {"librdkafka/", {"common/kafka", "tests/component/kafka", "tests/unit/kafka"}},
      {"rdkafka", {"common/kafka", "tests/component/kafka", "tests/unit/kafka"}},
      {"libpq-fe.h", {"common/postgres", "producers/cdc", "tests/component/postgres"}},
      {"pqxx/", {"demo/clients", "tests"}},
      {"boost/", {"common/http", "demo/clients", "demo/receivers"}},
      {"curl/", {"common/http", "tests/unit/http"}},
      {"openssl/",
       {"common/core", "common/encryption", "consumers/notifications/providers", "demo/receivers", "producers/gateway",
        "tests/unit/gateway", "tests/unit/http"}},
      {"prometheus/", {"common/telemetry"}},
      {"yaml-cpp/", {"common/config", "common/topics", "tests/unit", "tests/component"}},
      {"CLI/", {"common/cli"}},
      {"kainjow/", {"consumers/notifications/pure"}},
      {"simdjson", {"common/events", "common/runtime", "demo/receivers", "producers", "tests"}},
  };
  return rows;
}

/// Puts the name that "*" stands for in `path` where `mark` stands in `folder`.
std::string named(std::string_view folder, char mark, std::string_view path) {
  std::string out(folder);
  const std::size_t at = out.find(mark);
  if (at == std::string::npos) return out;
  const std::size_t begin = path.find('/') + 1;
  out.replace(at, 1, path.substr(begin, path.find('/', begin) - begin));
  return out;
}

const Arrow* arrow_of(std::string_view path) {
  const Arrow* best = nullptr;
  for (const Arrow& row : kArrows) {
    if (is_under(path, named(row.folder, '*', path)) && (best == nullptr || row.folder.size() > best->folder.size())) best = &row;
  }
  return best;
}

bool is_ours(std::string_view header) {
  return header.starts_with("common/") || header.starts_with("producers/") || header.starts_with("consumers/") ||
         header.starts_with("operations/") || header.starts_with("demo/") || header.starts_with("weir/") || header.starts_with("tests/");
}

std::string fault_of(std::string_view path, std::string_view header) {
  if (!is_ours(header)) {
    for (const Foreign& row : foreigners()) {
      if (!header.starts_with(row.prefix)) continue;
      const bool allowed = std::ranges::any_of(row.folders, [&](std::string_view folder) { return is_under(path, folder); });
      return allowed ? "" : "includes " + std::string(header) + ", which is wrapped in " + std::string(row.folders.front());
    }
    return "";
  }
  const Arrow* arrow = arrow_of(path);
  if (arrow == nullptr) return "includes " + std::string(header) + ", but its folder has no row in the table of arrows";
  bool allowed = false;
  for (std::string_view rest = arrow->may; !rest.empty();) {
    const std::size_t end = std::min(rest.find(' '), rest.size());
    allowed = allowed || is_under(header, named(rest.substr(0, end), '=', path));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return allowed ? "" : "includes " + std::string(header) + ": " + std::string(arrow->why);
}

}  // namespace

std::vector<Include> includes_of(const File& file) {
  std::vector<Include> found;
  static const std::regex include(R"(^\s*#\s*include\s*[<"]([^>"]+)[>"])");
  const Views views = split(file.text);
  const std::vector<std::string_view> lines = lines_of(file.text);
  const std::vector<std::string_view> code = lines_of(views.code);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    std::match_results<std::string_view::const_iterator> match;
    if (code[i].find('#') == std::string_view::npos || !std::regex_search(lines[i].begin(), lines[i].end(), match, include)) continue;
    found.push_back({i + 1, match[1].str()});
  }
  return found;
}

std::vector<Violation> check_includes(const File& file) {
  std::vector<Violation> found;
  if (!is_cpp(file)) return found;
  for (const Include& include : includes_of(file)) {
    if (std::string what = fault_of(file.path, include.header); !what.empty()) found.push_back({file.path, include.line, std::move(what)});
  }
  return found;
}

}  // namespace weir::style
