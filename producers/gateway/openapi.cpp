// The document's fixed part, and the list of types that events knows.
#include "producers/gateway/openapi.hpp"

#include "common/core/json.hpp"
#include "common/events/action.hpp"

#include <string_view>

namespace weir::gateway {

namespace {

constexpr std::string_view kHead =
    R"({
"openapi":"3.1.0",
"info":{"title":"weir gateway","version":")" WEIR_VERSION
    R"(","description":"Publishes events of applications, and shows users their messages. An event is accepted, 202, once Kafka has acknowledged it; a repeated event (same source and id) is accepted again and counted once."},
"security":[{"bearer":[]},{"apiKey":[]}],
"paths":{
"/v1/events":{"post":{"summary":"Publish one event, a JSON array of events, or one event a line; in CloudEvents' binary mode the data of one event","operationId":"publish",
"parameters":[{"name":"ce-specversion","in":"header","schema":{"const":"1.0"},"description":"Tells binary mode: the body is the data, each attribute stands percent-encoded in a header ce-{name}, and datacontenttype is Content-Type."},
{"name":"Content-Encoding","in":"header","schema":{"enum":["gzip","identity"]}}],
"requestBody":{"required":true,"content":{
"application/cloudevents+json":{"schema":{"$ref":"#/components/schemas/Event"}},
"application/cloudevents-batch+json":{"schema":{"type":"array","items":{"$ref":"#/components/schemas/Event"}}},
"application/json":{"schema":{"oneOf":[{"$ref":"#/components/schemas/Event"},{"type":"array","items":{"$ref":"#/components/schemas/Event"}}]}},
"application/x-ndjson":{"schema":{"type":"string","description":"One event a line."}}}},
"responses":{
"202":{"description":"All accepted.","content":{"application/json":{"schema":{"oneOf":[{"$ref":"#/components/schemas/Accepted"},{"$ref":"#/components/schemas/Batch"}]}}}},
"207":{"description":"Items of a batch ended differently.","content":{"application/json":{"schema":{"$ref":"#/components/schemas/Batch"}}}})";

constexpr std::string_view kTail = R"(
}}},
"/v1/stream":{"get":{"summary":"The messages of the token's user as they come","operationId":"stream","security":[{"bearer":[]}],
"parameters":[{"name":"Last-Event-ID","in":"header","schema":{"type":"string"},"description":"Id of the last event that was seen: the stream goes on from 60 seconds before it, and may repeat."}],
"responses":{"200":{"description":"Server-sent events named notification, until the token expires.","content":{"text/event-stream":{}}},"400":{"$ref":"#/components/responses/Problem"},"401":{"$ref":"#/components/responses/Problem"},"429":{"$ref":"#/components/responses/Problem"},"503":{"$ref":"#/components/responses/Problem"}}}},
"/v1/notifications":{"get":{"summary":"A page of messages, newest first, and the number that is unread","operationId":"notifications","security":[{"bearer":[]}],
"parameters":[{"name":"limit","in":"query","schema":{"type":"integer","minimum":1,"maximum":200,"default":50}},{"name":"before","in":"query","schema":{"type":"string"},"description":"next of the page before."}],
"responses":{"200":{"description":"unread, notifications, next.","content":{"application/json":{"schema":{"$ref":"#/components/schemas/Page"}}}},"400":{"$ref":"#/components/responses/Problem"},"401":{"$ref":"#/components/responses/Problem"},"503":{"$ref":"#/components/responses/Problem"}}}},
"/v1/notifications/read":{"post":{"summary":"Mark all messages as read","operationId":"readAll","security":[{"bearer":[]}],
"responses":{"200":{"description":"read: how many were marked.","content":{"application/json":{}}},"401":{"$ref":"#/components/responses/Problem"},"503":{"$ref":"#/components/responses/Problem"}}}},
"/v1/notifications/{id}/read":{"post":{"summary":"Mark a message as read","operationId":"readOne","security":[{"bearer":[]}],
"parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"string","format":"uuid"}}],
"responses":{"204":{"description":"It is read."},"401":{"$ref":"#/components/responses/Problem"},"404":{"$ref":"#/components/responses/Problem"},"503":{"$ref":"#/components/responses/Problem"}}}},
"/v1/callbacks/sendgrid":{"post":{"summary":"SendGrid's Event Webhook, signed","operationId":"sendgrid","security":[],
"requestBody":{"required":true,"content":{"application/json":{"schema":{"type":"array","items":{"type":"object"}}}}},
"responses":{"200":{"description":"Kafka has every event that names a message of weir's."},"400":{"$ref":"#/components/responses/Problem"},"401":{"$ref":"#/components/responses/Problem"},"503":{"$ref":"#/components/responses/Problem"}}}},
"/v1/unsubscribe/{token}":{"parameters":[{"name":"token","in":"path","required":true,"schema":{"type":"string"}}],
"get":{"summary":"A page that asks, and changes nothing","operationId":"askToUnsubscribe","security":[],"responses":{"200":{"description":"A page with a button.","content":{"text/html":{}}},"404":{"$ref":"#/components/responses/Problem"}}},
"post":{"summary":"Unsubscribe with one click, as RFC 8058 says","operationId":"unsubscribe","security":[],"responses":{"200":{"description":"Kafka has it.","content":{"text/html":{}}},"404":{"$ref":"#/components/responses/Problem"},"503":{"$ref":"#/components/responses/Problem"}}}},
"/v1/schemas/{type}":{"get":{"summary":"The JSON Schema of an event type","operationId":"schema","security":[],
"parameters":[{"name":"type","in":"path","required":true,"schema":{"$ref":"#/components/schemas/Type"}}],
"responses":{"200":{"description":"The schema.","content":{"application/schema+json":{}}},"404":{"$ref":"#/components/responses/Problem"}}}},
"/v1/openapi.json":{"get":{"summary":"This document","operationId":"openapi","security":[],"responses":{"200":{"description":"OpenAPI 3.1.","content":{"application/json":{}}}}}}
},
"components":{
"securitySchemes":{"bearer":{"type":"http","scheme":"bearer","description":"An API key (weir_…), or a JSON Web Token of a user"},"apiKey":{"type":"apiKey","in":"header","name":"X-API-Key"}},
"responses":{"Problem":{"description":"Problem details (RFC 9457).","headers":{"Retry-After":{"description":"Seconds to wait; with 429 and 503.","schema":{"type":"integer"}}},"content":{"application/problem+json":{"schema":{"$ref":"#/components/schemas/Problem"}}}}},
"schemas":{
"Event":{"type":"object","description":"A CloudEvent 1.0; its data follows /v1/schemas/{type}.","required":["specversion","id","source","type","subject","time"],
"properties":{"specversion":{"const":"1.0"},"id":{"type":"string"},"source":{"type":"string"},"type":{"$ref":"#/components/schemas/Type"},"subject":{"type":"string"},"time":{"type":"string","format":"date-time","description":"When it happened. Too long ago (code too_old) or too far ahead (code too_far_in_future) is refused with 422."},"userid":{"type":"string","format":"uuid","description":"With a token it is the token's user; another value is refused."},"organizationid":{"type":"string","format":"uuid","description":"Comes from the API key or token; another value is refused."},"traceparent":{"type":"string"},"data":{"type":"object"},"data_base64":{"type":"string","contentEncoding":"base64","description":"In the place of data: the bytes of its JSON."}}},
"Accepted":{"type":"object","required":["status","id","source"],"properties":{"status":{"const":202},"id":{"type":"string"},"source":{"type":"string"}}},
"Problem":{"type":"object","required":["type","title","status","detail"],"properties":{"type":{"type":"string"},"title":{"type":"string"},"status":{"type":"integer"},"detail":{"type":"string"},"code":{"type":"string"},"pointer":{"type":"string","description":"JSON Pointer into the event."}}},
"Notification":{"type":"object","properties":{"id":{"type":"string","format":"uuid"},"template":{"type":"string"},"channel":{"type":"string"},"priority":{"type":"string"},"status":{"type":"string"},"subject":{"type":"string"},"body":{"type":"string"},"variables":{"type":"object"},"created_at":{"type":"string","format":"date-time"},"updated_at":{"type":"string","format":"date-time"},"read_at":{"type":["string","null"],"format":"date-time"}}},
"Page":{"type":"object","required":["unread","notifications","next"],"properties":{"unread":{"type":"integer"},"notifications":{"type":"array","items":{"$ref":"#/components/schemas/Notification"}},"next":{"type":["string","null"]}}},
"Batch":{"type":"object","required":["accepted","refused","items"],"properties":{"accepted":{"type":"integer"},"refused":{"type":"integer"},"items":{"type":"array","items":{"type":"object","required":["index","status"],"properties":{"index":{"type":"integer"},"status":{"type":"integer"},"id":{"type":"string"},"source":{"type":"string"},"problem":{"$ref":"#/components/schemas/Problem"}}}}}},
"Type":{"type":"string","enum":)";

}  // namespace

std::string openapi_document() {
  std::string out(kHead);
  for (const std::string_view status : {"400", "401", "403", "413", "415", "422", "429", "503"}) {
    out += ",\n\"" + std::string(status) + "\":{\"$ref\":\"#/components/responses/Problem\"}";
  }
  out += kTail;
  JsonWriter json(out);
  json.begin_array();
  for (const std::string_view type : events::action_types()) json.value(type);
  json.end_array();
  return out + "}\n}}}\n";
}

}  // namespace weir::gateway
