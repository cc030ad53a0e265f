#include "producers/cdc/unpublishable.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::cdc;

namespace {

TableShape keyed() {
  TableShape table;
  table.schema = "public";
  table.table = "keyed";
  table.topic = "weir.cdc.public.keyed";
  table.columns = {{"id", *builtin_type(20, -1)}, {"owner", *builtin_type(25, -1)}};
  table.key = {1};
  return table;
}

OutRecord record_of(char op) {
  EnvelopeWriter writer({"weir.cdc", "weir.cdc", "app", 1UL << 20U});
  ChangeContext context;
  context.lsn = Lsn{0x16B3748};
  const pgoutput::Tuple row{{pgoutput::Cell::Kind::kText, "1"}, {pgoutput::Cell::Kind::kText, "jane"}};
  std::vector<OutRecord> out;
  if (op == 'c') writer.insert(keyed(), context, row, out);
  if (op == 'r') writer.read(keyed(), context, row, out);
  if (op == 't') writer.truncate(keyed(), context, out);
  if (op == 'm') writer.message(context, {true, Lsn{1}, "p", "c"}, out);
  out.at(0).place = {context.lsn, op == 'c' ? 2U : 1U};
  return out[0];
}

Fault invalid() {
  Fault fault;
  fault.kind = FaultKind::kData;
  fault.message = "Broker failed to validate record [INVALID_RECORD]";
  return fault;
}

}  // namespace

TEST_CASE("a change that fits no record is a fault with its place, its key's size, and the command that skips it") {
  const OutRecord record = record_of('c');
  const Fault fault = too_large(keyed(), record, 100);
  CHECK(fault.kind == FaultKind::kData);
  CHECK(fault.message ==
        "the INSERT of table public.keyed at LSN 0/16B3748 cannot be published: without its largest columns its record has " +
            std::to_string(record.bytes()) + " bytes, 16 of them its key (owner); cdc.max_record_bytes is 100");
  CHECK(fault.hint ==
        "raise cdc.max_record_bytes, key the table by smaller columns (cdc.keys), or leave it out: weir cdc skip --lsn 0/16B3748 --table "
        "public.keyed --row 2 --why TEXT --by NAME");
}

TEST_CASE("a row of a snapshot has no place in the log, so a skip leaves out every such row of its table") {
  const Fault fault = too_large(keyed(), record_of('r'), 100);
  CHECK(fault.message.starts_with("the row of the snapshot of table public.keyed cannot be published"));
  CHECK(fault.hint.ends_with("weir cdc skip --snapshot --table public.keyed --why TEXT --by NAME"));
}

TEST_CASE("a broker's refusal names the topic, the change, and each way to go on") {
  const Fault fault = refused(record_of('t'), invalid());
  CHECK(fault.kind == FaultKind::kData);
  CHECK(fault.message ==
        "topic weir.cdc.public.keyed does not take the TRUNCATE of table public.keyed at LSN 0/16B3748: Broker failed to validate record "
        "[INVALID_RECORD]");
  CHECK(
      fault.hint ==
      "a topic whose cleanup.policy is compact takes no record without a key, such as a TRUNCATE's; mend the topic, and the change goes "
      "out; or leave the change out: weir cdc skip --lsn 0/16B3748 --table public.keyed --why TEXT --by NAME; or leave the table out: name "
      "all tables but this one in cdc.tables");
  CHECK(refused(record_of('c'), invalid()).hint.starts_with("mend the topic, and the change goes out; or leave"));
}

TEST_CASE("a row of a snapshot that the broker refuses cannot be skipped, so no skip is offered") {
  const Fault fault = refused(record_of('r'), invalid());
  CHECK(fault.message.starts_with("topic weir.cdc.public.keyed does not take the row of the snapshot of table public.keyed: Broker"));
  CHECK(fault.hint ==
        "mend the topic, and the next start takes the snapshot again; or leave the table out: name all tables but this one in cdc.tables");
}

TEST_CASE("the hint of the broker's own fault comes first") {
  Fault of_rights = invalid();
  of_rights.kind = FaultKind::kKafkaRefused;
  of_rights.hint = "check the broker's ACLs";
  CHECK(refused(record_of('r'), of_rights).hint.starts_with("check the broker's ACLs; mend the topic, and the next start"));
  CHECK(refused(record_of('t'), of_rights).hint.starts_with("check the broker's ACLs; a topic whose cleanup.policy is compact"));
}

TEST_CASE("a refusal of a record without a table stays the broker's fault") {
  CHECK(refused(record_of('m'), invalid()).message == invalid().message);
  OutRecord tombstone = record_of('c');
  tombstone.value.reset();
  CHECK(refused(tombstone, invalid()).message == invalid().message);
}

TEST_CASE("only a fault that lasts is a refusal") {
  for (const auto kind : {FaultKind::kData, FaultKind::kConfiguration, FaultKind::kKafkaRefused}) CHECK(is_refusal(kind));
  for (const auto kind : {FaultKind::kKafkaRetriable, FaultKind::kKafkaFatal, FaultKind::kKafkaFenced, FaultKind::kCancelled,
                          FaultKind::kKafkaUnknownTopic, FaultKind::kKafkaTxnAbortable, FaultKind::kTimeout}) {
    CHECK_FALSE(is_refusal(kind));
  }
}

TEST_CASE("an event that the broker refuses is named by the outbox, whatever its payload says") {
  OutRecord event;
  event.topic = "weir.outbox.order";
  event.value = *record_of('c').value;
  event.headers = {{"id", "7"}};
  event.place = {Lsn{0x16B3748}, 1};
  const Fault fault = refused(event, invalid(), "weir.outbox");
  CHECK(fault.message.starts_with("topic weir.outbox.order does not take the INSERT of table weir.outbox at LSN 0/16B3748: Broker"));
  CHECK(fault.hint.find("leave the change out: weir cdc skip --lsn 0/16B3748 --table weir.outbox ") != std::string::npos);
  event.place = {};
  CHECK(refused(event, invalid(), "weir.outbox").message.find(" the row of the snapshot of table weir.outbox: ") != std::string::npos);
}

TEST_CASE("an event that no record can hold is named with its place, or as one of a snapshot's rows") {
  TableShape outbox = keyed();
  outbox.schema = "weir";
  outbox.table = "outbox";
  CHECK(no_event(outbox, "it has no id", {Lsn{11}, 2}).line().find("weir cdc skip --lsn 0/B --table weir.outbox --row 2 ") !=
        std::string::npos);
  CHECK(no_event(outbox, "it has no id").line().find("weir cdc skip --snapshot --table weir.outbox ") != std::string::npos);
  OutRecord event;
  event.headers = {{"id", "7"}};
  event.key = "a large one";
  event.place = {Lsn{11}, 1};
  const Fault fault = too_large(outbox, event, 10);
  CHECK(fault.message.starts_with(
      "the INSERT of table weir.outbox at LSN 0/B cannot be published: without its payload and its headers its "));
  CHECK(fault.hint.ends_with("or leave it out: weir cdc skip --lsn 0/B --table weir.outbox --why TEXT --by NAME"));
}
