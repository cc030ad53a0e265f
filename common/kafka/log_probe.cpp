#include "common/kafka/log_probe.hpp"

#include "common/core/waiting.hpp"
#include "common/kafka/admin_request.hpp"
#include "common/kafka/topic_reader.hpp"

#include <set>

namespace weir::kafka {

namespace {

constexpr int kRoundsKnown = 60;

/// A record is asked for by its offset, and one record is enough: small pieces are fetched, and no more of them than one is taken from.
/// librdkafka asks for larger pieces by itself where a batch is larger.
Settings frugal(Settings settings) {
  for (const auto& [name, value] : {std::pair("fetch.message.max.bytes", "16384"), std::pair("queued.min.messages", "1"),
                                    std::pair("queued.max.messages.kbytes", "1024"), std::pair("fetch.wait.max.ms", "20")}) {
    settings.properties.emplace(name, value);
  }
  return settings;
}

class ClientProbe final : public LogProbe {
 public:
  ClientProbe(ClientPtr client, Milliseconds patience) : client_(std::move(client)), patience_(patience) {}

  std::map<LogPlace, Result<PartitionRange>> ranges(const std::vector<LogPlace>& places) override {
    drop_events();
    std::map<LogPlace, Result<PartitionRange>> found;
    ask(places, found);
    std::vector<LogPlace> again;
    for (const auto& [place, range] : found) {
      if (!range && range.error().kind == FaultKind::kKafkaRetriable) again.push_back(place);
    }
    if (again.empty()) return found;
    // A broker that came back has a new leader epoch, but librdkafka asks under the cached epoch until it fetches the metadata again.
    const rd_kafka_metadata_t* metadata = nullptr;
    const auto code = rd_kafka_metadata(client_.get(), 1, nullptr, &metadata, to_ms(patience_));
    const MetadataPtr owned{metadata};
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) ask(again, found);
    return found;
  }

  Result<std::map<LogPlace, std::int64_t>> first_times(const std::map<LogPlace, std::int64_t>& offsets) override {
    std::map<LogPlace, std::int64_t> times;
    const PartitionListPtr list = partition_list(offsets.size());
    for (const auto& [place, offset] : offsets) {
      const auto known = known_.find({place, offset});
      if (known != known_.end()) {
        times[place] = known->second;
      } else {
        rd_kafka_topic_partition_list_add(list.get(), place.topic.c_str(), place.partition)->offset = offset;
      }
    }
    if (list->cnt > 0) WEIR_TRY(read(list, times));
    remember(offsets, times);
    return times;
  }

 private:
  /// Errors of connections gather while nobody reads.
  void drop_events() {
    while (MessagePtr{rd_kafka_consumer_poll(client_.get(), 0)}) continue;
  }

  void ask(const std::vector<LogPlace>& places, std::map<LogPlace, Result<PartitionRange>>& found) {
    if (places.empty()) return;
    for (const LogPlace& place : places) found.insert_or_assign(place, PartitionRange{});
    // The two questions are asked at the same time.
    const AdminRequest first = ask_offsets(places, RD_KAFKA_OFFSET_SPEC_EARLIEST);
    const AdminRequest last = ask_offsets(places, RD_KAFKA_OFFSET_SPEC_LATEST);
    take(first, found, &PartitionRange::begin);
    take(last, found, &PartitionRange::end);
  }

  /// With read_committed the end is the last stable offset, which is where weir's readers end.
  AdminRequest ask_offsets(const std::vector<LogPlace>& places, std::int64_t spec) {
    AdminRequest request(client_.get(), RD_KAFKA_ADMIN_OP_LISTOFFSETS, patience_);
    const ErrorPtr error{rd_kafka_AdminOptions_set_isolation_level(request.options(), RD_KAFKA_ISOLATION_LEVEL_READ_COMMITTED)};
    WEIR_ASSERT(error == nullptr);
    const PartitionListPtr list = partition_list(places.size());
    for (const LogPlace& place : places) rd_kafka_topic_partition_list_add(list.get(), place.topic.c_str(), place.partition)->offset = spec;
    rd_kafka_ListOffsets(client_.get(), list.get(), request.options(), request.queue());
    return request;
  }

  static void take(const AdminRequest& request, std::map<LogPlace, Result<PartitionRange>>& found, std::int64_t PartitionRange::*side) {
    const auto event = request.answer("list offsets");
    if (!event) {
      for (auto& [place, range] : found) range = fail(event.error());
      return;
    }
    std::size_t count = 0;
    const auto* infos = rd_kafka_ListOffsets_result_infos(rd_kafka_event_ListOffsets_result(event->get()), &count);
    for (std::size_t i = 0; i < count; ++i) {
      const auto* one = rd_kafka_ListOffsetsResultInfo_topic_partition(infos[i]);
      const auto at = found.find(LogPlace{one->topic, one->partition});
      if (at == found.end() || !at->second) continue;
      const std::string where = "list offsets of " + at->first.topic + "/" + std::to_string(at->first.partition);
      if (one->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        at->second = fail(fault_of(one->err, where));
      } else if (one->offset < 0) {
        // Where librdkafka's request to the leader failed, it gives no error and leaves the offset as it was before.
        at->second = fail(FaultKind::kKafkaRetriable, where + ": the leader has not answered");
      } else {
        (*at->second).*side = one->offset;
      }
    }
  }

  /// Reads one message of each partition of `list`, and lets the partitions go again.
  Result<void> read(const PartitionListPtr& list, std::map<LogPlace, std::int64_t>& times) {
    const auto assigned = rd_kafka_assign(client_.get(), list.get());
    if (assigned != RD_KAFKA_RESP_ERR_NO_ERROR) return fail(fault_of(assigned, "read the records that wait"));
    const auto all_read = read_assigned(static_cast<std::size_t>(list->cnt), times);
    rd_kafka_assign(client_.get(), nullptr);
    return all_read;
  }

  Result<void> read_assigned(std::size_t places, std::map<LogPlace, std::int64_t>& times) {
    std::set<LogPlace> answered;
    const Deadline deadline(patience_);
    while (answered.size() < places) {
      if (deadline.over()) {
        return fail(FaultKind::kKafkaRetriable, "read the records that wait: nothing came for " + format_duration(patience_),
                    "check that the brokers are up");
      }
      const MessagePtr message{rd_kafka_consumer_poll(client_.get(), to_ms(deadline.left()))};
      if (!message) continue;
      const bool ends = message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF;
      if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR && !ends) {
        Fault fault = fault_of(message->err, "read the records that wait", rd_kafka_message_errstr(message.get()));
        if (fault.kind != FaultKind::kKafkaRetriable) return fail(std::move(fault));
        continue;
      }
      const LogPlace place{rd_kafka_topic_name(message->rkt), message->partition};
      if (answered.insert(place).second && !ends) times[place] = rd_kafka_message_timestamp(message.get(), nullptr);
    }
    return {};
  }

  /// What stands at an offset does not change, but in a topic that is deleted and made again, so nothing is known for long.
  void remember(const std::map<LogPlace, std::int64_t>& offsets, const std::map<LogPlace, std::int64_t>& times) {
    if (++rounds_ % kRoundsKnown == 0) known_.clear();
    for (const auto& [place, time] : times) known_[{place, offsets.at(place)}] = time;
  }

  ClientPtr client_;
  Milliseconds patience_;
  std::map<std::pair<LogPlace, std::int64_t>, std::int64_t> known_;
  int rounds_ = 0;
};

}  // namespace

Result<std::unique_ptr<LogProbe>> LogProbe::open(const Settings& settings, Milliseconds patience) {
  ClientPtr client = WEIR_TRY(open_reader_of(frugal(settings), partition_list(0), "the records that wait"));
  return std::make_unique<ClientProbe>(std::move(client), patience);
}

}  // namespace weir::kafka
