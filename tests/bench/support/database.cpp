#include "tests/bench/support/database.hpp"

#include "common/migrations/migrator.hpp"
#include "tests/bench/support/bench.hpp"

namespace weir::bench {

postgres::Connection connect(const std::string& dsn) {
  postgres::Settings settings;
  settings.dsn = dsn;
  settings.application_name = "bench";
  return must(postgres::Connection::open(migrations::patient(settings)));
}

}  // namespace weir::bench
