// Records and expectations for the decoder's tests.
#pragma once

#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "connectors/decode/decoder.h"
#include "tests/support/source_directory.h"

namespace flosync {

inline std::string ReadSample(const std::string& name) {
  std::ifstream in(SourceDirectory() + "/tests/data/samples/" + name, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

inline RawRecord Record(const std::string& topic, std::optional<std::string> value) {
  RawRecord record;
  record.topic = topic;
  record.partition = 1;
  record.offset = 17;
  record.timestamp = {1789000000000};
  record.value = std::move(value);
  return record;
}

inline DecodedRecord DecodeValue(const std::string& topic, const std::string& value) {
  return Decode(Record(topic, value), DecoderConfig{});
}

// The one change of type T; the test fails if there is another number or kind.
template <typename T>
T Only(const DecodedRecord& decoded) {
  if (decoded.changes.size() == 1 && decoded.outcome == RecordOutcome::kChanges) {
    if (const auto* change = std::get_if<T>(&decoded.changes.front().change)) return *change;
  }
  const std::string note =
      decoded.notes.empty() ? "" : decoded.notes.front().field + " " + decoded.notes.front().detail;
  ADD_FAILURE() << decoded.changes.size() << " changes; " << note;
  return T{};
}

// "MALFORMED_RECORD person:7 sistOppdatert", one for each note, the entity "-" where it is the record.
inline std::vector<std::string> Notes(const DecodedRecord& decoded) {
  std::vector<std::string> notes;
  for (const DeviationNote& note : decoded.notes) {
    notes.push_back(std::string(DeviationName(note.code)) + " " + (note.entity.empty() ? "-" : note.entity) + " " +
                    note.field);
  }
  return notes;
}

// `text` with the first `from` replaced; the test fails if it is not there.
inline std::string With(std::string text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  if (at == std::string::npos) {
    ADD_FAILURE() << "no " << from;
    return text;
  }
  return text.replace(at, from.size(), to);
}

}  // namespace flosync
