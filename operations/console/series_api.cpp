#include "operations/console/series_api.hpp"

#include "common/core/json.hpp"
#include "operations/console/answers.hpp"

#include <fmt/format.h>

namespace weir::console {

namespace {

/// The text differs from question to question, so that it is not prepared; every value in it was read strictly (series.hpp).
Result<postgres::Rows> rows_of(postgres::Connection& connection, const Series& series) { return connection.script(series.sql); }

}  // namespace

Questions::Question series_question(Series series) {
  return [series = std::move(series)](postgres::Connection& connection) -> Result<http::Response> {
    const auto rows = WEIR_TRY(rows_of(connection, series));
    std::string out;
    JsonWriter json(out);
    json.begin_object().member("metric", series.metric.name).member("level", series.level).member("unit", series.metric.unit);
    json.member("sql", series.sql + ";").name("rows").begin_array();
    for (std::size_t i = 0; i < rows.size(); ++i) {
      json.begin_array().value(format_instant(rows[i].get<Instant>(0)));
      const auto value = rows[i].maybe<double>(1);
      value ? json.value(*value) : json.null();
      json.value(rows[i].get<bool>(2)).end_array();
    }
    json.end_array().name("metrics").begin_array();
    for (const Metric& metric : metrics()) json.begin_object().member("name", metric.name).member("unit", metric.unit).end_object();
    json.end_array().end_object();
    return json_answer(std::move(out));
  };
}

Questions::Question series_csv_question(Series series) {
  return [series = std::move(series)](postgres::Connection& connection) -> Result<http::Response> {
    const auto rows = WEIR_TRY(rows_of(connection, series));
    // No value needs quotes: they are times, numbers and truth values.
    std::string out = fmt::format("time,{},is_final\n", series.metric.name);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      out += fmt::format("{},{},{}\n", format_instant(rows[i].get<Instant>(0)), rows[i].is_null(1) ? "" : rows[i].text(1),
                         rows[i].get<bool>(2));
    }
    const std::string name = fmt::format("attachment; filename=\"{}-{}.csv\"", series.metric.name, series.level);
    return http::Response{
        .status = 200, .content_type = "text/csv; charset=utf-8", .body = std::move(out), .headers = {{"Content-Disposition", name}}};
  };
}

}  // namespace weir::console
