#include "consumers/insights/names_store.hpp"

#include <algorithm>
#include <vector>

namespace weir::insights {

namespace {

using postgres::Params;

constexpr Seconds kFresh{5};
constexpr std::size_t kMostOrganizations = 64;  // that are kept

constexpr const char* kNames = R"(
  SELECT organization_id, full_name
    FROM public.users
   WHERE organization_id = ANY ($1) AND full_name <> ''
)";

}  // namespace

Result<void> Names::refresh(postgres::Statements& connection, const std::set<OrganizationId>& organizations) {
  const SteadyInstant now = clock_.steady();
  std::erase_if(known_, [&](const auto& each) { return now >= each.second.read_at + kFresh; });
  std::vector<Uuid> unknown;
  for (const OrganizationId& organization : organizations) {
    if (!known_.contains(organization)) unknown.push_back(organization.value);
  }
  if (unknown.empty()) return {};
  while (!known_.empty() && known_.size() + unknown.size() > kMostOrganizations) {
    const auto unused = std::ranges::find_if(known_, [&](const auto& each) { return !organizations.contains(each.first); });
    if (unused == known_.end()) break;
    known_.erase(unused);
  }
  const auto rows = WEIR_TRY(connection.query("insights_names", kNames, Params{}.add_array(unknown)));
  for (const Uuid& id : unknown) known_[OrganizationId{id}].read_at = now;
  for (std::size_t i = 0; i < rows.size(); ++i) known_[rows[i].get<OrganizationId>(0)].names.add(rows[i].text(1));
  return {};
}

const KnownNames& Names::of(const OrganizationId& organization) const {
  static const KnownNames kNobody;
  const auto found = known_.find(organization);
  return found == known_.end() ? kNobody : found->second.names;
}

}  // namespace weir::insights
