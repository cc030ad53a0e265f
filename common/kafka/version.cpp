#include "common/kafka/version.hpp"

#include "common/kafka/rdkafka.hpp"

namespace weir::kafka {

std::string library_version() { return rd_kafka_version_str(); }

}  // namespace weir::kafka
