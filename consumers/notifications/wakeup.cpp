#include "consumers/notifications/wakeup.hpp"

#include "consumers/notifications/messages_store.hpp"
#include "consumers/notifications/wakeup_store.hpp"

#include <algorithm>

namespace weir::notifications {

namespace {

/// What a digest's template is filled with. A body that is HTML or JSON is no text for a list, so that the subject stands for it.
Variables values_of(const DigestContent& content) {
  const Language language = facts_of(content.digest.key.channel).body;
  const bool has_text = language == Language::kPlain || language == Language::kSlack;
  Variable items{Variable::Kind::kList};
  for (std::size_t i = 0; i < content.subjects.size(); ++i) {
    Variable item{Variable::Kind::kObject};
    item.members.emplace_back("subject", Variable::of_text(content.subjects[i]));
    item.members.emplace_back("text", Variable::of_text(has_text ? content.bodies[i] : content.subjects[i]));
    items.list.push_back(std::move(item));
  }
  return {{"count", Variable::of_number(std::to_string(content.count))}, {"items", std::move(items)}};
}

struct DigestMessage {
  PlannedMessage planned;
  const DigestContent* content;
};

/// A message an address; the user's own address, or none is needed, where there is no row.
std::vector<DigestMessage> plan_digests(const std::vector<DigestContent>& closed, const Found& found, const MessageSettings& settings,
                                        Instant now) {
  std::vector<DigestMessage> out;
  for (const DigestContent& content : closed) {
    const DigestKey& key = content.digest.key;
    const auto person = found.people.find({key.organization, key.user});
    if (person == found.people.end() || content.count == 0) continue;
    std::vector<std::optional<Uuid>> addresses;
    for (const Address& address : person->second.addresses) {
      if (address.channel == key.channel) addresses.emplace_back(address.id);
    }
    if (addresses.empty()) addresses.emplace_back();
    for (const auto& address : addresses) {
      out.push_back({plan_digest(content.digest, person->second, address, settings, now), &content});
    }
  }
  std::ranges::sort(out, {}, [](const DigestMessage& each) { return each.planned.id; });
  return out;
}

/// Closes the digests that are due and writes their messages; gives how many were closed.
Result<std::size_t> send_digests(postgres::Statements& connection, const MessageSettings& settings, ZoneCache& zones, Instant now) {
  const std::vector<DigestContent> closed = WEIR_TRY(close_digests(connection, now));
  if (closed.empty()) return std::size_t{0};
  Wanted wanted;
  for (const DigestContent& content : closed) wanted.users.emplace(content.digest.key.organization, content.digest.key.user);
  const Found found = WEIR_TRY(find_receivers(connection, wanted, zones, now));
  std::vector<DigestMessage> messages = plan_digests(closed, found, settings, now);
  std::vector<const PlannedMessage*> planned;
  for (const DigestMessage& each : messages) planned.push_back(&each.planned);
  const auto fresh = WEIR_TRY(claim_keys(connection, planned));
  std::vector<MessageRow> rows;
  for (DigestMessage& each : messages) {
    if (!fresh.contains(each.planned.id)) continue;
    MessageRow row{&each.planned, {}, "", each.content->digest.id};
    if (each.planned.text != nullptr) row.texts = fill(each.planned, values_of(*each.content));
    rows.push_back(std::move(row));
  }
  WEIR_TRY(write_messages(connection, rows));
  News news;
  news.add(rows);
  WEIR_TRY(news.ring(connection));
  return closed.size();
}

}  // namespace

Result<bool> wake_up(postgres::Statements& connection, const MessageSettings& settings, ZoneCache& zones, WakeupMemory& memory,
                     Instant now) {
  // What is too late goes first, so that no row is delivered after its time.
  const std::uint64_t expired = WEIR_TRY(expire_messages(connection, now));
  const Delivered delivered = WEIR_TRY(deliver_due_rows(connection, now));
  WEIR_TRY(ring_feeds(connection, delivered.users));
  memory.readings_seen_until = WEIR_TRY(cancel_read_twins(connection, memory.readings_seen_until));
  const std::size_t closed = WEIR_TRY(send_digests(connection, settings, zones, now));
  WEIR_TRY(forget_old(connection));
  return std::max<std::uint64_t>({expired, delivered.rows, closed}) >= static_cast<std::uint64_t>(kMostAtOnce);
}

}  // namespace weir::notifications
