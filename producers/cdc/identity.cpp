#include "producers/cdc/identity.hpp"

#include <algorithm>

namespace weir::cdc {

namespace {

using pgoutput::Cell;
using pgoutput::Tuple;

bool holds_all(const std::vector<bool>& holds) { return std::find(holds.begin(), holds.end(), false) == holds.end(); }

/// An old row has null for a column that its identity does not hold, so only an identity that holds every column with a value can have
/// written the row.
bool can_have_written(const Identity& identity, const Tuple* row) {
  // The log always has the old row of an identity that holds every column.
  if (row == nullptr) return !holds_all(identity.holds);
  for (std::size_t i = 0; i < std::min(row->size(), identity.holds.size()); ++i) {
    if (!identity.holds[i] && (*row)[i].kind != Cell::Kind::kNull) return false;
  }
  return true;
}

}  // namespace

Identity identity_of(const pgoutput::Relation& relation, const std::vector<std::string>& columns) {
  Identity identity{{relation.schema.empty() ? "pg_catalog" : std::string(relation.schema), std::string(relation.name)},
                    relation.identity,
                    std::vector<bool>(columns.size(), relation.identity == 'f')};
  for (const pgoutput::Column& column : relation.columns) {
    const auto place = std::find(columns.begin(), columns.end(), column.name) - columns.begin();
    if (column.identity && place < std::ssize(columns)) identity.holds[static_cast<std::size_t>(place)] = true;
  }
  return identity;
}

std::optional<std::vector<std::size_t>> places_of(const std::vector<std::string>& names, const std::vector<std::string>& columns) {
  std::vector<std::size_t> places;
  for (const std::string& name : names) {
    const auto found = std::find(columns.begin(), columns.end(), name);
    if (found == columns.end()) return std::nullopt;
    places.push_back(static_cast<std::size_t>(found - columns.begin()));
  }
  return places;
}

std::vector<std::size_t> primary_places(const Identity& identity, const std::vector<std::string>& columns,
                                        const std::vector<std::string>& primary, const std::vector<std::string>& last) {
  std::vector<std::size_t> held;
  for (std::size_t i = 0; i < identity.holds.size(); ++i) {
    if (identity.holds[i]) held.push_back(i);
  }
  const bool told = identity.kind == 'd' && !held.empty();
  for (const auto* names : {&primary, &last}) {
    auto places = names->empty() ? std::nullopt : places_of(*names, columns);
    if (places && (!told || std::is_permutation(places->begin(), places->end(), held.begin(), held.end()))) return *std::move(places);
  }
  return held;
}

std::string identity_text(char kind) {
  switch (kind) {
    case 'f':
      return "REPLICA IDENTITY FULL";
    case 'i':
      return "REPLICA IDENTITY USING INDEX";
    case 'n':
      return "REPLICA IDENTITY NOTHING";
    default:
      return "REPLICA IDENTITY DEFAULT";
  }
}

void OldRows::add_partition(std::uint32_t id, Identity identity) {
  partitions_.insert_or_assign(id, std::move(identity));
  recount();
}

void OldRows::keep_partitions(const OldRows& before) {
  partitions_ = before.partitions_;
  recount();
}

void OldRows::recount() {
  distinct_.clear();
  const auto add = [&](const Identity& identity) {
    const auto same = [&](const Identity& other) { return other.holds == identity.holds; };
    if (std::none_of(distinct_.begin(), distinct_.end(), same)) distinct_.push_back(identity);
  };
  if (partitions_.empty()) add(own_);
  for (const auto& [id, identity] : partitions_) add(identity);
}

std::optional<OldRow> OldRows::known(const Tuple* row, const std::vector<std::size_t>& key, const Identity** lacking) const {
  OldRow old{row, {}};
  const auto wrote = [&](const Identity& identity) { return can_have_written(identity, row); };
  const bool differ = distinct_.size() > 1 && std::any_of(distinct_.begin(), distinct_.end(), wrote);
  for (const Identity& identity : distinct_) {
    if (differ && !wrote(identity)) continue;
    const auto lacks = [&](std::size_t column) { return column >= identity.holds.size() || !identity.holds[column]; };
    if (std::any_of(key.begin(), key.end(), lacks)) {
      *lacking = &identity;
      return std::nullopt;
    }
    if (row == nullptr || holds_all(identity.holds)) continue;
    if (old.held.empty()) {
      old.held = identity.holds;
    } else {
      for (std::size_t i = 0; i < old.held.size(); ++i) old.held[i] = old.held[i] && identity.holds[i];
    }
  }
  return old;
}

}  // namespace weir::cdc
