#include "tests/chaos/scenarios/arrival_log.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <optional>

namespace weir::chaos {
namespace {

constexpr int kUnanswered = 0;
constexpr int kAccepted = 200;
constexpr int kRedirected = 302;

/// The status of the answer; 0: none came. Giant and slow answers begin like any that accepts.
int status_of(const std::string& word) {
  if (word == "silence" || word == "cut") return kUnanswered;
  if (word == "redirect") return kRedirected;
  return std::isdigit(static_cast<unsigned char>(word.front())) != 0 ? std::atoi(word.c_str()) : kAccepted;
}

/// For how many seconds after such an answer the message may not come again; none: the receiver accepted it, and if it comes again all the
/// same, its caller did not get the answer.
std::optional<double> pause_of(const std::string& word) {
  constexpr double kFirstPause = 1;
  const int status = status_of(word);
  if (status == kAccepted) return std::nullopt;
  const std::size_t slash = word.find('/');
  return slash == std::string::npos ? kFirstPause : std::max(kFirstPause, std::atof(word.c_str() + slash + 1));
}

}  // namespace

std::size_t ArrivalLog::read() {
  file_.clear();
  std::array<char, 65'536> buffer{};
  while (file_.read(buffer.data(), buffer.size()), file_.gcount() > 0)
    part_.append(buffer.data(), static_cast<std::size_t>(file_.gcount()));
  std::size_t begin = 0;
  for (std::size_t end = 0; (end = part_.find('\n', begin)) != std::string::npos; begin = end + 1) {
    const auto line =
        nlohmann::json::parse(part_.begin() + static_cast<std::ptrdiff_t>(begin), part_.begin() + static_cast<std::ptrdiff_t>(end));
    const auto text = [&](const char* name) { return line.value(name, std::string()); };
    if (text("protocol") == "token") continue;
    arrivals_.push_back({text("protocol"), text("id"), text("word"), text("fault"), line.at("at").get<double>()});
  }
  part_.erase(0, begin);
  return arrivals_.size();
}

std::map<std::string, std::int64_t> ArrivalLog::words() const {
  std::map<std::string, std::int64_t> times;
  for (const LoggedArrival& each : arrivals_) ++times[each.word];
  return times;
}

std::vector<std::string> ArrivalLog::early() const {
  constexpr double kGrain = 0.002;  // the receivers and weir read the same clock, but not at the same moment
  constexpr double kRest = 1;       // seconds that an account rests, at the least, once its receiver failed too often
  struct Last {
    const LoggedArrival* arrival = nullptr;
    double failed_since = 0;  // when the receiver first failed within the rest before this arrival
  };
  std::map<std::pair<std::string, std::string>, Last> last;
  std::map<std::string, std::vector<double>> failures;  // by protocol
  std::vector<std::string> lines;
  for (const LoggedArrival& each : arrivals_) {
    Last& before = last[{each.protocol, each.message}];
    const auto pause = before.arrival == nullptr ? std::nullopt : pause_of(before.arrival->word);
    // Where a receiver fails in a row, its account rests, and the rest counts from the failure that began it, whichever message that was.
    const bool is_told = pause && before.arrival->word.find('/') != std::string::npos;
    const double since = !pause ? 0 : is_told ? before.arrival->at : before.failed_since;
    if (pause && each.at < since + *pause - kGrain) {
      lines.push_back(
          fmt::format("{} {} came {:.3f} s after {}", each.protocol, each.message, each.at - before.arrival->at, before.arrival->word));
    }
    std::vector<double>& failed = failures[each.protocol];
    if (pause_of(each.word)) failed.push_back(each.at);
    const auto first = std::ranges::lower_bound(failed, each.at - kRest);
    before = {&each, first == failed.end() ? each.at : *first};
  }
  return lines;
}

std::vector<demo::GivenArrival> ArrivalLog::given() const {
  std::vector<demo::GivenArrival> given;
  for (const LoggedArrival& each : arrivals_) given.push_back({each.protocol, Uuid::parse(each.message), status_of(each.word), each.fault});
  return given;
}

}  // namespace weir::chaos
