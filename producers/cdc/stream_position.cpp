#include "producers/cdc/stream_position.hpp"

#include "common/core/json.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <charconv>

namespace weir::cdc {

namespace {

namespace dom = simdjson::dom;

tl::unexpected<Fault> unreadable(std::string_view what) {
  return fail(FaultKind::kData, fmt::format("the stored position of weir cdc cannot be read: {}", what),
              "topic weir.cdc.positions is written by weir cdc alone; has something else written to it?");
}

Result<Lsn> lsn_field(const dom::object& object, std::string_view name) {
  std::string_view text;
  if (object[name].get(text) != simdjson::SUCCESS) return unreadable(fmt::format("'{}' is missing", name));
  const auto lsn = Lsn::parse(text);
  if (!lsn) return unreadable(fmt::format("'{}' is not an LSN: {}", name, text));
  return *lsn;
}

Result<std::uint64_t> count_field(const dom::object& object, std::string_view name) {
  std::uint64_t value = 0;
  if (object[name].get(value) != simdjson::SUCCESS) return unreadable(fmt::format("'{}' is missing", name));
  return value;
}

Result<std::optional<Part>> part_field(const dom::object& object) {
  dom::object fields;
  if (object["part"].get(fields) != simdjson::SUCCESS) return std::nullopt;
  Part part;
  part.transaction = WEIR_TRY(lsn_field(fields, "transaction"));
  part.messages = WEIR_TRY(count_field(fields, "messages"));
  part.number = WEIR_TRY(count_field(fields, "number"));
  return part;
}

constexpr auto kResnapshot = "changes may be missing from the topics; to snapshot all tables again, run: weir cdc resnapshot";

/// Where the stored position's timeline ended on the way to the source's timeline; none where it is not an ancestor.
std::optional<Lsn> end_of(std::uint32_t timeline, std::span<const TimelineEnd> history) {
  const auto found = std::find_if(history.begin(), history.end(), [&](const TimelineEnd& line) { return line.timeline == timeline; });
  return found == history.end() ? std::nullopt : std::optional(found->end);
}

Result<void> check_timeline(const StreamPosition& stored, const SourceState& source, std::span<const TimelineEnd> history) {
  if (stored.timeline == source.timeline) return {};
  const auto end = end_of(stored.timeline, history);
  if (!end) {
    return fail(FaultKind::kGap,
                fmt::format("the source is on timeline {}, which does not descend from timeline {} of the stored position", source.timeline,
                            stored.timeline),
                kResnapshot);
  }
  if (*end < stored.lsn) {
    return fail(
        FaultKind::kGap,
        fmt::format("the source's timeline {} branched off at {}, below the stored position {} on timeline {}: published changes are "
                    "no longer part of the database",
                    source.timeline, end->text(), stored.lsn.text(), stored.timeline),
        kResnapshot);
  }
  return {};
}

Result<void> check_slot(std::string_view name, const StreamPosition& stored, const SlotState& slot) {
  if (slot.wal_status == "lost") {
    return fail(FaultKind::kGap,
                fmt::format("replication slot {} is lost: the server has removed WAL that it needed (max_slot_wal_keep_size)", name),
                kResnapshot);
  }
  if (stored.lsn < slot.confirmed_flush) {
    return fail(FaultKind::kGap,
                fmt::format("replication slot {} stands at {}, past the stored position {}: it was advanced by hand, or dropped and made "
                            "again; the changes between are not published",
                            name, slot.confirmed_flush.text(), stored.lsn.text()),
                kResnapshot);
  }
  return {};
}

Result<void> check_owner(std::string_view name, const SlotState& slot, std::string_view database) {
  if (slot.plugin == "pgoutput" && slot.database == database) return {};
  constexpr auto kOwnSlot = "give weir a slot of its own: cdc.slot";
  if (slot.database.empty()) {
    return fail(FaultKind::kConfiguration, fmt::format("replication slot {} is a physical one, of a standby or a backup", name), kOwnSlot);
  }
  return fail(FaultKind::kConfiguration,
              fmt::format("replication slot {} belongs to plugin {} and database {}, not to pgoutput and {}", name, slot.plugin,
                          slot.database, database),
              kOwnSlot);
}

Fault another_server(const StreamPosition& stored, const SourceState& source) {
  Fault fault;
  fault.kind = FaultKind::kGap;
  fault.message = fmt::format("the source is another server: its system identifier is {}, the stored position's is {}",
                              source.system_identifier, stored.system_identifier);
  fault.hint = fmt::format(
      "where both live, give this one a cdc.source_name and topics of its own; where the other is gone for good, changes "
      "may be missing from the topics, and all tables are snapshotted again by: weir cdc resnapshot {}",
      stored.system_identifier);
  return fault;
}

}  // namespace

std::string position_key(std::string_view source_name, std::string_view database, std::string_view slot) {
  std::string out;
  JsonWriter(out).begin_object().member("source", source_name).member("database", database).member("slot", slot).end_object();
  return out;
}

std::string_view key_beginning(std::string_view position_key) { return position_key.substr(0, position_key.size() - 1); }

std::string transactional_id(std::string_view source_name, std::string_view system_identifier, std::string_view database,
                             std::string_view slot) {
  return fmt::format("weir.cdc.{}.{}.{}.{}", source_name, system_identifier, database, slot);
}

std::string to_json(const StreamPosition& position, Instant now) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().member("system_identifier", position.system_identifier).member("timeline", position.timeline);
  json.member("state", position.state == StreamPosition::State::kStream ? "stream" : "snapshot").member("lsn", position.lsn.text());
  json.name("last_commit");
  position.last_commit ? json.value(position.last_commit->text()) : json.null();
  json.name("part");
  if (position.part) {
    json.begin_object().member("transaction", position.part->transaction.text());
    json.member("messages", position.part->messages).member("number", position.part->number).end_object();
  } else {
    json.null();
  }
  json.member("updated_at", format_instant(now)).end_object();
  return out;
}

Result<StreamPosition> parse_position(std::string_view text) {
  dom::parser parser;
  dom::object object;
  if (parser.parse(text.data(), text.size()).get(object) != simdjson::SUCCESS) return unreadable("it is not a JSON object");
  StreamPosition position;
  std::string_view identifier;
  std::string_view state;
  if (object["system_identifier"].get(identifier) != simdjson::SUCCESS) return unreadable("'system_identifier' is missing");
  if (object["state"].get(state) != simdjson::SUCCESS || (state != "stream" && state != "snapshot")) {
    return unreadable("'state' is neither stream nor snapshot");
  }
  position.system_identifier = identifier;
  position.state = state == "stream" ? StreamPosition::State::kStream : StreamPosition::State::kSnapshot;
  const std::uint64_t timeline = WEIR_TRY(count_field(object, "timeline"));
  if (timeline > UINT32_MAX) return unreadable("'timeline' is too large");
  position.timeline = static_cast<std::uint32_t>(timeline);
  position.lsn = WEIR_TRY(lsn_field(object, "lsn"));
  std::string_view last_commit;
  if (object["last_commit"].get(last_commit) == simdjson::SUCCESS) position.last_commit = WEIR_TRY(lsn_field(object, "last_commit"));
  position.part = WEIR_TRY(part_field(object));
  return position;
}

Result<Start> decide_start(std::string_view slot_name, const std::optional<StreamPosition>& stored, const SourceState& source,
                           std::span<const TimelineEnd> history) {
  if (source.slot) WEIR_TRY(check_owner(slot_name, *source.slot, source.database));
  if (!stored && source.slot) {
    return fail(
        FaultKind::kGap,
        fmt::format(
            "replication slot {} exists, but topic weir.cdc.positions has no position of it: nobody knows which changes were published",
            slot_name),
        kResnapshot);
  }
  if (!stored) return Start::kFirst;
  if (stored->system_identifier != source.system_identifier) return fail(another_server(*stored, source));
  if (stored->state == StreamPosition::State::kSnapshot) return Start::kAgain;
  if (!source.slot) {
    return fail(FaultKind::kGap,
                fmt::format("replication slot {} is gone, the stored position is {}: changes since then cannot be read", slot_name,
                            stored->lsn.text()),
                kResnapshot);
  }
  WEIR_TRY(check_slot(slot_name, *stored, *source.slot));
  WEIR_TRY(check_timeline(*stored, source, history));
  if (stored->lsn > source.flushed) {
    return fail(FaultKind::kGap,
                fmt::format("the stored position {} is ahead of the source, which has written WAL up to {}: it was restored from a backup "
                            "or rebuilt, and would skip commits in silence",
                            stored->lsn.text(), source.flushed.text()),
                kResnapshot);
  }
  return Start::kResume;
}

Result<void> check_forget(std::string_view slot_name, const std::optional<StreamPosition>& stored, const SourceState& source,
                          std::string_view replaced_server) {
  if (source.slot) WEIR_TRY(check_owner(slot_name, *source.slot, source.database));
  if (!stored || stored->system_identifier == source.system_identifier || stored->system_identifier == replaced_server) return {};
  return fail(another_server(*stored, source));
}

Result<std::vector<TimelineEnd>> parse_timeline_history(std::string_view text) {
  std::vector<TimelineEnd> lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    line.remove_prefix(std::min(line.find_first_not_of(" \t\r"), line.size()));
    if (line.empty() || line[0] == '#') continue;
    TimelineEnd entry;
    const auto [rest, error] = std::from_chars(line.data(), line.data() + line.size(), entry.timeline);
    line.remove_prefix(static_cast<std::size_t>(rest - line.data()));
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    const auto lsn = Lsn::parse(line.substr(0, line.find_first_of(" \t\r")));
    if (error != std::errc{} || !lsn) return fail(FaultKind::kData, "the source's timeline history cannot be read", "");
    entry.end = *lsn;
    lines.push_back(entry);
  }
  return lines;
}

}  // namespace weir::cdc
