#include "operations/audit/sealer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace weir::audit {

std::vector<Sealed> chain(const std::vector<Link>& rows, std::unordered_map<Uuid, Head>& heads) {
  std::vector<Sealed> sealed;
  sealed.reserve(rows.size());
  for (const Link& row : rows) {
    Head& head = heads.try_emplace(row.organization, Head{row.organization, 0, {}}).first->second;
    Link link = row;
    link.number = head.number + 1;
    head = {link.organization, link.number, link_hash(head.hash, link)};
    sealed.push_back({link, head.hash});
  }
  return sealed;
}

// This process remembers where it left each chain. Whoever cuts a chain in the database while it runs is found at that chain's next row.
Result<std::vector<Head>> Sealer::starts(postgres::Connection& connection, const std::vector<Link>& rows) {
  std::unordered_set<Uuid> organizations;
  for (const Link& row : rows) organizations.insert(row.organization);
  auto found = WEIR_TRY(heads(connection, {organizations.begin(), organizations.end()}));
  for (const Uuid& organization : organizations) {
    const auto left = left_.find(organization);
    if (left == left_.end()) continue;
    const auto now = std::ranges::find(found, organization, &Head::organization);
    if (now != found.end() && now->number == left->second.number && now->hash == left->second.hash) continue;
    return fail(FaultKind::kData,
                fmt::format("the audit chain of organization {} ended at number {} with hash {}, and does so no more", organization.text(),
                            left->second.number, hex(left->second.hash)),
                "it was cut or changed; keep what was written outside and run weir audit verify --heads");
  }
  return found;
}

Result<Round> Sealer::within(postgres::Connection& connection) {
  Look look = look_ ? *std::exchange(look_, std::nullopt) : Look{WEIR_TRY(horizon(connection)), {}};
  const auto rows = WEIR_TRY(unsealed(connection, look.horizon, look.place, most_rows_));
  Round round;
  // A round that found no row writes nothing.
  if (rows.empty() && look.place.row_id == 0 && !look.horizon.other_cluster) return round;
  if (!WEIR_TRY(lock_horizon(connection, look.horizon))) {
    round.complete = false;
    return round;
  }
  round.rows = rows.size();
  round.complete = static_cast<std::int64_t>(rows.size()) < most_rows_;
  std::unordered_map<Uuid, Head> grown;
  for (const Head& head : WEIR_TRY(starts(connection, rows))) grown[head.organization] = head;
  const auto sealed = chain(rows, grown);
  for (const Sealed& one : sealed) round.oldest = std::min(round.oldest.value_or(one.link.row_time), one.link.row_time);
  for (const auto& [organization, head] : grown) round.heads.push_back(head);
  if (!sealed.empty()) {
    WEIR_TRY(append(connection, sealed));
    WEIR_TRY(write_heads(connection, round.heads));
  }
  if (round.complete) {
    WEIR_TRY(move_horizon(connection, look.horizon));
  } else {
    look_ = std::move(look);
  }
  return round;
}

Result<Round> Sealer::round(postgres::Connection& connection) {
  WEIR_TRY(connection.begin());
  auto round = within(connection);
  if (!round) {
    look_.reset();
    const auto rolled_back = connection.rollback();  // may fail: a lost session has rolled back by itself
    static_cast<void>(rolled_back);
    return round;
  }
  const auto committed = connection.commit();
  if (!committed) {
    look_.reset();
    left_.clear();  // nobody knows whether these links were committed
    return fail(committed.error());
  }
  for (const Head& head : round->heads) left_[head.organization] = head;
  return round;
}

}  // namespace weir::audit
