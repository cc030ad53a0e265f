#include "common/postgres/dsn.hpp"

#include <doctest/doctest.h>

using namespace weir::postgres;

TEST_CASE("both forms of a connection string are read, and what is neither is empty") {
  CHECK(dsn_options("host=db dbname=app") == std::map<std::string, std::string>{{"dbname", "app"}, {"host", "db"}});
  CHECK(dsn_options("postgresql://u@db:5433/app?sslmode=require") ==
        std::map<std::string, std::string>{{"dbname", "app"}, {"host", "db"}, {"port", "5433"}, {"sslmode", "require"}, {"user", "u"}});
  CHECK(dsn_options("no dsn at all").empty());
}
