#include "common/config/place.hpp"

#include <unistd.h>

namespace weir::config {

std::string place_of_file(const std::string& here, const std::string& installed) {
  if (::access(here.c_str(), F_OK) == 0) return here;
  return ::access(installed.c_str(), R_OK) == 0 ? installed : here;
}

std::string place_of_file() { return place_of_file("weir.yaml", "/etc/weir/weir.yaml"); }

}  // namespace weir::config
