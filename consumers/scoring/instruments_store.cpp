#include "consumers/scoring/instruments_store.hpp"

#include <fmt/format.h>

namespace weir::scoring {

namespace {

using postgres::Params;
using postgres::Rows;

/// Rows of `a`, with the columns that instrument_at reads. jsonb writes a double so that reading it gives the same one.
constexpr const char* kSelect = R"(
  SELECT a.id, a.organization_id, a.key, a.instrument_version, a.status, a.published_at,
         jsonb_build_object(
           'key', a.key,
           'instrument_version', a.instrument_version,
           'title', a.title,
           'scoring', a.scoring,
           'items', (SELECT coalesce(jsonb_agg(jsonb_build_object(
                              'code', i.code, 'dimension', i.dimension, 'text', i.text, 'weight', i.weight,
                              'reverse_scored', i.reverse_scored, 'scale_min', i.scale_min, 'scale_max', i.scale_max,
                              'required', i.required) ORDER BY i.position, i.code), '[]')
                       FROM public.assessment_items i
                      WHERE i.assessment_id = a.id),
           'norms', (SELECT coalesce(jsonb_object_agg(d.dimension, d.norm_groups), '{}')
                       FROM (SELECT n.dimension, jsonb_object_agg(n.norm_group, jsonb_build_object(
                                      'mean', n.mean, 'sd', n.sd, 'n', n.n)) AS norm_groups
                               FROM public.assessment_norms n
                              WHERE n.assessment_id = a.id
                              GROUP BY n.dimension) d)) AS document
    FROM public.assessments a
)";

constexpr const char* kInsert = R"(
  INSERT INTO public.assessments (organization_id, key, instrument_version, title, scoring)
  SELECT $2::uuid, d ->> 'key', (d ->> 'instrument_version')::numeric::integer, d ->> 'title', d -> 'scoring'
    FROM (SELECT $1::jsonb AS d) document
  ON CONFLICT (organization_id, key, instrument_version) DO NOTHING
  RETURNING id
)";

constexpr const char* kInsertItems = R"(
  INSERT INTO public.assessment_items (organization_id, assessment_id, code, position, text, dimension, weight, reverse_scored,
                                       scale_min, scale_max, required)
  SELECT $2::uuid, $3, i ->> 'code', place, i ->> 'text', i ->> 'dimension', (i ->> 'weight')::double precision,
         (i ->> 'reverse_scored')::boolean, (i ->> 'scale_min')::numeric::integer, (i ->> 'scale_max')::numeric::integer,
         (i ->> 'required')::boolean
    FROM jsonb_array_elements($1::jsonb -> 'items') WITH ORDINALITY items (i, place)
)";

constexpr const char* kInsertNorms = R"(
  INSERT INTO public.assessment_norms (organization_id, assessment_id, dimension, norm_group, mean, sd, n)
  SELECT $2::uuid, $3, d.key, g.key, (g.value ->> 'mean')::double precision, (g.value ->> 'sd')::double precision,
         (g.value ->> 'n')::numeric::integer
    FROM jsonb_each($1::jsonb -> 'norms') d, jsonb_each(d.value) g
)";

constexpr const char* kPublish = "UPDATE public.assessments SET status = 'published', published_at = now() WHERE id = $1";

/// Compares the document with the stored one of its key and version. The member "source" is not compared, because it is only for readers of
/// the file.
std::string compare_sql() {
  return fmt::format(R"(
    SELECT s.status, s.document = $1::jsonb - 'source'
      FROM ({}) s
     WHERE s.organization_id IS NOT DISTINCT FROM $2::uuid
       AND s.key = $1::jsonb ->> 'key'
       AND s.instrument_version = ($1::jsonb ->> 'instrument_version')::numeric
  )",
                     kSelect);
}

std::vector<StoredInstrument> instruments_of(const Rows& rows) {
  std::vector<StoredInstrument> found;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto row = rows[i];
    found.push_back({row.get<Uuid>(0), row.maybe<Uuid>(1), row.get<std::string>(2), row.get<std::int32_t>(3), row.get<std::string>(4),
                     row.maybe<Instant>(5), row.get<std::string>(6)});
  }
  return found;
}

}  // namespace

Result<std::vector<StoredInstrument>> read_instruments(postgres::Statements& connection, std::span<const Uuid> ids) {
  return instruments_of(
      WEIR_TRY(connection.query("scoring_read_instruments", std::string(kSelect) + "WHERE a.id = ANY ($1)", Params{}.add_array(ids))));
}

Result<std::vector<StoredInstrument>> list_instruments(postgres::Statements& connection) {
  return instruments_of(WEIR_TRY(connection.query(
      "scoring_list_instruments", std::string(kSelect) + "ORDER BY a.organization_id NULLS FIRST, a.key, a.instrument_version")));
}

Result<Loading> load_instrument(postgres::Statements& connection, const std::string& document, const std::optional<Uuid>& organization) {
  const Params params = Params{}.add_json(document).add(organization);
  const Rows made = WEIR_TRY(connection.query("scoring_insert_instrument", kInsert, params));
  if (!made.empty()) {
    const Uuid id = made[0].get<Uuid>(0);
    const Params parts = Params{}.add_json(document).add(organization).add(id);
    WEIR_TRY(connection.execute("scoring_insert_items", kInsertItems, parts));
    WEIR_TRY(connection.execute("scoring_insert_norms", kInsertNorms, parts));
    WEIR_TRY(connection.execute("scoring_publish_instrument", kPublish, Params{}.add(id)));
    return Loading::kPublished;
  }
  const Rows there = WEIR_TRY(connection.query("scoring_compare_instrument", compare_sql(), params));
  if (there.empty()) return fail(FaultKind::kPgSerialization, "the instrument was removed at this moment", "try again");
  if (there[0].text(0) == "draft") {
    return fail(FaultKind::kData, "a draft of this version is in the database",
                "publish the draft or delete it, or raise instrument_version");
  }
  if (!there[0].get<bool>(1)) {
    return fail(FaultKind::kData, "this version is published and says something else: a published version never changes",
                "raise instrument_version");
  }
  return Loading::kUnchanged;
}

}  // namespace weir::scoring
