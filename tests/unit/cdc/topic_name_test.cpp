#include "producers/cdc/topic_name.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::cdc;

TEST_CASE("a name of legal characters that is not too long is a topic's") {
  for (const std::string& name : {std::string("a.B-c_9"), std::string(249, 'a')}) CHECK(is_topic_name(name));
  for (const std::string& name :
       {std::string(), std::string("."), std::string(".."), std::string("a b"), std::string("\xc3\xa4"), std::string(250, 'a')})
    CHECK_FALSE(is_topic_name(name));
}

TEST_CASE("a topic's name is Debezium's: a character that Kafka refuses is an underscore for each UTF-16 unit") {
  CHECK(topic_name("weir.cdc", {"public", "item"}) == "weir.cdc.public.item");
  CHECK(topic_name("weir.cdc", {"public", "Order-2_b"}) == "weir.cdc.public.Order-2_b");
  CHECK(topic_name("weir.cdc", {"public", "order items"}) == "weir.cdc.public.order_items");
  CHECK(topic_name("weir.cdc", {"public", "größe"}) == "weir.cdc.public.gr__e");
  CHECK(topic_name("weir.cdc", {"public", "数🙂"}) == "weir.cdc.public.___");
  CHECK(topic_name("weir.cdc", {"my.app", "say \"hi\""}) == "weir.cdc.my.app.say__hi_");
  CHECK(topic_name(std::string(240, 'p'), {"public", "item"}).size() == 249);
}

TEST_CASE("two names that Kafka does not tell apart clash") {
  CHECK(topic_clash("p", {"public", "a"}, {"public", "b"}).empty());
  CHECK_FALSE(topic_clash("p", {"public", "a b"}, {"public", "a_b"}).empty());
  CHECK_FALSE(topic_clash("p", {"public", "a.b"}, {"public", "a_b"}).empty());
  CHECK_FALSE(topic_clash("p", {"a.b", "c"}, {"a", "b.c"}).empty());
  CHECK(topic_clash("p", {"public", "a.b"}, {"public", "a_b"}) ==
        "table public.a.b cannot be published beside public.a_b: their topics would be p.public.a.b and p.public.a_b, which Kafka does not "
        "tell apart; rename one of the tables, or take it out of cdc.tables and the publication");
}
