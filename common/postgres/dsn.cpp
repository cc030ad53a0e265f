#include "common/postgres/dsn.hpp"

#include <libpq-fe.h>

#include <memory>

namespace weir::postgres {

std::map<std::string, std::string> dsn_options(const std::string& dsn) {
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(PQconninfoParse(dsn.c_str(), nullptr), &PQconninfoFree);
  std::map<std::string, std::string> given;
  if (!options) return given;
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val != nullptr) given[option->keyword] = option->val;
  }
  return given;
}

}  // namespace weir::postgres
