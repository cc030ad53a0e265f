#include "tests/chaos/scenarios/positions.hpp"

#include "tests/chaos/harness/roads.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <limits>
#include <map>
#include <set>
#include <utility>

namespace weir::chaos {
namespace {

constexpr std::size_t kReaders = 2;
constexpr double kEventsASecond = 2'000;
constexpr std::int64_t kBurst = 6'000;
constexpr std::int64_t kKeysAnEra = 1'000;
constexpr int kUnready = 503;
constexpr const char* kOpenGaps =
    "SELECT partition, kind, next_offset, log_begin, log_end FROM weir.offset_gaps WHERE accepted_at IS NULL ORDER BY partition";

// A batch of a log's segment: base offset (8 bytes, most significant first), length of the rest (4), and more.
constexpr std::size_t kBatchHead = 12;

std::int64_t big_endian(const unsigned char* bytes, std::size_t count) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < count; ++i) number = number << 8U | bytes[i];
  return static_cast<std::int64_t>(number);
}

}  // namespace

std::vector<Found> open_gaps(const Ground& ground) {
  std::vector<Found> found;
  auto connection = ground.connect();
  REQUIRE_MESSAGE(connection, connection.error().line());
  const auto rows = connection->script(kOpenGaps);
  REQUIRE_MESSAGE(rows, rows.error().line());
  for (std::size_t i = 0; i < rows->size(); ++i) {
    const auto row = (*rows)[i];
    found.push_back({std::stoi(std::string(row.text(0))), std::string(row.text(1)), std::stoll(std::string(row.text(2))),
                     std::stoll(std::string(row.text(3))), std::stoll(std::string(row.text(4)))});
  }
  return found;
}

void accept_gap(Ground& ground, std::int32_t partition, const std::string& at) {
  std::vector<std::string> words{
      "offsets", "accept-gap", "--group", kTapeGroup, "--topic", kEventsTopic, "--partition", std::to_string(partition), "--why", "chaos"};
  if (!at.empty()) words.insert(words.end(), {"--at", at});
  const auto accepted = ground.weir(words);
  REQUIRE_MESSAGE(accepted, (accepted ? std::string() : accepted.error().line()));
}

std::int64_t cut_log(const std::filesystem::path& scratch, std::int32_t partition, std::int64_t offset) {
  const std::filesystem::path folder = scratch / "kafka" / "data" / (std::string(kEventsTopic) + "-" + std::to_string(partition));
  const std::filesystem::path segment = folder / "00000000000000000000.log";
  std::ifstream log(segment, std::ios::binary);
  std::array<unsigned char, kBatchHead> head{};
  std::int64_t place = 0;
  std::int64_t base = 0;
  std::pair<std::int64_t, std::int64_t> last{0, 0};  // place and base offset of the batch that holds the offset, or the last one
  while (log.seekg(place) && log.read(reinterpret_cast<char*>(head.data()), head.size())) {
    base = big_endian(head.data(), 8);
    if (base > offset) break;
    last = {place, base};
    place += static_cast<std::int64_t>(kBatchHead) + big_endian(head.data() + 8, 4);
  }
  log.close();
  std::filesystem::resize_file(segment, static_cast<std::uintmax_t>(last.first));
  // The broker makes them again.
  for (const char* index : {"00000000000000000000.index", "00000000000000000000.timeindex"}) std::filesystem::remove(folder / index);
  return last.second;
}

Readers::Readers(Ground& ground) {
  for (std::size_t i = 0; i < kReaders; ++i)
    members_.push_back(&ground.add({.name = "tape-" + std::to_string(i + 1), .component = "tape"}));
}

void Readers::start() {
  for (Instance* member : members_) member->start();
}

void Readers::stop() {
  for (Instance* member : members_) member->stop_well();
}

void Readers::revive() {
  for (Instance* member : members_) {
    if (member->running()) continue;
    member->start();
    ++revived_;
  }
}

void Readers::kill_one(std::uint64_t which) {
  Instance& member = *members_[which % members_.size()];
  member.kill();
  member.start();
  ++killed_;
}

void Readers::rest(bool paused, bool killed) {
  paused_ = paused;
  for (Instance* member : members_) {
    if (paused) {
      member->pause();
    } else if (killed) {
      member->kill();
      ++killed_;
    } else {
      static_cast<void>(member->stop());
    }
  }
}

void Readers::go_on() {
  for (Instance* member : members_) paused_ ? member->resume() : member->start();
}

bool Readers::tell_of(const Found& gap) const {
  const std::string place = std::string(kEventsTopic) + "/" + std::to_string(gap.partition);
  const std::string sample =
      std::string("weir_gap_records{partition=\"") + std::to_string(gap.partition) + "\",topic=\"" + kEventsTopic + "\"}";
  return std::any_of(members_.begin(), members_.end(), [&](const Instance* member) {
    const auto answer = member->get("/readyz");
    return answer && answer->first == kUnready && answer->second.find("gap:" + place) != std::string::npos && member->metric(sample);
  });
}

std::unique_ptr<Generator> Eras::generator(Era& era, std::int64_t first_key, std::int64_t events, double rate) const {
  GeneratorOptions options;
  options.seed = seed_ + static_cast<std::uint64_t>(first_key);
  options.events = events;
  options.first_key = first_key;
  options.keys = kKeysAnEra / 2;
  options.rate = rate;
  return std::make_unique<Generator>(options, topic_road(ground_.kafka(), kEventsTopic), *era.journal);
}

void Eras::begin(bool burst) {
  const std::int64_t first_key = static_cast<std::int64_t>(eras_.size()) * kKeysAnEra;
  Era& era = eras_.emplace_back();
  era.journal = std::make_unique<Journal>(ground_.folder() / ("journal-" + std::to_string(eras_.size())));
  if (burst) era.generators.push_back(generator(era, first_key + kKeysAnEra / 2, kBurst, 0));
  era.generators.push_back(generator(era, first_key, std::numeric_limits<std::int64_t>::max(), kEventsASecond));
}

void Eras::end() {
  for (const auto& generator : eras_.back().generators) {
    generator->stop();
    REQUIRE_MESSAGE(!generator->fault(), generator->fault()->line());
  }
}

std::int64_t Eras::acknowledged() const {
  std::int64_t all = 0;
  for (const Era& era : eras_) {
    for (const auto& generator : era.generators) all += generator->acknowledged();
  }
  return all;
}

std::int64_t Eras::end_of(std::int32_t partition) {
  const auto range = ground_.admin().range(kEventsTopic, partition);
  return range ? range->end : 0;
}

void Eras::excuse(std::int32_t partition, std::int64_t from, std::int64_t to) { eras_.back().lost.push_back({partition, from, to}); }

void Eras::excuse_rest_of_last(std::int32_t partition, std::int64_t from) {
  eras_[eras_.size() - 2].lost.push_back({partition, from, std::numeric_limits<std::int64_t>::max()});
}

bool Eras::is_lost(const Era& era, const Acknowledged& entry) {
  return std::any_of(era.lost.begin(), era.lost.end(), [&](const Lost& lost) {
    return lost.partition == entry.partition && entry.offset >= lost.from && entry.offset < lost.to;
  });
}

void Eras::verify(const Report& report) {
  std::set<std::pair<std::int64_t, std::int64_t>> wanted;
  std::int64_t lost = 0;
  for (Era& era : eras_) {
    for (const Acknowledged& entry : era.journal->read()) {
      if (is_lost(era, entry)) {
        ++lost;
      } else {
        wanted.emplace(entry.event.key, entry.event.number);
      }
    }
  }
  auto connection = ground_.connect();
  REQUIRE_MESSAGE(connection, connection.error().line());
  const auto rows = connection->script("SELECT key, number FROM tape.events ORDER BY seq");
  REQUIRE_MESSAGE(rows, rows.error().line());
  std::set<std::pair<std::int64_t, std::int64_t>> there;
  std::map<std::int64_t, std::int64_t> latest;
  std::int64_t doubled = 0;
  std::int64_t unexpected = 0;
  std::int64_t out_of_order = 0;
  for (std::size_t i = 0; i < rows->size(); ++i) {
    const std::pair event{std::stoll(std::string((*rows)[i].text(0))), std::stoll(std::string((*rows)[i].text(1)))};
    if (!there.insert(event).second) ++doubled;
    if (!wanted.contains(event)) ++unexpected;
    const auto [last, first] = latest.try_emplace(event.first, event.second);
    if (!first && event.second <= last->second) ++out_of_order;
    last->second = event.second;
  }
  report.figure("rows", rows->size());
  report.figure("acknowledged_and_lost_in_gaps_that_were_told", lost);
  report.exact("skipped_in_silence", static_cast<std::int64_t>(wanted.size()) - (static_cast<std::int64_t>(there.size()) - unexpected), 0);
  report.exact("read_again", doubled, 0);
  report.exact("beyond_the_gaps", unexpected, 0);
  report.exact("out_of_order", out_of_order, 0);
  report.exact("dead_letters", ground_.number("SELECT count(*) FROM weir.dead_letters"), 0);
}

}  // namespace weir::chaos
