#include "producers/gateway/reader_pool.hpp"

#include <doctest/doctest.h>

using namespace weir;

TEST_CASE("a reader that came back is lent again, and two leases at a time have two readers") {
  gateway::ReaderPool pool;
  const events::ActionReader* first = nullptr;
  {
    auto lease = pool.borrow();
    auto beside = pool.borrow();
    first = &*lease;
    CHECK(&*beside != first);
  }
  auto again = pool.borrow();
  auto other = pool.borrow();
  CHECK((&*again == first || &*other == first));
}
