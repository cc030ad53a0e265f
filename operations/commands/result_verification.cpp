#include "operations/commands/result_verification.hpp"

#include "common/kafka/log_reader.hpp"
#include "common/process/services.hpp"
#include "operations/commands/result_verification_store.hpp"
#include "operations/commands/store.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace weir::operations {

namespace {

constexpr Milliseconds kKafkaPatience{10'000};
constexpr Milliseconds kBetweenLooks{200};

class GroupVerification {
 public:
  GroupVerification(process::Context& context, const process::Component& component, postgres::Connection& connection, kafka::Admin& admin,
                    const ResultsAsked& asked)
      : context_(context), component_(component), connection_(connection), admin_(admin), asked_(asked) {}

  Result<VerifiedResults> run() {
    VerifiedResults verified{.group = component_.declaration.group, .tables = {}, .not_asked = {}, .differences = {}};
    process::ResultDifferences found = WEIR_TRY(compare());
    if (!found.kept().empty()) {
      verified.behind = WEIR_TRY(await_group());
      const process::ResultDifferences again = WEIR_TRY(compare());
      for (const process::ResultDifference& one : again.kept()) {
        const bool stands = verified.behind.empty();
        if (stands && !found.kept().contains(one)) continue;  // a later change brought it, and is on its way
        verified.differences.push_back({one, stands ? Standing::kDiffers : Standing::kNotYet});
      }
      found = again;
    }
    verified.tables = found.tables();
    verified.not_asked = found.not_asked();
    WEIR_TRY(explain(verified));
    return verified;
  }

 private:
  Result<process::ResultDifferences> compare() {
    process::ResultDifferences found(kMostDifferences);
    WEIR_TRY(connection_.begin("ISOLATION LEVEL REPEATABLE READ READ ONLY"));
    const auto done = component_.verifies(context_, connection_, asked_.period, found);
    const auto ended = connection_.rollback();
    WEIR_TRY(done);
    WEIR_TRY(ended);
    return found;
  }

  /// Waits until the group has taken every change that is there now. Gives what was waited for in vain; empty: nothing.
  Result<std::string> await_group() {
    const SteadyInstant until = context_.clock.steady() + asked_.patience;
    const auto ended = [&] { return context_.clock.steady() >= until || context_.stop.wait(kBetweenLooks); };
    // Changes are in the topics only once they were published, and their ends are asked for only then.
    const std::string place = WEIR_TRY(log_end(connection_));
    const std::string slot = context_.configuration.text("cdc.slot");
    while (!WEIR_TRY(published_until(connection_, slot, place))) {
      if (ended()) return fmt::format("weir cdc has not published all changes of the database (slot {})", slot);
    }
    const auto ends = WEIR_TRY(topic_ends());
    while (true) {
      const std::string waits = WEIR_TRY(waits_at(ends));
      if (waits.empty() || ended()) return waits;
    }
  }

  using Ends = std::map<std::pair<std::string, std::int32_t>, std::int64_t>;

  Result<Ends> topic_ends() {
    Ends ends;
    for (const process::ReadTopic& topic : component_.reads(context_.configuration)) {
      const auto ranges = kafka::log_ranges(admin_, topic.name);
      if (!ranges && ranges.error().kind == FaultKind::kKafkaUnknownTopic) continue;
      if (!ranges) return fail(ranges.error());
      for (std::size_t i = 0; i < ranges->size(); ++i) {
        const kafka::PartitionRange& range = (*ranges)[i];
        if (range.end > range.begin) ends[{topic.name, static_cast<std::int32_t>(i)}] = range.end;
      }
    }
    return ends;
  }

  Result<std::string> waits_at(const Ends& ends) {
    Ends at;
    for (const PositionRow& row : WEIR_TRY(positions(connection_, component_.declaration.group))) {
      if (row.next_offset) at[{row.topic, row.partition}] = *row.next_offset;
    }
    for (const auto& [place, end] : ends) {
      const auto position = at.find(place);
      const std::int64_t next = position == at.end() ? 0 : position->second;
      if (next < end) {
        return fmt::format("{} has records of {} [{}] to take, up to offset {}", component_.declaration.group, place.first, place.second,
                           end);
      }
    }
    return std::string();
  }

  Result<void> explain(VerifiedResults& verified) {
    std::set<std::string> ids;
    for (const StandingDifference& one : verified.differences) {
      if (!one.what.source_id.empty()) ids.insert(one.what.source_id);
    }
    const auto naming = WEIR_TRY(letters_naming(connection_, verified.group, ids));
    for (StandingDifference& one : verified.differences) {
      const auto letters = naming.find(one.what.source_id);
      if (letters == naming.end()) continue;
      const auto letter = std::ranges::find_if(
          letters->second, [&](const NamingLetter& each) { return !one.what.since || each.made_at >= *one.what.since; });
      if (letter == letters->second.end()) continue;
      one.standing = Standing::kExplained;
      one.by = fmt::format("letter {}: {}, {}", letter->id, letter->status, letter->reason);
    }
    return {};
  }

  process::Context& context_;
  const process::Component& component_;
  postgres::Connection& connection_;
  kafka::Admin& admin_;
  const ResultsAsked& asked_;
};

}  // namespace

std::string_view name_of(Standing standing) {
  switch (standing) {
    case Standing::kDiffers:
      return "differs";
    case Standing::kExplained:
      return "explained";
    case Standing::kNotYet:
      return "not_yet";
  }
  return "";
}

std::int64_t VerifiedResults::count(const std::string& table, Standing standing) const {
  return std::ranges::count_if(differences,
                               [&](const StandingDifference& one) { return one.what.table == table && one.standing == standing; });
}

Result<std::vector<VerifiedResults>> verify_results(process::Context& context, std::span<const process::Component> components,
                                                    postgres::Connection& connection, const ResultsAsked& asked) {
  std::vector<VerifiedResults> all;
  std::unique_ptr<kafka::Admin> admin;
  for (const process::Component& component : components) {
    const std::string& group = component.declaration.group;
    if (!component.verifies || (asked.group && *asked.group != group)) continue;
    if (WEIR_TRY(positions(connection, group)).empty()) continue;
    if (admin == nullptr) {
      admin = WEIR_TRY(kafka::Admin::open(process::kafka_settings(context.configuration, "weir-verify")));
      WEIR_TRY(admin->ping(kKafkaPatience));
    }
    auto verified = GroupVerification(context, component, connection, *admin, asked).run();
    if (!verified) {
      VerifiedResults failed{.group = group, .tables = {}, .not_asked = {}, .differences = {}};
      failed.fault = std::move(verified).error();
      all.push_back(std::move(failed));
    } else {
      all.push_back(std::move(*verified));
    }
  }
  return all;
}

}  // namespace weir::operations
