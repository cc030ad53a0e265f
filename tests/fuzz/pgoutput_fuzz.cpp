// Any bytes as a message of pgoutput: a message whose texts all lie within the bytes, or a fault that says where they leave the grammar.
#include "producers/cdc/pgoutput.hpp"

#include <cstddef>
#include <cstdint>

using namespace weir;
using namespace weir::cdc;

namespace {

/// Looks at each byte of each text of a message, so that the address sanitizer sees one that lies elsewhere.
class Reader {
 public:
  void operator()(const pgoutput::Begin&) {}
  void operator()(const pgoutput::Commit&) {}
  void operator()(const pgoutput::Origin& message) { look(message.name); }
  void operator()(const pgoutput::Relation& message) {
    look(message.schema);
    look(message.name);
    for (const pgoutput::Column& column : message.columns) look(column.name);
  }
  void operator()(const pgoutput::Type& message) {
    look(message.schema);
    look(message.name);
  }
  void operator()(const pgoutput::Insert& message) { look(message.row); }
  void operator()(const pgoutput::Update& message) {
    look(message.old_row);
    look(message.row);
  }
  void operator()(const pgoutput::Delete& message) { look(message.old_row); }
  void operator()(const pgoutput::Truncate&) {}
  void operator()(const pgoutput::Logical& message) {
    look(message.prefix);
    look(message.content);
  }

 private:
  void look(const pgoutput::Tuple& tuple) {
    for (const pgoutput::Cell& cell : tuple) look(cell.text);
  }
  void look(std::string_view text) {
    for (const char byte : text) seen_ = seen_ + static_cast<unsigned char>(byte);
  }

  volatile unsigned seen_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto message = pgoutput::decode({reinterpret_cast<const char*>(data), size});
  if (message) {
    std::visit(Reader{}, *message);
  } else {
    WEIR_ASSERT(message.error().kind == FaultKind::kData && !message.error().message.empty());
  }
  return 0;
}
