// Attributes in headers, as CloudEvents' HTTP binding has them.
#include "producers/gateway/binary_mode.hpp"

#include <doctest/doctest.h>

namespace gateway = weir::gateway;
using weir::events::AttributeText;

TEST_CASE("a value comes out of its quotes and is percent-decoded once") {
  struct Row {
    std::string_view value;
    std::string_view text;
  };
  for (const Row& row :
       {Row{"plain", "plain"}, Row{"Euro%20%E2%82%AC%20%F0%9F%98%80", "Euro \u20ac \U0001F600"}, Row{"%2525", "%25"}, Row{"100%", "100%"},
        Row{"%4", "%4"}, Row{"%zz%4g%41", "%zz%4gA"}, Row{R"("a b")", "a b"}, Row{R"("a \"b\" \\ %22")", R"(a "b" \ ")"},
        Row{R"(")", R"(")"}, Row{R"(a"b")", R"(a"b")"}, Row{R"("")", ""}, Row{"", ""}}) {
    CAPTURE(row.value);
    CHECK(gateway::decoded_value(row.value) == row.text);
  }
}

TEST_CASE("the attributes are the ce- headers, and datacontenttype is Content-Type") {
  weir::http::Request request;
  request.headers = {{"host", "x"}, {"ce-id", "a%20b"}, {"content-type", "text/json"}, {"ce-my_own", "1"}, {"traceparent", "00"}};
  CHECK(gateway::is_binary_mode(request));
  CHECK(gateway::attributes_of(request) == std::vector<AttributeText>{{"datacontenttype", "text/json"}, {"id", "a b"}, {"my_own", "1"}});
  request.headers = {{"host", "x"}, {"cep-id", "1"}};
  CHECK_FALSE(gateway::is_binary_mode(request));
}

TEST_CASE("a header of an attribute is ce- and small letters and digits") {
  CHECK(gateway::is_attribute_header("ce-id2"));
  for (const char* name : {"ce-", "ce", "ce-my_own", "ce-a-b", "ce-A", "x-ce-id"}) {
    CAPTURE(name);
    CHECK_FALSE(gateway::is_attribute_header(name));
  }
}
