// Values of which Debezium's form differs from weir's, or that Debezium leaves out: docs/events.md has them as a table.
#include "tests/component/cdc/records.hpp"

using namespace weir;
using namespace weir::cdc;

TEST_CASE("every type has its form of docs/events.md, in the snapshot as in the stream; a generated column is left out") {
  Source source;
  sql(source.connection, R"(
CREATE TYPE pair AS (number int, word text);
CREATE TABLE forms (id int PRIMARY KEY, twice int GENERATED ALWAYS AS (id * 2) STORED, flag bit, bits varbit, price money, endless numeric,
  hundreds numeric(5, -2), day_end time, day_end_zoned timetz, day_start_zoned timetz, forever date, since date, ides date, always timestamp,
  grid int[], large float8, small float4, spot point, straight line, piece lseg, corners box, way path, shape polygon, round circle,
  hardware macaddr8, place pg_lsn, words tsvector, asked tsquery, span int4range, spans int4multirange, seen pg_snapshot, steps jsonpath,
  number xid8, both_parts pair);
CREATE FUNCTION fill(id int) RETURNS void LANGUAGE sql AS $$
  INSERT INTO forms VALUES (id, DEFAULT, B'1', B'101', '1234.50', 'Infinity', 1234, '24:00:00', '24:00:00+02', '00:00:00+02', 'infinity',
    '-infinity', '0044-03-15 BC', 'infinity', '{{1,2},{3,4}}', 1e10, 3.4, '(1,2)', '{1,2,3}', '[(1,2),(3,4)]', '(3,4),(1,2)',
    '((1,2),(3,4))', '((1,2),(3,4))', '<(1,2),3>', '08:00:2b:01:02:03:04:05', '16/B374D848', 'a', 'a', '[1,3)', '{[1,3)}', '10:20:',
    '$.a', '7', '(1,x)')
$$;
SELECT fill(1))");
  Running cdc(source.settings({"forms"}));
  cdc.await_streaming();
  sql(source.connection, "SELECT fill(2)");
  const std::string forms =
      R"json("flag":"1","bits":"101","price":"$1,234.50","endless":"Infinity","hundreds":"1200","day_end":"24:00:00Z",)json"
      R"json("day_end_zoned":"24:00:00+02:00","day_start_zoned":"22:00:00Z","forever":"infinity","since":"-infinity","ides":"-0043-03-15Z",)json"
      R"json("always":"infinity","grid":[[1,2],[3,4]],"large":10000000000.0,"small":3.4,"spot":"(1,2)","straight":"{1,2,3}",)json"
      R"json("piece":"[(1,2),(3,4)]","corners":"(3,4),(1,2)","way":"((1,2),(3,4))","shape":"((1,2),(3,4))","round":"<(1,2),3>",)json"
      R"json("hardware":"08:00:2b:01:02:03:04:05","place":"16/B374D848","words":"'a'","asked":"'a'","span":"[1,3)","spans":"{[1,3)}",)json"
      R"json("seen":"10:20:","steps":"$.\"a\"","number":"7","both_parts":"(1,x)"})json";
  CHECK(told(source.topic("forms"), 2) == "{\"id\":1} r null {\"id\":1," + forms + "\n{\"id\":2} c null {\"id\":2," + forms + "\n");
}
