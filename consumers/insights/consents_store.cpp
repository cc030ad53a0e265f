#include "consumers/insights/consents_store.hpp"

#include "common/postgres/columns.hpp"

namespace weir::insights {

namespace {

using postgres::columns_of;

/// The clock is read for each row once it is locked: what was withdrawn while this transaction waited is withdrawn. A consent that was
/// given a moment ago, by another clock than this one, is given.
constexpr const char* kLock = R"(
  SELECT a.organization_id, a.user_id
    FROM unnest($1, $2, $3) AS a (organization_id, user_id, since)
    JOIN public.consents c ON c.organization_id = a.organization_id AND c.user_id = a.user_id AND c.scope = 'insights'
                          AND c.granted_at <= a.since
                          AND (c.withdrawn_at IS NULL OR c.withdrawn_at > clock_timestamp())
                          AND (c.expires_at IS NULL OR c.expires_at > clock_timestamp())
    JOIN public.users u ON u.organization_id = a.organization_id AND u.id = a.user_id AND u.deleted_at IS NULL
                       AND (NOT u.requires_parental_consent OR u.parental_consent_at <= clock_timestamp())
   ORDER BY c.id
     FOR SHARE OF c
)";

}  // namespace

Result<std::set<Subject>> lock_consents(postgres::Statements& connection, const AskedConsents& asked) {
  std::set<Subject> live;
  AskedConsents users;
  for (const auto& [subject, since] : asked) {
    if (subject.user) {
      users.emplace(subject, since);
    } else {
      live.insert(subject);
    }
  }
  if (users.empty()) return live;
  const auto organization = [](const auto& each) { return each.first.organization; };
  const auto user = [](const auto& each) { return *each.first.user; };
  const auto since = [](const auto& each) { return each.second; };
  const auto rows = WEIR_TRY(connection.query("insights_lock_consents", kLock, columns_of(users, organization, user, since)));
  for (std::size_t i = 0; i < rows.size(); ++i) live.insert({rows[i].get<OrganizationId>(0), rows[i].get<UserId>(1)});
  return live;
}

}  // namespace weir::insights
