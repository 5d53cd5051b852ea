#include "connectors/synthetic/outbox.h"

#include <iterator>
#include <string_view>
#include <utility>

#include "connectors/synthetic/wire.h"

namespace flosync::synthetic {
namespace {

struct TopicTraits {
  std::string_view name;
  std::size_t partitions;
};
constexpr std::array<TopicTraits, kTopics> kTraits = {
    {{"hpr.person", 6}, {"hpr.event", 1}, {"flo.contract", 1}, {"flo.gp-on-contract", 3}, {"flo.patient-count", 1}}};

// FNV-1a: simple, fixed, and the same key always goes to the same partition.
std::size_t PartitionOf(Topic topic, std::string_view key) {
  std::uint32_t hash = 2'166'136'261U;
  for (const char c : key) hash = (hash ^ static_cast<unsigned char>(c)) * 16'777'619U;
  return hash % kTraits[static_cast<std::size_t>(topic)].partitions;
}

void AppendHeaders(std::string& line, const OutRecord& record) {
  if (!record.header_id.empty()) {
    line += R"(,"headers":{"id":")" + record.header_id + "\"}";
  } else if (record.xml) {
    line += R"(,"headers":{"content-type":"application/xml"})";
  }
}

}  // namespace

Outbox::Outbox(const GeneratorOptions& options, RecordSink& sink, GeneratorSummary* summary)
    : options_(options), sink_(sink), summary_(summary), random_(Mix(options.seed, 71)) {
  for (std::size_t i = 0; i < kTopics; ++i) next_offset_[i].assign(kTraits[i].partitions, 0);
}

void Outbox::Send(OutRecord record, bool trouble) {
  AdvanceTo(record.time);
  if (!trouble) {
    Write(record);
    return;
  }
  if (random_.Chance(options_.rates.personal_data_per_million / 1e6)) AddPersonalData(record);
  if (random_.Chance(options_.rates.malformed_per_million / 1e6) && !record.value.empty()) {
    WriteDamaged(record);
    record.time += random_.Between(kMsPerMinute, 4 * kMsPerHour);
    Hold(std::move(record));
    return;
  }
  if (random_.Chance(options_.rates.late_per_mille / 1e3)) {
    // Most are late by minutes, a few by days: the square of a uniform number leans to the short side.
    const double part = random_.Uniform();
    record.time += kMsPerMinute +
                   static_cast<std::int64_t>(part * part * static_cast<double>(options_.late_max_hours * kMsPerHour));
    ++summary_->late;
    Hold(std::move(record));
    return;
  }
  Write(record);
  if (random_.Chance(options_.rates.duplicate_per_mille / 1e3)) {
    record.time += random_.Between(1'000, random_.Chance(0.8) ? kMsPerHour : 2 * kMsPerDay);
    ++summary_->duplicates;
    Hold(std::move(record));
  }
}

void Outbox::SendLater(OutRecord record) { Hold(std::move(record)); }

void Outbox::Hold(OutRecord record) {
  const UtcMs time = record.time;
  held_.emplace(std::pair{time, order_++}, std::move(record));
}

void Outbox::AdvanceTo(UtcMs time) {
  while (!held_.empty() && held_.begin()->first.first <= time) {
    Write(held_.begin()->second);
    held_.erase(held_.begin());
  }
}

std::int64_t Outbox::HeldBefore(UtcMs time) const { return std::distance(held_.begin(), held_.lower_bound({time, 0})); }

void Outbox::CloseAt(UtcMs end) {
  AdvanceTo(end - 1);
  held_.clear();
}

void Outbox::BeginPart(const std::string& name) {
  if (name == part_) return;
  in_load_ = part_.empty();
  part_ = name;
  sink_.BeginPart(name);
}

void Outbox::WriteDamaged(const OutRecord& record) {
  OutRecord damaged = record;
  damaged.value = Damage(record);
  ++summary_->malformed;
  Write(damaged);
}

// A national identity number where none belongs: in a contract's patient list, else in the place of the key (R24).
void Outbox::AddPersonalData(OutRecord& record) {
  const Day birth = MakeDay(1950, 1, 1) + static_cast<Day>(random_.Below(20'000));
  const std::string nin = SyntheticNin(birth, random_.Chance(0.5) ? Sex::kFemale : Sex::kMale, random_.Next());
  constexpr std::string_view kNoPatients = R"("PatientList":null)";
  const std::size_t at = record.value.find(kNoPatients);
  if (record.topic == Topic::kContract && at != std::string::npos) {
    record.value.replace(at, kNoPatients.size(), R"("PatientList":[{"PatientNIN":")" + nin + "\"}]");
  } else if (!record.value.empty()) {
    record.key = nin;
  } else {
    return;
  }
  ++summary_->personal_data;
}

// Damage that was seen at real interfaces: answers cut short, other formats, unreadable dates, impossible numbers.
std::string Outbox::Damage(const OutRecord& record) {
  std::string value = record.value;
  const auto cut = [&] {
    std::size_t end = value.size() * 2 / 3;
    while (end > 0 && (static_cast<unsigned char>(value[end]) & 0xC0) == 0x80) --end;  // keep letters whole
    std::string text = value.substr(0, end);
    if (record.xml) return text;
    std::string quoted;
    AppendJsonString(quoted, text);
    return quoted;
  };
  const auto replaced = [&](std::string_view what, std::string_view with) {
    const std::size_t at = value.find(what);
    if (at == std::string::npos) return cut();
    return value.substr(0, at) + std::string(with) + value.substr(at + what.size());
  };
  if (record.xml) return cut();
  const std::string_view version = record.topic == Topic::kPerson         ? "\"sistOppdatert\":\"2"
                                   : record.topic == Topic::kPatientCount ? "\"countedAt\":\"2"
                                                                          : "\"UpdatedOn\":\"2";
  switch (random_.Below(12)) {
    case 0:
      return R"({"status":500,"title":"Internal Server Error"})";
    case 1:
      return "\"\"";
    case 2:
      return replaced(version, "\"x\":\"2");
    case 3:
      return replaced("\"MaxPatients\":", "\"MaxPatients\":-1,\"x\":");
    case 4:
      return replaced("\"GPContractId\":", "\"GPContractId\":-");
    case 5:
      return replaced("\"patientCount\":", "\"patientCount\":-");
    case 6:
      return replaced("\"Valid\":{\"From\":", "\"Valid\":{\"x\":");
    case 7:
      return replaced("\",\"til\":\"20", "\",\"til\":\"18");
    case 8:
      return replaced("\"HprNumber\":", "\"HprNumber\":-");
    case 9:
      return replaced("\"fødselsdato\":\"", "\"fødselsdato\":\"00");
    case 10:
      return replaced("\"WorkingPercentage\":", "\"WorkingPercentage\":-1,\"x\":");
    default:
      return cut();
  }
}

void Outbox::Write(const OutRecord& record) {
  const auto topic = static_cast<std::size_t>(record.topic);
  const std::size_t partition = PartitionOf(record.topic, record.key);
  line_.clear();
  line_ += R"({"topic":")";
  line_ += kTraits[topic].name;
  line_ += R"(","partition":)" + std::to_string(partition);
  line_ += R"(,"offset":)" + std::to_string(next_offset_[topic][partition]++);
  line_ += R"(,"timestamp":)" + std::to_string(Timestamp(record));
  line_ += R"(,"key":")" + record.key + '"';
  AppendHeaders(line_, record);
  line_ += R"(,"value":)";
  if (record.value.empty()) {
    line_ += "null";
  } else if (record.xml) {
    AppendJsonString(line_, record.value);
  } else {
    line_ += record.value;
  }
  line_ += '}';
  sink_.Write(line_);
  ++written_[topic];
  ++summary_->records;
  if (in_load_) ++summary_->load_records;
  summary_->bytes += static_cast<std::int64_t>(line_.size()) + 1;
  if (random_.Chance(options_.rates.broken_line_per_million / 1e6)) WriteBrokenLine();
}

// A broker's clock may be set back; the record is known from the greatest timestamp before it all the same (B9).
UtcMs Outbox::Timestamp(const OutRecord& record) {
  if (!random_.Chance(options_.rates.timestamp_back_per_mille / 1e3)) return record.time;
  ++summary_->timestamps_back;
  return record.time - random_.Between(1'000, 3 * kMsPerHour);
}

// The line of a writer that was stopped in the middle.
void Outbox::WriteBrokenLine() {
  line_.resize(line_.size() / 2);
  while (!line_.empty() && (static_cast<unsigned char>(line_.back()) & 0x80) != 0) line_.pop_back();
  sink_.Write(line_);
  ++summary_->broken_lines;
  ++summary_->records;
  if (in_load_) ++summary_->load_records;
  summary_->bytes += static_cast<std::int64_t>(line_.size()) + 1;
}

void Outbox::Finish() {
  for (std::size_t i = 0; i < kTopics; ++i) summary_->records_by_topic[std::string(kTraits[i].name)] = written_[i];
}

}  // namespace flosync::synthetic
