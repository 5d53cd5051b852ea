// The broker between the register and the lines: gives each record its partition and offset, keeps the lines in the
// order of their timestamps and makes the trouble a real broker and real systems make (repeats, delays, damage). Not
// thread-safe.
//
//   Outbox outbox(options, sink, &summary);
//   outbox.Send({.time = t, .topic = Topic::kContract, .key = "900001", .value = "{…}"});
//   outbox.AdvanceTo(later);  // writes what was held back until then
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "connectors/synthetic/calendar.h"
#include "connectors/synthetic/generator.h"
#include "connectors/synthetic/random.h"

namespace flosync::synthetic {

enum class Topic : std::uint8_t { kPerson, kEvent, kContract, kDoctorPeriod, kPatientCount };
inline constexpr std::size_t kTopics = 5;

struct OutRecord {
  UtcMs time = 0;
  Topic topic = Topic::kPerson;
  std::string key;
  std::string value;  // JSON, or XML if `xml`; empty = tombstone
  bool xml = false;
  std::string header_id = {};  // header `id` of a doctor period's tombstone; empty = none
};

class Outbox {
 public:
  Outbox(const GeneratorOptions& options, RecordSink& sink, GeneratorSummary* summary);

  // Writes the record, or holds it back, at its own time, which must not lie before that of an earlier call. With
  // `trouble` off the record is written as it is.
  void Send(OutRecord record, bool trouble = true);

  // Sends the record at its time, which may be any time to come.
  void SendLater(OutRecord record);

  // Writes everything that was held back for `time` or earlier.
  void AdvanceTo(UtcMs time);

  // Begins a new part when the month of Oslo has changed.
  void BeginPart(const std::string& name);

  // Whatever is left for `end` or later is forgotten: it would have come after the last day.
  void CloseAt(UtcMs end);

  // Fills the counts by topic; call when everything is written.
  void Finish();

  [[nodiscard]] std::int64_t written() const { return summary_->records; }
  [[nodiscard]] std::int64_t HeldBefore(UtcMs time) const;

 private:
  void Write(const OutRecord& record);
  void Hold(OutRecord record);
  void WriteDamaged(const OutRecord& record);
  void AddPersonalData(OutRecord& record);
  [[nodiscard]] std::string Damage(const OutRecord& record);
  [[nodiscard]] UtcMs Timestamp(const OutRecord& record);
  void WriteBrokenLine();

  const GeneratorOptions& options_;
  RecordSink& sink_;
  GeneratorSummary* summary_;
  Random random_;
  std::array<std::vector<std::int64_t>, kTopics> next_offset_;
  std::array<std::int64_t, kTopics> written_{};
  std::map<std::pair<UtcMs, std::int64_t>, OutRecord> held_;  // by time, then in the order they were held back
  std::int64_t order_ = 0;
  std::string part_;
  bool in_load_ = true;
  std::string line_;
};

}  // namespace flosync::synthetic
