#include "consumers/notifications/turns_store.hpp"

#include "common/postgres/columns.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace weir::notifications {

namespace {

using postgres::columns_of;
using postgres::Params;
using postgres::Statements;

constexpr std::size_t kMostTurns = 64;             // organizations that are looked at in a claim
constexpr std::size_t kLeastOfAnOrganization = 8;  // more than can be claimed: some messages may lack their tokens
constexpr const char* kLastId = "ffffffff-ffff-ffff-ffff-ffffffffffff";

/// Each account and organization that has messages, one after the other: a step looks at one entry of the index.
constexpr const char* kTurns = R"(
  WITH RECURSIVE turn AS (
    (SELECT q.account, q.organization_id
       FROM weir.delivery_queue q
      WHERE q.channel = $1 AND (q.account, q.organization_id) > ($2, $3)
      ORDER BY q.account, q.organization_id
      LIMIT 1)
     UNION ALL
    SELECT n.account, n.organization_id
      FROM turn t
     CROSS JOIN LATERAL (
       SELECT q.account, q.organization_id
         FROM weir.delivery_queue q
        WHERE q.channel = $1
          AND (q.account, q.organization_id) > (t.account, CASE WHEN t.account = ANY ($4) THEN $5 ELSE t.organization_id END)
        ORDER BY q.account, q.organization_id
        LIMIT 1) n
  )
  SELECT account, organization_id
    FROM turn
   LIMIT $6
)";

/// Of each turn and rank the oldest that are due. The statement must not say that due_at is later than -infinity, lest the planner take
/// delivery_queue_by_due where most rows are of one organization, and read them all for every other organization and rank.
constexpr const char* kOfTurns = R"(
  SELECT{}
    FROM unnest($1, $2, $3) AS t (account, organization_id, most)
   CROSS JOIN generate_series(0, 3) AS r (rank)
   CROSS JOIN LATERAL (
     SELECT d.*
       FROM weir.delivery_queue d
      WHERE d.channel = $4 AND d.account = t.account AND d.organization_id = t.organization_id AND d.rank = r.rank
        AND d.due_at <= now() + $5 * interval '1 microsecond'
      ORDER BY d.due_at
      LIMIT t.most
        FOR UPDATE SKIP LOCKED) q
)";

/// The organizations whose turn it is, from where the turn stands to where it stands again.
Result<std::vector<Turn>> next_turns(Statements& connection, const DueQuery& query, const Turn& from) {
  std::vector<Turn> turns;
  std::set<std::pair<std::string, OrganizationId>> seen;
  for (const Turn& start : {from, Turn{}}) {
    const auto rows = WEIR_TRY(connection.query("notifications_turns", kTurns,
                                                Params{}
                                                    .add(query.channel)
                                                    .add(start.account)
                                                    .add(start.organization)
                                                    .add_array(query.resting)
                                                    .add(*Uuid::parse(kLastId))
                                                    .add(kMostTurns)));
    for (std::size_t i = 0; i < rows.size() && turns.size() < kMostTurns; ++i) {
      Turn turn{rows[i].get<std::string>(0), rows[i].get<OrganizationId>(1)};
      const bool rests = std::ranges::find(query.resting, turn.account) != query.resting.end();
      if (!rests && seen.emplace(turn.account, turn.organization).second) turns.push_back(std::move(turn));
    }
    if (start.account.empty() || turns.size() >= kMostTurns) break;
  }
  return turns;
}

/// A turn, and what is asked of it.
struct Share {
  Turn turn;
  std::size_t most = 0;   // messages of each rank
  std::size_t found = 0;  // messages
};

/// So many messages may be claimed of an account.
std::size_t room_of(const DueQuery& query, const std::string& account) {
  const auto room = query.room.find(account);
  return room == query.room.end() ? query.most : std::min(query.most, room->second);
}

std::size_t with_some_without_tokens(std::size_t claimable) { return std::max(kLeastOfAnOrganization, claimable + claimable / 4); }

/// Adds what the shares' organizations have.
Result<void> look_at(Statements& connection, const DueQuery& query, std::span<Share* const> shares, std::vector<QueuedMessage>& out) {
  static const std::string of_turns = fmt::format(fmt::runtime(kOfTurns), kQueuedColumns);
  std::map<std::pair<std::string_view, OrganizationId>, Share*> by_turn;
  for (Share* share : shares) by_turn.emplace(std::pair(std::string_view(share->turn.account), share->turn.organization), share);
  const auto account = [](const Share* share) -> const std::string& { return share->turn.account; };
  const auto organization = [](const Share* share) { return share->turn.organization; };
  const auto rows =
      WEIR_TRY(connection.query("notifications_of_turns", of_turns,
                                columns_of(shares, account, organization, &Share::most).add(query.channel).add(query.clock_step.count())));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    out.push_back(queued_message(rows[i]));
    ++by_turn.at({out.back().account, out.back().organization})->found;
  }
  return {};
}

/// The shares of organizations that may have more, grown by what others leave free of the room of their account.
std::vector<Share*> grown(const DueQuery& query, std::span<Share> shares) {
  std::map<std::string_view, std::size_t> found;
  std::map<std::string_view, std::size_t> hungry;
  const auto may_have_more = [](const Share& share) { return share.found >= share.most; };
  for (const Share& share : shares) {
    found[share.turn.account] += share.found;
    if (may_have_more(share)) ++hungry[share.turn.account];
  }
  std::vector<Share*> out;
  for (Share& share : shares) {
    const std::size_t room = room_of(query, share.turn.account);
    const std::size_t its_found = found[share.turn.account];
    if (!may_have_more(share) || its_found >= room) continue;
    share.most += with_some_without_tokens((room - its_found) / hungry[share.turn.account]);
    out.push_back(&share);
  }
  return out;
}

}  // namespace

Result<MessagesInTurn> messages_in_turn(Statements& connection, const DueQuery& query, Turn& turn) {
  MessagesInTurn out;
  const std::vector<Turn> turns = WEIR_TRY(next_turns(connection, query, turn));
  if (turns.empty()) return out;
  turn = turns.back();
  out.are_of_all = turns.size() < kMostTurns;
  std::vector<Share> shares;
  for (const Turn& each : turns) {
    const std::size_t claimable = std::min(query.most / turns.size(), room_of(query, each.account));
    shares.push_back({.turn = each, .most = with_some_without_tokens(claimable)});
  }
  std::vector<Share*> asked;
  for (Share& share : shares) asked.push_back(&share);
  WEIR_TRY(look_at(connection, query, asked, out.messages));
  const std::vector<Share*> again = grown(query, shares);
  if (again.empty()) return out;
  // This transaction has locked their first messages, which does not keep it from finding them again.
  std::erase_if(out.messages, [&](const QueuedMessage& message) {
    return std::ranges::any_of(again, [&](const Share* share) {
      return share->turn.organization == message.organization && share->turn.account == message.account;
    });
  });
  WEIR_TRY(look_at(connection, query, again, out.messages));
  return out;
}

}  // namespace weir::notifications
