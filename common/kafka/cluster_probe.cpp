#include "common/kafka/cluster_probe.hpp"

namespace weir::kafka {

namespace {

constexpr int kPatienceMs = 300;  // bounds how long a question may hold up the thread that asks

}  // namespace

bool ClusterProbe::answered() {
  if (!between_questions_.over()) return false;
  const rd_kafka_metadata_t* found = nullptr;
  const auto code = rd_kafka_metadata(client_, 0, nullptr, &found, kPatienceMs);
  const MetadataPtr metadata{found};
  between_questions_.begin();
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR && metadata->broker_cnt > 0) {
    heard();
    return true;
  }
  if (between_bootstraps_.over()) {
    bootstrap_again(client_);
    between_bootstraps_.begin();
  }
  return false;
}

}  // namespace weir::kafka
