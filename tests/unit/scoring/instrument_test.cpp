#include "consumers/scoring/pure/instrument.hpp"

#include "tests/unit/scoring/property.hpp"

using namespace weir::scoring;

TEST_CASE("a share is met exactly: four of five are 0.8, and so are eight of ten") {
  const Share share = share_of(0.8);
  CHECK(share.is_met(4, 5));
  CHECK(share.is_met(8, 10));
  CHECK(!share.is_met(7, 9));
  CHECK(!share.is_met(3, 4));
  CHECK(share.is_met(0, 0));
  CHECK(share_of(0.3).is_met(3, 10));
  CHECK(share_of(0.7).is_met(7, 10));
  CHECK(share_of(0).is_met(0, 10));
  CHECK(!share_of(1).is_met(9'999, 10'000));
}

TEST_CASE("a share of two decimal places is met by exactly that many of a hundred") {
  for (std::size_t percent = 1; percent <= 100; ++percent) {
    const Share share = share_of(static_cast<double>(percent) / 100);
    CHECK(share.is_met(percent, 100));
    CHECK(!share.is_met(percent - 1, 100));
  }
}

TEST_CASE("a reversed answer is as far from the other end, and reversed twice it is the same") {
  Item item;
  item.reverse_scored = true;
  CHECK(item.counted(1) == 5);
  CHECK(item.counted(4) == 2);
  holds("reversal twice", [&] {
    item.scale_min = *rc::gen::inRange(-1'000, 1'000);
    item.scale_max = item.scale_min + *rc::gen::inRange(1, 1'000);
    const std::int32_t answer = *rc::gen::inRange(item.scale_min, item.scale_max + 1);
    RC_ASSERT(item.counted(item.counted(answer)) == answer);
    RC_ASSERT(item.counted(answer) >= item.scale_min);
    RC_ASSERT(item.counted(answer) <= item.scale_max);
  });
}

TEST_CASE("an item is found by its code") {
  const Instrument instrument = instrument_of(sample_instrument());
  CHECK(instrument.find_item("a1") == 0U);
  CHECK(instrument.find_item("b5") == 9U);
  CHECK(!instrument.find_item("a"));
  CHECK(!instrument.find_item("c1"));
}
