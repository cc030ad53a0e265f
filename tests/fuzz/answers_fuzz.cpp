// Any bytes as a user's answers, and as an instrument: nothing but what the instrument holds is scored, and no score leaves its range.
#include "consumers/scoring/pure/instrument_reader.hpp"
#include "consumers/scoring/pure/submission.hpp"

#include <cstddef>
#include <cstdint>

using namespace weir;
using namespace weir::scoring;

namespace {

constexpr std::string_view kInstrument =
    R"({"key": "k", "instrument_version": 1, "title": "K", "scoring": {"dimensions": {"d": {"polarity": "none", "reliability": {"internal_consistency": 0.8}}}},
        "items": [{"code": "a", "dimension": "d", "text": "A", "weight": 0.5, "reverse_scored": true, "scale_min": -2, "scale_max": 9, "required": true},
                  {"code": "b", "dimension": "d", "text": "B", "weight": 3, "reverse_scored": false, "scale_min": 1, "scale_max": 5, "required": false}],
        "norms": {"d": {"all": {"mean": 50, "sd": 10, "n": 1}}}})";

void take_for_answers(AnswersReader& reader, const Instrument& instrument, std::string_view bytes) {
  const auto read = reader.read(bytes, instrument);
  if (const auto* refusal = std::get_if<Refusal>(&read)) {
    WEIR_ASSERT(!refusal->empty() && refusal->size() <= kMaxReasons);
    return;
  }
  const Answers& answers = std::get<Answers>(read);
  WEIR_ASSERT(answers.size() == instrument.items.size());
  for (std::size_t i = 0; i < answers.size(); ++i) {
    WEIR_ASSERT(!answers[i] || (*answers[i] >= instrument.items[i].scale_min && *answers[i] <= instrument.items[i].scale_max));
  }
  for (const DimensionScore& one : score(instrument, answers, Seconds{60}, share_of(0.8)).dimensions) {
    WEIR_ASSERT(one.figures.has_value() == one.null_reason.empty());
    WEIR_ASSERT(!one.figures ||
                (one.figures->raw >= 0 && one.figures->raw <= 100 && one.figures->percentile >= 0 && one.figures->percentile <= 100));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Instrument instrument = *read_instrument(kInstrument).instrument;
  static AnswersReader reader;
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  take_for_answers(reader, instrument, bytes);
  const InstrumentReading reading = read_instrument(bytes);
  WEIR_ASSERT(reading.instrument.has_value() == reading.faults.empty());
  return 0;
}
